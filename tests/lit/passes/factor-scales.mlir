// RUN: qopt %s -p factor-scales --verify-each --split-input-file | filecheck %s

!s5_4 = !qnn.fixed<5, 4, signed>
!s3 = !qnn.fixed<3, 3, signed>
!s2_1 = !qnn.fixed<2, 1, signed>

// Activations of -1/2 and +1/2: the scale comes after padding and sum. Weights of -3 and 3: signs, and one product per
// output.
func.func @both(%x: tensor<2x1x!qnn.binary>) -> tensor<3x2x!s5_4> {
  %kernel = qnn.constant dense<[[3, -3]]> : tensor<1x2xi8> as tensor<1x2x!s3>
  %scaled = qnn.shift %x {by = -1 : i64} : tensor<2x1x!qnn.binary> -> tensor<2x1x!s2_1>
  %padded = qnn.pad %scaled {low = array<i64: 0, 0>, high = array<i64: 1, 0>} : tensor<2x1x!s2_1> -> tensor<3x1x!s2_1>
  %fc = qnn.dense %padded, %kernel : tensor<3x1x!s2_1>, tensor<1x2x!s3>
      -> tensor<3x2x!s5_4>
  func.return %fc : tensor<3x2x!s5_4>
}

// CHECK:       func.func @both(%x: tensor<2x1x!qnn.binary>) -> tensor<3x2x!qnn.fixed<5, 4, signed>> {
// CHECK-NEXT:    %padded_unscaled = qnn.pad %x {low = array<i64: 0, 0>, high = array<i64: 1, 0>}
// CHECK-SAME:      : tensor<2x1x!qnn.binary> -> tensor<3x1x!qnn.fixed<2, 2, signed>>
// CHECK-NEXT:    %kernel = qnn.constant dense<1> : tensor<1x1xi8> as tensor<1x2x!qnn.binary>
// CHECK-NEXT:    %kernel_scale = qnn.constant dense<3> : tensor<1xi8> as tensor<1x!qnn.fixed<2, 2, unsigned>>
// CHECK-NEXT:    %fc_unscaled_unscaled = qnn.dense %padded_unscaled, %kernel
// CHECK-SAME:      : tensor<3x1x!qnn.fixed<2, 2, signed>>, tensor<1x2x!qnn.binary>
// CHECK-SAME:      -> tensor<3x2x!qnn.fixed<3, 3, signed>>
// CHECK-NEXT:    %fc_unscaled = qnn.mul %fc_unscaled_unscaled, %kernel_scale
// CHECK-SAME:      : tensor<3x2x!qnn.fixed<3, 3, signed>>, tensor<1x!qnn.fixed<2, 2, unsigned>>
// CHECK-SAME:      -> tensor<3x2x!qnn.fixed<5, 5, signed>>
// CHECK-NEXT:    %fc = qnn.shift %fc_unscaled {by = -1 : i64} : tensor<3x2x!qnn.fixed<5, 5, signed>>
// CHECK-SAME:      -> tensor<3x2x!qnn.fixed<5, 4, signed>>
// CHECK-NEXT:    func.return %fc : tensor<3x2x!qnn.fixed<5, 4, signed>>
// CHECK-NEXT:  }

// -----

!s4 = !qnn.fixed<4, 4, signed>
!s6_4 = !qnn.fixed<6, 4, signed>
!s7_5 = !qnn.fixed<7, 5, signed>
!s3_1 = !qnn.fixed<3, 1, signed>

// Weights of 0 and 1/4 are {0, 1} with a shift; several magnitudes stay.
func.func @weights(%x: tensor<2x!s4>) -> (tensor<1x!s6_4>, tensor<1x!s7_5>) {
  %one = qnn.constant dense<[[0], [1]]> : tensor<2x1xi8> as tensor<2x1x!s3_1>
  %several = qnn.constant dense<[[1], [2]]> : tensor<2x1xi8> as tensor<2x1x!s3_1>
  %a = qnn.dense %x, %one : tensor<2x!s4>, tensor<2x1x!s3_1> -> tensor<1x!s6_4>
  %b = qnn.dense %x, %several : tensor<2x!s4>, tensor<2x1x!s3_1> -> tensor<1x!s7_5>
  func.return %a, %b : tensor<1x!s6_4>, tensor<1x!s7_5>
}

// CHECK:       func.func @weights(%x: tensor<2x!qnn.fixed<4, 4, signed>>)
// CHECK-SAME:    -> (tensor<1x!qnn.fixed<5, 3, signed>>, tensor<1x!qnn.fixed<7, 5, signed>>) {
// CHECK-NEXT:    %several = qnn.constant dense<{{\[\[}}1], [2]]>
// CHECK-SAME:      : tensor<2x1xi8> as tensor<2x1x!qnn.fixed<3, 1, signed>>
// CHECK-NEXT:    %one = qnn.constant dense<{{\[\[}}0], [1]]> : tensor<2x1xi8> as tensor<2x1x!qnn.fixed<1, 1, unsigned>>
// CHECK-NEXT:    %a_unscaled = qnn.dense %x, %one
// CHECK-SAME:      : tensor<2x!qnn.fixed<4, 4, signed>>, tensor<2x1x!qnn.fixed<1, 1, unsigned>>
// CHECK-SAME:      -> tensor<1x!qnn.fixed<5, 5, signed>>
// CHECK-NEXT:    %a = qnn.shift %a_unscaled {by = -2 : i64} : tensor<1x!qnn.fixed<5, 5, signed>>
// CHECK-SAME:      -> tensor<1x!qnn.fixed<5, 3, signed>>
// CHECK-NEXT:    %b = qnn.dense %x, %several
// CHECK-SAME:      : tensor<2x!qnn.fixed<4, 4, signed>>, tensor<2x1x!qnn.fixed<3, 1, signed>>
// CHECK-SAME:      -> tensor<1x!qnn.fixed<7, 5, signed>>
// CHECK-NEXT:    func.return %a, %b : tensor<1x!qnn.fixed<5, 3, signed>>, tensor<1x!qnn.fixed<7, 5, signed>>
// CHECK-NEXT:  }

// -----

!u1_0 = !qnn.fixed<1, 0, unsigned>
!s4_3 = !qnn.fixed<4, 3, signed>

// Values {0, 0.5} are bits, halved after the sum.
func.func @bits(%x: tensor<4x!u1_0>) -> tensor<1x!s4_3> {
  %w = qnn.constant dense<[[1], [0], [1], [1]]> : tensor<4x1xi8> as tensor<4x1x!qnn.binary>
  %fc = qnn.dense %x, %w : tensor<4x!u1_0>, tensor<4x1x!qnn.binary>
      -> tensor<1x!s4_3>
  func.return %fc : tensor<1x!s4_3>
}

// CHECK:        func.func @bits(%x: tensor<4x!qnn.fixed<1, 0, unsigned>>) -> tensor<1x!qnn.fixed<4, 3, signed>> {
// CHECK-NEXT:     %w = qnn.constant dense<{{\[\[}}1], [0], [1], [1]]> : tensor<4x1xi8> as tensor<4x1x!qnn.binary>
// CHECK-NEXT:     %x_is_one = qnn.shift %x {by = 1 : i64} : tensor<4x!qnn.fixed<1, 0, unsigned>>
// CHECK-SAME:       -> tensor<4x!qnn.fixed<1, 1, unsigned>>
// CHECK-NEXT:     %fc_unscaled = qnn.dense %x_is_one, %w
// CHECK-SAME:       : tensor<4x!qnn.fixed<1, 1, unsigned>>, tensor<4x1x!qnn.binary>
// CHECK-SAME:       -> tensor<1x!qnn.fixed<4, 4, signed>>
// CHECK-NEXT:     %fc = qnn.shift %fc_unscaled {by = -1 : i64} : tensor<1x!qnn.fixed<4, 4, signed>>
// CHECK-SAME:       -> tensor<1x!qnn.fixed<4, 3, signed>>
// CHECK-NEXT:     func.return %fc : tensor<1x!qnn.fixed<4, 3, signed>>
// CHECK-NEXT:   }
