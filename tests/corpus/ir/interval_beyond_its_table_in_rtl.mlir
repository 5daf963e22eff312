// Intervals of words are known less well than values: a table lacks codes that do not occur, which ended in IndexError.
// PASSES: lower-head{head=softmax},quantize-interface,lower-to-rtl
// MUST: accepted

!s6_4 = !qnn.fixed<6, 4, signed>
func.func @net(%logits: tensor<5x!s6_4>) -> tensor<5x!s6_4> attributes {qnn.head = ["softmax"]} {
  func.return %logits : tensor<5x!s6_4>
}
