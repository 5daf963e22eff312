// The text read beyond the table.
// PASSES: lower-to-loops
// MUST: and its table has those from 0 to 1
func.func @net(%x: tensor<2x!qnn.fixed<6, 6, signed>>) -> tensor<2x!qnn.fixed<4, 4, signed>> {
  %table = qnn.constant dense<[[3, 4]]> : tensor<1x2xi8> as tensor<1x2x!qnn.fixed<4, 4, signed>>
  %y = qnn.lookup %x, %table {first = 0 : i64} : tensor<2x!qnn.fixed<6, 6, signed>>, tensor<1x2x!qnn.fixed<4, 4, signed>> -> tensor<2x!qnn.fixed<4, 4, signed>>
  func.return %y : tensor<2x!qnn.fixed<4, 4, signed>>
}
