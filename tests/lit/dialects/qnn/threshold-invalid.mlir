// RUN: qopt %s --split-input-file --verify-diagnostics | filecheck %s

!s4 = !qnn.fixed<4, 4, signed>
!s4_3 = !qnn.fixed<4, 3, signed>

// Thresholds

// CHECK: qnn.threshold 'y': operand and thresholds must be quantized with the same step
func.func @threshold_step(%x: tensor<4x!s4>, %t: tensor<1x1x!s4_3>) -> () {
  %y = qnn.threshold %x, %t {first = 0 : i64} : tensor<4x!s4>, tensor<1x1x!s4_3> -> tensor<4x!qnn.binary>
  func.return
}

// -----

!s4 = !qnn.fixed<4, 4, signed>

// CHECK: qnn.threshold 'y': operand and thresholds must be quantized with the same step
func.func @threshold_float(%x: tensor<4xf32>, %t: tensor<1x1x!s4>) -> () {
  %y = qnn.threshold %x, %t {first = 0 : i64} : tensor<4xf32>, tensor<1x1x!s4> -> tensor<4x!qnn.binary>
  func.return
}

// -----

!s4 = !qnn.fixed<4, 4, signed>

// CHECK: qnn.threshold 'y': thresholds must be [4 or 1, levels], got tensor<3x1x!qnn.fixed<4, 4, signed>>
func.func @threshold_rows(%x: tensor<4x!s4>, %t: tensor<3x1x!s4>) -> () {
  %y = qnn.threshold %x, %t {first = 0 : i64} : tensor<4x!s4>, tensor<3x1x!s4> -> tensor<4x!qnn.binary>
  func.return
}

// -----

!s4 = !qnn.fixed<4, 4, signed>

// CHECK: qnn.threshold 'y': direction must be !qnn.binary, got tensor<1x!qnn.ternary>
func.func @direction_type(%x: tensor<4x!s4>, %t: tensor<1x1x!s4>, %d: tensor<1x!qnn.ternary>) -> () {
  %y = qnn.threshold %x, %t, %d {first = 0 : i64} : tensor<4x!s4>, tensor<1x1x!s4>, tensor<1x!qnn.ternary>
      -> tensor<4x!qnn.binary>
  func.return
}

// -----

!s4 = !qnn.fixed<4, 4, signed>

// CHECK: qnn.threshold 'y': direction must have shape 1, got tensor<4x!qnn.binary>
func.func @direction_shape(%x: tensor<4x!s4>, %t: tensor<1x1x!s4>, %d: tensor<4x!qnn.binary>) -> () {
  %y = qnn.threshold %x, %t, %d {first = 0 : i64} : tensor<4x!s4>, tensor<1x1x!s4>, tensor<4x!qnn.binary>
      -> tensor<4x!qnn.binary>
  func.return
}

// -----

!s4 = !qnn.fixed<4, 4, signed>

// From the middle code on, two thresholds need a fourth one.
// CHECK: qnn.threshold 'y': 2 thresholds from code 1 leave tensor<4x!qnn.ternary>
func.func @threshold_codes(%x: tensor<4x!s4>, %t: tensor<1x2x!s4>) -> () {
  %y = qnn.threshold %x, %t {first = 1 : i64} : tensor<4x!s4>, tensor<1x2x!s4> -> tensor<4x!qnn.ternary>
  func.return
}

// -----

!s4 = !qnn.fixed<4, 4, signed>

// CHECK: qnn.threshold 'y': 1 thresholds from code -1 leave tensor<4x!qnn.binary>
func.func @threshold_first(%x: tensor<4x!s4>, %t: tensor<1x1x!s4>) -> () {
  %y = qnn.threshold %x, %t {first = -1 : i64} : tensor<4x!s4>, tensor<1x1x!s4> -> tensor<4x!qnn.binary>
  func.return
}

// -----

!s4 = !qnn.fixed<4, 4, signed>

// CHECK: qnn.threshold 'y': expected an operand with a channel axis, got tensor<!qnn.fixed<4, 4, signed>>
func.func @threshold_scalar(%x: tensor<!s4>, %t: tensor<1x1x!s4>) -> () {
  %y = qnn.threshold %x, %t {first = 0 : i64} : tensor<!s4>, tensor<1x1x!s4> -> tensor<!qnn.binary>
  func.return
}

// -----

// CHECK: qnn.lookup 'y': table must be [4 or 1, codes] with at most 65536 codes, got tensor<3x2x!qnn.ternary>
func.func @lookup_rows(%x: tensor<4x!qnn.binary>, %t: tensor<3x2x!qnn.ternary>) -> () {
  %y = qnn.lookup %x, %t {first = 0 : i64} : tensor<4x!qnn.binary>, tensor<3x2x!qnn.ternary> -> tensor<4x!qnn.ternary>
  func.return
}

// -----

// CHECK: qnn.lookup 'y': powers of two are too far apart for a table over all codes; use qnn.threshold
func.func @lookup_powers(%x: tensor<4x!qnn.po2<0, 3, signed>>, %t: tensor<1x2x!qnn.ternary>) -> () {
  %y = qnn.lookup %x, %t {first = 0 : i64} : tensor<4x!qnn.po2<0, 3, signed>>, tensor<1x2x!qnn.ternary>
      -> tensor<4x!qnn.ternary>
  func.return
}
