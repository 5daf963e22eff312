// RUN: qopt %s -p "fold-batchnorm{kernel-bits=4}" --split-input-file | filecheck %s
// RUN: qopt %s -p fold-batchnorm --verify-each --split-input-file | filecheck %s --check-prefix=EXACT

// On request only: (x * 3/4 + 1/2) * 5/8 + 1/4 is x * 15/32 + 9/16, in 4 bits x * 1/2 + 1/2.

// CHECK:       attributes {qnn.remarks = ["'y': folded into a kernel of 4 bits, at most 0.31 from the unrounded result"]}
// CHECK-NEXT:    %y_kernel = qnn.constant
// CHECK-NEXT:    %y_bias = qnn.constant
// CHECK-NEXT:    %y_rounded_sum = qnn.dense %x, %y_kernel
// CHECK-NEXT:    %y_rounded = qnn.add %y_rounded_sum, %y_bias
// CHECK-NEXT:    %relu = qnn.relu %y_rounded
// EXACT:         %y = qnn.add %scaled, %offset
func.func @rounded(%x: tensor<1x!qnn.fixed<4, 4, signed>>) -> tensor<1x!qnn.fixed<13, 8, unsigned>> {
  %kernel = qnn.constant dense<[[3]]> : tensor<1x1xi8> as tensor<1x1x!qnn.fixed<3, 1, signed>>
  %bias = qnn.constant dense<1> : tensor<1xi8> as tensor<1x!qnn.fixed<2, 1, signed>>
  %factor = qnn.constant dense<5> : tensor<1xi8> as tensor<1x!qnn.fixed<4, 1, signed>>
  %offset = qnn.constant dense<1> : tensor<1xi8> as tensor<1x!qnn.fixed<2, 0, signed>>
  %sum = qnn.dense %x, %kernel {product = #qnn.product<multiply>} : tensor<1x!qnn.fixed<4, 4, signed>>, tensor<1x1x!qnn.fixed<3, 1, signed>> -> tensor<1x!qnn.fixed<7, 5, signed>>
  %biased = qnn.add %sum, %bias : tensor<1x!qnn.fixed<7, 5, signed>>, tensor<1x!qnn.fixed<2, 1, signed>> -> tensor<1x!qnn.fixed<8, 6, signed>>
  %scaled = qnn.mul %biased, %factor {product = #qnn.product<multiply>} : tensor<1x!qnn.fixed<8, 6, signed>>, tensor<1x!qnn.fixed<4, 1, signed>> -> tensor<1x!qnn.fixed<12, 7, signed>>
  %y = qnn.add %scaled, %offset : tensor<1x!qnn.fixed<12, 7, signed>>, tensor<1x!qnn.fixed<2, 0, signed>> -> tensor<1x!qnn.fixed<13, 8, signed>>
  %relu = qnn.relu %y : tensor<1x!qnn.fixed<13, 8, signed>> -> tensor<1x!qnn.fixed<13, 8, unsigned>>
  func.return %relu : tensor<1x!qnn.fixed<13, 8, unsigned>>
}
