// RUN: qopt %s --split-input-file --verify-diagnostics | filecheck %s

// CHECK: qnn.add 'y': shapes do not broadcast: tensor<4x!qnn.binary> and tensor<3x!qnn.binary>
func.func @broadcast(%a: tensor<4x!qnn.binary>, %b: tensor<3x!qnn.binary>) -> () {
  %y = qnn.add %a, %b : tensor<4x!qnn.binary>, tensor<3x!qnn.binary> -> tensor<4x!qnn.fixed<3, 3, signed>>
  func.return
}

// -----

!s4 = !qnn.fixed<4, 4, signed>

// CHECK: qnn.mul 'y': product 'shift' is not possible between !qnn.fixed<4, 4, signed> and !qnn.fixed<4, 4, signed>
func.func @mul_shift(%a: tensor<4x!s4>) -> () {
  %y = qnn.mul %a, %a {product = #qnn.product<shift>} : tensor<4x!s4>, tensor<4x!s4>
      -> tensor<4x!qnn.fixed<8, 8, signed>>
  func.return
}

// -----

// CHECK: qnn.batch_norm 'y': parameters must be f32, got tensor<4x!qnn.binary>
func.func @bn_quantized(%x: tensor<4xf32>, %p: tensor<4x!qnn.binary>) -> () {
  %y = qnn.batch_norm %x, %p, %x, %x, %x {epsilon = 1.0 : f64, formula = #qnn.formula<scale_offset>}
      : tensor<4xf32>, tensor<4x!qnn.binary>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32> -> tensor<4xf32>
  func.return
}

// -----

// CHECK: qnn.batch_norm 'y': parameters must have shape 4, got tensor<1xf32>
func.func @bn_channels(%x: tensor<4xf32>, %p: tensor<1xf32>) -> () {
  %y = qnn.batch_norm %x, %x, %x, %x, %p {epsilon = 1.0 : f64, formula = #qnn.formula<scale_offset>}
      : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<1xf32> -> tensor<4xf32>
  func.return
}

// -----

// CHECK: qnn.batch_norm 'y': expected an operand with a channel axis, got tensor<f32>
func.func @bn_scalar(%x: tensor<f32>) -> () {
  %y = qnn.batch_norm %x, %x, %x, %x, %x {epsilon = 1.0 : f64, formula = #qnn.formula<scale_offset>}
      : tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32> -> tensor<f32>
  func.return
}

// -----

// CHECK: qnn.divide 'y': parameters must be f32, got tensor<!qnn.binary>
func.func @divisor(%x: tensor<4xf32>, %d: tensor<!qnn.binary>) -> () {
  %y = qnn.divide %x, %d : tensor<4xf32>, tensor<!qnn.binary> -> tensor<4xf32>
  func.return
}

// -----

!s4 = !qnn.fixed<4, 4, signed>

// CHECK: qnn.mul 'y': product 'adder_graph' is not possible between !qnn.fixed<4, 4, signed> and !qnn.fixed<4, 4,
// CHECK-SAME: signed>
func.func @graph_of_scale(%x: tensor<2x!s4>) -> () {
  %y = qnn.mul %x, %x {product = #qnn.product<adder_graph>} : tensor<2x!s4>, tensor<2x!s4>
      -> tensor<2x!qnn.fixed<8, 8, signed>>
  func.return
}
