// RUN: qopt %s -p 'quantize-layers{weights="fixed<4,2>" activations="fixed<6,4>"}' --verify-each --split-input-file \
// RUN:   | filecheck %s
// RUN: qopt %s -p 'quantize-layers{weights="fixed<4,2>" activations="fixed<6,4>"}' -t remarks --split-input-file \
// RUN:   | filecheck %s --check-prefix=REMARK
// RUN: qopt %s -p 'quantize-layers{layers="fc" activations="fixed<6,4>"}' --verify-each --split-input-file \
// RUN:   | filecheck %s --check-prefix=ONE

// 37 / 64 rounds to 2 / 4, -70 / 64 to -4 / 4: half to even. The sum gets the step of the rounded weights.
func.func @dense(%x: tensor<2x!qnn.fixed<8, 4, signed>>) -> tensor<1x!qnn.fixed<17, 7, signed>> {
  %fc_kernel = qnn.constant dense<[[37], [-70]]> : tensor<2x1xi8>
    as tensor<2x1x!qnn.fixed<8, 2, signed>> {qnn.weights = "kernel", qnn.layer = "fc"}
  %fc = qnn.dense %x, %fc_kernel {qnn.layer = "fc"}
    : tensor<2x!qnn.fixed<8, 4, signed>>, tensor<2x1x!qnn.fixed<8, 2, signed>> -> tensor<1x!qnn.fixed<17, 7, signed>>
  func.return %fc : tensor<1x!qnn.fixed<17, 7, signed>>
}

// REMARK: layer 'fc': kernel rounded to fixed<4,2>: 2 of 2 move by at most 0.094, 0 saturate
// CHECK-LABEL: @dense
// CHECK-SAME:    -> tensor<1x!qnn.fixed<6, 4, signed>>
// CHECK-NEXT:    %fc_kernel_rounded = qnn.constant dense<{{\[\[}}2], [-4]]> : tensor<2x1xi8>
// CHECK-SAME:      as tensor<2x1x!qnn.fixed<4, 2, signed>> {qnn.weights = "kernel", qnn.layer = "fc"}
// CHECK-NEXT:    %fc_rounded = qnn.dense %x, %fc_kernel_rounded {qnn.layer = "fc"}
// CHECK-SAME:      -> tensor<1x!qnn.fixed<13, 7, signed>>
// CHECK-NEXT:    %fc_rounded_quantized = qnn.quantize %fc_rounded {mode = #qnn.round<half_even, saturate>,
// CHECK-SAME:      qnn.layer = "fc"} : tensor<1x!qnn.fixed<13, 7, signed>> -> tensor<1x!qnn.fixed<6, 4, signed>>
// CHECK-NEXT:    func.return %fc_rounded_quantized

// ONE-LABEL: @dense
// ONE:         %fc = qnn.dense %x, %fc_kernel
// ONE-NEXT:    %fc_quantized = qnn.quantize %fc

// -----

// The float result of a function becomes fixed-point, and what follows exact; a move has the type before it.
func.func @function(%x: tensor<2x!qnn.fixed<8, 4, signed>>) -> tensor<2x1xf32> {
  %fc = qnn.function %x {function = #qnn.function<tanh>, qnn.layer = "fc"}
    : tensor<2x!qnn.fixed<8, 4, signed>> -> tensor<2xf32>
  %flat = qnn.reshape %fc {qnn.layer = "flat"} : tensor<2xf32> -> tensor<2x1xf32>
  func.return %flat : tensor<2x1xf32>
}

// CHECK-LABEL: @function
// CHECK-NEXT:    %fc = qnn.function %x
// CHECK-NEXT:    %fc_quantized = qnn.quantize %fc {{.*}} : tensor<2xf32> -> tensor<2x!qnn.fixed<6, 4, signed>>
// CHECK-NEXT:    %flat = qnn.reshape %fc_quantized
// CHECK-NEXT:    func.return %flat

// -----

// Values of a quantizer stay, and so do binary weights.
func.func @quantized(%x: tensor<2xf32>) -> tensor<1x!qnn.fixed<9, 5, signed>> {
  %q = qnn.quantize %x {mode = #qnn.round<half_even, saturate>}
    : tensor<2xf32> -> tensor<2x!qnn.fixed<8, 4, signed>>
  %fc_kernel = qnn.constant dense<1> : tensor<2x1xi8>
    as tensor<2x1x!qnn.binary> {qnn.weights = "kernel", qnn.layer = "fc"}
  %fc = qnn.dense %q, %fc_kernel {qnn.layer = "fc"}
    : tensor<2x!qnn.fixed<8, 4, signed>>, tensor<2x1x!qnn.binary> -> tensor<1x!qnn.fixed<9, 5, signed>>
  func.return %fc : tensor<1x!qnn.fixed<9, 5, signed>>
}

// CHECK-LABEL: @quantized
// CHECK:         %q = qnn.quantize %x {{.*}} -> tensor<2x!qnn.fixed<8, 4, signed>>
// CHECK:         %fc = qnn.dense %q, %fc_kernel
// CHECK-NEXT:    %fc_quantized = qnn.quantize %fc

// -----

// Only a quantizer reads the sum: nothing is left to round, and a remark says so.
func.func @before_a_quantizer(%x: tensor<2x!qnn.fixed<8, 4, signed>>) -> tensor<1x!qnn.fixed<3, 3, signed>> {
  %fc_kernel = qnn.constant dense<[[2], [-4]]> : tensor<2x1xi8>
    as tensor<2x1x!qnn.fixed<8, 6, signed>> {qnn.weights = "kernel", qnn.layer = "fc"}
  %fc = qnn.dense %x, %fc_kernel {qnn.layer = "fc"}
    : tensor<2x!qnn.fixed<8, 4, signed>>, tensor<2x1x!qnn.fixed<8, 6, signed>> -> tensor<1x!qnn.fixed<17, 11, signed>>
  %act = qnn.quantize %fc {mode = #qnn.round<half_even, saturate>, qnn.layer = "act"}
    : tensor<1x!qnn.fixed<17, 11, signed>> -> tensor<1x!qnn.fixed<3, 3, signed>>
  func.return %act : tensor<1x!qnn.fixed<3, 3, signed>>
}

// REMARK: quantize-layers rounds nothing: weights and results lie within the types
// CHECK-LABEL: @before_a_quantizer
// CHECK:         %fc = qnn.dense %x, %fc_kernel
// CHECK-NEXT:    %act = qnn.quantize %fc
