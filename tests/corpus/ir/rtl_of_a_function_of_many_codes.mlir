// The same where RTL is asked for: what said "lower first" had been lowered.
// PASSES: default,lower-to-rtl
// MUST: put a quantizer of at most 22 bits before it
func.func @net(%x: tensor<2x!qnn.fixed<40, 8, signed>>) -> tensor<2x!qnn.fixed<6, 2, signed>> {
  %gelu = qnn.function %x {function = #qnn.function<gelu>} : tensor<2x!qnn.fixed<40, 8, signed>> -> tensor<2xf32>
  %y = qnn.quantize %gelu {mode = #qnn.round<half_even, saturate>} : tensor<2xf32> -> tensor<2x!qnn.fixed<6, 2, signed>>
  func.return %y : tensor<2x!qnn.fixed<6, 2, signed>>
}
