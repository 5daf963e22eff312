// RUN: qopt %s -p fold-batchnorm -t remarks --split-input-file | filecheck %s
// RUN: qopt %s -p fold-batchnorm --split-input-file | filecheck %s --check-prefix=IR

!s4 = !qnn.fixed<4, 4, signed>
!u2_1 = !qnn.fixed<2, 1, unsigned>

// Every batch normalization is accounted for: by which form it was replaced, and why.

// IR:      %relu_thresholds = qnn.constant dense<{{\[\[}}0, 1, 2]]>
// IR-NEXT: %relu = qnn.threshold %sum, %relu_thresholds {first = 0 : i64}
// IR-NEXT: func.return %relu
// CHECK: 'bn': 3 thresholds per channel, monotone up to the quantizer 'relu'
func.func @thresholds(%sum: tensor<1x!s4>) -> tensor<1x!u2_1> {
  %gamma = qnn.constant dense<[5.000000e-01]> : tensor<1xf32> as tensor<1xf32>
  %beta = qnn.constant dense<[3.750000e-01]> : tensor<1xf32> as tensor<1xf32>
  %mean = qnn.constant dense<0.000000e+00> : tensor<1xf32> as tensor<1xf32>
  %variance = qnn.constant dense<1.000000e+00> : tensor<1xf32> as tensor<1xf32>
  %bn = qnn.batch_norm %sum, %gamma, %beta, %mean,
      %variance {epsilon = 0.0 : f64, formula = #qnn.formula<scale_offset>}
      : tensor<1x!s4>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32> -> tensor<1xf32>
  %relu = qnn.quantize %bn {mode = #qnn.round<half_even, saturate>} : tensor<1xf32> -> tensor<1x!u2_1>
  func.return %relu : tensor<1x!u2_1>
}

// -----

!s4 = !qnn.fixed<4, 4, signed>

// CHECK: 'bn': one comparison per channel, monotone up to the quantizer 'sign'
func.func @comparison(%sum: tensor<2x!s4>) -> tensor<2x!qnn.binary> {
  %gamma = qnn.constant dense<[1.000000e+00, -1.000000e+00]> : tensor<2xf32> as tensor<2xf32>
  %beta = qnn.constant dense<[5.000000e-01, 2.500000e+00]> : tensor<2xf32> as tensor<2xf32>
  %mean = qnn.constant dense<0.000000e+00> : tensor<2xf32> as tensor<2xf32>
  %variance = qnn.constant dense<1.000000e+00> : tensor<2xf32> as tensor<2xf32>
  %bn = qnn.batch_norm %sum, %gamma, %beta, %mean,
      %variance {epsilon = 0.0 : f64, formula = #qnn.formula<scale_offset>}
      : tensor<2x!s4>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32> -> tensor<2xf32>
  %sign = qnn.quantize %bn {mode = #qnn.sign} : tensor<2xf32> -> tensor<2x!qnn.binary>
  func.return %sign : tensor<2x!qnn.binary>
}

// -----

!s6 = !qnn.fixed<6, 6, signed>
!s8 = !qnn.fixed<8, 8, signed>

// 63 thresholds cost more than a table of the 64 codes of the sum.
// CHECK: 'bn': table of 64 codes, cheaper than its thresholds up to the quantizer 'fine'
func.func @cheaper_table(%sum: tensor<1x!s6>) -> tensor<1x!s8> {
  %gamma = qnn.constant dense<1.000000e+00> : tensor<1xf32> as tensor<1xf32>
  %beta = qnn.constant dense<2.500000e-01> : tensor<1xf32> as tensor<1xf32>
  %mean = qnn.constant dense<0.000000e+00> : tensor<1xf32> as tensor<1xf32>
  %variance = qnn.constant dense<1.000000e+00> : tensor<1xf32> as tensor<1xf32>
  %bn = qnn.batch_norm %sum, %gamma, %beta, %mean,
      %variance {epsilon = 0.0 : f64, formula = #qnn.formula<scale_offset>}
      : tensor<1x!s6>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32> -> tensor<1xf32>
  %fine = qnn.quantize %bn {mode = #qnn.round<half_even, saturate>} : tensor<1xf32> -> tensor<1x!s8>
  func.return %fine : tensor<1x!s8>
}

// -----

!s4 = !qnn.fixed<4, 4, signed>

// CHECK: 'bn': table of 16 codes, the float32 values of the output 'bn'
func.func @result(%sum: tensor<1x!s4>) -> tensor<1xf32> {
  %gamma = qnn.constant dense<[5.000000e-01]> : tensor<1xf32> as tensor<1xf32>
  %beta = qnn.constant dense<[3.750000e-01]> : tensor<1xf32> as tensor<1xf32>
  %mean = qnn.constant dense<0.000000e+00> : tensor<1xf32> as tensor<1xf32>
  %variance = qnn.constant dense<1.000000e+00> : tensor<1xf32> as tensor<1xf32>
  %bn = qnn.batch_norm %sum, %gamma, %beta, %mean,
      %variance {epsilon = 0.0 : f64, formula = #qnn.formula<scale_offset>}
      : tensor<1x!s4>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32> -> tensor<1xf32>
  func.return %bn : tensor<1xf32>
}

// -----

!s20 = !qnn.fixed<20, 20, signed>

// CHECK: 'bn': stays float32, no element-wise path from one quantized value through it to a quantizer
func.func @large_result(%sum: tensor<1x!s20>) -> tensor<1xf32> {
  %gamma = qnn.constant dense<[5.000000e-01]> : tensor<1xf32> as tensor<1xf32>
  %beta = qnn.constant dense<[3.750000e-01]> : tensor<1xf32> as tensor<1xf32>
  %mean = qnn.constant dense<0.000000e+00> : tensor<1xf32> as tensor<1xf32>
  %variance = qnn.constant dense<1.000000e+00> : tensor<1xf32> as tensor<1xf32>
  %bn = qnn.batch_norm %sum, %gamma, %beta, %mean,
      %variance {epsilon = 0.0 : f64, formula = #qnn.formula<scale_offset>}
      : tensor<1x!s20>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32> -> tensor<1xf32>
  func.return %bn : tensor<1xf32>
}
