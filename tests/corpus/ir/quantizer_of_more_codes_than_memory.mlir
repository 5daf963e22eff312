// The codes of a quantizer after a float32 function were listed: 2**28 and more of them, as Python integers.
// PASSES: fold-batchnorm
// PASSES: default
// MUST: use at most 21 bits
func.func @net(%x: tensor<2x!qnn.fixed<40, 8, signed>>) -> tensor<2x!qnn.fixed<28, 8, signed>> {
  %by = qnn.constant dense<[49.0, 3.0]> : tensor<2xf32> as tensor<2xf32>
  %mean = qnn.divide %x, %by : tensor<2x!qnn.fixed<40, 8, signed>>, tensor<2xf32> -> tensor<2xf32>
  %fine = qnn.quantize %mean {mode = #qnn.round<half_even, saturate>} : tensor<2xf32> -> tensor<2x!qnn.fixed<28, 8, signed>>
  func.return %fine : tensor<2x!qnn.fixed<28, 8, signed>>
}
