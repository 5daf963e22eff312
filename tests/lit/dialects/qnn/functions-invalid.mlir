// RUN: qopt %s --split-input-file --verify-diagnostics | filecheck %s

// CHECK: qnn.maximum 'y': result has step 2^0, but the operands give step 2^-1
func.func @step(%a: tensor<2x!qnn.fixed<4, 4, signed>>, %b: tensor<2x!qnn.fixed<4, 3, signed>>) -> () {
  %y = qnn.maximum %a, %b : tensor<2x!qnn.fixed<4, 4, signed>>, tensor<2x!qnn.fixed<4, 3, signed>> -> tensor<2x!qnn.fixed<6, 6, signed>>
  func.return
}

// -----

// CHECK: qnn.function 'y': result must have f32 elements, got tensor<2x!qnn.fixed<4, 4, signed>>
func.func @quantized_function(%x: tensor<2x!qnn.fixed<4, 4, signed>>) -> () {
  %y = qnn.function %x {function = #qnn.function<tanh>} : tensor<2x!qnn.fixed<4, 4, signed>> -> tensor<2x!qnn.fixed<4, 4, signed>>
  func.return
}

// -----

// CHECK: qnn.lookup 'y': table must be [2 or 1, codes] with at most 65536 codes, got tensor<3x4x!qnn.fixed<2, 2, unsigned>>
func.func @rows(%x: tensor<2x!qnn.fixed<2, 2, signed>>, %t: tensor<3x4x!qnn.fixed<2, 2, unsigned>>) -> () {
  %y = qnn.lookup %x, %t {first = -2 : i64} : tensor<2x!qnn.fixed<2, 2, signed>>, tensor<3x4x!qnn.fixed<2, 2, unsigned>> -> tensor<2x!qnn.fixed<2, 2, unsigned>>
  func.return
}

// -----

// CHECK: qnn.lookup 'y': powers of two are too far apart for a table over all codes; use qnn.threshold
func.func @powers(%x: tensor<2x!qnn.po2<-2, 2, signed>>, %t: tensor<1x4x!qnn.fixed<2, 2, unsigned>>) -> () {
  %y = qnn.lookup %x, %t {first = -2 : i64} : tensor<2x!qnn.po2<-2, 2, signed>>, tensor<1x4x!qnn.fixed<2, 2, unsigned>> -> tensor<2x!qnn.fixed<2, 2, unsigned>>
  func.return
}
