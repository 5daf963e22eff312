// RUN: qopt %s --split-input-file --verify-diagnostics | filecheck %s

// CHECK: qnn.pack 'y': expected elements of !qnn.binary, !qnn.fixed<1, 1, unsigned>, !qnn.ternary,
// CHECK-SAME: got tensor<4x!qnn.fixed<2, 2, signed>>
func.func @pack(%x: tensor<4x!qnn.fixed<2, 2, signed>>) -> () {
  %y = qnn.pack %x : tensor<4x!qnn.fixed<2, 2, signed>> -> tensor<!qnn.bits<4>>
  func.return
}

// -----

// CHECK: qnn.pack 'y': result must be tensor<!qnn.bits<4>>, got tensor<!qnn.bits<5>>
func.func @pack_count(%x: tensor<4x!qnn.binary>) -> () {
  %y = qnn.pack %x : tensor<4x!qnn.binary> -> tensor<!qnn.bits<5>>
  func.return
}

// -----

// CHECK: qnn.popcount_dense 'y': tensor<!qnn.bits<4>> does not fit kernel tensor<2x!qnn.bits<5>>
func.func @popcount(%x: tensor<!qnn.bits<4>>, %k: tensor<2x!qnn.bits<5>>) -> () {
  %y = qnn.popcount_dense %x, %k : tensor<!qnn.bits<4>>, tensor<2x!qnn.bits<5>> -> tensor<2x!qnn.fixed<3, 3, unsigned>>
  func.return
}

// -----

// CHECK: qnn.popcount_dense 'y': expected packed elements (!qnn.bits), got !qnn.binary
func.func @popcount_unpacked(%x: tensor<!qnn.binary>, %k: tensor<2x!qnn.bits<1>>) -> () {
  %y = qnn.popcount_dense %x, %k : tensor<!qnn.binary>, tensor<2x!qnn.bits<1>> -> tensor<2x!qnn.fixed<1, 1, unsigned>>
  func.return
}

// -----

// CHECK: qnn.popcount_conv2d 'y': tensor<3x3x!qnn.bits<9>> does not fit kernel tensor<2x2x1x!qnn.bits<8>>
func.func @popcount_conv(%x: tensor<3x3x!qnn.bits<9>>, %k: tensor<2x2x1x!qnn.bits<8>>) -> () {
  %y = qnn.popcount_conv2d %x, %k : tensor<3x3x!qnn.bits<9>>, tensor<2x2x1x!qnn.bits<8>>
      -> tensor<2x2x1x!qnn.fixed<6, 6, unsigned>>
  func.return
}

// -----

// CHECK: qnn.popcount_conv2d 'y': strides must be [rows, columns] of at least 1, got [1, 0]
func.func @popcount_strides(%x: tensor<3x3x!qnn.bits<9>>, %k: tensor<2x2x1x!qnn.bits<9>>) -> () {
  %y = qnn.popcount_conv2d %x, %k {strides = array<i64: 1, 0>}
      : tensor<3x3x!qnn.bits<9>>, tensor<2x2x1x!qnn.bits<9>> -> tensor<2x2x1x!qnn.fixed<6, 6, unsigned>>
  func.return
}

// -----

// CHECK: qnn.popcount_depthwise_conv2d 'y': tensor<3x3x2x!qnn.binary> does not fit kernel tensor<3x1x2x!qnn.bits<2>>
func.func @popcount_depthwise(%x: tensor<3x3x2x!qnn.binary>, %k: tensor<3x1x2x!qnn.bits<2>>) -> () {
  %y = qnn.popcount_depthwise_conv2d %x, %k : tensor<3x3x2x!qnn.binary>, tensor<3x1x2x!qnn.bits<2>>
      -> tensor<2x2x2x!qnn.fixed<3, 3, unsigned>>
  func.return
}

// -----

// CHECK: qnn.packed_flatten 'y': no 3 axes to flatten in tensor<2x3x!qnn.bits<5>>
func.func @packed_axes(%x: tensor<2x3x!qnn.bits<5>>) -> () {
  %y = qnn.packed_flatten %x {axes = 3 : i64} : tensor<2x3x!qnn.bits<5>> -> tensor<!qnn.bits<30>>
  func.return
}

// -----

// CHECK: qnn.packed_flatten 'y': result must be tensor<2x!qnn.bits<15>>, got tensor<2x!qnn.bits<16>>
func.func @packed_count(%x: tensor<2x3x!qnn.bits<5>>) -> () {
  %y = qnn.packed_flatten %x {axes = 1 : i64} : tensor<2x3x!qnn.bits<5>> -> tensor<2x!qnn.bits<16>>
  func.return
}

// -----

// CHECK: qnn.packed_concat 'z': parts differ beside the count: tensor<2x!qnn.bits<5>>,
// CHECK-SAME: tensor<2x!qnn.bits<5, !qnn.ternary>>
func.func @packed_parts(%x: tensor<2x!qnn.bits<5>>, %y: tensor<2x!qnn.bits<5, !qnn.ternary>>) -> () {
  %z = qnn.packed_concat %x, %y : tensor<2x!qnn.bits<5>>, tensor<2x!qnn.bits<5, !qnn.ternary>>
      -> tensor<2x!qnn.bits<10>>
  func.return
}

// -----

// CHECK: qnn.packed_max_pool2d 'y': expected [rows, columns] of packed channels, got tensor<2x!qnn.bits<5>>
func.func @packed_image(%x: tensor<2x!qnn.bits<5>>) -> () {
  %y = qnn.packed_max_pool2d %x {pool = array<i64: 2, 1>, strides = array<i64: 2, 1>} : tensor<2x!qnn.bits<5>>
      -> tensor<1x!qnn.bits<5>>
  func.return
}

// -----

// CHECK: qnn.packed_max_pool2d 'y': strides must be [rows, columns] of at least 1, got [0, 1]
func.func @packed_strides(%x: tensor<2x2x!qnn.bits<5>>) -> () {
  %y = qnn.packed_max_pool2d %x {pool = array<i64: 2, 1>, strides = array<i64: 0, 1>} : tensor<2x2x!qnn.bits<5>>
      -> tensor<1x2x!qnn.bits<5>>
  func.return
}
