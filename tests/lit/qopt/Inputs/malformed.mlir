func.func @net(%x: tensor<4x!qnn.binary>) -> tensor<4x!qnn.binary> {
  %y = qnn.quantize %x {mode = #qnn.round<half_odd, saturate>} : tensor<4x!qnn.binary> -> tensor<4x!qnn.binary>
  func.return %y : tensor<4x!qnn.binary>
}
