// RUN: qopt %s -p "fold-into-kernels{bits=4},fold-batchnorm" --split-input-file | filecheck %s
// RUN: qopt %s -p fold-batchnorm --verify-each --split-input-file | filecheck %s --check-prefix=EXACT

!s4 = !qnn.fixed<4, 4, signed>
!u13_8 = !qnn.fixed<13, 8, unsigned>
!s3_1 = !qnn.fixed<3, 1, signed>
!s2_1 = !qnn.fixed<2, 1, signed>
!s4_1 = !qnn.fixed<4, 1, signed>
!s2_0 = !qnn.fixed<2, 0, signed>
!s7_5 = !qnn.fixed<7, 5, signed>
!s8_6 = !qnn.fixed<8, 6, signed>
!s12_7 = !qnn.fixed<12, 7, signed>
!s13_8 = !qnn.fixed<13, 8, signed>

// On request only: (x * 3/4 + 1/2) * 5/8 + 1/4 is x * 15/32 + 9/16, in 4 bits x * 1/2 + 1/2.

// CHECK:       attributes {qnn.remarks =
// CHECK-SAME:    ["'y': folded into a kernel of 4 bits, at most 0.31 from the unrounded result"]}
// CHECK-NEXT:    %y_kernel = qnn.constant
// CHECK-NEXT:    %y_bias = qnn.constant
// CHECK-NEXT:    %y_rounded_sum = qnn.dense %x, %y_kernel
// CHECK-NEXT:    %y_rounded = qnn.add %y_rounded_sum, %y_bias
// CHECK-NEXT:    %relu = qnn.relu %y_rounded
// EXACT:         %y = qnn.add %scaled, %offset
func.func @rounded(%x: tensor<1x!s4>) -> tensor<1x!u13_8> {
  %kernel = qnn.constant dense<[[3]]> : tensor<1x1xi8> as tensor<1x1x!s3_1>
  %bias = qnn.constant dense<1> : tensor<1xi8> as tensor<1x!s2_1>
  %factor = qnn.constant dense<5> : tensor<1xi8> as tensor<1x!s4_1>
  %offset = qnn.constant dense<1> : tensor<1xi8> as tensor<1x!s2_0>
  %sum = qnn.dense %x, %kernel : tensor<1x!s4>, tensor<1x1x!s3_1> -> tensor<1x!s7_5>
  %biased = qnn.add %sum, %bias : tensor<1x!s7_5>, tensor<1x!s2_1> -> tensor<1x!s8_6>
  %scaled = qnn.mul %biased, %factor : tensor<1x!s8_6>, tensor<1x!s4_1>
      -> tensor<1x!s12_7>
  %y = qnn.add %scaled, %offset : tensor<1x!s12_7>, tensor<1x!s2_0> -> tensor<1x!s13_8>
  %relu = qnn.relu %y : tensor<1x!s13_8> -> tensor<1x!u13_8>
  func.return %relu : tensor<1x!u13_8>
}
