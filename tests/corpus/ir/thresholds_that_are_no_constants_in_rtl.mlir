// Thresholds may be arguments, which have no RTL form.
// PASSES: quantize-interface,lower-to-rtl
// MUST: qnn.threshold of two variables has no RTL form

!s4 = !qnn.fixed<4, 4, signed>
func.func @net(%x: tensor<2x!s4>, %levels: tensor<1x1x!s4>) -> tensor<2x!qnn.binary> {
  %y = qnn.threshold %x, %levels {first = 0 : i64} : tensor<2x!s4>, tensor<1x1x!s4> -> tensor<2x!qnn.binary>
  func.return %y : tensor<2x!qnn.binary>
}
