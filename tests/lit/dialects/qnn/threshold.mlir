// RUN: qopt %s --split-input-file --print-op-generic | qopt --split-input-file | qopt --split-input-file | filecheck %s
// RUN: qopt %s --print-op-generic --split-input-file | filecheck %s --check-prefix=GENERIC

!s8_3 = !qnn.fixed<8, 3, signed>
!s9_4 = !qnn.fixed<9, 4, signed>

// GENERIC: "qnn.threshold"(%x, %levels) <{form = #qnn.form<compare>, first = 1 : i64}>
// GENERIC-SAME: : (tensor<4x!qnn.fixed<8, 3, signed>>, tensor<1x2x!qnn.fixed<8, 3, signed>>)
// GENERIC-SAME: -> tensor<4x!qnn.fixed<4, 4, unsigned>>
// GENERIC: "qnn.threshold"(%x, %rows, %direction) <{form = #qnn.form<search>, first = 0
// GENERIC-SAME: : i64, uncertified = array<i64: 0, 0, 3>}>
// CHECK:      func.func @threshold(%x: tensor<4x!qnn.fixed<8, 3, signed>>,
// CHECK-SAME: %levels: tensor<1x2x!qnn.fixed<8, 3, signed>>, %rows: tensor<4x3x!qnn.fixed<9, 4, signed>>,
// CHECK-SAME: %direction: tensor<4x!qnn.binary>) {
func.func @threshold(%x: tensor<4x!s8_3>, %levels: tensor<1x2x!s8_3>, %rows: tensor<4x3x!s9_4>,
    %direction: tensor<4x!qnn.binary>) {
  // CHECK-NEXT: %steps = qnn.threshold %x, %levels {first = 1 : i64}
  // CHECK-SAME: : tensor<4x!qnn.fixed<8, 3, signed>>, tensor<1x2x!qnn.fixed<8, 3, signed>>
  // CHECK-SAME: -> tensor<4x!qnn.fixed<4, 4, unsigned>>
  %steps = qnn.threshold %x, %levels {first = 1 : i64} : tensor<4x!s8_3>, tensor<1x2x!s8_3>
      -> tensor<4x!qnn.fixed<4, 4, unsigned>>
  // CHECK-NEXT: %uncertified = qnn.threshold %x, %rows, %direction {first = 0
  // CHECK-SAME: : i64, uncertified = array<i64: 0, 0, 3>, form = #qnn.form<search>}
  // CHECK-SAME: : tensor<4x!qnn.fixed<8, 3, signed>>, tensor<4x3x!qnn.fixed<9, 4, signed>>, tensor<4x!qnn.binary>
  // CHECK-SAME: -> tensor<4x!qnn.fixed<2, 2, unsigned>>
  %uncertified = qnn.threshold %x, %rows, %direction {form = #qnn.form<search>, first = 0
      : i64, uncertified = array<i64: 0, 0, 3>} : tensor<4x!s8_3>, tensor<4x3x!s9_4>, tensor<4x!qnn.binary>
      -> tensor<4x!qnn.fixed<2, 2, unsigned>>
  // CHECK-NEXT: func.return
  func.return
}
