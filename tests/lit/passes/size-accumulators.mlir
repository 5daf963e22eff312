// RUN: qopt %s -p size-accumulators --verify-each --split-input-file | filecheck %s

// Inputs 0 to 15. Column 0 (3, -1): partial sums from -15 to 45, 7 bits signed; column 1 (1, 2): up to 45. The types alone say
// 15 * 8 * 2 = 240 either way, 9 bits. The bias makes it -25 to 55; relu drops the sign, 6 bits.
func.func @weights(%x: tensor<2x!qnn.fixed<4, 4, unsigned>>) -> tensor<2x!qnn.fixed<9, 9, unsigned>> {
  %kernel = qnn.constant dense<[[3, 1], [-1, 2]]> : tensor<2x2xi8> as tensor<2x2x!qnn.fixed<4, 4, signed>>
  %bias = qnn.constant dense<10> : tensor<1xi8> as tensor<1x!qnn.fixed<5, 5, signed>>
  %fc = qnn.dense %x, %kernel {product = #qnn.product<multiply>} : tensor<2x!qnn.fixed<4, 4, unsigned>>, tensor<2x2x!qnn.fixed<4, 4, signed>> -> tensor<2x!qnn.fixed<9, 9, signed>>
  %sum = qnn.add %fc, %bias : tensor<2x!qnn.fixed<9, 9, signed>>, tensor<1x!qnn.fixed<5, 5, signed>> -> tensor<2x!qnn.fixed<10, 10, signed>>
  %relu = qnn.relu %sum : tensor<2x!qnn.fixed<10, 10, signed>> -> tensor<2x!qnn.fixed<9, 9, unsigned>>
  func.return %relu : tensor<2x!qnn.fixed<9, 9, unsigned>>
}

// CHECK:       func.func @weights(%x: tensor<2x!qnn.fixed<4, 4, unsigned>>) -> tensor<2x!qnn.fixed<6, 6, unsigned>> {
// CHECK-NEXT:    %kernel = qnn.constant dense<{{\[\[}}3, 1], [-1, 2]]> : tensor<2x2xi8> as tensor<2x2x!qnn.fixed<4, 4, signed>>
// CHECK-NEXT:    %bias = qnn.constant dense<10> : tensor<1xi8> as tensor<1x!qnn.fixed<5, 5, signed>>
// CHECK-NEXT:    %fc = qnn.dense %x, %kernel {product = #qnn.product<multiply>} : tensor<2x!qnn.fixed<4, 4, unsigned>>, tensor<2x2x!qnn.fixed<4, 4, signed>> -> tensor<2x!qnn.fixed<7, 7, signed>>
// CHECK-NEXT:    %sum = qnn.add %fc, %bias : tensor<2x!qnn.fixed<7, 7, signed>>, tensor<1x!qnn.fixed<5, 5, signed>> -> tensor<2x!qnn.fixed<7, 7, signed>>
// CHECK-NEXT:    %relu = qnn.relu %sum : tensor<2x!qnn.fixed<7, 7, signed>> -> tensor<2x!qnn.fixed<6, 6, unsigned>>
// CHECK-NEXT:    func.return %relu : tensor<2x!qnn.fixed<6, 6, unsigned>>
// CHECK-NEXT:  }

// -----

// Positive weights need no sign: 15 * (1 + 2). The step stays: 6 bits in units of 1/4.
func.func @unsigned(%x: tensor<2x!qnn.fixed<4, 2, unsigned>>) -> tensor<1x!qnn.fixed<9, 7, signed>> {
  %kernel = qnn.constant dense<[[1], [2]]> : tensor<2x1xi8> as tensor<2x1x!qnn.fixed<4, 4, signed>>
  %fc = qnn.dense %x, %kernel {product = #qnn.product<multiply>} : tensor<2x!qnn.fixed<4, 2, unsigned>>, tensor<2x1x!qnn.fixed<4, 4, signed>> -> tensor<1x!qnn.fixed<9, 7, signed>>
  func.return %fc : tensor<1x!qnn.fixed<9, 7, signed>>
}

// CHECK:       func.func @unsigned(%x: tensor<2x!qnn.fixed<4, 2, unsigned>>) -> tensor<1x!qnn.fixed<6, 4, unsigned>> {
// CHECK-NEXT:    %kernel = qnn.constant dense<{{\[\[}}1], [2]]> : tensor<2x1xi8> as tensor<2x1x!qnn.fixed<4, 4, signed>>
// CHECK-NEXT:    %fc = qnn.dense %x, %kernel {product = #qnn.product<multiply>} : tensor<2x!qnn.fixed<4, 2, unsigned>>, tensor<2x1x!qnn.fixed<4, 4, signed>> -> tensor<1x!qnn.fixed<6, 4, unsigned>>
// CHECK-NEXT:    func.return %fc : tensor<1x!qnn.fixed<6, 4, unsigned>>
// CHECK-NEXT:  }

// -----

// Moved values follow: the sum of 4 elements in [-7, 7] (the quantizer saturates symmetrically) needs 6 bits, whatever is moved after.
func.func @moves(%x: tensor<2x2x2xf32>) -> tensor<12x!qnn.fixed<8, 5, signed>> {
  %q = qnn.quantize %x {mode = #qnn.round<half_even, saturate_symmetric>} : tensor<2x2x2xf32> -> tensor<2x2x2x!qnn.fixed<4, 4, signed>>
  %sum = qnn.sum_pool2d %q {pool = array<i64: 2, 2>, strides = array<i64: 1, 1>} : tensor<2x2x2x!qnn.fixed<4, 4, signed>> -> tensor<1x1x2x!qnn.fixed<8, 8, signed>>
  %average = qnn.shift %sum {by = -3 : i64} : tensor<1x1x2x!qnn.fixed<8, 8, signed>> -> tensor<1x1x2x!qnn.fixed<8, 5, signed>>
  %padded = qnn.pad %average {low = array<i64: 0, 1, 0>, high = array<i64: 1, 1, 0>} : tensor<1x1x2x!qnn.fixed<8, 5, signed>> -> tensor<2x3x2x!qnn.fixed<8, 5, signed>>
  %max = qnn.max_pool2d %padded {pool = array<i64: 1, 1>, strides = array<i64: 1, 1>} : tensor<2x3x2x!qnn.fixed<8, 5, signed>> -> tensor<2x3x2x!qnn.fixed<8, 5, signed>>
  %flat = qnn.reshape %max : tensor<2x3x2x!qnn.fixed<8, 5, signed>> -> tensor<12x!qnn.fixed<8, 5, signed>>
  func.return %flat : tensor<12x!qnn.fixed<8, 5, signed>>
}

// CHECK:       func.func @moves(%x: tensor<2x2x2xf32>) -> tensor<12x!qnn.fixed<6, 3, signed>> {
// CHECK-NEXT:    %q = qnn.quantize %x {mode = #qnn.round<half_even, saturate_symmetric>} : tensor<2x2x2xf32> -> tensor<2x2x2x!qnn.fixed<4, 4, signed>>
// CHECK-NEXT:    %sum = qnn.sum_pool2d %q {pool = array<i64: 2, 2>, strides = array<i64: 1, 1>} : tensor<2x2x2x!qnn.fixed<4, 4, signed>> -> tensor<1x1x2x!qnn.fixed<6, 6, signed>>
// CHECK-NEXT:    %average = qnn.shift %sum {by = -3 : i64} : tensor<1x1x2x!qnn.fixed<6, 6, signed>> -> tensor<1x1x2x!qnn.fixed<6, 3, signed>>
// CHECK-NEXT:    %padded = qnn.pad %average {low = array<i64: 0, 1, 0>, high = array<i64: 1, 1, 0>} : tensor<1x1x2x!qnn.fixed<6, 3, signed>> -> tensor<2x3x2x!qnn.fixed<6, 3, signed>>
// CHECK-NEXT:    %max = qnn.max_pool2d %padded {pool = array<i64: 1, 1>, strides = array<i64: 1, 1>} : tensor<2x3x2x!qnn.fixed<6, 3, signed>> -> tensor<2x3x2x!qnn.fixed<6, 3, signed>>
// CHECK-NEXT:    %flat = qnn.reshape %max : tensor<2x3x2x!qnn.fixed<6, 3, signed>> -> tensor<12x!qnn.fixed<6, 3, signed>>
// CHECK-NEXT:    func.return %flat : tensor<12x!qnn.fixed<6, 3, signed>>
// CHECK-NEXT:  }

// -----

// What quantizers and thresholds saturate to is not a matter of ranges.
func.func @kept(%x: tensor<2x!qnn.fixed<2, 2, unsigned>>) -> (tensor<2x!qnn.fixed<8, 8, signed>>, tensor<2x!qnn.fixed<8, 8, unsigned>>) {
  %levels = qnn.constant dense<2> : tensor<1x1xi8> as tensor<1x1x!qnn.fixed<2, 2, unsigned>>
  %q = qnn.quantize %x {mode = #qnn.round<half_even, saturate>} : tensor<2x!qnn.fixed<2, 2, unsigned>> -> tensor<2x!qnn.fixed<8, 8, signed>>
  %t = qnn.threshold %x, %levels {first = 0 : i64} : tensor<2x!qnn.fixed<2, 2, unsigned>>, tensor<1x1x!qnn.fixed<2, 2, unsigned>> -> tensor<2x!qnn.fixed<8, 8, unsigned>>
  func.return %q, %t : tensor<2x!qnn.fixed<8, 8, signed>>, tensor<2x!qnn.fixed<8, 8, unsigned>>
}

// CHECK:       func.func @kept(%x: tensor<2x!qnn.fixed<2, 2, unsigned>>) -> (tensor<2x!qnn.fixed<8, 8, signed>>, tensor<2x!qnn.fixed<8, 8, unsigned>>) {
// CHECK-NEXT:    %levels = qnn.constant dense<2> : tensor<1x1xi8> as tensor<1x1x!qnn.fixed<2, 2, unsigned>>
// CHECK-NEXT:    %q = qnn.quantize %x {mode = #qnn.round<half_even, saturate>} : tensor<2x!qnn.fixed<2, 2, unsigned>> -> tensor<2x!qnn.fixed<8, 8, signed>>
// CHECK-NEXT:    %t = qnn.threshold %x, %levels {first = 0 : i64} : tensor<2x!qnn.fixed<2, 2, unsigned>>, tensor<1x1x!qnn.fixed<2, 2, unsigned>> -> tensor<2x!qnn.fixed<8, 8, unsigned>>
// CHECK-NEXT:    func.return %q, %t : tensor<2x!qnn.fixed<8, 8, signed>>, tensor<2x!qnn.fixed<8, 8, unsigned>>
// CHECK-NEXT:  }
