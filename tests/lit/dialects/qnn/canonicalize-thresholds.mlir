// RUN: qopt %s -p canonicalize --verify-each --split-input-file | filecheck %s

!s4 = !qnn.fixed<4, 4, signed>
!s4_2 = !qnn.fixed<4, 2, signed>

// The codes of the thresholds stay, their step becomes that of x.
func.func @threshold_of_shift(%x: tensor<4x!s4>) -> tensor<4x!qnn.ternary> {
  %levels = qnn.constant dense<[[-3, 2]]> : tensor<1x2xi8> as tensor<1x2x!s4_2>
  %half = qnn.shift %x {by = -2 : i64} : tensor<4x!s4> -> tensor<4x!s4_2>
  %y = qnn.threshold %half, %levels {first = 0 : i64} : tensor<4x!s4_2>, tensor<1x2x!s4_2> -> tensor<4x!qnn.ternary>
  func.return %y : tensor<4x!qnn.ternary>
}

// CHECK:       func.func @threshold_of_shift(%x: tensor<4x!qnn.fixed<4, 4, signed>>) -> tensor<4x!qnn.ternary> {
// CHECK-NEXT:    %levels = qnn.constant dense<{{\[\[}}-3, 2]]> : tensor<1x2xi8> as tensor<1x2x!qnn.fixed<3, 3, signed>>
// CHECK-NEXT:    %y = qnn.threshold %x, %levels {first = 0 : i64}
// CHECK-SAME:      : tensor<4x!qnn.fixed<4, 4, signed>>, tensor<1x2x!qnn.fixed<3, 3, signed>> -> tensor<4x!qnn.ternary>
// CHECK-NEXT:    func.return %y : tensor<4x!qnn.ternary>
// CHECK-NEXT:  }

// -----

!s4 = !qnn.fixed<4, 4, signed>
!s4_2 = !qnn.fixed<4, 2, signed>
!s5_3 = !qnn.fixed<5, 3, signed>
!s7_5 = !qnn.fixed<7, 5, signed>

// x + c >= T, c in quarters: x >= ceil(T - c). Channel 0: c = -0.75, T = 2 -> x >= 3; channel 1, falling: x + 0.5 <= 2
// -> x <= 1.
func.func @threshold_of_add(%x: tensor<2x!s4>) -> tensor<2x!qnn.binary> {
  %c = qnn.constant dense<[-3, 2]> : tensor<2xi8> as tensor<2x!s4_2>
  %levels = qnn.constant dense<8> : tensor<2x1xi8> as tensor<2x1x!s5_3>
  %rising = qnn.constant dense<1> : tensor<1xi8> as tensor<2x!qnn.binary>
  %sum = qnn.add %x, %c : tensor<2x!s4>, tensor<2x!s4_2> -> tensor<2x!s7_5>
  %y = qnn.threshold %sum, %levels, %rising {first = 0 : i64, uncertified = array<i64: 1>}
      : tensor<2x!s7_5>, tensor<2x1x!s5_3>, tensor<2x!qnn.binary> -> tensor<2x!qnn.binary>
  func.return %y : tensor<2x!qnn.binary>
}

// CHECK:       func.func @threshold_of_add(%x: tensor<2x!qnn.fixed<4, 4, signed>>) -> tensor<2x!qnn.binary> {
// CHECK-NEXT:    %levels = qnn.constant dense<{{\[\[}}3], [1]]>
// CHECK-SAME:      : tensor<2x1xi8> as tensor<2x1x!qnn.fixed<2, 2, unsigned>>
// CHECK-NEXT:    %y_direction = qnn.constant dense<1> : tensor<1xi8> as tensor<2x!qnn.binary>
// CHECK-NEXT:    %y = qnn.threshold %x, %levels, %y_direction {first = 0 : i64, uncertified = array<i64: 1>}
// CHECK-SAME:      : tensor<2x!qnn.fixed<4, 4, signed>>, tensor<2x1x!qnn.fixed<2, 2, unsigned>>,
// CHECK-SAME:      tensor<2x!qnn.binary> -> tensor<2x!qnn.binary>
// CHECK-NEXT:    func.return %y : tensor<2x!qnn.binary>
// CHECK-NEXT:  }

// -----

!s4 = !qnn.fixed<4, 4, signed>
!s3 = !qnn.fixed<3, 3, signed>
!s5 = !qnn.fixed<5, 5, signed>
!s7 = !qnn.fixed<7, 7, signed>

// 3x >= 7 where x >= 3; -2x >= 7 where x <= -4 (-3.5 rounded down): the direction turns, shared thresholds become one
// row per channel.
func.func @threshold_of_mul(%x: tensor<2x!s4>) -> tensor<2x!qnn.ternary> {
  %s = qnn.constant dense<[3, -2]> : tensor<2xi8> as tensor<2x!s3>
  %levels = qnn.constant dense<[[1, 7]]> : tensor<1x2xi8> as tensor<1x2x!s5>
  %scaled = qnn.mul %x, %s : tensor<2x!s4>, tensor<2x!s3> -> tensor<2x!s7>
  %y = qnn.threshold %scaled, %levels {first = 0 : i64} : tensor<2x!s7>, tensor<1x2x!s5> -> tensor<2x!qnn.ternary>
  func.return %y : tensor<2x!qnn.ternary>
}

// CHECK:       func.func @threshold_of_mul(%x: tensor<2x!qnn.fixed<4, 4, signed>>) -> tensor<2x!qnn.ternary> {
// CHECK-NEXT:    %levels = qnn.constant dense<{{\[\[}}1, 3], [-1, -4]]>
// CHECK-SAME:      : tensor<2x2xi8> as tensor<2x2x!qnn.fixed<3, 3, signed>>
// CHECK-NEXT:    %y_direction = qnn.constant dense<1> : tensor<1xi8> as tensor<2x!qnn.binary>
// CHECK-NEXT:    %y = qnn.threshold %x, %levels, %y_direction {first = 0 : i64}
// CHECK-SAME:      : tensor<2x!qnn.fixed<4, 4, signed>>, tensor<2x2x!qnn.fixed<3, 3, signed>>,
// CHECK-SAME:      tensor<2x!qnn.binary> -> tensor<2x!qnn.ternary>
// CHECK-NEXT:    func.return %y : tensor<2x!qnn.ternary>
// CHECK-NEXT:  }

// -----

!s4 = !qnn.fixed<4, 4, signed>
!s3 = !qnn.fixed<3, 3, signed>
!s5 = !qnn.fixed<5, 5, signed>
!s7 = !qnn.fixed<7, 7, signed>

// A factor of zero, and operands that are no constants, cannot be divided out.
func.func @threshold_kept(%x: tensor<2x!s4>, %z: tensor<2x!s4>) -> (tensor<2x!qnn.binary>, tensor<2x!qnn.binary>) {
  %s = qnn.constant dense<[3, 0]> : tensor<2xi8> as tensor<2x!s3>
  %levels = qnn.constant dense<7> : tensor<1x1xi8> as tensor<1x1x!s5>
  %scaled = qnn.mul %x, %s : tensor<2x!s4>, tensor<2x!s3> -> tensor<2x!s7>
  %sum = qnn.add %x, %z : tensor<2x!s4>, tensor<2x!s4> -> tensor<2x!s5>
  %a = qnn.threshold %scaled, %levels {first = 0 : i64} : tensor<2x!s7>, tensor<1x1x!s5> -> tensor<2x!qnn.binary>
  %b = qnn.threshold %sum, %levels {first = 0 : i64} : tensor<2x!s5>, tensor<1x1x!s5> -> tensor<2x!qnn.binary>
  func.return %a, %b : tensor<2x!qnn.binary>, tensor<2x!qnn.binary>
}

// CHECK:       func.func @threshold_kept(%x: tensor<2x!qnn.fixed<4, 4, signed>>,
// CHECK-SAME:    %z: tensor<2x!qnn.fixed<4, 4, signed>>) -> (tensor<2x!qnn.binary>, tensor<2x!qnn.binary>) {
// CHECK-NEXT:    %s = qnn.constant dense<[3, 0]> : tensor<2xi8> as tensor<2x!qnn.fixed<3, 3, signed>>
// CHECK-NEXT:    %levels = qnn.constant dense<7> : tensor<1x1xi8> as tensor<1x1x!qnn.fixed<5, 5, signed>>
// CHECK-NEXT:    %scaled = qnn.mul %x, %s
// CHECK-SAME:      : tensor<2x!qnn.fixed<4, 4, signed>>, tensor<2x!qnn.fixed<3, 3, signed>>
// CHECK-SAME:      -> tensor<2x!qnn.fixed<7, 7, signed>>
// CHECK-NEXT:    %sum = qnn.add %x, %z : tensor<2x!qnn.fixed<4, 4, signed>>, tensor<2x!qnn.fixed<4, 4, signed>>
// CHECK-SAME:      -> tensor<2x!qnn.fixed<5, 5, signed>>
// CHECK-NEXT:    %a = qnn.threshold %scaled, %levels {first = 0 : i64}
// CHECK-SAME:      : tensor<2x!qnn.fixed<7, 7, signed>>, tensor<1x1x!qnn.fixed<5, 5, signed>> -> tensor<2x!qnn.binary>
// CHECK-NEXT:    %b = qnn.threshold %sum, %levels {first = 0 : i64}
// CHECK-SAME:      : tensor<2x!qnn.fixed<5, 5, signed>>, tensor<1x1x!qnn.fixed<5, 5, signed>> -> tensor<2x!qnn.binary>
// CHECK-NEXT:    func.return %a, %b : tensor<2x!qnn.binary>, tensor<2x!qnn.binary>
// CHECK-NEXT:  }
