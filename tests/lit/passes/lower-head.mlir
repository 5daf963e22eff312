// RUN: qopt %s -p "lower-head{head=argmax},size-accumulators" --split-input-file | filecheck %s
// RUN: qopt %s -p "lower-head{head=softmax bits=8},size-accumulators" --elide --split-input-file | filecheck %s \
// RUN:   --check-prefix=SOFTMAX
// RUN: qopt %s -p "lower-head{head=logits}" --split-input-file | filecheck %s --check-prefix=LOGITS

!s6_4 = !qnn.fixed<6, 4, signed>

// The index is counted down below the last bit of the logits: of equal ones the first is the largest.

// CHECK:       func.func @net(%logits: tensor<5x!qnn.fixed<6, 4, signed>>)
// CHECK-SAME:    -> tensor<1x!qnn.fixed<3, 3, unsigned>> attributes {qnn.head = ["argmax"]} {
// CHECK-NEXT:    %logits_order = qnn.constant dense<[7, 6, 5, 4, 3]>
// CHECK-SAME:      : tensor<5xi8> as tensor<5x!qnn.fixed<3, -2, unsigned>>
// CHECK-NEXT:    %logits_key = qnn.add %logits, %logits_order
// CHECK-NEXT:    %logits_largest_key_rows = qnn.reshape %logits_key
// CHECK-NEXT:    %logits_largest_key_pooled = qnn.max_pool2d %logits_largest_key_rows
// CHECK-SAME:      {pool = array<i64: 1, 5>, strides = array<i64: 1, 1>}
// CHECK-NEXT:    %logits_largest_key = qnn.reshape %logits_largest_key_pooled
// CHECK-NEXT:    %logits_largest = qnn.quantize %logits_largest_key {mode = #qnn.round<floor, saturate>}
// CHECK-NEXT:    %logits_place = qnn.sub %logits_largest_key, %logits_largest
// CHECK:         %logits_argmax = qnn.quantize %logits_index
// CHECK-NEXT:    func.return %logits_argmax

// The table of exponentials, of distances from the largest logit, and the table of reciprocals of their sum.

// SOFTMAX:       func.func @net(%logits: tensor<5x!qnn.fixed<6, 4, signed>>)
// SOFTMAX-SAME:    -> tensor<5x!qnn.fixed<8, 0, unsigned>> attributes
// SOFTMAX-SAME:    {qnn.head = ["probabilities"],
// SOFTMAX-SAME:    qnn.remarks =
// SOFTMAX-SAME:    ["output 'logits': softmax in fixed<8, 0, unsigned>, at most 0.0095 from the real one of its logits;
// SOFTMAX-SAME:    the largest is that of the logits"]} {
// SOFTMAX:         %logits_exponential = qnn.lookup %logits_distance, %logits_exponential_table {first = 0 : i64}
// SOFTMAX-SAME:      : tensor<5x!qnn.fixed<6, 4, unsigned>>, tensor<1x64x!qnn.fixed<13, 1, unsigned>>
// SOFTMAX-SAME:      -> tensor<5x!qnn.fixed<13, 1, unsigned>>
// SOFTMAX:         %logits_total_pooled = qnn.sum_pool2d
// SOFTMAX:         %logits_reciprocal = qnn.lookup %logits_total_rounded, %logits_reciprocal_table
// SOFTMAX-NEXT:    %logits_quotient = qnn.mul %logits_exponential, %logits_reciprocal
// SOFTMAX:         func.return %logits_softmax

// LOGITS: func.return %logits : tensor<5x!qnn.fixed<6, 4, signed>>
func.func @net(%logits: tensor<5x!s6_4>) -> tensor<5x!s6_4> attributes {qnn.head = ["softmax"]} {
  func.return %logits : tensor<5x!s6_4>
}
