// RUN: qopt %s -p binary-to-xnor --verify-each --split-input-file | filecheck %s

!s3 = !qnn.fixed<3, 3, signed>

// Binary times binary, 3 products: the sum is 2 * agreements - 3. The packed kernel is the transpose of [[+, -], [-,
// -], [+, +]], that is +-+ (5) and --+ (4).
func.func @dense(%x: tensor<3x!qnn.binary>) -> tensor<2x!s3> {
  %kernel = qnn.constant dense<[[1], [0], [3]]> : tensor<3x1xi8> as tensor<3x2x!qnn.binary>
  %fc = qnn.dense %x, %kernel : tensor<3x!qnn.binary>, tensor<3x2x!qnn.binary>
      -> tensor<2x!s3>
  func.return %fc : tensor<2x!s3>
}

// CHECK:       func.func @dense(%x: tensor<3x!qnn.binary>) -> tensor<2x!qnn.fixed<5, 5, signed>> {
// CHECK-NEXT:    %fc_bits = qnn.pack %x : tensor<3x!qnn.binary> -> tensor<!qnn.bits<3>>
// CHECK-NEXT:    %kernel = qnn.constant dense<{{\[\[}}5], [4]]> : tensor<2x1xi64> as tensor<2x!qnn.bits<3>>
// CHECK-NEXT:    %fc_agreements = qnn.popcount_dense %fc_bits, %kernel
// CHECK-SAME:      : tensor<!qnn.bits<3>>, tensor<2x!qnn.bits<3>> -> tensor<2x!qnn.fixed<2, 2, unsigned>>
// CHECK-NEXT:    %fc_doubled = qnn.shift %fc_agreements {by = 1 : i64} : tensor<2x!qnn.fixed<2, 2, unsigned>>
// CHECK-SAME:      -> tensor<2x!qnn.fixed<2, 3, unsigned>>
// CHECK-NEXT:    %fc_minus_n = qnn.constant dense<-3> : tensor<1xi8> as tensor<1x!qnn.fixed<3, 3, signed>>
// CHECK-NEXT:    %fc = qnn.add %fc_doubled, %fc_minus_n
// CHECK-SAME:      : tensor<2x!qnn.fixed<2, 3, unsigned>>, tensor<1x!qnn.fixed<3, 3, signed>>
// CHECK-SAME:      -> tensor<2x!qnn.fixed<5, 5, signed>>
// CHECK-NEXT:    func.return %fc : tensor<2x!qnn.fixed<5, 5, signed>>
// CHECK-NEXT:  }

// -----

!s4 = !qnn.fixed<4, 4, signed>
!s5 = !qnn.fixed<5, 5, signed>
!s3 = !qnn.fixed<3, 3, signed>
!s6 = !qnn.fixed<6, 6, signed>

// One side of signs: products are added, subtracted or (ternary) left out. Binary activations with ternary weights: the
// agreements of non-zero weights, one per output.
func.func @add_sub(%x: tensor<2x!s4>, %s: tensor<2x!qnn.binary>, %t: tensor<3x3x2x!qnn.ternary>)
    -> (tensor<2x!s5>, tensor<2x!s5>, tensor<2x!s3>, tensor<2x2x1x!s6>) {
  %binary = qnn.constant dense<[[1], [2]]> : tensor<2x1xi8> as tensor<2x2x!qnn.binary>
  %fixed = qnn.constant dense<[[7, -8], [3, 0]]> : tensor<2x2xi8> as tensor<2x2x!s4>
  %ternary = qnn.constant dense<[[[1], [2]], [[1], [0]]]> : tensor<2x2x1xi8> as tensor<2x2x!qnn.ternary>
  %window = qnn.constant dense<1> : tensor<2x2x2x1xi8> as tensor<2x2x2x1x!s3>
  %a = qnn.dense %x, %binary : tensor<2x!s4>, tensor<2x2x!qnn.binary>
      -> tensor<2x!s5>
  %b = qnn.dense %s, %fixed : tensor<2x!qnn.binary>, tensor<2x2x!s4> -> tensor<2x!s5>
  %c = qnn.dense %s, %ternary : tensor<2x!qnn.binary>, tensor<2x2x!qnn.ternary>
      -> tensor<2x!s3>
  %d = qnn.conv2d %t, %window : tensor<3x3x2x!qnn.ternary>, tensor<2x2x2x1x!s3>
      -> tensor<2x2x1x!s6>
  func.return %a, %b, %c, %d : tensor<2x!s5>, tensor<2x!s5>, tensor<2x!s3>, tensor<2x2x1x!s6>
}

// CHECK:       func.func @add_sub(%x: tensor<2x!qnn.fixed<4, 4, signed>>, %s: tensor<2x!qnn.binary>,
// CHECK-SAME:    %t: tensor<3x3x2x!qnn.ternary>)
// CHECK-SAME:    -> (tensor<2x!qnn.fixed<5, 5, signed>>, tensor<2x!qnn.fixed<5, 5, signed>>,
// CHECK-SAME:    tensor<2x!qnn.fixed<4, 4, signed>>, tensor<2x2x1x!qnn.fixed<6, 6, signed>>) {
// CHECK-NEXT:    %binary = qnn.constant dense<{{\[\[}}1], [2]]> : tensor<2x1xi8> as tensor<2x2x!qnn.binary>
// CHECK-NEXT:    %fixed = qnn.constant dense<{{\[\[}}7, -8], [3, 0]]>
// CHECK-SAME:      : tensor<2x2xi8> as tensor<2x2x!qnn.fixed<4, 4, signed>>
// CHECK-NEXT:    %window = qnn.constant dense<1> : tensor<2x2x2x1xi8> as tensor<2x2x2x1x!qnn.fixed<3, 3, signed>>
// CHECK-NEXT:    %a = qnn.dense %x, %binary {product = #qnn.product<add_sub>}
// CHECK-SAME:      : tensor<2x!qnn.fixed<4, 4, signed>>, tensor<2x2x!qnn.binary> -> tensor<2x!qnn.fixed<5, 5, signed>>
// CHECK-NEXT:    %b = qnn.dense %s, %fixed {product = #qnn.product<add_sub>}
// CHECK-SAME:      : tensor<2x!qnn.binary>, tensor<2x2x!qnn.fixed<4, 4, signed>> -> tensor<2x!qnn.fixed<5, 5, signed>>
// CHECK-NEXT:    %c_bits = qnn.pack %s : tensor<2x!qnn.binary> -> tensor<!qnn.bits<2>>
// CHECK-NEXT:    %ternary = qnn.constant dense<{{\[\[}}1, 1], [2, 0]]>
// CHECK-SAME:      : tensor<2x2xi64> as tensor<2x!qnn.bits<2, !qnn.ternary>>
// CHECK-NEXT:    %c_agreements = qnn.popcount_dense %c_bits, %ternary
// CHECK-SAME:      : tensor<!qnn.bits<2>>, tensor<2x!qnn.bits<2, !qnn.ternary>> -> tensor<2x!qnn.fixed<2, 2, unsigned>>
// CHECK-NEXT:    %c_doubled = qnn.shift %c_agreements {by = 1 : i64} : tensor<2x!qnn.fixed<2, 2, unsigned>>
// CHECK-SAME:      -> tensor<2x!qnn.fixed<2, 3, unsigned>>
// CHECK-NEXT:    %c_minus_n = qnn.constant dense<-1> : tensor<1xi8> as tensor<1x!qnn.fixed<1, 1, signed>>
// CHECK-NEXT:    %c = qnn.add %c_doubled, %c_minus_n
// CHECK-SAME:      : tensor<2x!qnn.fixed<2, 3, unsigned>>, tensor<1x!qnn.fixed<1, 1, signed>>
// CHECK-SAME:      -> tensor<2x!qnn.fixed<4, 4, signed>>
// CHECK-NEXT:    %d = qnn.conv2d %t, %window {product = #qnn.product<add_sub>}
// CHECK-SAME:      : tensor<3x3x2x!qnn.ternary>, tensor<2x2x2x1x!qnn.fixed<3, 3, signed>>
// CHECK-SAME:      -> tensor<2x2x1x!qnn.fixed<6, 6, signed>>
// CHECK-NEXT:    func.return %a, %b, %c, %d
// CHECK-SAME:      : tensor<2x!qnn.fixed<5, 5, signed>>, tensor<2x!qnn.fixed<5, 5, signed>>,
// CHECK-SAME:      tensor<2x!qnn.fixed<4, 4, signed>>, tensor<2x2x1x!qnn.fixed<6, 6, signed>>
// CHECK-NEXT:  }

// -----

!s4 = !qnn.fixed<4, 4, signed>
!s8 = !qnn.fixed<8, 8, signed>

// Multi-bit both sides: stays a multiplication.
func.func @multiply(%x: tensor<2x!s4>) -> tensor<1x!s8> {
  %kernel = qnn.constant dense<[[7], [-8]]> : tensor<2x1xi8> as tensor<2x1x!s4>
  %fc = qnn.dense %x, %kernel : tensor<2x!s4>, tensor<2x1x!s4> -> tensor<1x!s8>
  func.return %fc : tensor<1x!s8>
}

// CHECK:       func.func @multiply(%x: tensor<2x!qnn.fixed<4, 4, signed>>) -> tensor<1x!qnn.fixed<8, 8, signed>> {
// CHECK-NEXT:    %kernel = qnn.constant dense<{{\[\[}}7], [-8]]>
// CHECK-SAME:      : tensor<2x1xi8> as tensor<2x1x!qnn.fixed<4, 4, signed>>
// CHECK-NEXT:    %fc = qnn.dense %x, %kernel
// CHECK-SAME:      : tensor<2x!qnn.fixed<4, 4, signed>>, tensor<2x1x!qnn.fixed<4, 4, signed>>
// CHECK-SAME:      -> tensor<1x!qnn.fixed<8, 8, signed>>
// CHECK-NEXT:    func.return %fc : tensor<1x!qnn.fixed<8, 8, signed>>
// CHECK-NEXT:  }

// -----

!s8 = !qnn.fixed<8, 8, signed>
!s2 = !qnn.fixed<2, 2, signed>

// A binary convolution counts along rows, columns and packed channels. Zero padding becomes positions that do not
// count: agreements minus disagreements.
func.func @convolution(%x: tensor<2x2x2x!qnn.binary>) -> tensor<2x2x1x!s8> {
  %kernel = qnn.constant dense<1> : tensor<2x2x2x1xi8> as tensor<2x2x2x1x!qnn.binary>
  %padded = qnn.pad %x {low = array<i64: 0, 0, 0>, high = array<i64: 1, 1, 0>} : tensor<2x2x2x!qnn.binary>
      -> tensor<3x3x2x!s2>
  %conv = qnn.conv2d %padded, %kernel
      : tensor<3x3x2x!s2>, tensor<2x2x2x1x!qnn.binary> -> tensor<2x2x1x!s8>
  func.return %conv : tensor<2x2x1x!s8>
}

// CHECK:       func.func @convolution(%x: tensor<2x2x2x!qnn.binary>) -> tensor<2x2x1x!qnn.fixed<5, 5, signed>> {
// CHECK-NEXT:    %conv_bits = qnn.pack %x : tensor<2x2x2x!qnn.binary> -> tensor<2x2x!qnn.bits<2>>
// CHECK-NEXT:    %kernel = qnn.constant dense<3> : tensor<2x2x1x1xi64> as tensor<2x2x1x!qnn.bits<2>>
// CHECK-NEXT:    %conv = qnn.popcount_conv2d %conv_bits,
// CHECK-SAME:      %kernel {high = array<i64: 1, 1>, count = #qnn.count<balance>}
// CHECK-SAME:      : tensor<2x2x!qnn.bits<2>>, tensor<2x2x1x!qnn.bits<2>> -> tensor<2x2x1x!qnn.fixed<5, 5, signed>>
// CHECK-NEXT:    func.return %conv : tensor<2x2x1x!qnn.fixed<5, 5, signed>>
// CHECK-NEXT:  }

// -----

!u1 = !qnn.fixed<1, 1, unsigned>
!s3 = !qnn.fixed<3, 3, signed>
!u2 = !qnn.fixed<2, 2, unsigned>
!s4 = !qnn.fixed<4, 4, signed>

// Ternary activations and {0, 1} gate the count; a depthwise convolution packs its window.
func.func @gated(%t: tensor<3x!qnn.ternary>, %u: tensor<3x!u1>, %x: tensor<2x2x1x!qnn.binary>)
    -> (tensor<1x!s3>, tensor<1x!u2>, tensor<1x1x2x!s4>) {
  %ternary = qnn.constant dense<[[[1], [0], [1]], [[1], [0], [0]]]> : tensor<2x3x1xi8> as tensor<3x1x!qnn.ternary>
  %ones = qnn.constant dense<[[1], [0], [1]]> : tensor<3x1xi8> as tensor<3x1x!u1>
  %signs = qnn.constant dense<[[[[1]], [[3]]], [[[2]], [[0]]]]> : tensor<2x2x1x1xi8> as tensor<2x2x1x2x!qnn.binary>
  %a = qnn.dense %t, %ternary : tensor<3x!qnn.ternary>, tensor<3x1x!qnn.ternary>
      -> tensor<1x!s3>
  %b = qnn.dense %u, %ones : tensor<3x!u1>, tensor<3x1x!u1> -> tensor<1x!u2>
  %c = qnn.depthwise_conv2d %x, %signs
      : tensor<2x2x1x!qnn.binary>, tensor<2x2x1x2x!qnn.binary> -> tensor<1x1x2x!s4>
  func.return %a, %b, %c : tensor<1x!s3>, tensor<1x!u2>, tensor<1x1x2x!s4>
}

// CHECK:       func.func @gated(%t: tensor<3x!qnn.ternary>, %u: tensor<3x!qnn.fixed<1, 1, unsigned>>,
// CHECK-SAME:    %x: tensor<2x2x1x!qnn.binary>)
// CHECK-SAME:    -> (tensor<1x!qnn.fixed<3, 3, signed>>, tensor<1x!qnn.fixed<2, 2, unsigned>>,
// CHECK-SAME:    tensor<1x1x2x!qnn.fixed<6, 6, signed>>) {
// CHECK-NEXT:    %a_bits = qnn.pack %t : tensor<3x!qnn.ternary> -> tensor<!qnn.bits<3, !qnn.ternary>>
// CHECK-NEXT:    %ternary = qnn.constant dense<{{\[\[}}5, 1]]>
// CHECK-SAME:      : tensor<1x2xi64> as tensor<1x!qnn.bits<3, !qnn.ternary>>
// CHECK-NEXT:    %a = qnn.popcount_dense %a_bits, %ternary {count = #qnn.count<balance>}
// CHECK-SAME:      : tensor<!qnn.bits<3, !qnn.ternary>>, tensor<1x!qnn.bits<3, !qnn.ternary>>
// CHECK-SAME:      -> tensor<1x!qnn.fixed<3, 3, signed>>
// CHECK-NEXT:    %b_bits = qnn.pack %u : tensor<3x!qnn.fixed<1, 1, unsigned>>
// CHECK-SAME:      -> tensor<!qnn.bits<3, !qnn.fixed<1, 1, unsigned>>>
// CHECK-NEXT:    %ones = qnn.constant dense<5> : tensor<1x1xi64> as tensor<1x!qnn.bits<3, !qnn.fixed<1, 1, unsigned>>>
// CHECK-NEXT:    %b = qnn.popcount_dense %b_bits, %ones
// CHECK-SAME:      : tensor<!qnn.bits<3, !qnn.fixed<1, 1, unsigned>>>,
// CHECK-SAME:      tensor<1x!qnn.bits<3, !qnn.fixed<1, 1, unsigned>>> -> tensor<1x!qnn.fixed<2, 2, unsigned>>
// CHECK-NEXT:    %signs = qnn.constant dense<{{\[\[}}{{\[\[}}3], [0]], {{\[\[}}2], [1]]]]>
// CHECK-SAME:      : tensor<1x2x2x1xi64> as tensor<1x2x2x!qnn.bits<2>>
// CHECK-NEXT:    %c_agreements = qnn.popcount_depthwise_conv2d %x, %signs
// CHECK-SAME:      : tensor<2x2x1x!qnn.binary>, tensor<1x2x2x!qnn.bits<2>> -> tensor<1x1x2x!qnn.fixed<3, 3, unsigned>>
// CHECK-NEXT:    %c_doubled = qnn.shift %c_agreements {by = 1 : i64} : tensor<1x1x2x!qnn.fixed<3, 3, unsigned>>
// CHECK-SAME:      -> tensor<1x1x2x!qnn.fixed<3, 4, unsigned>>
// CHECK-NEXT:    %c_minus_n = qnn.constant dense<-4> : tensor<1xi8> as tensor<1x!qnn.fixed<3, 3, signed>>
// CHECK-NEXT:    %c = qnn.add %c_doubled, %c_minus_n
// CHECK-SAME:      : tensor<1x1x2x!qnn.fixed<3, 4, unsigned>>, tensor<1x!qnn.fixed<3, 3, signed>>
// CHECK-SAME:      -> tensor<1x1x2x!qnn.fixed<6, 6, signed>>
// CHECK-NEXT:    func.return %a, %b, %c
// CHECK-SAME:      : tensor<1x!qnn.fixed<3, 3, signed>>, tensor<1x!qnn.fixed<2, 2, unsigned>>,
// CHECK-SAME:      tensor<1x1x2x!qnn.fixed<6, 6, signed>>
// CHECK-NEXT:  }
