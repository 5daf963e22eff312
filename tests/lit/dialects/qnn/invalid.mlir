// RUN: qopt %s --split-input-file --verify-diagnostics | filecheck %s

!s4 = !qnn.fixed<4, 4, signed>
!s4_3 = !qnn.fixed<4, 3, signed>

// CHECK: qnn.add 'y': result has step 2^0, but the operands give step 2^-1
func.func @step(%a: tensor<!s4>, %b: tensor<!s4_3>) -> () {
  %y = qnn.add %a, %b : tensor<!s4>, tensor<!s4_3> -> tensor<!qnn.fixed<6, 6, signed>>
  func.return
}

// -----

// CHECK: qnn.relu 'y': result must have quantized elements, got tensor<4xf32>
func.func @float_result(%x: tensor<4x!qnn.fixed<4, 4, signed>>) -> () {
  %y = qnn.relu %x : tensor<4x!qnn.fixed<4, 4, signed>> -> tensor<4xf32>
  func.return
}

// -----

// CHECK: qnn.relu 'y': result must have f32 elements, got tensor<4x!qnn.fixed<4, 4, signed>>
func.func @quantized_result(%x: tensor<4xf32>) -> () {
  %y = qnn.relu %x : tensor<4xf32> -> tensor<4x!qnn.fixed<4, 4, signed>>
  func.return
}

// -----

// CHECK: qnn.relu 'y': expected elements of a !qnn type or f32, got i8
func.func @element(%x: tensor<4xi8>) -> () {
  %y = qnn.relu %x : tensor<4xi8> -> tensor<4xi8>
  func.return
}

// -----

// CHECK: qnn.relu 'y': expected a tensor of constant, non-empty shape, got tensor<?x!qnn.fixed<4, 4, signed>>
func.func @dynamic(%x: tensor<?x!qnn.fixed<4, 4, signed>>) -> () {
  %y = qnn.relu %x : tensor<?x!qnn.fixed<4, 4, signed>> -> tensor<?x!qnn.fixed<3, 3, unsigned>>
  func.return
}

// -----

// CHECK: qnn.relu 'y': operand 'operand' at position 0 does not verify: f32 should be of base attribute tensor
func.func @no_tensor(%x: f32) -> () {
  %y = qnn.relu %x : f32 -> tensor<f32>
  func.return
}

// -----

// CHECK: width must be at least 1 bit, got 0
func.func @width(%x: tensor<1x!qnn.fixed<0, 0, signed>>) -> () { func.return }

// -----

// CHECK: expected 'signed' or 'unsigned', got 'signless'
func.func @sign(%x: tensor<1x!qnn.fixed<4, 4, signless>>) -> () { func.return }

// -----

// CHECK: expected 'signed' or 'unsigned', got 'negative'
func.func @po2_sign(%x: tensor<1x!qnn.po2<0, 1, negative>>) -> () { func.return }

// -----

// CHECK: empty exponent range [1, 0]
func.func @exponent_range(%x: tensor<1x!qnn.po2<1, 0, signed>>) -> () { func.return }

// -----

// CHECK: a packed vector has 1 to 134217728 elements, got 0
func.func @bits(%x: tensor<1x!qnn.bits<0>>) -> () { func.return }

// -----

// CHECK: !qnn.fixed<2, 2, signed> does not pack into bits, only !qnn.binary, !qnn.fixed<1, 1, unsigned>,
// CHECK-SAME: !qnn.ternary do
func.func @bits_of_two(%x: tensor<1x!qnn.bits<3, !qnn.fixed<2, 2, signed>>>) -> () { func.return }
