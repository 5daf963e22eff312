// Numbers of f80 and f128 were read, and ended in a NotImplementedError of xDSL where they were printed.
// PASSES: canonicalize
// MUST: numbers of f80 are not supported; use f32 or f64

func.func @net(%x: tensor<2x!qnn.fixed<4, 4, signed>>) -> tensor<2x!qnn.fixed<4, 4, signed>> attributes {x = 1.5 : f80} {
  func.return %x : tensor<2x!qnn.fixed<4, 4, signed>>
}
