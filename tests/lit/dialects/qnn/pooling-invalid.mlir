// RUN: qopt %s --split-input-file --verify-diagnostics | filecheck %s

// CHECK: qnn.max_pool2d 'y': expected [rows, columns, channels], got tensor<4x4x!qnn.binary>
func.func @pool_rank(%x: tensor<4x4x!qnn.binary>) -> () {
  %y = qnn.max_pool2d %x {pool = array<i64: 2, 2>, strides = array<i64: 2, 2>} : tensor<4x4x!qnn.binary>
      -> tensor<2x2x!qnn.binary>
  func.return
}

// -----

// CHECK: qnn.sum_pool2d 'y': pool must be [rows, columns] of at least 1, got [2, 0]
func.func @pool(%x: tensor<4x4x1x!qnn.binary>) -> () {
  %y = qnn.sum_pool2d %x {pool = array<i64: 2, 0>, strides = array<i64: 2, 2>} : tensor<4x4x1x!qnn.binary>
      -> tensor<2x2x1x!qnn.fixed<4, 4, signed>>
  func.return
}

// -----

// CHECK: qnn.max_pool2d 'y': the window is larger than tensor<4x4x1x!qnn.binary>
func.func @pool_size(%x: tensor<4x4x1x!qnn.binary>) -> () {
  %y = qnn.max_pool2d %x {pool = array<i64: 2, 6>, strides = array<i64: 2, 2>, low = array<i64: 0, 1>}
      : tensor<4x4x1x!qnn.binary> -> tensor<2x1x1x!qnn.binary>
  func.return
}

// -----

// CHECK: qnn.max_pool2d 'y': low must be [rows, columns] of at least 0, got [-1, 0]
func.func @pool_low(%x: tensor<4x4x1x!qnn.binary>) -> () {
  %y = qnn.max_pool2d %x {pool = array<i64: 2, 2>, strides = array<i64: 2, 2>, low = array<i64: -1, 0>}
      : tensor<4x4x1x!qnn.binary> -> tensor<1x2x1x!qnn.binary>
  func.return
}

// -----

// CHECK: qnn.sum_pool2d 'y': result must have f32 elements, got tensor<2x2x1x!qnn.fixed<8, 8, signed>>
func.func @sum_pool_float(%x: tensor<4x4x1xf32>) -> () {
  %y = qnn.sum_pool2d %x {pool = array<i64: 2, 2>, strides = array<i64: 2, 2>} : tensor<4x4x1xf32>
      -> tensor<2x2x1x!qnn.fixed<8, 8, signed>>
  func.return
}
