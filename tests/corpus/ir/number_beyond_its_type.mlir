// xDSL's parser raises ValueError.
// PASSES: canonicalize
// MUST: Integer value 300 is out of range for type i8
func.func @net() {
  %c = qnn.constant dense<300> : tensor<1xi8> as tensor<1x!qnn.fixed<8, 8, signed>>
  func.return
}
