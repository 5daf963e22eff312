// RUN: qopt %s -p 'quantize-results{types="fixed<4,3>","exact"}' --verify-each --split-input-file | filecheck %s
// RUN: qopt %s -p 'quantize-results{types="fixed<9,5>"}' --verify-each | filecheck %s --check-prefix=ALL

// The first output is rounded, half to even and saturated; the second stays.
func.func @two(%x: tensor<2x!qnn.fixed<8, 4, signed>>)
    -> (tensor<2x!qnn.fixed<8, 4, signed>>, tensor<2xf32>) {
  %y = qnn.function %x {function = #qnn.function<tanh>, qnn.layer = "y"}
    : tensor<2x!qnn.fixed<8, 4, signed>> -> tensor<2xf32>
  func.return %x, %y : tensor<2x!qnn.fixed<8, 4, signed>>, tensor<2xf32>
}

// CHECK-LABEL: @two
// CHECK-SAME:    -> (tensor<2x!qnn.fixed<4, 3, signed>>, tensor<2xf32>)
// CHECK:         %x_output = qnn.quantize %x {mode = #qnn.round<half_even, saturate>}
// CHECK-SAME:      -> tensor<2x!qnn.fixed<4, 3, signed>>
// CHECK-NEXT:    func.return %x_output, %y

// One type for both: the first lies within it and stays.
// ALL:           %y_output = qnn.quantize %y {mode = #qnn.round<half_even, saturate>, qnn.layer = "y"}
// ALL-NEXT:      func.return %x, %y_output
