// A layer that reads the value of another one twice has ports called by numbers; its values print with the same names
// again.
// PASSES: lower-to-rtl
// MUST: accepted
builtin.module {
  func.func @net(%x0: tensor<11x!qnn.fixed<12, 5, signed>> {qnn.quantizer = #qnn.round<half_even, saturate>}) -> (tensor<11x!qnn.fixed<8, 4, signed>>, tensor<11x!qnn.fixed<8, 4, signed>>) attributes {qnn.parameters = 11 : i64} {
    %quantize.1 = qnn.quantize %x0 {mode = #qnn.sign, qnn.layer = "quantize_1"} : tensor<11x!qnn.fixed<12, 5, signed>> -> tensor<11x!qnn.binary>
    %q.3_table = qnn.constant dense<[[0, 0, 63]]> : tensor<1x3xi8> as tensor<1x3x!qnn.fixed<6, 0, unsigned>> {qnn.layer = "q_3"}
    %q.3 = qnn.lookup %quantize.1, %q.3_table {first = -1 : i64, qnn.layer = "q_3"} : tensor<11x!qnn.binary>, tensor<1x3x!qnn.fixed<6, 0, unsigned>> -> tensor<11x!qnn.fixed<6, 0, unsigned>>
    %add.4 = qnn.add %q.3, %quantize.1 {qnn.layer = "add_4"} : tensor<11x!qnn.fixed<6, 0, unsigned>>, tensor<11x!qnn.binary> -> tensor<11x!qnn.fixed<8, 2, signed>>
    %q.5 = qnn.quantize %add.4 {mode = #qnn.sign, qnn.layer = "q_5"} : tensor<11x!qnn.fixed<8, 2, signed>> -> tensor<11x!qnn.fixed<1, 1, unsigned>>
    %q.7_table = qnn.constant dense<[[0, 15], [0, 15], [0, 15], [0, 15], [0, 15], [0, 15], [0, 15], [0, 15], [0, 15], [0, 15], [0, 15]]> : tensor<11x2xi8> as tensor<11x2x!qnn.fixed<5, 1, signed>> {qnn.layer = "q_7"}
    %q.7 = qnn.lookup %q.5, %q.7_table {first = 0 : i64, qnn.layer = "q_7"} : tensor<11x!qnn.fixed<1, 1, unsigned>>, tensor<11x2x!qnn.fixed<5, 1, signed>> -> tensor<11x!qnn.fixed<5, 1, signed>>
    %average.8_partial = qnn.add %q.7, %q.3 {qnn.layer = "average_8"} : tensor<11x!qnn.fixed<5, 1, signed>>, tensor<11x!qnn.fixed<6, 0, unsigned>> -> tensor<11x!qnn.fixed<7, 1, unsigned>>
    %average.8 = qnn.shift %average.8_partial {by = -1 : i64, qnn.layer = "average_8"} : tensor<11x!qnn.fixed<7, 1, unsigned>> -> tensor<11x!qnn.fixed<7, 0, unsigned>>
    %q.9 = qnn.quantize %average.8 {mode = #qnn.round<half_even, saturate>, qnn.layer = "q_9"} : tensor<11x!qnn.fixed<7, 0, unsigned>> -> tensor<11x!qnn.fixed<4, 1, signed>>
    %out.10 = qnn.quantize %q.9 {mode = #qnn.round<half_even, saturate>, qnn.layer = "out_10"} : tensor<11x!qnn.fixed<4, 1, signed>> -> tensor<11x!qnn.fixed<8, 4, signed>>
    %out.11 = qnn.quantize %quantize.1 {mode = #qnn.round<half_even, saturate>, qnn.layer = "out_11"} : tensor<11x!qnn.binary> -> tensor<11x!qnn.fixed<8, 4, signed>>
    func.return %out.10, %out.11 : tensor<11x!qnn.fixed<8, 4, signed>>, tensor<11x!qnn.fixed<8, 4, signed>>
  }
}
