// The range of a square is known less well than its values: a table lacks the negative codes of it, which do not occur.
// PASSES: canonicalize,size-accumulators
// MUST: accepted
func.func @net(%x: tensor<1x!qnn.fixed<2, 2, signed>>) -> tensor<1x!qnn.fixed<3, 3, unsigned>> {
  %square = qnn.mul %x, %x : tensor<1x!qnn.fixed<2, 2, signed>>, tensor<1x!qnn.fixed<2, 2, signed>> -> tensor<1x!qnn.fixed<4, 4, signed>>
  %table = qnn.constant dense<[[3, 1, 4, 1, 5, 2, 6, 5]]> : tensor<1x8xi8> as tensor<1x8x!qnn.fixed<3, 3, unsigned>>
  %y = qnn.lookup %square, %table {first = 0 : i64} : tensor<1x!qnn.fixed<4, 4, signed>>, tensor<1x8x!qnn.fixed<3, 3, unsigned>> -> tensor<1x!qnn.fixed<3, 3, unsigned>>
  func.return %y : tensor<1x!qnn.fixed<3, 3, unsigned>>
}
