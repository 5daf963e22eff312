// RUN: qopt %s -p interpolate-functions --split-input-file --elide | filecheck %s
// RUN: qopt %s -p interpolate-functions -t remarks --split-input-file | filecheck %s --check-prefix REMARK

// The upper bits of x are the index, the lower ones say how far it is to the next entry; what follows is exact.
func.func @tanh(%x: tensor<2x!qnn.fixed<16, 6, signed>>) -> tensor<2xf32> {
  %f = qnn.function %x {function = #qnn.function<tanh>} : tensor<2x!qnn.fixed<16, 6, signed>> -> tensor<2xf32>
  %y = qnn.relu %f : tensor<2xf32> -> tensor<2xf32>
  func.return %y : tensor<2xf32>
}

// REMARK: 'f': tanh from a table, at most {{.*}} from the real function
// CHECK-LABEL: @tanh
// CHECK:         %f_clipped = qnn.quantize %x {mode = #qnn.round<floor, saturate>}
// CHECK-SAME:      : tensor<2x!qnn.fixed<16, 6, signed>> -> tensor<2x!qnn.fixed<15, 5, signed>>
// CHECK-NEXT:    %f_index = qnn.quantize %f_clipped {mode = #qnn.round<floor, saturate>}
// CHECK-SAME:      : tensor<2x!qnn.fixed<15, 5, signed>> -> tensor<2x!qnn.fixed<13, 5, signed>>
// CHECK:         %f_entry = qnn.lookup %f_index, %f_entry_table {first = -4096 : i64}
// CHECK:         %f_rest = qnn.quantize %f_difference {{.*}} -> tensor<2x!qnn.fixed<2, -8, unsigned>>
// CHECK:         %f_rise = qnn.lookup %f_index, %f_rise_table {first = -4096 : i64}
// CHECK:         %f_interpolated = qnn.quantize %f_between
// CHECK-NEXT:    %y = qnn.relu %f_interpolated : tensor<2x!qnn.fixed

// -----

// A quantizer follows: thresholds are exact.
func.func @quantized(%x: tensor<2x!qnn.fixed<16, 6, signed>>) -> tensor<2x!qnn.fixed<4, 1, signed>> {
  %f = qnn.function %x {function = #qnn.function<tanh>} : tensor<2x!qnn.fixed<16, 6, signed>> -> tensor<2xf32>
  %y = qnn.quantize %f {mode = #qnn.round<half_even, saturate>} : tensor<2xf32> -> tensor<2x!qnn.fixed<4, 1, signed>>
  func.return %y : tensor<2x!qnn.fixed<4, 1, signed>>
}

// CHECK-LABEL: @quantized
// CHECK-NEXT:    %f = qnn.function %x
