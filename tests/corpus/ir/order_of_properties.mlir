// A form that a pass sets stood last in the text, and first when it was read back.
// PASSES: choose-forms{form=search}
// MUST: accepted
func.func @net(%x: tensor<2x!qnn.fixed<6, 6, signed>>) -> tensor<2x!qnn.ternary> {
  %levels = qnn.constant dense<[[-3, 4], [4, -3]]> : tensor<2x2xi8> as tensor<2x2x!qnn.fixed<4, 4, signed>>
  %rising = qnn.constant dense<1> : tensor<1xi8> as tensor<2x!qnn.binary>
  %y = qnn.threshold %x, %levels, %rising {first = 0 : i64} : tensor<2x!qnn.fixed<6, 6, signed>>, tensor<2x2x!qnn.fixed<4, 4, signed>>, tensor<2x!qnn.binary> -> tensor<2x!qnn.ternary>
  func.return %y : tensor<2x!qnn.ternary>
}
