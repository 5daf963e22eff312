// RUN: qopt %s | qopt | filecheck %s
// RUN: qopt %s --print-op-generic | qopt | filecheck %s

!x = tensor<2x3x!qnn.fixed<4, 2, signed>>

// CHECK:      func.func @moves(%x: tensor<2x3x!qnn.fixed<4, 2, signed>>, %b: tensor<2x3x!qnn.binary>, %f: tensor<2x3xf32>) {
func.func @moves(%x: !x, %b: tensor<2x3x!qnn.binary>, %f: tensor<2x3xf32>) -> () {
  // CHECK-NEXT: %t = qnn.transpose %x {permutation = array<i64: 1, 0>} : tensor<2x3x!qnn.fixed<4, 2, signed>> -> tensor<3x2x!qnn.fixed<4, 2, signed>>
  %t = qnn.transpose %x {permutation = array<i64: 1, 0>} : !x -> tensor<3x2x!qnn.fixed<4, 2, signed>>
  // CHECK-NEXT: %s = qnn.slice %b {offsets = array<i64: 0, 1>, sizes = array<i64: 1, 2>} : tensor<2x3x!qnn.binary> -> tensor<1x2x!qnn.binary>
  %s = qnn.slice %b {offsets = array<i64: 0, 1>, sizes = array<i64: 1, 2>} : tensor<2x3x!qnn.binary> -> tensor<1x2x!qnn.binary>
  // CHECK-NEXT: %r = qnn.repeat %f {repeats = array<i64: 2, 1>} : tensor<2x3xf32> -> tensor<4x3xf32>
  %r = qnn.repeat %f {repeats = array<i64: 2, 1>} : tensor<2x3xf32> -> tensor<4x3xf32>
  // CHECK-NEXT: %d = qnn.dilate %x {steps = array<i64: 3, 1>} : tensor<2x3x!qnn.fixed<4, 2, signed>> -> tensor<4x3x!qnn.fixed<4, 2, signed>>
  %d = qnn.dilate %x {steps = array<i64: 3, 1>} : !x -> tensor<4x3x!qnn.fixed<4, 2, signed>>
  // Between binary values there are zeros.
  // CHECK-NEXT: %e = qnn.dilate %b {steps = array<i64: 2, 1>} : tensor<2x3x!qnn.binary> -> tensor<3x3x!qnn.fixed<2, 2, signed>>
  %e = qnn.dilate %b {steps = array<i64: 2, 1>} : tensor<2x3x!qnn.binary> -> tensor<3x3x!qnn.fixed<2, 2, signed>>
  // CHECK-NEXT: func.return
  func.return
}

// CHECK:      func.func @concat(%x: tensor<2x3x!qnn.fixed<4, 2, signed>>, %y: tensor<2x1x!qnn.fixed<4, 4, unsigned>>, %b: tensor<2x3x!qnn.binary>) {
func.func @concat(%x: !x, %y: tensor<2x1x!qnn.fixed<4, 4, unsigned>>, %b: tensor<2x3x!qnn.binary>) -> () {
  // The finest step, and room for every value: 15 in steps of 1/4.
  // CHECK-NEXT: %c = qnn.concat %x, %y, %x {axis = 1 : i64} : tensor<2x3x!qnn.fixed<4, 2, signed>>, tensor<2x1x!qnn.fixed<4, 4, unsigned>>, tensor<2x3x!qnn.fixed<4, 2, signed>> -> tensor<2x7x!qnn.fixed<7, 5, signed>>
  %c = qnn.concat %x, %y, %x {axis = 1 : i64} : !x, tensor<2x1x!qnn.fixed<4, 4, unsigned>>, !x -> tensor<2x7x!qnn.fixed<7, 5, signed>>
  // CHECK-NEXT: %d = qnn.concat %b, %b {axis = 0 : i64} : tensor<2x3x!qnn.binary>, tensor<2x3x!qnn.binary> -> tensor<4x3x!qnn.binary>
  %d = qnn.concat %b, %b {axis = 0 : i64} : tensor<2x3x!qnn.binary>, tensor<2x3x!qnn.binary> -> tensor<4x3x!qnn.binary>
  // CHECK-NEXT: func.return
  func.return
}

// CHECK:      func.func @sub(%x: tensor<2x3x!qnn.fixed<4, 2, signed>>, %y: tensor<3x!qnn.fixed<4, 4, unsigned>>) {
func.func @sub(%x: !x, %y: tensor<3x!qnn.fixed<4, 4, unsigned>>) -> () {
  // CHECK-NEXT: %z = qnn.sub %x, %y : tensor<2x3x!qnn.fixed<4, 2, signed>>, tensor<3x!qnn.fixed<4, 4, unsigned>> -> tensor<2x3x!qnn.fixed<8, 6, signed>>
  %z = qnn.sub %x, %y : !x, tensor<3x!qnn.fixed<4, 4, unsigned>> -> tensor<2x3x!qnn.fixed<8, 6, signed>>
  // CHECK-NEXT: func.return
  func.return
}

// CHECK:      func.func @depthwise(%x: tensor<5x5x2x!qnn.fixed<4, 2, signed>>, %k: tensor<3x2x2x3x!qnn.ternary>) {
func.func @depthwise(%x: tensor<5x5x2x!qnn.fixed<4, 2, signed>>, %k: tensor<3x2x2x3x!qnn.ternary>) -> () {
  // Six products each, whatever the number of channels.
  // CHECK-NEXT: %y = qnn.depthwise_conv2d %x, %k {strides = array<i64: 2, 1>, product = #qnn.product<add_sub>} : tensor<5x5x2x!qnn.fixed<4, 2, signed>>, tensor<3x2x2x3x!qnn.ternary> -> tensor<2x4x6x!qnn.fixed<7, 5, signed>>
  %y = qnn.depthwise_conv2d %x, %k {product = #qnn.product<add_sub>, strides = array<i64: 2, 1>} : tensor<5x5x2x!qnn.fixed<4, 2, signed>>, tensor<3x2x2x3x!qnn.ternary> -> tensor<2x4x6x!qnn.fixed<7, 5, signed>>
  // CHECK-NEXT: func.return
  func.return
}
