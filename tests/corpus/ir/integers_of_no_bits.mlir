// An array of integers without bits ended in a ZeroDivisionError of xDSL.
// PASSES: canonicalize
// MUST: malformed

func.func @net(%x: tensor<2x!qnn.fixed<4, 4, signed>>) -> tensor<4x!qnn.fixed<4, 4, signed>> {
  %y = qnn.pad %x {low = array<i64: 1>, high = array<i0: 0>} : tensor<2x!qnn.fixed<4, 4, signed>>
  func.return %y : tensor<4x!qnn.fixed<4, 4, signed>>
}
