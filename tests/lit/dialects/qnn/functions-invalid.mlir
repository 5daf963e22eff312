// RUN: qopt %s --split-input-file --verify-diagnostics | filecheck %s

!s4 = !qnn.fixed<4, 4, signed>
!s4_3 = !qnn.fixed<4, 3, signed>

// CHECK: qnn.maximum 'y': result has step 2^0, but the operands give step 2^-1
func.func @step(%a: tensor<2x!s4>, %b: tensor<2x!s4_3>) -> () {
  %y = qnn.maximum %a, %b : tensor<2x!s4>, tensor<2x!s4_3> -> tensor<2x!qnn.fixed<6, 6, signed>>
  func.return
}

// -----

!s4 = !qnn.fixed<4, 4, signed>

// CHECK: qnn.function 'y': result must have f32 elements, got tensor<2x!qnn.fixed<4, 4, signed>>
func.func @quantized_function(%x: tensor<2x!s4>) -> () {
  %y = qnn.function %x {function = #qnn.function<tanh>} : tensor<2x!s4> -> tensor<2x!s4>
  func.return
}

// -----

!s2 = !qnn.fixed<2, 2, signed>
!u2 = !qnn.fixed<2, 2, unsigned>

// CHECK: qnn.lookup 'y': table must be [2 or 1, codes] with at most 65536 codes,
// CHECK-SAME: got tensor<3x4x!qnn.fixed<2, 2, unsigned>>
func.func @rows(%x: tensor<2x!s2>, %t: tensor<3x4x!u2>) -> () {
  %y = qnn.lookup %x, %t {first = -2 : i64} : tensor<2x!s2>, tensor<3x4x!u2> -> tensor<2x!u2>
  func.return
}

// -----

!u2 = !qnn.fixed<2, 2, unsigned>

// CHECK: qnn.lookup 'y': powers of two are too far apart for a table over all codes; use qnn.threshold
func.func @powers(%x: tensor<2x!qnn.po2<-2, 2, signed>>, %t: tensor<1x4x!u2>) -> () {
  %y = qnn.lookup %x, %t {first = -2 : i64} : tensor<2x!qnn.po2<-2, 2, signed>>, tensor<1x4x!u2> -> tensor<2x!u2>
  func.return
}
