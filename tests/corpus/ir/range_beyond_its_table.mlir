// Ranges are known less well after a table has been built on them: codes of the operand that it lacks do not occur.
// PASSES: choose-forms{form=table},canonicalize,fold-batchnorm
// MUST: accepted
builtin.module {
  func.func @net(%x0: tensor<4x4xf32>) -> tensor<3x12x!qnn.fixed<8, 4, signed>> attributes {qnn.parameters = 96 : i64} {
    %quantize.1 = qnn.quantize %x0 {mode = #qnn.round<half_even, saturate>} : tensor<4x4xf32> -> tensor<4x4x!qnn.fixed<5, 1, unsigned>>
    %lstm.5_recurrent_kernel = qnn.constant dense<[[0, 1, -1, 1, -1, -2, -1, 0, 0, 0, 0, 0], [0, -1, -2, 2, -1, 0, 0, -1, -3, 2, 1, 3], [-1, 1, 0, -2, 0, 0, -1, 2, 2, -1, 0, -1]]> : tensor<3x12xi8> as tensor<3x12x!qnn.fixed<4, 2, signed>>
    %lstm.5_input_kernel = qnn.constant dense<[[0, -1, 0, 0, -2, -2, -2, 2, 2, 2, 1, 1], [1, 2, 0, 2, 2, -1, -2, 0, 0, 0, 7, 0], [4, -2, 0, -2, -1, 0, 2, 1, -2, 0, 3, -3], [-2, 0, -8, -1, -1, 1, 0, -1, 2, -4, 7, -1]]> : tensor<4x12xi8> as tensor<4x12x!qnn.fixed<4, 2, signed>>
    %lstm.5_input_bias = qnn.constant dense<[0, 1, 6, 4, 4, -7, -3, 5, 1, -4, -8, -5]> : tensor<12xi8> as tensor<12x!qnn.fixed<4, 2, signed>>
    %lstm.5_input_sum = qnn.dense %quantize.1, %lstm.5_input_kernel {product = #qnn.product<multiply>} : tensor<4x4x!qnn.fixed<5, 1, unsigned>>, tensor<4x12x!qnn.fixed<4, 2, signed>> -> tensor<4x12x!qnn.fixed<11, 5, signed>>
    %lstm.5_input_biased = qnn.add %lstm.5_input_sum, %lstm.5_input_bias : tensor<4x12x!qnn.fixed<11, 5, signed>>, tensor<12x!qnn.fixed<4, 2, signed>> -> tensor<4x12x!qnn.fixed<12, 6, signed>>
    %lstm.5_initial_state = qnn.constant dense<0> : tensor<3xi8> as tensor<3x!qnn.fixed<1, 1, unsigned>>
    %lstm.5_step0_slice = qnn.slice %lstm.5_input_biased {offsets = array<i64: 0, 0>, sizes = array<i64: 1, 12>} : tensor<4x12x!qnn.fixed<12, 6, signed>> -> tensor<1x12x!qnn.fixed<12, 6, signed>>
    %lstm.5_step0_in = qnn.reshape %lstm.5_step0_slice : tensor<1x12x!qnn.fixed<12, 6, signed>> -> tensor<12x!qnn.fixed<12, 6, signed>>
    %lstm.5_step0_part3 = qnn.quantize %lstm.5_initial_state {mode = #qnn.round<half_even, saturate>} : tensor<3x!qnn.fixed<1, 1, unsigned>> -> tensor<3x!qnn.fixed<4, 2, signed>>
    %lstm.5_step0_part2 = qnn.quantize %lstm.5_initial_state {mode = #qnn.round<half_even, saturate>} : tensor<3x!qnn.fixed<1, 1, unsigned>> -> tensor<3x!qnn.fixed<4, 2, signed>>
    %lstm.5_step0_recurrent_sum = qnn.dense %lstm.5_step0_part3, %lstm.5_recurrent_kernel {product = #qnn.product<multiply>} : tensor<3x!qnn.fixed<4, 2, signed>>, tensor<3x12x!qnn.fixed<4, 2, signed>> -> tensor<12x!qnn.fixed<9, 5, signed>>
    %lstm.5_step0_added_part1 = qnn.add %lstm.5_step0_in, %lstm.5_step0_recurrent_sum : tensor<12x!qnn.fixed<12, 6, signed>>, tensor<12x!qnn.fixed<9, 5, signed>> -> tensor<12x!qnn.fixed<13, 7, signed>>
    %lstm.5_step0_gate0 = qnn.slice %lstm.5_step0_added_part1 {offsets = array<i64: 0>, sizes = array<i64: 3>} : tensor<12x!qnn.fixed<13, 7, signed>> -> tensor<3x!qnn.fixed<13, 7, signed>>
    %lstm.5_step0_gate1 = qnn.slice %lstm.5_step0_added_part1 {offsets = array<i64: 3>, sizes = array<i64: 3>} : tensor<12x!qnn.fixed<13, 7, signed>> -> tensor<3x!qnn.fixed<13, 7, signed>>
    %lstm.5_step0_gate2 = qnn.slice %lstm.5_step0_added_part1 {offsets = array<i64: 6>, sizes = array<i64: 3>} : tensor<12x!qnn.fixed<13, 7, signed>> -> tensor<3x!qnn.fixed<13, 7, signed>>
    %lstm.5_step0_gate3 = qnn.slice %lstm.5_step0_added_part1 {offsets = array<i64: 9>, sizes = array<i64: 3>} : tensor<12x!qnn.fixed<13, 7, signed>> -> tensor<3x!qnn.fixed<13, 7, signed>>
    %lstm.5_step0_scaled_part2 = qnn.shift %lstm.5_step0_gate1 {by = -1 : i64} : tensor<3x!qnn.fixed<13, 7, signed>> -> tensor<3x!qnn.fixed<13, 6, signed>>
    %lstm.5_step0_half_up_constant_part2 = qnn.constant dense<1> : tensor<1xi8> as tensor<1x!qnn.fixed<1, 0, unsigned>>
    %lstm.5_step0_half_up_part2 = qnn.add %lstm.5_step0_scaled_part2, %lstm.5_step0_half_up_constant_part2 : tensor<3x!qnn.fixed<13, 6, signed>>, tensor<1x!qnn.fixed<1, 0, unsigned>> -> tensor<3x!qnn.fixed<14, 7, signed>>
    %lstm.5_step0_rounded_part2 = qnn.quantize %lstm.5_step0_half_up_part2 {mode = #qnn.round<half_even, saturate>} : tensor<3x!qnn.fixed<14, 7, signed>> -> tensor<3x!qnn.fixed<4, 0, unsigned>>
    %lstm.5_step0_gated_part2 = qnn.mul %lstm.5_step0_rounded_part2, %lstm.5_step0_part2 {product = #qnn.product<multiply>} : tensor<3x!qnn.fixed<4, 0, unsigned>>, tensor<3x!qnn.fixed<4, 2, signed>> -> tensor<3x!qnn.fixed<8, 2, signed>>
    %lstm.5_step0_scaled_part1 = qnn.shift %lstm.5_step0_gate0 {by = -1 : i64} : tensor<3x!qnn.fixed<13, 7, signed>> -> tensor<3x!qnn.fixed<13, 6, signed>>
    %lstm.5_step0_half_up_constant_part1 = qnn.constant dense<1> : tensor<1xi8> as tensor<1x!qnn.fixed<1, 0, unsigned>>
    %lstm.5_step0_half_up_part1 = qnn.add %lstm.5_step0_scaled_part1, %lstm.5_step0_half_up_constant_part1 : tensor<3x!qnn.fixed<13, 6, signed>>, tensor<1x!qnn.fixed<1, 0, unsigned>> -> tensor<3x!qnn.fixed<14, 7, signed>>
    %lstm.5_step0_rounded_part1 = qnn.quantize %lstm.5_step0_half_up_part1 {mode = #qnn.round<half_even, saturate>} : tensor<3x!qnn.fixed<14, 7, signed>> -> tensor<3x!qnn.fixed<4, 0, unsigned>>
    %lstm.5_step0_part1 = qnn.quantize %lstm.5_step0_gate2 {mode = #qnn.round<half_even, saturate>} : tensor<3x!qnn.fixed<13, 7, signed>> -> tensor<3x!qnn.fixed<4, 1, signed>>
    %lstm.5_step0_gated_part1 = qnn.mul %lstm.5_step0_rounded_part1, %lstm.5_step0_part1 {product = #qnn.product<multiply>} : tensor<3x!qnn.fixed<4, 0, unsigned>>, tensor<3x!qnn.fixed<4, 1, signed>> -> tensor<3x!qnn.fixed<8, 1, signed>>
    %lstm.5_step0_added = qnn.add %lstm.5_step0_gated_part2, %lstm.5_step0_gated_part1 : tensor<3x!qnn.fixed<8, 2, signed>>, tensor<3x!qnn.fixed<8, 1, signed>> -> tensor<3x!qnn.fixed<10, 3, signed>>
    %lstm.5_step0_scaled = qnn.shift %lstm.5_step0_gate3 {by = -1 : i64} : tensor<3x!qnn.fixed<13, 7, signed>> -> tensor<3x!qnn.fixed<13, 6, signed>>
    %lstm.5_step0_half_up_constant = qnn.constant dense<1> : tensor<1xi8> as tensor<1x!qnn.fixed<1, 0, unsigned>>
    %lstm.5_step0_half_up = qnn.add %lstm.5_step0_scaled, %lstm.5_step0_half_up_constant : tensor<3x!qnn.fixed<13, 6, signed>>, tensor<1x!qnn.fixed<1, 0, unsigned>> -> tensor<3x!qnn.fixed<14, 7, signed>>
    %lstm.5_step0_rounded = qnn.quantize %lstm.5_step0_half_up {mode = #qnn.round<half_even, saturate>} : tensor<3x!qnn.fixed<14, 7, signed>> -> tensor<3x!qnn.fixed<4, 0, unsigned>>
    %lstm.5_step0 = qnn.quantize %lstm.5_step0_added {mode = #qnn.round<half_even, saturate>} : tensor<3x!qnn.fixed<10, 3, signed>> -> tensor<3x!qnn.fixed<4, 1, signed>>
    %lstm.5_step0_gated = qnn.mul %lstm.5_step0_rounded, %lstm.5_step0 {product = #qnn.product<multiply>} : tensor<3x!qnn.fixed<4, 0, unsigned>>, tensor<3x!qnn.fixed<4, 1, signed>> -> tensor<3x!qnn.fixed<8, 1, signed>>
    %lstm.5_step1_slice = qnn.slice %lstm.5_input_biased {offsets = array<i64: 1, 0>, sizes = array<i64: 1, 12>} : tensor<4x12x!qnn.fixed<12, 6, signed>> -> tensor<1x12x!qnn.fixed<12, 6, signed>>
    %lstm.5_step1_in = qnn.reshape %lstm.5_step1_slice : tensor<1x12x!qnn.fixed<12, 6, signed>> -> tensor<12x!qnn.fixed<12, 6, signed>>
    %lstm.5_step1_part3 = qnn.quantize %lstm.5_step0_gated {mode = #qnn.round<half_even, saturate>} : tensor<3x!qnn.fixed<8, 1, signed>> -> tensor<3x!qnn.fixed<4, 2, signed>>
    %lstm.5_step1_part2 = qnn.quantize %lstm.5_step0_added {mode = #qnn.round<half_even, saturate>} : tensor<3x!qnn.fixed<10, 3, signed>> -> tensor<3x!qnn.fixed<4, 2, signed>>
    %lstm.5_step1_recurrent_sum = qnn.dense %lstm.5_step1_part3, %lstm.5_recurrent_kernel {product = #qnn.product<multiply>} : tensor<3x!qnn.fixed<4, 2, signed>>, tensor<3x12x!qnn.fixed<4, 2, signed>> -> tensor<12x!qnn.fixed<9, 5, signed>>
    %lstm.5_step1_added_part1 = qnn.add %lstm.5_step1_in, %lstm.5_step1_recurrent_sum : tensor<12x!qnn.fixed<12, 6, signed>>, tensor<12x!qnn.fixed<9, 5, signed>> -> tensor<12x!qnn.fixed<13, 7, signed>>
    %lstm.5_step1_gate0 = qnn.slice %lstm.5_step1_added_part1 {offsets = array<i64: 0>, sizes = array<i64: 3>} : tensor<12x!qnn.fixed<13, 7, signed>> -> tensor<3x!qnn.fixed<13, 7, signed>>
    %lstm.5_step1_gate1 = qnn.slice %lstm.5_step1_added_part1 {offsets = array<i64: 3>, sizes = array<i64: 3>} : tensor<12x!qnn.fixed<13, 7, signed>> -> tensor<3x!qnn.fixed<13, 7, signed>>
    %lstm.5_step1_gate2 = qnn.slice %lstm.5_step1_added_part1 {offsets = array<i64: 6>, sizes = array<i64: 3>} : tensor<12x!qnn.fixed<13, 7, signed>> -> tensor<3x!qnn.fixed<13, 7, signed>>
    %lstm.5_step1_gate3 = qnn.slice %lstm.5_step1_added_part1 {offsets = array<i64: 9>, sizes = array<i64: 3>} : tensor<12x!qnn.fixed<13, 7, signed>> -> tensor<3x!qnn.fixed<13, 7, signed>>
    %lstm.5_step1_scaled_part2 = qnn.shift %lstm.5_step1_gate1 {by = -1 : i64} : tensor<3x!qnn.fixed<13, 7, signed>> -> tensor<3x!qnn.fixed<13, 6, signed>>
    %lstm.5_step1_half_up_constant_part2 = qnn.constant dense<1> : tensor<1xi8> as tensor<1x!qnn.fixed<1, 0, unsigned>>
    %lstm.5_step1_half_up_part2 = qnn.add %lstm.5_step1_scaled_part2, %lstm.5_step1_half_up_constant_part2 : tensor<3x!qnn.fixed<13, 6, signed>>, tensor<1x!qnn.fixed<1, 0, unsigned>> -> tensor<3x!qnn.fixed<14, 7, signed>>
    %lstm.5_step1_rounded_part2 = qnn.quantize %lstm.5_step1_half_up_part2 {mode = #qnn.round<half_even, saturate>} : tensor<3x!qnn.fixed<14, 7, signed>> -> tensor<3x!qnn.fixed<4, 0, unsigned>>
    %lstm.5_step1_gated_part2 = qnn.mul %lstm.5_step1_rounded_part2, %lstm.5_step1_part2 {product = #qnn.product<multiply>} : tensor<3x!qnn.fixed<4, 0, unsigned>>, tensor<3x!qnn.fixed<4, 2, signed>> -> tensor<3x!qnn.fixed<8, 2, signed>>
    %lstm.5_step1_scaled_part1 = qnn.shift %lstm.5_step1_gate0 {by = -1 : i64} : tensor<3x!qnn.fixed<13, 7, signed>> -> tensor<3x!qnn.fixed<13, 6, signed>>
    %lstm.5_step1_half_up_constant_part1 = qnn.constant dense<1> : tensor<1xi8> as tensor<1x!qnn.fixed<1, 0, unsigned>>
    %lstm.5_step1_half_up_part1 = qnn.add %lstm.5_step1_scaled_part1, %lstm.5_step1_half_up_constant_part1 : tensor<3x!qnn.fixed<13, 6, signed>>, tensor<1x!qnn.fixed<1, 0, unsigned>> -> tensor<3x!qnn.fixed<14, 7, signed>>
    %lstm.5_step1_rounded_part1 = qnn.quantize %lstm.5_step1_half_up_part1 {mode = #qnn.round<half_even, saturate>} : tensor<3x!qnn.fixed<14, 7, signed>> -> tensor<3x!qnn.fixed<4, 0, unsigned>>
    %lstm.5_step1_part1 = qnn.quantize %lstm.5_step1_gate2 {mode = #qnn.round<half_even, saturate>} : tensor<3x!qnn.fixed<13, 7, signed>> -> tensor<3x!qnn.fixed<4, 1, signed>>
    %lstm.5_step1_gated_part1 = qnn.mul %lstm.5_step1_rounded_part1, %lstm.5_step1_part1 {product = #qnn.product<multiply>} : tensor<3x!qnn.fixed<4, 0, unsigned>>, tensor<3x!qnn.fixed<4, 1, signed>> -> tensor<3x!qnn.fixed<8, 1, signed>>
    %lstm.5_step1_added = qnn.add %lstm.5_step1_gated_part2, %lstm.5_step1_gated_part1 : tensor<3x!qnn.fixed<8, 2, signed>>, tensor<3x!qnn.fixed<8, 1, signed>> -> tensor<3x!qnn.fixed<10, 3, signed>>
    %lstm.5_step1_scaled = qnn.shift %lstm.5_step1_gate3 {by = -1 : i64} : tensor<3x!qnn.fixed<13, 7, signed>> -> tensor<3x!qnn.fixed<13, 6, signed>>
    %lstm.5_step1_half_up_constant = qnn.constant dense<1> : tensor<1xi8> as tensor<1x!qnn.fixed<1, 0, unsigned>>
    %lstm.5_step1_half_up = qnn.add %lstm.5_step1_scaled, %lstm.5_step1_half_up_constant : tensor<3x!qnn.fixed<13, 6, signed>>, tensor<1x!qnn.fixed<1, 0, unsigned>> -> tensor<3x!qnn.fixed<14, 7, signed>>
    %lstm.5_step1_rounded = qnn.quantize %lstm.5_step1_half_up {mode = #qnn.round<half_even, saturate>} : tensor<3x!qnn.fixed<14, 7, signed>> -> tensor<3x!qnn.fixed<4, 0, unsigned>>
    %lstm.5_step1 = qnn.quantize %lstm.5_step1_added {mode = #qnn.round<half_even, saturate>} : tensor<3x!qnn.fixed<10, 3, signed>> -> tensor<3x!qnn.fixed<4, 1, signed>>
    %lstm.5_step1_gated = qnn.mul %lstm.5_step1_rounded, %lstm.5_step1 {product = #qnn.product<multiply>} : tensor<3x!qnn.fixed<4, 0, unsigned>>, tensor<3x!qnn.fixed<4, 1, signed>> -> tensor<3x!qnn.fixed<8, 1, signed>>
    %lstm.5_step2_slice = qnn.slice %lstm.5_input_biased {offsets = array<i64: 2, 0>, sizes = array<i64: 1, 12>} : tensor<4x12x!qnn.fixed<12, 6, signed>> -> tensor<1x12x!qnn.fixed<12, 6, signed>>
    %lstm.5_step2_in = qnn.reshape %lstm.5_step2_slice : tensor<1x12x!qnn.fixed<12, 6, signed>> -> tensor<12x!qnn.fixed<12, 6, signed>>
    %lstm.5_step2_part3 = qnn.quantize %lstm.5_step1_gated {mode = #qnn.round<half_even, saturate>} : tensor<3x!qnn.fixed<8, 1, signed>> -> tensor<3x!qnn.fixed<4, 2, signed>>
    %lstm.5_step2_part2 = qnn.quantize %lstm.5_step1_added {mode = #qnn.round<half_even, saturate>} : tensor<3x!qnn.fixed<10, 3, signed>> -> tensor<3x!qnn.fixed<4, 2, signed>>
    %lstm.5_step2_recurrent_sum = qnn.dense %lstm.5_step2_part3, %lstm.5_recurrent_kernel {product = #qnn.product<multiply>} : tensor<3x!qnn.fixed<4, 2, signed>>, tensor<3x12x!qnn.fixed<4, 2, signed>> -> tensor<12x!qnn.fixed<9, 5, signed>>
    %lstm.5_step2_added_part1 = qnn.add %lstm.5_step2_in, %lstm.5_step2_recurrent_sum : tensor<12x!qnn.fixed<12, 6, signed>>, tensor<12x!qnn.fixed<9, 5, signed>> -> tensor<12x!qnn.fixed<13, 7, signed>>
    %lstm.5_step2_gate0 = qnn.slice %lstm.5_step2_added_part1 {offsets = array<i64: 0>, sizes = array<i64: 3>} : tensor<12x!qnn.fixed<13, 7, signed>> -> tensor<3x!qnn.fixed<13, 7, signed>>
    %lstm.5_step2_gate1 = qnn.slice %lstm.5_step2_added_part1 {offsets = array<i64: 3>, sizes = array<i64: 3>} : tensor<12x!qnn.fixed<13, 7, signed>> -> tensor<3x!qnn.fixed<13, 7, signed>>
    %lstm.5_step2_gate2 = qnn.slice %lstm.5_step2_added_part1 {offsets = array<i64: 6>, sizes = array<i64: 3>} : tensor<12x!qnn.fixed<13, 7, signed>> -> tensor<3x!qnn.fixed<13, 7, signed>>
    %lstm.5_step2_gate3 = qnn.slice %lstm.5_step2_added_part1 {offsets = array<i64: 9>, sizes = array<i64: 3>} : tensor<12x!qnn.fixed<13, 7, signed>> -> tensor<3x!qnn.fixed<13, 7, signed>>
    %lstm.5_step2_scaled_part2 = qnn.shift %lstm.5_step2_gate1 {by = -1 : i64} : tensor<3x!qnn.fixed<13, 7, signed>> -> tensor<3x!qnn.fixed<13, 6, signed>>
    %lstm.5_step2_half_up_constant_part2 = qnn.constant dense<1> : tensor<1xi8> as tensor<1x!qnn.fixed<1, 0, unsigned>>
    %lstm.5_step2_half_up_part2 = qnn.add %lstm.5_step2_scaled_part2, %lstm.5_step2_half_up_constant_part2 : tensor<3x!qnn.fixed<13, 6, signed>>, tensor<1x!qnn.fixed<1, 0, unsigned>> -> tensor<3x!qnn.fixed<14, 7, signed>>
    %lstm.5_step2_rounded_part2 = qnn.quantize %lstm.5_step2_half_up_part2 {mode = #qnn.round<half_even, saturate>} : tensor<3x!qnn.fixed<14, 7, signed>> -> tensor<3x!qnn.fixed<4, 0, unsigned>>
    %lstm.5_step2_gated_part2 = qnn.mul %lstm.5_step2_rounded_part2, %lstm.5_step2_part2 {product = #qnn.product<multiply>} : tensor<3x!qnn.fixed<4, 0, unsigned>>, tensor<3x!qnn.fixed<4, 2, signed>> -> tensor<3x!qnn.fixed<8, 2, signed>>
    %lstm.5_step2_scaled_part1 = qnn.shift %lstm.5_step2_gate0 {by = -1 : i64} : tensor<3x!qnn.fixed<13, 7, signed>> -> tensor<3x!qnn.fixed<13, 6, signed>>
    %lstm.5_step2_half_up_constant_part1 = qnn.constant dense<1> : tensor<1xi8> as tensor<1x!qnn.fixed<1, 0, unsigned>>
    %lstm.5_step2_half_up_part1 = qnn.add %lstm.5_step2_scaled_part1, %lstm.5_step2_half_up_constant_part1 : tensor<3x!qnn.fixed<13, 6, signed>>, tensor<1x!qnn.fixed<1, 0, unsigned>> -> tensor<3x!qnn.fixed<14, 7, signed>>
    %lstm.5_step2_rounded_part1 = qnn.quantize %lstm.5_step2_half_up_part1 {mode = #qnn.round<half_even, saturate>} : tensor<3x!qnn.fixed<14, 7, signed>> -> tensor<3x!qnn.fixed<4, 0, unsigned>>
    %lstm.5_step2_part1 = qnn.quantize %lstm.5_step2_gate2 {mode = #qnn.round<half_even, saturate>} : tensor<3x!qnn.fixed<13, 7, signed>> -> tensor<3x!qnn.fixed<4, 1, signed>>
    %lstm.5_step2_gated_part1 = qnn.mul %lstm.5_step2_rounded_part1, %lstm.5_step2_part1 {product = #qnn.product<multiply>} : tensor<3x!qnn.fixed<4, 0, unsigned>>, tensor<3x!qnn.fixed<4, 1, signed>> -> tensor<3x!qnn.fixed<8, 1, signed>>
    %lstm.5_step2_added = qnn.add %lstm.5_step2_gated_part2, %lstm.5_step2_gated_part1 : tensor<3x!qnn.fixed<8, 2, signed>>, tensor<3x!qnn.fixed<8, 1, signed>> -> tensor<3x!qnn.fixed<10, 3, signed>>
    %lstm.5_step2_scaled = qnn.shift %lstm.5_step2_gate3 {by = -1 : i64} : tensor<3x!qnn.fixed<13, 7, signed>> -> tensor<3x!qnn.fixed<13, 6, signed>>
    %lstm.5_step2_half_up_constant = qnn.constant dense<1> : tensor<1xi8> as tensor<1x!qnn.fixed<1, 0, unsigned>>
    %lstm.5_step2_half_up = qnn.add %lstm.5_step2_scaled, %lstm.5_step2_half_up_constant : tensor<3x!qnn.fixed<13, 6, signed>>, tensor<1x!qnn.fixed<1, 0, unsigned>> -> tensor<3x!qnn.fixed<14, 7, signed>>
    %lstm.5_step2_rounded = qnn.quantize %lstm.5_step2_half_up {mode = #qnn.round<half_even, saturate>} : tensor<3x!qnn.fixed<14, 7, signed>> -> tensor<3x!qnn.fixed<4, 0, unsigned>>
    %lstm.5_step2 = qnn.quantize %lstm.5_step2_added {mode = #qnn.round<half_even, saturate>} : tensor<3x!qnn.fixed<10, 3, signed>> -> tensor<3x!qnn.fixed<4, 1, signed>>
    %lstm.5_step2_gated = qnn.mul %lstm.5_step2_rounded, %lstm.5_step2 {product = #qnn.product<multiply>} : tensor<3x!qnn.fixed<4, 0, unsigned>>, tensor<3x!qnn.fixed<4, 1, signed>> -> tensor<3x!qnn.fixed<8, 1, signed>>
    %lstm.5_step3_slice = qnn.slice %lstm.5_input_biased {offsets = array<i64: 3, 0>, sizes = array<i64: 1, 12>} : tensor<4x12x!qnn.fixed<12, 6, signed>> -> tensor<1x12x!qnn.fixed<12, 6, signed>>
    %lstm.5_step3_in = qnn.reshape %lstm.5_step3_slice : tensor<1x12x!qnn.fixed<12, 6, signed>> -> tensor<12x!qnn.fixed<12, 6, signed>>
    %lstm.5_step3_part3 = qnn.quantize %lstm.5_step2_gated {mode = #qnn.round<half_even, saturate>} : tensor<3x!qnn.fixed<8, 1, signed>> -> tensor<3x!qnn.fixed<4, 2, signed>>
    %lstm.5_step3_part2 = qnn.quantize %lstm.5_step2_added {mode = #qnn.round<half_even, saturate>} : tensor<3x!qnn.fixed<10, 3, signed>> -> tensor<3x!qnn.fixed<4, 2, signed>>
    %lstm.5_step3_recurrent_sum = qnn.dense %lstm.5_step3_part3, %lstm.5_recurrent_kernel {product = #qnn.product<multiply>} : tensor<3x!qnn.fixed<4, 2, signed>>, tensor<3x12x!qnn.fixed<4, 2, signed>> -> tensor<12x!qnn.fixed<9, 5, signed>>
    %lstm.5_step3_added_part1 = qnn.add %lstm.5_step3_in, %lstm.5_step3_recurrent_sum : tensor<12x!qnn.fixed<12, 6, signed>>, tensor<12x!qnn.fixed<9, 5, signed>> -> tensor<12x!qnn.fixed<13, 7, signed>>
    %lstm.5_step3_gate0 = qnn.slice %lstm.5_step3_added_part1 {offsets = array<i64: 0>, sizes = array<i64: 3>} : tensor<12x!qnn.fixed<13, 7, signed>> -> tensor<3x!qnn.fixed<13, 7, signed>>
    %lstm.5_step3_gate1 = qnn.slice %lstm.5_step3_added_part1 {offsets = array<i64: 3>, sizes = array<i64: 3>} : tensor<12x!qnn.fixed<13, 7, signed>> -> tensor<3x!qnn.fixed<13, 7, signed>>
    %lstm.5_step3_gate2 = qnn.slice %lstm.5_step3_added_part1 {offsets = array<i64: 6>, sizes = array<i64: 3>} : tensor<12x!qnn.fixed<13, 7, signed>> -> tensor<3x!qnn.fixed<13, 7, signed>>
    %lstm.5_step3_gate3 = qnn.slice %lstm.5_step3_added_part1 {offsets = array<i64: 9>, sizes = array<i64: 3>} : tensor<12x!qnn.fixed<13, 7, signed>> -> tensor<3x!qnn.fixed<13, 7, signed>>
    %lstm.5_step3_scaled_part2 = qnn.shift %lstm.5_step3_gate1 {by = -1 : i64} : tensor<3x!qnn.fixed<13, 7, signed>> -> tensor<3x!qnn.fixed<13, 6, signed>>
    %lstm.5_step3_half_up_constant_part2 = qnn.constant dense<1> : tensor<1xi8> as tensor<1x!qnn.fixed<1, 0, unsigned>>
    %lstm.5_step3_half_up_part2 = qnn.add %lstm.5_step3_scaled_part2, %lstm.5_step3_half_up_constant_part2 : tensor<3x!qnn.fixed<13, 6, signed>>, tensor<1x!qnn.fixed<1, 0, unsigned>> -> tensor<3x!qnn.fixed<14, 7, signed>>
    %lstm.5_step3_rounded_part2 = qnn.quantize %lstm.5_step3_half_up_part2 {mode = #qnn.round<half_even, saturate>} : tensor<3x!qnn.fixed<14, 7, signed>> -> tensor<3x!qnn.fixed<4, 0, unsigned>>
    %lstm.5_step3_gated_part2 = qnn.mul %lstm.5_step3_rounded_part2, %lstm.5_step3_part2 {product = #qnn.product<multiply>} : tensor<3x!qnn.fixed<4, 0, unsigned>>, tensor<3x!qnn.fixed<4, 2, signed>> -> tensor<3x!qnn.fixed<8, 2, signed>>
    %lstm.5_step3_scaled_part1 = qnn.shift %lstm.5_step3_gate0 {by = -1 : i64} : tensor<3x!qnn.fixed<13, 7, signed>> -> tensor<3x!qnn.fixed<13, 6, signed>>
    %lstm.5_step3_half_up_constant_part1 = qnn.constant dense<1> : tensor<1xi8> as tensor<1x!qnn.fixed<1, 0, unsigned>>
    %lstm.5_step3_half_up_part1 = qnn.add %lstm.5_step3_scaled_part1, %lstm.5_step3_half_up_constant_part1 : tensor<3x!qnn.fixed<13, 6, signed>>, tensor<1x!qnn.fixed<1, 0, unsigned>> -> tensor<3x!qnn.fixed<14, 7, signed>>
    %lstm.5_step3_rounded_part1 = qnn.quantize %lstm.5_step3_half_up_part1 {mode = #qnn.round<half_even, saturate>} : tensor<3x!qnn.fixed<14, 7, signed>> -> tensor<3x!qnn.fixed<4, 0, unsigned>>
    %lstm.5_step3_part1 = qnn.quantize %lstm.5_step3_gate2 {mode = #qnn.round<half_even, saturate>} : tensor<3x!qnn.fixed<13, 7, signed>> -> tensor<3x!qnn.fixed<4, 1, signed>>
    %lstm.5_step3_gated_part1 = qnn.mul %lstm.5_step3_rounded_part1, %lstm.5_step3_part1 {product = #qnn.product<multiply>} : tensor<3x!qnn.fixed<4, 0, unsigned>>, tensor<3x!qnn.fixed<4, 1, signed>> -> tensor<3x!qnn.fixed<8, 1, signed>>
    %lstm.5_step3_added = qnn.add %lstm.5_step3_gated_part2, %lstm.5_step3_gated_part1 : tensor<3x!qnn.fixed<8, 2, signed>>, tensor<3x!qnn.fixed<8, 1, signed>> -> tensor<3x!qnn.fixed<10, 3, signed>>
    %lstm.5_step3_scaled = qnn.shift %lstm.5_step3_gate3 {by = -1 : i64} : tensor<3x!qnn.fixed<13, 7, signed>> -> tensor<3x!qnn.fixed<13, 6, signed>>
    %lstm.5_step3_half_up_constant = qnn.constant dense<1> : tensor<1xi8> as tensor<1x!qnn.fixed<1, 0, unsigned>>
    %lstm.5_step3_half_up = qnn.add %lstm.5_step3_scaled, %lstm.5_step3_half_up_constant : tensor<3x!qnn.fixed<13, 6, signed>>, tensor<1x!qnn.fixed<1, 0, unsigned>> -> tensor<3x!qnn.fixed<14, 7, signed>>
    %lstm.5_step3_rounded = qnn.quantize %lstm.5_step3_half_up {mode = #qnn.round<half_even, saturate>} : tensor<3x!qnn.fixed<14, 7, signed>> -> tensor<3x!qnn.fixed<4, 0, unsigned>>
    %lstm.5_step3 = qnn.quantize %lstm.5_step3_added {mode = #qnn.round<half_even, saturate>} : tensor<3x!qnn.fixed<10, 3, signed>> -> tensor<3x!qnn.fixed<4, 1, signed>>
    %lstm.5_step3_gated = qnn.mul %lstm.5_step3_rounded, %lstm.5_step3 {product = #qnn.product<multiply>} : tensor<3x!qnn.fixed<4, 0, unsigned>>, tensor<3x!qnn.fixed<4, 1, signed>> -> tensor<3x!qnn.fixed<8, 1, signed>>
    %lstm.5_out_part3 = qnn.reshape %lstm.5_step0_gated : tensor<3x!qnn.fixed<8, 1, signed>> -> tensor<1x3x!qnn.fixed<8, 1, signed>>
    %lstm.5_out_part2 = qnn.reshape %lstm.5_step1_gated : tensor<3x!qnn.fixed<8, 1, signed>> -> tensor<1x3x!qnn.fixed<8, 1, signed>>
    %lstm.5_out_part1 = qnn.reshape %lstm.5_step2_gated : tensor<3x!qnn.fixed<8, 1, signed>> -> tensor<1x3x!qnn.fixed<8, 1, signed>>
    %lstm.5_out = qnn.reshape %lstm.5_step3_gated : tensor<3x!qnn.fixed<8, 1, signed>> -> tensor<1x3x!qnn.fixed<8, 1, signed>>
    %lstm.5 = qnn.concat %lstm.5_out_part3, %lstm.5_out_part2, %lstm.5_out_part1, %lstm.5_out {axis = 0 : i64} : tensor<1x3x!qnn.fixed<8, 1, signed>>, tensor<1x3x!qnn.fixed<8, 1, signed>>, tensor<1x3x!qnn.fixed<8, 1, signed>>, tensor<1x3x!qnn.fixed<8, 1, signed>> -> tensor<4x3x!qnn.fixed<8, 1, signed>>
    %q.6_rounded = qnn.quantize %lstm.5 {mode = #qnn.round<half_even, saturate>} : tensor<4x3x!qnn.fixed<8, 1, signed>> -> tensor<4x3x!qnn.fixed<4, 3, unsigned>>
    %q.6_high_constant = qnn.constant dense<15> : tensor<1xi8> as tensor<1x!qnn.fixed<4, 2, unsigned>>
    %q.6 = qnn.minimum %q.6_rounded, %q.6_high_constant : tensor<4x3x!qnn.fixed<4, 3, unsigned>>, tensor<1x!qnn.fixed<4, 2, unsigned>> -> tensor<4x3x!qnn.fixed<4, 2, unsigned>>
    %flatten.7 = qnn.reshape %q.6 : tensor<4x3x!qnn.fixed<4, 2, unsigned>> -> tensor<12x!qnn.fixed<4, 2, unsigned>>
    %q.8_rounded = qnn.quantize %flatten.7 {mode = #qnn.round<half_even, saturate>} : tensor<12x!qnn.fixed<4, 2, unsigned>> -> tensor<12x!qnn.fixed<3, 1, unsigned>>
    %q.8_high_constant = qnn.constant dense<7> : tensor<1xi8> as tensor<1x!qnn.fixed<3, 0, unsigned>>
    %q.8 = qnn.minimum %q.8_rounded, %q.8_high_constant : tensor<12x!qnn.fixed<3, 1, unsigned>>, tensor<1x!qnn.fixed<3, 0, unsigned>> -> tensor<12x!qnn.fixed<3, 0, unsigned>>
    %repeat.9_row = qnn.reshape %q.8 : tensor<12x!qnn.fixed<3, 0, unsigned>> -> tensor<1x12x!qnn.fixed<3, 0, unsigned>>
    %repeat.9 = qnn.repeat %repeat.9_row {repeats = array<i64: 3, 1>} : tensor<1x12x!qnn.fixed<3, 0, unsigned>> -> tensor<3x12x!qnn.fixed<3, 0, unsigned>>
    %q.10 = qnn.quantize %repeat.9 {mode = #qnn.nearest_po2} : tensor<3x12x!qnn.fixed<3, 0, unsigned>> -> tensor<3x12x!qnn.po2<-4, 3, unsigned>>
    %out.11 = qnn.quantize %q.10 {mode = #qnn.round<half_even, saturate>} : tensor<3x12x!qnn.po2<-4, 3, unsigned>> -> tensor<3x12x!qnn.fixed<8, 4, signed>>
    func.return %out.11 : tensor<3x12x!qnn.fixed<8, 4, signed>>
  }
}