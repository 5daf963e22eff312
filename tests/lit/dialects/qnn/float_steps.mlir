// RUN: qopt %s --split-input-file --print-op-generic | qopt --split-input-file | qopt --split-input-file | filecheck %s

!s8_3 = !qnn.fixed<8, 3, signed>

// CHECK:      func.func @batch_norm(%x: tensor<4x!qnn.fixed<8, 3, signed>>, %f: tensor<4xf32>) {
func.func @batch_norm(%x: tensor<4x!s8_3>, %f: tensor<4xf32>) {
  // CHECK-NEXT: %bn = qnn.batch_norm %x, %f, %f, %f, %f {epsilon = 1.000000e-03
  // CHECK-SAME: : f64, formula = #qnn.formula<scale_offset>}
  // CHECK-SAME: : tensor<4x!qnn.fixed<8, 3, signed>>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
  // CHECK-SAME: -> tensor<4xf32>
  %bn = qnn.batch_norm %x, %f, %f, %f, %f {epsilon = 1.000000e-03 : f64, formula = #qnn.formula<scale_offset>}
      : tensor<4x!s8_3>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32> -> tensor<4xf32>
  // CHECK-NEXT: %bn_fma = qnn.batch_norm %f, %f, %f, %f, %f {epsilon = 1.000000e-03
  // CHECK-SAME: : f64, formula = #qnn.formula<fused_fma>}
  // CHECK-SAME: : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32> -> tensor<4xf32>
  %bn_fma = qnn.batch_norm %f, %f, %f, %f, %f {epsilon = 1.000000e-03 : f64, formula = #qnn.formula<fused_fma>}
      : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32> -> tensor<4xf32>
  // CHECK-NEXT: %bn_scale = qnn.batch_norm %f, %f, %f, %f, %f {epsilon = 1.000000e-03
  // CHECK-SAME: : f64, formula = #qnn.formula<fused_scale>}
  // CHECK-SAME: : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32> -> tensor<4xf32>
  %bn_scale = qnn.batch_norm %f, %f, %f, %f, %f {epsilon = 1.000000e-03 : f64, formula = #qnn.formula<fused_scale>}
      : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32> -> tensor<4xf32>
  // CHECK-NEXT: func.return
  func.return
}

// -----

!s8_3 = !qnn.fixed<8, 3, signed>

// CHECK:      func.func @divide(%x: tensor<4x!qnn.fixed<8, 3, signed>>, %f: tensor<4xf32>) {
func.func @divide(%x: tensor<4x!s8_3>, %f: tensor<4xf32>) {
  // CHECK-NEXT: %average = qnn.divide %x, %f : tensor<4x!qnn.fixed<8, 3, signed>>, tensor<4xf32> -> tensor<4xf32>
  %average = qnn.divide %x, %f : tensor<4x!s8_3>, tensor<4xf32> -> tensor<4xf32>
  // CHECK-NEXT: func.return
  func.return
}
