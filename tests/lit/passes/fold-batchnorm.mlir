// RUN: qopt %s -p fold-batchnorm --verify-each --split-input-file | filecheck %s

!s4 = !qnn.fixed<4, 4, signed>
!u2_1 = !qnn.fixed<2, 1, unsigned>

// With variance 1 and epsilon 0 the formula is exact, and thresholds can be computed by hand. In steps of 0.5 channel 0
// is x + 0.75, rounded x + 1: codes 1, 2, 3 from 0, 1, 2 on. Channel 1 is 4x - 5.25: -1.25 at 1, and 2.75 at 2.
func.func @ascending(%x: tensor<2x!s4>) -> tensor<2x!u2_1> {
  %gamma = qnn.constant dense<[5.000000e-01, 2.000000e+00]> : tensor<2xf32> as tensor<2xf32>
  %beta = qnn.constant dense<[3.750000e-01, -6.250000e-01]> : tensor<2xf32> as tensor<2xf32>
  %mean = qnn.constant dense<[0.000000e+00, 1.000000e+00]> : tensor<2xf32> as tensor<2xf32>
  %variance = qnn.constant dense<[1.000000e+00, 1.000000e+00]> : tensor<2xf32> as tensor<2xf32>
  %bn = qnn.batch_norm %x, %gamma, %beta, %mean,
      %variance {epsilon = 0.0 : f64, formula = #qnn.formula<scale_offset>}
      : tensor<2x!s4>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32> -> tensor<2xf32>
  %y = qnn.quantize %bn {mode = #qnn.round<half_even, saturate>} : tensor<2xf32> -> tensor<2x!u2_1>
  func.return %y : tensor<2x!u2_1>
}

// CHECK:       func.func @ascending(%x: tensor<2x!qnn.fixed<4, 4, signed>>)
// CHECK-SAME:    -> tensor<2x!qnn.fixed<2, 1, unsigned>> attributes
// CHECK-SAME:    {qnn.remarks = ["'bn': 3 thresholds per channel, monotone up to the quantizer 'y'"]} {
// CHECK-NEXT:    %y_thresholds = qnn.constant dense<{{\[\[}}0, 1, 2], [2, 2, 2]]>
// CHECK-SAME:      : tensor<2x3xi8> as tensor<2x3x!qnn.fixed<2, 2, unsigned>>
// CHECK-NEXT:    %y = qnn.threshold %x, %y_thresholds {first = 0 : i64}
// CHECK-SAME:      : tensor<2x!qnn.fixed<4, 4, signed>>, tensor<2x3x!qnn.fixed<2, 2, unsigned>>
// CHECK-SAME:      -> tensor<2x!qnn.fixed<2, 1, unsigned>>
// CHECK-NEXT:    func.return %y : tensor<2x!qnn.fixed<2, 1, unsigned>>
// CHECK-NEXT:  }

// -----

!s4 = !qnn.fixed<4, 4, signed>

// Negative gamma: the channel falls. -x + 0.5 >= 0 up to 0, x - 2.5 >= 0 from 3 on; direction -1, +1 in bits.
func.func @negative_gamma(%x: tensor<2x!s4>) -> tensor<2x!qnn.binary> {
  %gamma = qnn.constant dense<[-1.000000e+00, 1.000000e+00]> : tensor<2xf32> as tensor<2xf32>
  %beta = qnn.constant dense<[5.000000e-01, -2.500000e+00]> : tensor<2xf32> as tensor<2xf32>
  %mean = qnn.constant dense<[0.000000e+00, 0.000000e+00]> : tensor<2xf32> as tensor<2xf32>
  %variance = qnn.constant dense<[1.000000e+00, 1.000000e+00]> : tensor<2xf32> as tensor<2xf32>
  %bn = qnn.batch_norm %x, %gamma, %beta, %mean,
      %variance {epsilon = 0.0 : f64, formula = #qnn.formula<scale_offset>}
      : tensor<2x!s4>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32> -> tensor<2xf32>
  %y = qnn.quantize %bn {mode = #qnn.sign} : tensor<2xf32> -> tensor<2x!qnn.binary>
  func.return %y : tensor<2x!qnn.binary>
}

// CHECK:       func.func @negative_gamma(%x: tensor<2x!qnn.fixed<4, 4, signed>>)
// CHECK-SAME:    -> tensor<2x!qnn.binary> attributes
// CHECK-SAME:    {qnn.remarks = ["'bn': one comparison per channel, monotone up to the quantizer 'y'"]} {
// CHECK-NEXT:    %y_thresholds = qnn.constant dense<{{\[\[}}0], [3]]>
// CHECK-SAME:      : tensor<2x1xi8> as tensor<2x1x!qnn.fixed<2, 2, unsigned>>
// CHECK-NEXT:    %y_direction = qnn.constant dense<2> : tensor<1xi8> as tensor<2x!qnn.binary>
// CHECK-NEXT:    %y = qnn.threshold %x, %y_thresholds, %y_direction {first = 0 : i64}
// CHECK-SAME:      : tensor<2x!qnn.fixed<4, 4, signed>>, tensor<2x1x!qnn.fixed<2, 2, unsigned>>,
// CHECK-SAME:      tensor<2x!qnn.binary> -> tensor<2x!qnn.binary>
// CHECK-NEXT:    func.return %y : tensor<2x!qnn.binary>
// CHECK-NEXT:  }

// -----

!s4 = !qnn.fixed<4, 4, signed>

// gamma 0 makes channels constant: -0.5 never reaches +1 (8 is beyond every code), 0.5 always does (-8 is the lowest).
func.func @constant_channels(%x: tensor<2x!s4>) -> tensor<2x!qnn.binary> {
  %gamma = qnn.constant dense<[0.000000e+00, 0.000000e+00]> : tensor<2xf32> as tensor<2xf32>
  %beta = qnn.constant dense<[-5.000000e-01, 5.000000e-01]> : tensor<2xf32> as tensor<2xf32>
  %mean = qnn.constant dense<[0.000000e+00, 0.000000e+00]> : tensor<2xf32> as tensor<2xf32>
  %variance = qnn.constant dense<[1.000000e+00, 1.000000e+00]> : tensor<2xf32> as tensor<2xf32>
  %bn = qnn.batch_norm %x, %gamma, %beta, %mean,
      %variance {epsilon = 0.0 : f64, formula = #qnn.formula<scale_offset>}
      : tensor<2x!s4>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32> -> tensor<2xf32>
  %y = qnn.quantize %bn {mode = #qnn.sign} : tensor<2xf32> -> tensor<2x!qnn.binary>
  func.return %y : tensor<2x!qnn.binary>
}

// CHECK:       func.func @constant_channels(%x: tensor<2x!qnn.fixed<4, 4, signed>>)
// CHECK-SAME:    -> tensor<2x!qnn.binary> attributes
// CHECK-SAME:    {qnn.remarks = ["'bn': one comparison per channel, monotone up to the quantizer 'y'"]} {
// CHECK-NEXT:    %y_thresholds = qnn.constant dense<{{\[\[}}8], [-8]]>
// CHECK-SAME:      : tensor<2x1xi8> as tensor<2x1x!qnn.fixed<5, 5, signed>>
// CHECK-NEXT:    %y = qnn.threshold %x, %y_thresholds {first = 0 : i64}
// CHECK-SAME:      : tensor<2x!qnn.fixed<4, 4, signed>>, tensor<2x1x!qnn.fixed<5, 5, signed>> -> tensor<2x!qnn.binary>
// CHECK-NEXT:    func.return %y : tensor<2x!qnn.binary>
// CHECK-NEXT:  }

// -----

!s4 = !qnn.fixed<4, 4, signed>
!s3 = !qnn.fixed<3, 3, signed>

// Codes that nothing reaches have no thresholds. x / 4 in [-2, 1.75] is rounded to -2, ..., 2: four thresholds, counted
// from -2, the third (first = 2) of the codes from -4 on. Beside each threshold the formula meets a tie (-1.5, -0.5,
// 0.5, 1.5 go to the even code) that the last bit of the reciprocal root decides: all of them are uncertified.
func.func @unreached_codes(%x: tensor<1x!s4>) -> tensor<1x!s3> {
  %gamma = qnn.constant dense<[2.500000e-01]> : tensor<1xf32> as tensor<1xf32>
  %beta = qnn.constant dense<[0.000000e+00]> : tensor<1xf32> as tensor<1xf32>
  %mean = qnn.constant dense<[0.000000e+00]> : tensor<1xf32> as tensor<1xf32>
  %variance = qnn.constant dense<[1.000000e+00]> : tensor<1xf32> as tensor<1xf32>
  %bn = qnn.batch_norm %x, %gamma, %beta, %mean,
      %variance {epsilon = 0.0 : f64, formula = #qnn.formula<scale_offset>}
      : tensor<1x!s4>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32> -> tensor<1xf32>
  %y = qnn.quantize %bn {mode = #qnn.round<half_even, saturate>} : tensor<1xf32> -> tensor<1x!s3>
  func.return %y : tensor<1x!s3>
}

// CHECK:       func.func @unreached_codes(%x: tensor<1x!qnn.fixed<4, 4, signed>>)
// CHECK-SAME:    -> tensor<1x!qnn.fixed<3, 3, signed>> attributes
// CHECK-SAME:    {qnn.remarks =
// CHECK-SAME:    ["'bn': 4 thresholds per channel, monotone up to the quantizer 'y'; 4 uncertified (channel 0)"]} {
// CHECK-NEXT:    %y_thresholds = qnn.constant dense<{{\[\[}}-5, -2, 3, 6]]>
// CHECK-SAME:      : tensor<1x4xi8> as tensor<1x4x!qnn.fixed<4, 4, signed>>
// CHECK-NEXT:    %y = qnn.threshold %x, %y_thresholds {first = 2 : i64, uncertified = array<i64: 0, 0, 0, 0>}
// CHECK-SAME:      : tensor<1x!qnn.fixed<4, 4, signed>>, tensor<1x4x!qnn.fixed<4, 4, signed>>
// CHECK-SAME:      -> tensor<1x!qnn.fixed<3, 3, signed>>
// CHECK-NEXT:    func.return %y : tensor<1x!qnn.fixed<3, 3, signed>>
// CHECK-NEXT:  }

// -----

!s4 = !qnn.fixed<4, 4, signed>
!u2_1 = !qnn.fixed<2, 1, unsigned>
!s6 = !qnn.fixed<6, 6, signed>

// An average and a relu in between: 2 * sum / 4 - 1 is sum - 2 in steps of 0.5, so codes 1, 2, 3 from sums 3, 4, 5 on.
func.func @average_relu(%x: tensor<2x2x1x!s4>) -> tensor<1x1x1x!u2_1> {
  %four = qnn.constant dense<4.0> : tensor<1xf32> as tensor<1xf32>
  %sum = qnn.sum_pool2d %x {pool = array<i64: 2, 2>, strides = array<i64: 2, 2>} : tensor<2x2x1x!s4>
      -> tensor<1x1x1x!s6>
  %average = qnn.divide %sum, %four : tensor<1x1x1x!s6>, tensor<1xf32> -> tensor<1x1x1xf32>
  %gamma = qnn.constant dense<[2.000000e+00]> : tensor<1xf32> as tensor<1xf32>
  %beta = qnn.constant dense<[-1.000000e+00]> : tensor<1xf32> as tensor<1xf32>
  %mean = qnn.constant dense<[0.000000e+00]> : tensor<1xf32> as tensor<1xf32>
  %variance = qnn.constant dense<[1.000000e+00]> : tensor<1xf32> as tensor<1xf32>
  %bn = qnn.batch_norm %average, %gamma, %beta, %mean,
      %variance {epsilon = 0.0 : f64, formula = #qnn.formula<fused_fma>}
      : tensor<1x1x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32> -> tensor<1x1x1xf32>
  %relu = qnn.relu %bn : tensor<1x1x1xf32> -> tensor<1x1x1xf32>
  %y = qnn.quantize %relu {mode = #qnn.round<half_even, saturate>} : tensor<1x1x1xf32> -> tensor<1x1x1x!u2_1>
  func.return %y : tensor<1x1x1x!u2_1>
}

// CHECK:       func.func @average_relu(%x: tensor<2x2x1x!qnn.fixed<4, 4, signed>>)
// CHECK-SAME:    -> tensor<1x1x1x!qnn.fixed<2, 1, unsigned>> attributes
// CHECK-SAME:    {qnn.remarks = ["'bn': 3 thresholds per channel, monotone up to the quantizer 'y'"]} {
// CHECK-NEXT:    %sum = qnn.sum_pool2d %x {pool = array<i64: 2, 2>, strides = array<i64: 2, 2>}
// CHECK-SAME:      : tensor<2x2x1x!qnn.fixed<4, 4, signed>> -> tensor<1x1x1x!qnn.fixed<6, 6, signed>>
// CHECK-NEXT:    %y_thresholds = qnn.constant dense<{{\[\[}}3, 4, 5]]>
// CHECK-SAME:      : tensor<1x3xi8> as tensor<1x3x!qnn.fixed<3, 3, unsigned>>
// CHECK-NEXT:    %y = qnn.threshold %sum, %y_thresholds {first = 0 : i64}
// CHECK-SAME:      : tensor<1x1x1x!qnn.fixed<6, 6, signed>>, tensor<1x3x!qnn.fixed<3, 3, unsigned>>
// CHECK-SAME:      -> tensor<1x1x1x!qnn.fixed<2, 1, unsigned>>
// CHECK-NEXT:    func.return %y : tensor<1x1x1x!qnn.fixed<2, 1, unsigned>>
// CHECK-NEXT:  }

// -----

!s4 = !qnn.fixed<4, 4, signed>

// The quantizer moves before a maximum or a reshape of floats, with its channels.
func.func @pool_and_reshape(%x: tensor<2x2x2x!s4>) -> tensor<2x!qnn.binary> {
  %gamma = qnn.constant dense<[1.000000e+00, 1.000000e+00]> : tensor<2xf32> as tensor<2xf32>
  %beta = qnn.constant dense<[5.000000e-01, -5.000000e-01]> : tensor<2xf32> as tensor<2xf32>
  %mean = qnn.constant dense<[0.000000e+00, 0.000000e+00]> : tensor<2xf32> as tensor<2xf32>
  %variance = qnn.constant dense<[1.000000e+00, 1.000000e+00]> : tensor<2xf32> as tensor<2xf32>
  %bn = qnn.batch_norm %x, %gamma, %beta, %mean, %variance {epsilon = 0.0 : f64, formula = #qnn.formula<fused_scale>}
      : tensor<2x2x2x!s4>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32> -> tensor<2x2x2xf32>
  %pool = qnn.max_pool2d %bn {pool = array<i64: 2, 2>, strides = array<i64: 2, 2>} : tensor<2x2x2xf32>
      -> tensor<1x1x2xf32>
  %flat = qnn.reshape %pool : tensor<1x1x2xf32> -> tensor<2xf32>
  %y = qnn.quantize %flat {mode = #qnn.sign} : tensor<2xf32> -> tensor<2x!qnn.binary>
  func.return %y : tensor<2x!qnn.binary>
}

// CHECK:       func.func @pool_and_reshape(%x: tensor<2x2x2x!qnn.fixed<4, 4, signed>>)
// CHECK-SAME:    -> tensor<2x!qnn.binary> attributes
// CHECK-SAME:    {qnn.remarks =
// CHECK-SAME:    ["'bn': one comparison per channel, monotone up to the quantizer 'y_before_flat_before_pool'"]} {
// CHECK-NEXT:    %y_before_flat_before_pool_thresholds = qnn.constant dense<{{\[\[}}0], [1]]>
// CHECK-SAME:      : tensor<2x1xi8> as tensor<2x1x!qnn.fixed<1, 1, unsigned>>
// CHECK-NEXT:    %y_before_flat_before_pool = qnn.threshold %x,
// CHECK-SAME:      %y_before_flat_before_pool_thresholds {first = 0 : i64}
// CHECK-SAME:      : tensor<2x2x2x!qnn.fixed<4, 4, signed>>, tensor<2x1x!qnn.fixed<1, 1, unsigned>>
// CHECK-SAME:      -> tensor<2x2x2x!qnn.binary>
// CHECK-NEXT:    %y_before_flat = qnn.max_pool2d %y_before_flat_before_pool
// CHECK-SAME:      {pool = array<i64: 2, 2>, strides = array<i64: 2, 2>} : tensor<2x2x2x!qnn.binary>
// CHECK-SAME:      -> tensor<1x1x2x!qnn.binary>
// CHECK-NEXT:    %y = qnn.reshape %y_before_flat : tensor<1x1x2x!qnn.binary> -> tensor<2x!qnn.binary>
// CHECK-NEXT:    func.return %y : tensor<2x!qnn.binary>
// CHECK-NEXT:  }

// -----

!s4 = !qnn.fixed<4, 4, signed>

// At the threshold 2 of channel 0 the formula is 2 * inv + (1 - 3 * inv), exactly 0 only for inv = 1: a reciprocal root
// that is off by one in the last place changes the sign. Channel 1 decides at 2 about 0.5 and at 1 about -0.5: no doubt
// there.
func.func @uncertified(%x: tensor<2x!s4>) -> tensor<2x!qnn.binary> {
  %gamma = qnn.constant dense<[1.000000e+00, 1.000000e+00]> : tensor<2xf32> as tensor<2xf32>
  %beta = qnn.constant dense<[1.000000e+00, 1.500000e+00]> : tensor<2xf32> as tensor<2xf32>
  %mean = qnn.constant dense<[3.000000e+00, 3.000000e+00]> : tensor<2xf32> as tensor<2xf32>
  %variance = qnn.constant dense<[1.000000e+00, 1.000000e+00]> : tensor<2xf32> as tensor<2xf32>
  %bn = qnn.batch_norm %x, %gamma, %beta, %mean,
      %variance {epsilon = 0.0 : f64, formula = #qnn.formula<scale_offset>}
      : tensor<2x!s4>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32> -> tensor<2xf32>
  %y = qnn.quantize %bn {mode = #qnn.sign} : tensor<2xf32> -> tensor<2x!qnn.binary>
  func.return %y : tensor<2x!qnn.binary>
}

// CHECK:       func.func @uncertified(%x: tensor<2x!qnn.fixed<4, 4, signed>>)
// CHECK-SAME:    -> tensor<2x!qnn.binary> attributes
// CHECK-SAME:    {qnn.remarks =
// CHECK-SAME:    ["'bn': one comparison per channel, monotone up to the quantizer 'y'; 1 uncertified (channel 0)"]} {
// CHECK-NEXT:    %y_thresholds = qnn.constant dense<2> : tensor<2x1xi8> as tensor<2x1x!qnn.fixed<2, 2, unsigned>>
// CHECK-NEXT:    %y = qnn.threshold %x, %y_thresholds {first = 0 : i64, uncertified = array<i64: 0>}
// CHECK-SAME:      : tensor<2x!qnn.fixed<4, 4, signed>>, tensor<2x1x!qnn.fixed<2, 2, unsigned>>
// CHECK-SAME:      -> tensor<2x!qnn.binary>
// CHECK-NEXT:    func.return %y : tensor<2x!qnn.binary>
// CHECK-NEXT:  }

// -----

!s4 = !qnn.fixed<4, 4, signed>

// An output of few codes is a table of its float32 values.
func.func @float_result(%x: tensor<2x!s4>) -> (tensor<2xf32>, tensor<2x!qnn.binary>) {
  %gamma = qnn.constant dense<[1.000000e+00, 1.000000e+00]> : tensor<2xf32> as tensor<2xf32>
  %beta = qnn.constant dense<[5.000000e-01, -5.000000e-01]> : tensor<2xf32> as tensor<2xf32>
  %mean = qnn.constant dense<[0.000000e+00, 0.000000e+00]> : tensor<2xf32> as tensor<2xf32>
  %variance = qnn.constant dense<[1.000000e+00, 1.000000e+00]> : tensor<2xf32> as tensor<2xf32>
  %bn = qnn.batch_norm %x, %gamma, %beta, %mean,
      %variance {epsilon = 0.0 : f64, formula = #qnn.formula<scale_offset>}
      : tensor<2x!s4>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32> -> tensor<2xf32>
  %y = qnn.quantize %bn {mode = #qnn.sign} : tensor<2xf32> -> tensor<2x!qnn.binary>
  func.return %bn, %y : tensor<2xf32>, tensor<2x!qnn.binary>
}

// CHECK:       func.func @float_result(%x: tensor<2x!qnn.fixed<4, 4, signed>>)
// CHECK-SAME:    -> (tensor<2x!qnn.fixed<6, 5, signed>>,
// CHECK-SAME:    tensor<2x!qnn.binary>) attributes
// CHECK-SAME:    {qnn.remarks = ["'bn': one comparison per channel, monotone up to the quantizer 'y'",
// CHECK-SAME:    "'bn': table of 16 codes per channel, the float32 values of the output 'bn'"]} {
// CHECK-NEXT:    %y_thresholds = qnn.constant dense<{{\[\[}}0], [1]]>
// CHECK-SAME:      : tensor<2x1xi8> as tensor<2x1x!qnn.fixed<1, 1, unsigned>>
// CHECK-NEXT:    %y = qnn.threshold %x, %y_thresholds {first = 0 : i64}
// CHECK-SAME:      : tensor<2x!qnn.fixed<4, 4, signed>>, tensor<2x1x!qnn.fixed<1, 1, unsigned>>
// CHECK-SAME:      -> tensor<2x!qnn.binary>
// CHECK-NEXT:    %bn_table = qnn.constant dense<{{\[\[}}-15, -13, -11, -9, -7, -5, -3, -1, 1, 3, 5, 7, 9, 11, 13, 15],
// CHECK-SAME:      [-17, -15, -13, -11, -9, -7, -5, -3, -1, 1, 3, 5, 7, 9, 11, 13]]>
// CHECK-NEXT:    %bn = qnn.lookup %x, %bn_table {first = -8 : i64}
// CHECK-NEXT:    func.return %bn, %y

// -----

!s16 = !qnn.fixed<16, 16, signed>

// Without a quantizer floats stay where a table would be large.
func.func @large(%x: tensor<2x!s16>) -> tensor<2xf32> {
  %gamma = qnn.constant dense<[1.000000e+00, 1.000000e+00]> : tensor<2xf32> as tensor<2xf32>
  %beta = qnn.constant dense<[5.000000e-01, -5.000000e-01]> : tensor<2xf32> as tensor<2xf32>
  %mean = qnn.constant dense<[0.000000e+00, 0.000000e+00]> : tensor<2xf32> as tensor<2xf32>
  %variance = qnn.constant dense<[1.000000e+00, 1.000000e+00]> : tensor<2xf32> as tensor<2xf32>
  %bn = qnn.batch_norm %x, %gamma, %beta, %mean,
      %variance {epsilon = 0.0 : f64, formula = #qnn.formula<scale_offset>}
      : tensor<2x!s16>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32> -> tensor<2xf32>
  func.return %bn : tensor<2xf32>
}

// CHECK:       func.func @large(%x: tensor<2x!qnn.fixed<16, 16, signed>>)
// CHECK-SAME:    -> tensor<2xf32> attributes
// CHECK-SAME:    {qnn.remarks =
// CHECK-SAME:    ["'bn': stays float32, no element-wise path from one quantized value through it to a quantizer"]} {
// CHECK:         %bn = qnn.batch_norm %x
// CHECK-NEXT:    func.return %bn : tensor<2xf32>

// -----

!s4 = !qnn.fixed<4, 4, signed>

// Not functions of one integer: quantizers of float arguments, and of sums of two values.
func.func @not_a_chain(%f: tensor<2xf32>, %x: tensor<2x!s4>) -> (tensor<2x!qnn.binary>, tensor<2x!qnn.binary>) {
  %a = qnn.quantize %f {mode = #qnn.sign} : tensor<2xf32> -> tensor<2x!qnn.binary>
  %sum = qnn.add %x, %f : tensor<2x!s4>, tensor<2xf32> -> tensor<2xf32>
  %b = qnn.quantize %sum {mode = #qnn.sign} : tensor<2xf32> -> tensor<2x!qnn.binary>
  func.return %a, %b : tensor<2x!qnn.binary>, tensor<2x!qnn.binary>
}

// CHECK:       func.func @not_a_chain(%f: tensor<2xf32>, %x: tensor<2x!qnn.fixed<4, 4, signed>>)
// CHECK-SAME:    -> (tensor<2x!qnn.binary>, tensor<2x!qnn.binary>) {
// CHECK-NEXT:    %a = qnn.quantize %f {mode = #qnn.sign} : tensor<2xf32> -> tensor<2x!qnn.binary>
// CHECK-NEXT:    %sum = qnn.add %x, %f : tensor<2x!qnn.fixed<4, 4, signed>>, tensor<2xf32> -> tensor<2xf32>
// CHECK-NEXT:    %b = qnn.quantize %sum {mode = #qnn.sign} : tensor<2xf32> -> tensor<2x!qnn.binary>
// CHECK-NEXT:    func.return %a, %b : tensor<2x!qnn.binary>, tensor<2x!qnn.binary>
// CHECK-NEXT:  }
