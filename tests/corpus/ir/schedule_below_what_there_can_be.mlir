// Additions that are written out give all outputs at once: less, chosen before that, is refused.
// PASSES: schedule{layer=a simd=2},constant-multiplication{strategy=tree},lower-to-loops
// MUST: refused: pass 'lower-to-loops': layer 'a': SIMD 2 is below the 4 products that are least
func.func @net(%x: tensor<4x!qnn.fixed<4, 4, signed>>) -> tensor<2x!qnn.fixed<8, 8, signed>> {
  %k = qnn.constant dense<[[1, 1], [1, -1], [-2, 1], [0, 1]]> : tensor<4x2xi8> as tensor<4x2x!qnn.fixed<2, 2, signed>>
  %a = qnn.dense %x, %k : tensor<4x!qnn.fixed<4, 4, signed>>, tensor<4x2x!qnn.fixed<2, 2, signed>> -> tensor<2x!qnn.fixed<8, 8, signed>>
  func.return %a : tensor<2x!qnn.fixed<8, 8, signed>>
}
