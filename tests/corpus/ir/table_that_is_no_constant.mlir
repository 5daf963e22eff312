// A table may be an argument: nothing is known of what it holds.
// PASSES: canonicalize
// MUST: accepted
func.func @net(%x: tensor<2x!qnn.fixed<1, 1, unsigned>>, %table: tensor<1x2x!qnn.fixed<4, 4, signed>>) -> tensor<2x!qnn.fixed<4, 4, signed>> {
  %y = qnn.lookup %x, %table {first = 0 : i64} : tensor<2x!qnn.fixed<1, 1, unsigned>>, tensor<1x2x!qnn.fixed<4, 4, signed>> -> tensor<2x!qnn.fixed<4, 4, signed>>
  func.return %y : tensor<2x!qnn.fixed<4, 4, signed>>
}
