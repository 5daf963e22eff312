// RUN: qopt %s --split-input-file --verify-diagnostics | filecheck %s

!s4 = !qnn.fixed<4, 4, signed>

// What the types of the operands give, the result must have.

// CHECK: qnn.dense 'y': result has shape 3, but the operands give 2
func.func @shape(%x: tensor<4x!s4>) -> () {
  %k = qnn.constant dense<1> : tensor<4x2xi8> as tensor<4x2x!s4>
  %y = qnn.dense %x, %k : tensor<4x!s4>, tensor<4x2x!s4>
      -> tensor<3x!qnn.fixed<10, 10, signed>>
  func.return
}

// -----

!s4 = !qnn.fixed<4, 4, signed>

// CHECK: qnn.dense 'y': product 'add_sub' is not possible between !qnn.fixed<4, 4, signed> and !qnn.po2<0, 1, signed>
func.func @dense_add_sub(%x: tensor<4x!s4>, %k: tensor<4x2x!qnn.po2<0, 1, signed>>) -> () {
  %y = qnn.dense %x, %k {product = #qnn.product<add_sub>} : tensor<4x!s4>, tensor<4x2x!qnn.po2<0, 1, signed>>
      -> tensor<2x!qnn.fixed<8, 8, signed>>
  func.return
}

// -----

// CHECK: qnn.dense 'y': tensor<3x!qnn.binary> does not fit kernel tensor<4x2x!qnn.binary>
func.func @dense(%x: tensor<3x!qnn.binary>, %k: tensor<4x2x!qnn.binary>) -> () {
  %y = qnn.dense %x, %k : tensor<3x!qnn.binary>, tensor<4x2x!qnn.binary>
      -> tensor<2x!qnn.fixed<4, 4, signed>>
  func.return
}

// -----

// CHECK: qnn.dense 'y': expected quantized elements, got f32
func.func @float_kernel(%x: tensor<4xf32>, %k: tensor<4x2xf32>) -> () {
  %y = qnn.dense %x, %k : tensor<4xf32>, tensor<4x2xf32> -> tensor<2xf32>
  func.return
}

// -----

// CHECK: qnn.conv2d 'y': tensor<4x4x2x!qnn.binary> does not fit kernel tensor<2x2x1x1x!qnn.binary>
func.func @conv_channels(%x: tensor<4x4x2x!qnn.binary>, %k: tensor<2x2x1x1x!qnn.binary>) -> () {
  %y = qnn.conv2d %x, %k : tensor<4x4x2x!qnn.binary>, tensor<2x2x1x1x!qnn.binary>
      -> tensor<3x3x1x!qnn.fixed<4, 4, signed>>
  func.return
}

// -----

// CHECK: qnn.conv2d 'y': strides must be [rows, columns] of at least 1, got [0, 1]
func.func @conv_strides(%x: tensor<4x4x1x!qnn.binary>, %k: tensor<2x2x1x1x!qnn.binary>) -> () {
  %y = qnn.conv2d %x, %k {strides = array<i64: 0, 1>}
      : tensor<4x4x1x!qnn.binary>, tensor<2x2x1x1x!qnn.binary> -> tensor<3x3x1x!qnn.fixed<4, 4, signed>>
  func.return
}

// -----

// CHECK: qnn.conv2d 'y': dilations must be [rows, columns] of at least 1, got [2]
func.func @conv_dilations(%x: tensor<4x4x1x!qnn.binary>, %k: tensor<2x2x1x1x!qnn.binary>) -> () {
  %y = qnn.conv2d %x, %k {dilations = array<i64: 2>}
      : tensor<4x4x1x!qnn.binary>, tensor<2x2x1x1x!qnn.binary> -> tensor<3x3x1x!qnn.fixed<4, 4, signed>>
  func.return
}

// -----

// CHECK: qnn.conv2d 'y': the kernel is larger than tensor<4x4x1x!qnn.binary>
func.func @conv_size(%x: tensor<4x4x1x!qnn.binary>, %k: tensor<2x2x1x1x!qnn.binary>) -> () {
  %y = qnn.conv2d %x, %k {dilations = array<i64: 1, 4>}
      : tensor<4x4x1x!qnn.binary>, tensor<2x2x1x1x!qnn.binary> -> tensor<3x1x1x!qnn.fixed<4, 4, signed>>
  func.return
}

// -----

!s4 = !qnn.fixed<4, 4, signed>

// CHECK: qnn.dense 'y': product 'signed_digits' needs a fixed-point kernel, got tensor<2x2x!qnn.ternary>
func.func @digits_of_ternary(%x: tensor<2x!s4>, %k: tensor<2x2x!qnn.ternary>) -> () {
  %y = qnn.dense %x, %k {product = #qnn.product<signed_digits>} : tensor<2x!s4>, tensor<2x2x!qnn.ternary>
      -> tensor<2x!qnn.fixed<6, 6, signed>>
  func.return
}
