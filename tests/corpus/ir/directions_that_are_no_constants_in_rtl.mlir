// Whether channels fall may be an argument: RTL took all of them as rising.
// PASSES: quantize-interface,lower-to-rtl
// MUST: qnn.threshold of two variables has no RTL form

!s4 = !qnn.fixed<4, 4, signed>
func.func @net(%x: tensor<2x!s4>, %falls: tensor<1x!qnn.binary>) -> tensor<2x!qnn.binary> {
  %levels = qnn.constant dense<1> : tensor<1x1xi8> as tensor<1x1x!s4>
  %y = qnn.threshold %x, %levels, %falls {first = 0 : i64}
      : tensor<2x!s4>, tensor<1x1x!s4>, tensor<1x!qnn.binary> -> tensor<2x!qnn.binary>
  func.return %y : tensor<2x!qnn.binary>
}
