// As many at once as the text says, or the next fewer that there can be: IR that passes or users have written.
// PASSES: lower-to-loops
// PASSES: schedule-defaults,lower-to-loops{architecture=stream}
// MUST: accepted
func.func @net(%x: tensor<4x!qnn.fixed<4, 4, signed>>) -> tensor<2x!qnn.fixed<8, 8, signed>> {
  %k = qnn.constant dense<[[1, 1], [1, -1], [-2, 1], [0, 1]]> : tensor<4x2xi8> as tensor<4x2x!qnn.fixed<2, 2, signed>>
  %a = qnn.dense %x, %k {hls.pe = 7 : i64, hls.simd = 3 : i64} : tensor<4x!qnn.fixed<4, 4, signed>>, tensor<4x2x!qnn.fixed<2, 2, signed>> -> tensor<2x!qnn.fixed<8, 8, signed>>
  func.return %a : tensor<2x!qnn.fixed<8, 8, signed>>
}
