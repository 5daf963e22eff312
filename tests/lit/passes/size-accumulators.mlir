// RUN: qopt %s -p size-accumulators --verify-each --split-input-file | filecheck %s

!u4 = !qnn.fixed<4, 4, unsigned>
!u9 = !qnn.fixed<9, 9, unsigned>
!s4 = !qnn.fixed<4, 4, signed>
!s5 = !qnn.fixed<5, 5, signed>
!s9 = !qnn.fixed<9, 9, signed>
!s10 = !qnn.fixed<10, 10, signed>

// Inputs 0 to 15. Column 0 (3, -1): partial sums from -15 to 45, 7 bits signed; column 1 (1, 2): up to 45. The types
// alone say 15 * 8 * 2 = 240 either way, 9 bits. The bias makes it -25 to 55; relu drops the sign, 6 bits.
func.func @weights(%x: tensor<2x!u4>) -> tensor<2x!u9> {
  %kernel = qnn.constant dense<[[3, 1], [-1, 2]]> : tensor<2x2xi8> as tensor<2x2x!s4>
  %bias = qnn.constant dense<10> : tensor<1xi8> as tensor<1x!s5>
  %fc = qnn.dense %x, %kernel : tensor<2x!u4>, tensor<2x2x!s4> -> tensor<2x!s9>
  %sum = qnn.add %fc, %bias : tensor<2x!s9>, tensor<1x!s5> -> tensor<2x!s10>
  %relu = qnn.relu %sum : tensor<2x!s10> -> tensor<2x!u9>
  func.return %relu : tensor<2x!u9>
}

// CHECK:       func.func @weights(%x: tensor<2x!qnn.fixed<4, 4, unsigned>>) -> tensor<2x!qnn.fixed<6, 6, unsigned>> {
// CHECK-NEXT:    %kernel = qnn.constant dense<{{\[\[}}3, 1], [-1, 2]]>
// CHECK-SAME:      : tensor<2x2xi8> as tensor<2x2x!qnn.fixed<4, 4, signed>>
// CHECK-NEXT:    %bias = qnn.constant dense<10> : tensor<1xi8> as tensor<1x!qnn.fixed<5, 5, signed>>
// CHECK-NEXT:    %fc = qnn.dense %x, %kernel
// CHECK-SAME:      : tensor<2x!qnn.fixed<4, 4, unsigned>>, tensor<2x2x!qnn.fixed<4, 4, signed>>
// CHECK-SAME:      -> tensor<2x!qnn.fixed<7, 7, signed>>
// CHECK-NEXT:    %sum = qnn.add %fc, %bias : tensor<2x!qnn.fixed<7, 7, signed>>, tensor<1x!qnn.fixed<5, 5, signed>>
// CHECK-SAME:      -> tensor<2x!qnn.fixed<7, 7, signed>>
// CHECK-NEXT:    %relu = qnn.relu %sum : tensor<2x!qnn.fixed<7, 7, signed>> -> tensor<2x!qnn.fixed<6, 6, unsigned>>
// CHECK-NEXT:    func.return %relu : tensor<2x!qnn.fixed<6, 6, unsigned>>
// CHECK-NEXT:  }

// -----

!u4_2 = !qnn.fixed<4, 2, unsigned>
!s9_7 = !qnn.fixed<9, 7, signed>
!s4 = !qnn.fixed<4, 4, signed>

// Positive weights need no sign: 15 * (1 + 2). The step stays: 6 bits in units of 1/4.
func.func @unsigned(%x: tensor<2x!u4_2>) -> tensor<1x!s9_7> {
  %kernel = qnn.constant dense<[[1], [2]]> : tensor<2x1xi8> as tensor<2x1x!s4>
  %fc = qnn.dense %x, %kernel : tensor<2x!u4_2>, tensor<2x1x!s4> -> tensor<1x!s9_7>
  func.return %fc : tensor<1x!s9_7>
}

// CHECK:       func.func @unsigned(%x: tensor<2x!qnn.fixed<4, 2, unsigned>>) -> tensor<1x!qnn.fixed<6, 4, unsigned>> {
// CHECK-NEXT:    %kernel = qnn.constant dense<{{\[\[}}1], [2]]>
// CHECK-SAME:      : tensor<2x1xi8> as tensor<2x1x!qnn.fixed<4, 4, signed>>
// CHECK-NEXT:    %fc = qnn.dense %x, %kernel
// CHECK-SAME:      : tensor<2x!qnn.fixed<4, 2, unsigned>>, tensor<2x1x!qnn.fixed<4, 4, signed>>
// CHECK-SAME:      -> tensor<1x!qnn.fixed<6, 4, unsigned>>
// CHECK-NEXT:    func.return %fc : tensor<1x!qnn.fixed<6, 4, unsigned>>
// CHECK-NEXT:  }

// -----

!s8_5 = !qnn.fixed<8, 5, signed>
!s4 = !qnn.fixed<4, 4, signed>
!s8 = !qnn.fixed<8, 8, signed>

// Moved values follow: the sum of 4 elements in [-7, 7] (the quantizer saturates symmetrically) needs 6 bits, whatever
// is moved after.
func.func @moves(%x: tensor<2x2x2xf32>) -> tensor<12x!s8_5> {
  %q = qnn.quantize %x {mode = #qnn.round<half_even, saturate_symmetric>} : tensor<2x2x2xf32> -> tensor<2x2x2x!s4>
  %sum = qnn.sum_pool2d %q {pool = array<i64: 2, 2>, strides = array<i64: 1, 1>} : tensor<2x2x2x!s4>
      -> tensor<1x1x2x!s8>
  %average = qnn.shift %sum {by = -3 : i64} : tensor<1x1x2x!s8> -> tensor<1x1x2x!s8_5>
  %padded = qnn.pad %average {low = array<i64: 0, 1, 0>, high = array<i64: 1, 1, 0>} : tensor<1x1x2x!s8_5>
      -> tensor<2x3x2x!s8_5>
  %max = qnn.max_pool2d %padded {pool = array<i64: 1, 1>, strides = array<i64: 1, 1>} : tensor<2x3x2x!s8_5>
      -> tensor<2x3x2x!s8_5>
  %flat = qnn.reshape %max : tensor<2x3x2x!s8_5> -> tensor<12x!s8_5>
  func.return %flat : tensor<12x!s8_5>
}

// CHECK:       func.func @moves(%x: tensor<2x2x2xf32>) -> tensor<12x!qnn.fixed<6, 3, signed>> {
// CHECK-NEXT:    %q = qnn.quantize %x {mode = #qnn.round<half_even, saturate_symmetric>} : tensor<2x2x2xf32>
// CHECK-SAME:      -> tensor<2x2x2x!qnn.fixed<4, 4, signed>>
// CHECK-NEXT:    %sum = qnn.sum_pool2d %q {pool = array<i64: 2, 2>, strides = array<i64: 1, 1>}
// CHECK-SAME:      : tensor<2x2x2x!qnn.fixed<4, 4, signed>> -> tensor<1x1x2x!qnn.fixed<6, 6, signed>>
// CHECK-NEXT:    %average = qnn.shift %sum {by = -3 : i64} : tensor<1x1x2x!qnn.fixed<6, 6, signed>>
// CHECK-SAME:      -> tensor<1x1x2x!qnn.fixed<6, 3, signed>>
// CHECK-NEXT:    %padded = qnn.pad %average {low = array<i64: 0, 1, 0>, high = array<i64: 1, 1, 0>}
// CHECK-SAME:      : tensor<1x1x2x!qnn.fixed<6, 3, signed>> -> tensor<2x3x2x!qnn.fixed<6, 3, signed>>
// CHECK-NEXT:    %max = qnn.max_pool2d %padded {pool = array<i64: 1, 1>, strides = array<i64: 1, 1>}
// CHECK-SAME:      : tensor<2x3x2x!qnn.fixed<6, 3, signed>> -> tensor<2x3x2x!qnn.fixed<6, 3, signed>>
// CHECK-NEXT:    %flat = qnn.reshape %max : tensor<2x3x2x!qnn.fixed<6, 3, signed>>
// CHECK-SAME:      -> tensor<12x!qnn.fixed<6, 3, signed>>
// CHECK-NEXT:    func.return %flat : tensor<12x!qnn.fixed<6, 3, signed>>
// CHECK-NEXT:  }

// -----

!u2 = !qnn.fixed<2, 2, unsigned>
!s8 = !qnn.fixed<8, 8, signed>
!u8 = !qnn.fixed<8, 8, unsigned>

// What quantizers and thresholds saturate to is not a matter of ranges.
func.func @kept(%x: tensor<2x!u2>) -> (tensor<2x!s8>, tensor<2x!u8>) {
  %levels = qnn.constant dense<2> : tensor<1x1xi8> as tensor<1x1x!u2>
  %q = qnn.quantize %x {mode = #qnn.round<half_even, saturate>} : tensor<2x!u2> -> tensor<2x!s8>
  %t = qnn.threshold %x, %levels {first = 0 : i64} : tensor<2x!u2>, tensor<1x1x!u2> -> tensor<2x!u8>
  func.return %q, %t : tensor<2x!s8>, tensor<2x!u8>
}

// CHECK:       func.func @kept(%x: tensor<2x!qnn.fixed<2, 2, unsigned>>)
// CHECK-SAME:    -> (tensor<2x!qnn.fixed<8, 8, signed>>, tensor<2x!qnn.fixed<8, 8, unsigned>>) {
// CHECK-NEXT:    %levels = qnn.constant dense<2> : tensor<1x1xi8> as tensor<1x1x!qnn.fixed<2, 2, unsigned>>
// CHECK-NEXT:    %q = qnn.quantize %x {mode = #qnn.round<half_even, saturate>}
// CHECK-SAME:      : tensor<2x!qnn.fixed<2, 2, unsigned>> -> tensor<2x!qnn.fixed<8, 8, signed>>
// CHECK-NEXT:    %t = qnn.threshold %x, %levels {first = 0 : i64}
// CHECK-SAME:      : tensor<2x!qnn.fixed<2, 2, unsigned>>, tensor<1x1x!qnn.fixed<2, 2, unsigned>>
// CHECK-SAME:      -> tensor<2x!qnn.fixed<8, 8, unsigned>>
// CHECK-NEXT:    func.return %q, %t : tensor<2x!qnn.fixed<8, 8, signed>>, tensor<2x!qnn.fixed<8, 8, unsigned>>
// CHECK-NEXT:  }
