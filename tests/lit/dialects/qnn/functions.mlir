// RUN: qopt %s --split-input-file --print-op-generic | qopt --split-input-file | qopt --split-input-file | filecheck %s

!s8_3 = !qnn.fixed<8, 3, signed>

// CHECK:      func.func @function(%x: tensor<4x!qnn.fixed<8, 3, signed>>, %f: tensor<4xf32>) {
func.func @function(%x: tensor<4x!s8_3>, %f: tensor<4xf32>) {
  // CHECK-NEXT: %tanh = qnn.function %x {function = #qnn.function<tanh>} : tensor<4x!qnn.fixed<8, 3, signed>>
  // CHECK-SAME: -> tensor<4xf32>
  %tanh = qnn.function %x {function = #qnn.function<tanh>} : tensor<4x!s8_3> -> tensor<4xf32>
  // CHECK-NEXT: %clipped = qnn.function %f {function = #qnn.function<leaky_relu, 0.3>} : tensor<4xf32> -> tensor<4xf32>
  %clipped = qnn.function %f {function = #qnn.function<leaky_relu, 0.3>} : tensor<4xf32> -> tensor<4xf32>
  // CHECK-NEXT: %g = qnn.function %f {function = #qnn.function<thresholded_relu, 0.0, 1.5, inf>} : tensor<4xf32>
  // CHECK-SAME: -> tensor<4xf32>
  %g = qnn.function %f {function = #qnn.function<thresholded_relu, 0.0, 1.5, inf>} : tensor<4xf32> -> tensor<4xf32>
  // CHECK-NEXT: func.return
  func.return
}

// -----

!s4_1 = !qnn.fixed<4, 1, signed>
!s2 = !qnn.fixed<2, 2, signed>
!u2 = !qnn.fixed<2, 2, unsigned>

// CHECK:      func.func @lookup(%direction: tensor<4x!qnn.binary>, %table: tensor<1x3x!qnn.fixed<4, 1, signed>>,
// CHECK-SAME: %x: tensor<4x!qnn.fixed<2, 2, signed>>, %t: tensor<1x4x!qnn.fixed<2, 2, unsigned>>) {
func.func @lookup(%direction: tensor<4x!qnn.binary>, %table: tensor<1x3x!s4_1>, %x: tensor<4x!s2>,
    %t: tensor<1x4x!u2>) {
  // CHECK-NEXT: %lookup = qnn.lookup %direction, %table {first = -1 : i64}
  // CHECK-SAME: : tensor<4x!qnn.binary>, tensor<1x3x!qnn.fixed<4, 1, signed>> -> tensor<4x!qnn.fixed<4, 1, signed>>
  %lookup = qnn.lookup %direction, %table {first = -1 : i64} : tensor<4x!qnn.binary>, tensor<1x3x!s4_1>
      -> tensor<4x!s4_1>
  // CHECK-NEXT: %doubtful = qnn.lookup %direction, %table {first = -1 : i64, uncertified = array<i64: 2>}
  // CHECK-SAME: : tensor<4x!qnn.binary>, tensor<1x3x!qnn.fixed<4, 1, signed>> -> tensor<4x!qnn.fixed<4, 1, signed>>
  %doubtful = qnn.lookup %direction, %table {first = -1 : i64, uncertified = array<i64: 2>}
      : tensor<4x!qnn.binary>, tensor<1x3x!s4_1> -> tensor<4x!s4_1>
  // CHECK-NEXT: %y = qnn.lookup %x, %t {first = -2 : i64, uncertified = array<i64: 0>}
  // CHECK-SAME: : tensor<4x!qnn.fixed<2, 2, signed>>, tensor<1x4x!qnn.fixed<2, 2, unsigned>>
  // CHECK-SAME: -> tensor<4x!qnn.fixed<2, 2, unsigned>>
  %y = qnn.lookup %x, %t {first = -2 : i64, uncertified = array<i64: 0>} : tensor<4x!s2>, tensor<1x4x!u2>
      -> tensor<4x!u2>
  // CHECK-NEXT: func.return
  func.return
}
