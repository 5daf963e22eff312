// The samples of a network without values were counted by their bytes: ZeroDivisionError.
// PASSES: canonicalize,dce
// MUST: accepted
func.func @constant() {
  %k = qnn.constant dense<[-128, 127]> : tensor<2xi8> as tensor<2x!qnn.fixed<8, 3, signed>>
  func.return
}
