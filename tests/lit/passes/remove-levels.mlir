// RUN: qopt %s -p remove-levels --verify-each --split-input-file | filecheck %s

!u4 = !qnn.fixed<4, 4, unsigned>
!u3 = !qnn.fixed<3, 3, unsigned>
!s8 = !qnn.fixed<8, 8, signed>

// x is 0 to 15. Level 0 is always reached, in both channels; 16 and 99 never. Channel 1 descends: x <= 15 always, x <=
// -1 and x <= -7 never. What is left of channel 0 is clamped: 20 to 16.
func.func @levels(%x: tensor<2x!u4>) -> tensor<2x!u3> {
  %levels = qnn.constant dense<[[-3, 4, 20, 20, 99], [19, -1, 8, 2, -7]]> : tensor<2x5xi8> as tensor<2x5x!s8>
  %direction = qnn.constant dense<1> : tensor<1xi8> as tensor<2x!qnn.binary>
  %y = qnn.threshold %x, %levels, %direction {first = 1 : i64, uncertified = array<i64: 1>}
      : tensor<2x!u4>, tensor<2x5x!s8>, tensor<2x!qnn.binary> -> tensor<2x!u3>
  func.return %y : tensor<2x!u3>
}

// CHECK:       func.func @levels
// CHECK-NEXT:    %direction = qnn.constant
// CHECK-NEXT:    %levels = qnn.constant dense<{{\[\[}}4, 16], [8, 2]]>
// CHECK-SAME:      : tensor<2x2xi8> as tensor<2x2x!qnn.fixed<5, 5, unsigned>>
// CHECK-NEXT:    %y = qnn.threshold %x, %levels, %direction {first = 2 : i64, uncertified = array<i64: 1>}

// -----

!u4 = !qnn.fixed<4, 4, unsigned>
!u2 = !qnn.fixed<2, 2, unsigned>
!s6 = !qnn.fixed<6, 6, signed>

// One row for all channels; a constant function keeps one level.
func.func @shared(%x: tensor<3x!u4>) -> tensor<3x!u2> {
  %levels = qnn.constant dense<[[-3, -2, 16]]> : tensor<1x3xi8> as tensor<1x3x!s6>
  %y = qnn.threshold %x, %levels {first = 0 : i64} : tensor<3x!u4>, tensor<1x3x!s6> -> tensor<3x!u2>
  func.return %y : tensor<3x!u2>
}

// CHECK:       func.func @shared
// CHECK-NEXT:    %levels = qnn.constant dense<16> : tensor<1x1xi8> as tensor<1x1x!qnn.fixed<5, 5, unsigned>>
// CHECK-NEXT:    %y = qnn.threshold %x, %levels {first = 2 : i64}
