// The printer writes whole numbers of seven and more digits, and no finite ones, as the bits of a float: they were read
// as numbers.
// PASSES: canonicalize
// MUST: accepted
func.func @net(%x: tensor<2xf32>) -> tensor<2xf32> {
  %whole = qnn.constant dense<[1234567.0, -33554431.0]> : tensor<2xf32> as tensor<2xf32>
  %y = qnn.add %x, %whole : tensor<2xf32>, tensor<2xf32> -> tensor<2xf32>
  func.return %y : tensor<2xf32>
}
