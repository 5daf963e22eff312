// No end of a sample could be told: ValueError.
// PASSES: lower-to-rtl{architecture=stream}
// MUST: the network returns nothing, and has no streaming RTL
func.func @nothing(%x: tensor<2x4x!qnn.fixed<4, 4, signed>>) {
  func.return
}
