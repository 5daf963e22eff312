// PASSES: fold-batchnorm
// PASSES: default
// MUST: func.call is no operation of a network
func.func @net(%x: tensor<4x!qnn.fixed<4, 4, signed>>) -> tensor<4x!qnn.fixed<4, 4, signed>> {
  %y = func.call @net(%x) : (tensor<4x!qnn.fixed<4, 4, signed>>) -> tensor<4x!qnn.fixed<4, 4, signed>>
  func.return %y : tensor<4x!qnn.fixed<4, 4, signed>>
}
