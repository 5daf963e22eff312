// RUN: qopt %s -p 'share-popcounts{group=2}' --verify-each | filecheck %s

// Of the columns (+1, +1), (+1, -1), (-1, -1), (+1, +1) the first, third and fourth are one class, the second another.
!x = tensor<!qnn.bits<4>>
func.func @network(%x: tensor<4x!qnn.binary>) -> tensor<2x!qnn.fixed<3, 3, unsigned>>
    attributes {hls.interval = 1 : i64} {
  %w = qnn.constant dense<[[11], [9]]> : tensor<2x1xi64> as tensor<2x!qnn.bits<4>>
  %bits = qnn.pack %x : tensor<4x!qnn.binary> -> !x
  %fc = qnn.popcount_dense %bits, %w {qnn.layer = "fc"}
    : !x, tensor<2x!qnn.bits<4>> -> tensor<2x!qnn.fixed<3, 3, unsigned>>
  func.return %fc : tensor<2x!qnn.fixed<3, 3, unsigned>>
}

// CHECK:      %classes = qnn.constant dense<{{\[\[}}13, 9], [2, 2]]> {{.*}} as tensor<2x!qnn.bits<4, !qnn.ternary>>
// CHECK-NEXT: %fc_classes = qnn.popcount_dense %bits, %classes
// CHECK-SAME:   {product = #qnn.product<tree>, hls.pe = 2 : i64, hls.simd = 4 : i64, qnn.layer = "fc"}
// CHECK-SAME:   -> tensor<2x!qnn.fixed<2, 2, unsigned>>
// CHECK-NEXT: %signs = qnn.constant {{.*}} as tensor<2x2x!qnn.ternary>
// CHECK-NEXT: %fc_combined = qnn.dense %fc_classes, %signs
// CHECK-SAME:   {product = #qnn.product<pairs>, hls.pe = 2 : i64, hls.simd = 2 : i64, qnn.layer = "fc"}
// CHECK-NEXT: %fc_disagreeing = qnn.constant dense<[0, 1]>
// CHECK-NEXT: %fc = qnn.add %fc_combined, %fc_disagreeing
// CHECK-SAME:   -> tensor<2x!qnn.fixed<3, 3, unsigned>>
