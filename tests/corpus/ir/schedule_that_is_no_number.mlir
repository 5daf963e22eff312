// A number of outputs at once that is none.
// PASSES: lower-to-loops
// MUST: refused: pass 'lower-to-loops': layer 'a': hls.pe is a positive integer, not 0 : i64
func.func @net(%x: tensor<4x!qnn.fixed<4, 4, signed>>) -> tensor<2x!qnn.fixed<8, 8, signed>> {
  %k = qnn.constant dense<[[1, 1], [1, -1], [-2, 1], [0, 1]]> : tensor<4x2xi8> as tensor<4x2x!qnn.fixed<2, 2, signed>>
  %a = qnn.dense %x, %k {hls.pe = 0 : i64} : tensor<4x!qnn.fixed<4, 4, signed>>, tensor<4x2x!qnn.fixed<2, 2, signed>> -> tensor<2x!qnn.fixed<8, 8, signed>>
  func.return %a : tensor<2x!qnn.fixed<8, 8, signed>>
}
