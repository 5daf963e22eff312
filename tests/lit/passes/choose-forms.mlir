// RUN: qopt %s -p choose-forms --verify-each --split-input-file | filecheck %s
// RUN: qopt %s -p "choose-forms{form=compare}" --verify-each --split-input-file | filecheck %s --check-prefix=COMPARE
// RUN: qopt %s -p "choose-forms{form=search}" --verify-each --split-input-file | filecheck %s --check-prefix=SEARCH
// RUN: qopt %s -p "choose-forms{form=table}" --verify-each --split-input-file | filecheck %s --check-prefix=TABLE
// RUN: qopt %s -p "choose-forms{form=shift}" --verify-each --split-input-file | filecheck %s --check-prefix=SHIFT

!s4 = !qnn.fixed<4, 4, signed>
!u2 = !qnn.fixed<2, 2, unsigned>

// Few thresholds at unequal distances: comparisons. A falling function is a table or a search as well.

// CHECK:       %y = qnn.threshold %x, %y_thresholds, %y_direction {first = 0 : i64}
// COMPARE:     %y = qnn.threshold %x, %y_thresholds, %y_direction {first = 0 : i64}
// SEARCH:      %y = qnn.threshold %x, %y_thresholds, %y_direction {first = 0 : i64, form = #qnn.form<search>}
// TABLE:       %y_table = qnn.constant dense<{{\[\[}}0, 0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 2, 2, 3, 3], [3, 3, 3, 3, 3,
// TABLE-SAME:    3, 2, 2, 2, 1, 1, 1, 1, 1, 0, 0]]>
// TABLE-NEXT:  %y = qnn.lookup %x, %y_table {first = -8 : i64}
// SHIFT:       %y = qnn.threshold
func.func @few(%x: tensor<2x!s4>) -> tensor<2x!u2> {
  %y_thresholds = qnn.constant dense<[[-2, 1, 6], [5, 0, -3]]> : tensor<2x3xi8> as tensor<2x3x!s4>
  %y_direction = qnn.constant dense<1> : tensor<1xi8> as tensor<2x!qnn.binary>
  %y = qnn.threshold %x, %y_thresholds, %y_direction {first = 0 : i64}
      : tensor<2x!s4>, tensor<2x3x!s4>, tensor<2x!qnn.binary> -> tensor<2x!u2>
  func.return %y : tensor<2x!u2>
}

// -----

!s5 = !qnn.fixed<5, 5, signed>
!u2 = !qnn.fixed<2, 2, unsigned>

// Equal distances that are a power of two, in every channel from another code on: (x + c) >> 2, clamped.

// CHECK:       attributes {qnn.remarks = ["'y': shift instead of compare, 3 steps over 32 codes"]}
// CHECK:       %y_offset = qnn.constant dense<[10, 1]>
// CHECK-NEXT:  %y_moved = qnn.add %x, %y_offset
// CHECK-NEXT:  %y_scaled = qnn.shift %y_moved {by = -2 : i64}
// CHECK-NEXT:  %y = qnn.quantize %y_scaled {mode = #qnn.round<floor, saturate>}
// SHIFT:       %y = qnn.quantize %y_scaled {mode = #qnn.round<floor, saturate>}
// TABLE:       %y = qnn.lookup %x, %y_table {first = -16 : i64}
func.func @even(%x: tensor<2x!s5>) -> tensor<2x!u2> {
  %levels = qnn.constant dense<[[-6, -2, 2], [3, 7, 11]]> : tensor<2x3xi8> as tensor<2x3x!s5>
  %y = qnn.threshold %x, %levels {first = 0 : i64} : tensor<2x!s5>, tensor<2x3x!s5> -> tensor<2x!u2>
  func.return %y : tensor<2x!u2>
}

// -----

!s6_4 = !qnn.fixed<6, 4, signed>
!u2 = !qnn.fixed<2, 2, unsigned>

// A quantizer of integers is a shift; as comparisons it has its ties in the thresholds.

// CHECK:       %y = qnn.quantize %x
// SHIFT:       %y = qnn.quantize %x
// SEARCH:      %y_thresholds = qnn.constant dense<{{\[\[}}3, 6, 11]]>
// SEARCH-NEXT: %y = qnn.threshold %x, %y_thresholds {first = 0 : i64, form = #qnn.form<search>}
func.func @quantizer(%x: tensor<2x!s6_4>) -> tensor<2x!u2> {
  %y = qnn.quantize %x {mode = #qnn.round<half_even, saturate>} : tensor<2x!s6_4> -> tensor<2x!u2>
  func.return %y : tensor<2x!u2>
}

// -----

!s2 = !qnn.fixed<2, 2, signed>
!u2 = !qnn.fixed<2, 2, unsigned>

// A table that rises and falls stays one; one that rises is thresholds too.

// CHECK:       %rising = qnn.lookup
// CHECK:       %bump = qnn.lookup
// COMPARE:     %rising_thresholds = qnn.constant dense<{{\[\[}}-1, 0]]>
// COMPARE-NEXT: %rising = qnn.threshold %x, %rising_thresholds {first = 1 : i64}
// COMPARE:     %bump = qnn.lookup
func.func @tables(%x: tensor<1x!s2>) -> (tensor<1x!u2>, tensor<1x!u2>) {
  %t = qnn.constant dense<[[1, 2, 3, 3]]> : tensor<1x4xi8> as tensor<1x4x!u2>
  %u = qnn.constant dense<[[1, 2, 3, 1]]> : tensor<1x4xi8> as tensor<1x4x!u2>
  %rising = qnn.lookup %x, %t {first = -2 : i64} : tensor<1x!s2>, tensor<1x4x!u2> -> tensor<1x!u2>
  %bump = qnn.lookup %x, %u {first = -2 : i64} : tensor<1x!s2>, tensor<1x4x!u2> -> tensor<1x!u2>
  func.return %rising, %bump : tensor<1x!u2>, tensor<1x!u2>
}
