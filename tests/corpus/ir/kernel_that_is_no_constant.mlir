// A kernel may be an argument: all of its channels are kept.
// PASSES: remove-channels
// MUST: accepted
!s4 = !qnn.fixed<4, 4, signed>
!s11 = !qnn.fixed<9, 9, signed>
func.func @net(%x: tensor<2x!s4>, %kernel: tensor<2x3x!s4>) -> tensor<1x!s11> {
  %y = qnn.dense %x, %kernel : tensor<2x!s4>, tensor<2x3x!s4> -> tensor<3x!s11>
  %z = qnn.slice %y {offsets = array<i64: 0>, sizes = array<i64: 1>} : tensor<3x!s11> -> tensor<1x!s11>
  func.return %z : tensor<1x!s11>
}
