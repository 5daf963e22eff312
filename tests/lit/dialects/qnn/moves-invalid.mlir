// RUN: qopt %s --split-input-file --verify-diagnostics | filecheck %s

!s4_2 = !qnn.fixed<4, 2, signed>

// CHECK: qnn.transpose 't': [0, 0] is no permutation of 2 axes
func.func @permutation(%x: tensor<2x3x!s4_2>) -> () {
  %t = qnn.transpose %x {permutation = array<i64: 0, 0>} : tensor<2x3x!s4_2> -> tensor<2x2x!s4_2>
  func.return
}

// -----

!s4_2 = !qnn.fixed<4, 2, signed>

// CHECK: qnn.transpose 't': permutation needs 2 numbers, got [0]
func.func @axes(%x: tensor<2x3x!s4_2>) -> () {
  %t = qnn.transpose %x {permutation = array<i64: 0>} : tensor<2x3x!s4_2> -> tensor<2x3x!s4_2>
  func.return
}

// -----

!s4_2 = !qnn.fixed<4, 2, signed>

// CHECK: qnn.transpose 't': result has shape 2x3, but the operands give 3x2
func.func @shape(%x: tensor<2x3x!s4_2>) -> () {
  %t = qnn.transpose %x {permutation = array<i64: 1, 0>} : tensor<2x3x!s4_2> -> tensor<2x3x!s4_2>
  func.return
}

// -----

!s4_2 = !qnn.fixed<4, 2, signed>

// CHECK: qnn.slice 's': 3 elements from 1 on leave an axis of 3
func.func @slice(%x: tensor<2x3x!s4_2>) -> () {
  %s = qnn.slice %x {offsets = array<i64: 0, 1>, sizes = array<i64: 2, 3>} : tensor<2x3x!s4_2> -> tensor<2x3x!s4_2>
  func.return
}

// -----

!s4_2 = !qnn.fixed<4, 2, signed>

// CHECK: qnn.repeat 'r': repeats must be at least 1, got [1, 0]
func.func @repeat(%x: tensor<2x3x!s4_2>) -> () {
  %r = qnn.repeat %x {repeats = array<i64: 1, 0>} : tensor<2x3x!s4_2> -> tensor<2x1x!s4_2>
  func.return
}

// -----

!s4_2 = !qnn.fixed<4, 2, signed>

// CHECK: qnn.dilate 'd': steps must be at least 1, got [0, 1]
func.func @dilate(%x: tensor<2x3x!s4_2>) -> () {
  %d = qnn.dilate %x {steps = array<i64: 0, 1>} : tensor<2x3x!s4_2> -> tensor<1x3x!s4_2>
  func.return
}

// -----

// CHECK: qnn.concat 'c': no axis 2 in tensor<2x3x!qnn.fixed<4, 2, signed>>
func.func @concat_axis(%x: tensor<2x3x!qnn.fixed<4, 2, signed>>) -> () {
  %c = qnn.concat %x {axis = 2 : i64} : tensor<2x3x!qnn.fixed<4, 2, signed>> -> tensor<2x3x!qnn.fixed<4, 2, signed>>
  func.return
}

// -----

// CHECK: qnn.concat 'c': shapes differ beside axis 0: tensor<2x3xf32>, tensor<2x4xf32>
func.func @concat_shapes(%x: tensor<2x3xf32>, %y: tensor<2x4xf32>) -> () {
  %c = qnn.concat %x, %y {axis = 0 : i64} : tensor<2x3xf32>, tensor<2x4xf32> -> tensor<4x3xf32>
  func.return
}

// -----

!s4_2 = !qnn.fixed<4, 2, signed>
!s4 = !qnn.fixed<4, 4, signed>

// CHECK: qnn.concat 'c': result has step 2^0, but the operands give step 2^-2
func.func @concat_step(%x: tensor<2x3x!s4_2>, %y: tensor<2x3x!s4>) -> () {
  %c = qnn.concat %x, %y {axis = 0 : i64} : tensor<2x3x!s4_2>, tensor<2x3x!s4> -> tensor<4x3x!s4>
  func.return
}

// -----

// CHECK: qnn.sub 'z': shapes do not broadcast: tensor<2xf32> and tensor<3xf32>
func.func @sub(%x: tensor<2xf32>, %y: tensor<3xf32>) -> () {
  %z = qnn.sub %x, %y : tensor<2xf32>, tensor<3xf32> -> tensor<2xf32>
  func.return
}

// -----

// CHECK: qnn.depthwise_conv2d 'y': tensor<5x5x2x!qnn.binary> does not fit kernel tensor<3x3x3x1x!qnn.binary>
func.func @depthwise(%x: tensor<5x5x2x!qnn.binary>, %k: tensor<3x3x3x1x!qnn.binary>) -> () {
  %y = qnn.depthwise_conv2d %x, %k
      : tensor<5x5x2x!qnn.binary>, tensor<3x3x3x1x!qnn.binary> -> tensor<3x3x3x!qnn.fixed<5, 5, signed>>
  func.return
}

// -----

// CHECK: qnn.pad 'y': padding needs 2 non-negative counts on either side
func.func @pad(%x: tensor<4x4x!qnn.ternary>) -> () {
  %y = qnn.pad %x {low = array<i64: 0, 1>, high = array<i64: 0, -1>} : tensor<4x4x!qnn.ternary>
      -> tensor<4x4x!qnn.ternary>
  func.return
}

// -----

// Binary has no zero to pad with, so the result is wider.
// CHECK: qnn.pad 'y': result has !qnn.binary elements, but the operands give !qnn.fixed<2, 2, signed>
func.func @pad_binary(%x: tensor<4x4x!qnn.binary>) -> () {
  %y = qnn.pad %x {low = array<i64: 0, 1>, high = array<i64: 0, 1>} : tensor<4x4x!qnn.binary> -> tensor<4x6x!qnn.binary>
  func.return
}

// -----

// Moved binary values stay bits.
// CHECK: qnn.reshape 'y': result has !qnn.fixed<2, 2, signed> elements, but the operands give !qnn.binary
func.func @retyped(%x: tensor<4x4x!qnn.binary>) -> () {
  %y = qnn.reshape %x : tensor<4x4x!qnn.binary> -> tensor<16x!qnn.fixed<2, 2, signed>>
  func.return
}

// -----

// CHECK: qnn.reshape 'y': tensor<4x4x!qnn.binary> and tensor<15x!qnn.binary> differ in size
func.func @reshape(%x: tensor<4x4x!qnn.binary>) -> () {
  %y = qnn.reshape %x : tensor<4x4x!qnn.binary> -> tensor<15x!qnn.binary>
  func.return
}

// -----

// CHECK: qnn.slice 'y': 2 elements from 2 on leave an axis of 3
func.func @slice(%x: tensor<2x3x!qnn.binary>) -> () {
  %y = qnn.slice %x {offsets = array<i64: 0, 2>, sizes = array<i64: 2, 2>} : tensor<2x3x!qnn.binary>
      -> tensor<2x2x!qnn.binary>
  func.return
}

// -----

// CHECK: qnn.concat 'y': no axis 2 in tensor<2x3x!qnn.binary>, tensor<2x3x!qnn.binary>
func.func @concat_axis(%x: tensor<2x3x!qnn.binary>) -> () {
  %y = qnn.concat %x, %x {axis = 2 : i64} : tensor<2x3x!qnn.binary>, tensor<2x3x!qnn.binary> -> tensor<2x6x!qnn.binary>
  func.return
}

// -----

// CHECK: qnn.concat 'y': shapes differ beside axis 1: tensor<2x3x!qnn.binary>, tensor<1x3x!qnn.binary>
func.func @concat_shape(%x: tensor<2x3x!qnn.binary>, %z: tensor<1x3x!qnn.binary>) -> () {
  %y = qnn.concat %x, %z {axis = 1 : i64} : tensor<2x3x!qnn.binary>, tensor<1x3x!qnn.binary> -> tensor<2x6x!qnn.binary>
  func.return
}
