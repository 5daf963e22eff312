// RUN: qopt %s --split-input-file --verify-diagnostics | filecheck %s

// CHECK: qnn.quantize 'y': mode #qnn.sign gives qnn.binary elements, the result has !qnn.ternary
func.func @mode(%x: tensor<4xf32>) -> () {
  %y = qnn.quantize %x {mode = #qnn.sign} : tensor<4xf32> -> tensor<4x!qnn.ternary>
  func.return
}

// -----

// CHECK: qnn.quantize 'y': result has shape scalar, but the operands give 4
func.func @quantize_shape(%x: tensor<4xf32>) -> () {
  %y = qnn.quantize %x {mode = #qnn.sign} : tensor<4xf32> -> tensor<!qnn.binary>
  func.return
}

// -----

// CHECK: qnn.quantize 'y': formats of shape [3] do not broadcast to [4]
func.func @formats(%x: tensor<4xf32>) -> () {
  %y = qnn.quantize %x {mode = #qnn.round_each<floor, wrap, steps = dense<0> : tensor<3xi16>,
      widths = dense<2> : tensor<3xi16>, signs = dense<1> : tensor<3xi16>>} : tensor<4xf32>
      -> tensor<4x!qnn.fixed<2, 2, signed>>
  func.return
}

// -----

// CHECK: qnn.quantize 'y': the result has !qnn.fixed<2, 2, signed> elements, the formats need !qnn.fixed<3, 3, signed>
func.func @hull(%x: tensor<2xf32>) -> () {
  %y = qnn.quantize %x {mode = #qnn.round_each<floor, wrap, steps = dense<0> : tensor<2xi16>,
      widths = dense<[2, 3]> : tensor<2xi16>, signs = dense<1> : tensor<2xi16>>} : tensor<2xf32>
      -> tensor<2x!qnn.fixed<2, 2, signed>>
  func.return
}

// -----

// CHECK: qnn.quantize 'y': property 'mode' expected in operation 'qnn.quantize'
func.func @no_mode(%x: tensor<4xf32>) -> () {
  %y = qnn.quantize %x : tensor<4xf32> -> tensor<4x!qnn.binary>
  func.return
}

// -----

// CHECK: widths and periods are 0 or more, signs are 0 or 1
func.func @periods(%x: tensor<1x!qnn.fixed<2, 2, signed>> {qnn.quantizer = #qnn.sticky<steps = dense<0> : tensor<1xi16>,
    widths = dense<2> : tensor<1xi16>, signs = dense<1> : tensor<1xi16>, periods = dense<-1> : tensor<1xi16>>}) -> () {
  func.return
}

// -----

// CHECK: steps, widths, signs, periods are i16 of one shape, got tensor<1xi16>, tensor<2xi16>
func.func @shapes(%x: tensor<2x!qnn.fixed<2, 2, signed>> {qnn.quantizer = #qnn.sticky<steps = dense<0> : tensor<1xi16>,
    widths = dense<2> : tensor<1xi16>, signs = dense<1> : tensor<1xi16>, periods = dense<0> : tensor<2xi16>>}) -> () {
  func.return
}

// -----

// CHECK: qnn.quantize 'y': tiny = -9 is no exponent of !qnn.po2<-8, 7, unsigned>
func.func @tiny(%x: tensor<2xf32>) -> () {
  %y = qnn.quantize %x {mode = #qnn.nearest_po2<tiny = -9>} : tensor<2xf32> -> tensor<2x!qnn.po2<-8, 7, unsigned>>
  func.return
}
