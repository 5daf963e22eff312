// RUN: qopt %s -p canonicalize --verify-each --split-input-file | filecheck %s

!s4 = !qnn.fixed<4, 4, signed>
!s2_3 = !qnn.fixed<2, 3, signed>

// x + 0 = x, whatever the step of the zero, if the sum has x's.
func.func @add_zero(%x: tensor<4x!s4>) -> tensor<4x!s4> {
  %zero = qnn.constant dense<0> : tensor<1xi8> as tensor<1x!s2_3>
  %sum = qnn.add %x, %zero : tensor<4x!s4>, tensor<1x!s2_3> -> tensor<4x!s4>
  func.return %sum : tensor<4x!s4>
}

// CHECK:       func.func @add_zero(%x: tensor<4x!qnn.fixed<4, 4, signed>>) -> tensor<4x!qnn.fixed<4, 4, signed>> {
// CHECK-NEXT:    func.return %x : tensor<4x!qnn.fixed<4, 4, signed>>
// CHECK-NEXT:  }

// -----

!s4 = !qnn.fixed<4, 4, signed>
!s6 = !qnn.fixed<6, 6, signed>
!s6_5 = !qnn.fixed<6, 5, signed>
!s5 = !qnn.fixed<5, 5, signed>
!s2_1 = !qnn.fixed<2, 1, signed>
!s2 = !qnn.fixed<2, 2, signed>

// Not the identity: something non-zero, a finer step, a broadcast of x.
func.func @add_kept(%x: tensor<4x!s4>) -> (tensor<4x!s6>, tensor<4x!s6_5>, tensor<3x4x!s5>) {
  %one = qnn.constant dense<[0, 0, 0, 1]> : tensor<4xi8> as tensor<4x!s5>
  %fine = qnn.constant dense<0> : tensor<4xi8> as tensor<4x!s2_1>
  %rows = qnn.constant dense<0> : tensor<3x1xi8> as tensor<3x1x!s2>
  %a = qnn.add %x, %one : tensor<4x!s4>, tensor<4x!s5> -> tensor<4x!s6>
  %b = qnn.add %x, %fine : tensor<4x!s4>, tensor<4x!s2_1> -> tensor<4x!s6_5>
  %c = qnn.add %x, %rows : tensor<4x!s4>, tensor<3x1x!s2> -> tensor<3x4x!s5>
  func.return %a, %b, %c : tensor<4x!s6>, tensor<4x!s6_5>, tensor<3x4x!s5>
}

// CHECK:       func.func @add_kept(%x: tensor<4x!qnn.fixed<4, 4, signed>>)
// CHECK-SAME:    -> (tensor<4x!qnn.fixed<6, 6, signed>>, tensor<4x!qnn.fixed<6, 5, signed>>,
// CHECK-SAME:    tensor<3x4x!qnn.fixed<5, 5, signed>>) {
// CHECK-NEXT:    %one = qnn.constant dense<[0, 0, 0, 1]> : tensor<4xi8> as tensor<4x!qnn.fixed<5, 5, signed>>
// CHECK-NEXT:    %fine = qnn.constant dense<0> : tensor<4xi8> as tensor<4x!qnn.fixed<2, 1, signed>>
// CHECK-NEXT:    %rows = qnn.constant dense<0> : tensor<3x1xi8> as tensor<3x1x!qnn.fixed<2, 2, signed>>
// CHECK-NEXT:    %a = qnn.add %x, %one : tensor<4x!qnn.fixed<4, 4, signed>>, tensor<4x!qnn.fixed<5, 5, signed>>
// CHECK-SAME:      -> tensor<4x!qnn.fixed<6, 6, signed>>
// CHECK-NEXT:    %b = qnn.add %x, %fine : tensor<4x!qnn.fixed<4, 4, signed>>, tensor<4x!qnn.fixed<2, 1, signed>>
// CHECK-SAME:      -> tensor<4x!qnn.fixed<6, 5, signed>>
// CHECK-NEXT:    %c = qnn.add %x, %rows : tensor<4x!qnn.fixed<4, 4, signed>>, tensor<3x1x!qnn.fixed<2, 2, signed>>
// CHECK-SAME:      -> tensor<3x4x!qnn.fixed<5, 5, signed>>
// CHECK-NEXT:    func.return %a, %b, %c
// CHECK-SAME:      : tensor<4x!qnn.fixed<6, 6, signed>>, tensor<4x!qnn.fixed<6, 5, signed>>,
// CHECK-SAME:      tensor<3x4x!qnn.fixed<5, 5, signed>>
// CHECK-NEXT:  }

// -----

!s4 = !qnn.fixed<4, 4, signed>
!s4_1 = !qnn.fixed<4, 1, signed>
!s4_6 = !qnn.fixed<4, 6, signed>

// (x * 2**2) * 2**-5 = x * 2**-3, and a shift by nothing is none.
func.func @shifts(%x: tensor<4x!s4>) -> (tensor<4x!s4_1>, tensor<4x!s4>) {
  %up = qnn.shift %x {by = 2 : i64} : tensor<4x!s4> -> tensor<4x!s4_6>
  %down = qnn.shift %up {by = -5 : i64} : tensor<4x!s4_6> -> tensor<4x!s4_1>
  %back = qnn.shift %up {by = -2 : i64} : tensor<4x!s4_6> -> tensor<4x!s4>
  func.return %down, %back : tensor<4x!s4_1>, tensor<4x!s4>
}

// CHECK:       func.func @shifts(%x: tensor<4x!qnn.fixed<4, 4, signed>>)
// CHECK-SAME:    -> (tensor<4x!qnn.fixed<4, 1, signed>>, tensor<4x!qnn.fixed<4, 4, signed>>) {
// CHECK-NEXT:    %down = qnn.shift %x {by = -3 : i64} : tensor<4x!qnn.fixed<4, 4, signed>>
// CHECK-SAME:      -> tensor<4x!qnn.fixed<4, 1, signed>>
// CHECK-NEXT:    func.return %down, %x : tensor<4x!qnn.fixed<4, 1, signed>>, tensor<4x!qnn.fixed<4, 4, signed>>
// CHECK-NEXT:  }

// -----

!s4_2 = !qnn.fixed<4, 2, signed>

// Rounding to the type that a value has, its sign if it is one, the shape it has.
func.func @identities(%x: tensor<4x!s4_2>, %s: tensor<4x!qnn.binary>)
    -> (tensor<4x!s4_2>, tensor<4x!qnn.binary>, tensor<4x!qnn.binary>) {
  %q = qnn.quantize %x {mode = #qnn.round<floor, saturate>} : tensor<4x!s4_2> -> tensor<4x!s4_2>
  %sign = qnn.quantize %s {mode = #qnn.sign} : tensor<4x!qnn.binary> -> tensor<4x!qnn.binary>
  %same = qnn.reshape %s : tensor<4x!qnn.binary> -> tensor<4x!qnn.binary>
  func.return %q, %sign, %same : tensor<4x!s4_2>, tensor<4x!qnn.binary>, tensor<4x!qnn.binary>
}

// CHECK:       func.func @identities(%x: tensor<4x!qnn.fixed<4, 2, signed>>, %s: tensor<4x!qnn.binary>)
// CHECK-SAME:    -> (tensor<4x!qnn.fixed<4, 2, signed>>, tensor<4x!qnn.binary>, tensor<4x!qnn.binary>) {
// CHECK-NEXT:    func.return %x, %s, %s
// CHECK-SAME:      : tensor<4x!qnn.fixed<4, 2, signed>>, tensor<4x!qnn.binary>, tensor<4x!qnn.binary>
// CHECK-NEXT:  }

// -----

!s4 = !qnn.fixed<4, 4, signed>

// Symmetric saturation turns -8 into -7; a threshold of 2 makes zeros of +1 and -1; another shape is another value.
func.func @not_identities(%x: tensor<4x!s4>, %t: tensor<4x!qnn.ternary>)
    -> (tensor<4x!s4>, tensor<4x!qnn.ternary>, tensor<2x2x!qnn.ternary>) {
  %q = qnn.quantize %x {mode = #qnn.round<half_even, saturate_symmetric>} : tensor<4x!s4> -> tensor<4x!s4>
  %zeros = qnn.quantize %t {mode = #qnn.dead_zone<2.0>} : tensor<4x!qnn.ternary> -> tensor<4x!qnn.ternary>
  %square = qnn.reshape %t : tensor<4x!qnn.ternary> -> tensor<2x2x!qnn.ternary>
  func.return %q, %zeros, %square : tensor<4x!s4>, tensor<4x!qnn.ternary>, tensor<2x2x!qnn.ternary>
}

// CHECK:       func.func @not_identities(%x: tensor<4x!qnn.fixed<4, 4, signed>>, %t: tensor<4x!qnn.ternary>)
// CHECK-SAME:    -> (tensor<4x!qnn.fixed<4, 4, signed>>, tensor<4x!qnn.ternary>, tensor<2x2x!qnn.ternary>) {
// CHECK-NEXT:    %q = qnn.quantize %x {mode = #qnn.round<half_even, saturate_symmetric>}
// CHECK-SAME:      : tensor<4x!qnn.fixed<4, 4, signed>> -> tensor<4x!qnn.fixed<4, 4, signed>>
// CHECK-NEXT:    %zeros = qnn.quantize %t {mode = #qnn.dead_zone<2.0>} : tensor<4x!qnn.ternary>
// CHECK-SAME:      -> tensor<4x!qnn.ternary>
// CHECK-NEXT:    %square = qnn.reshape %t : tensor<4x!qnn.ternary> -> tensor<2x2x!qnn.ternary>
// CHECK-NEXT:    func.return %q, %zeros, %square
// CHECK-SAME:      : tensor<4x!qnn.fixed<4, 4, signed>>, tensor<4x!qnn.ternary>, tensor<2x2x!qnn.ternary>
// CHECK-NEXT:  }

// -----

!s4 = !qnn.fixed<4, 4, signed>
!s4_5 = !qnn.fixed<4, 5, signed>

// Thresholds and directions that come from outside are left alone.
func.func @threshold_outside(%x: tensor<2x!s4>, %levels: tensor<1x1x!s4_5>, %d: tensor<1x!qnn.binary>)
    -> (tensor<2x!qnn.binary>, tensor<2x!qnn.binary>) {
  %known = qnn.constant dense<1> : tensor<1x1xi8> as tensor<1x1x!s4_5>
  %twice = qnn.shift %x {by = 1 : i64} : tensor<2x!s4> -> tensor<2x!s4_5>
  %a = qnn.threshold %twice, %levels {first = 0 : i64} : tensor<2x!s4_5>, tensor<1x1x!s4_5> -> tensor<2x!qnn.binary>
  %b = qnn.threshold %twice, %known, %d {first = 0 : i64}
      : tensor<2x!s4_5>, tensor<1x1x!s4_5>, tensor<1x!qnn.binary> -> tensor<2x!qnn.binary>
  func.return %a, %b : tensor<2x!qnn.binary>, tensor<2x!qnn.binary>
}

// CHECK:       func.func @threshold_outside(%x: tensor<2x!qnn.fixed<4, 4, signed>>,
// CHECK-SAME:    %levels: tensor<1x1x!qnn.fixed<4, 5, signed>>, %d: tensor<1x!qnn.binary>)
// CHECK-SAME:    -> (tensor<2x!qnn.binary>, tensor<2x!qnn.binary>) {
// CHECK-NEXT:    %known = qnn.constant dense<1> : tensor<1x1xi8> as tensor<1x1x!qnn.fixed<4, 5, signed>>
// CHECK-NEXT:    %twice = qnn.shift %x {by = 1 : i64} : tensor<2x!qnn.fixed<4, 4, signed>>
// CHECK-SAME:      -> tensor<2x!qnn.fixed<4, 5, signed>>
// CHECK-NEXT:    %a = qnn.threshold %twice, %levels {first = 0 : i64}
// CHECK-SAME:      : tensor<2x!qnn.fixed<4, 5, signed>>, tensor<1x1x!qnn.fixed<4, 5, signed>> -> tensor<2x!qnn.binary>
// CHECK-NEXT:    %b = qnn.threshold %twice, %known, %d {first = 0 : i64}
// CHECK-SAME:      : tensor<2x!qnn.fixed<4, 5, signed>>, tensor<1x1x!qnn.fixed<4, 5, signed>>,
// CHECK-SAME:      tensor<1x!qnn.binary> -> tensor<2x!qnn.binary>
// CHECK-NEXT:    func.return %a, %b : tensor<2x!qnn.binary>, tensor<2x!qnn.binary>
// CHECK-NEXT:  }

// -----

!s4 = !qnn.fixed<4, 4, signed>
!s5 = !qnn.fixed<5, 5, signed>
!u3 = !qnn.fixed<3, 3, unsigned>
!s2 = !qnn.fixed<2, 2, signed>

// The type of what is returned belongs to the function: a wider sum stays where it is returned. Elsewhere the narrower
// x will do.
func.func @returned(%x: tensor<4x!s4>) -> (tensor<4x!s5>, tensor<4x!u3>) {
  %zero = qnn.constant dense<0> : tensor<1xi8> as tensor<1x!s2>
  %sum = qnn.add %x, %zero : tensor<4x!s4>, tensor<1x!s2> -> tensor<4x!s5>
  %inner = qnn.add %x, %zero : tensor<4x!s4>, tensor<1x!s2> -> tensor<4x!s5>
  %relu = qnn.relu %inner : tensor<4x!s5> -> tensor<4x!u3>
  func.return %sum, %relu : tensor<4x!s5>, tensor<4x!u3>
}

// CHECK:       func.func @returned(%x: tensor<4x!qnn.fixed<4, 4, signed>>)
// CHECK-SAME:    -> (tensor<4x!qnn.fixed<5, 5, signed>>, tensor<4x!qnn.fixed<3, 3, unsigned>>) {
// CHECK-NEXT:    %zero = qnn.constant dense<0> : tensor<1xi8> as tensor<1x!qnn.fixed<2, 2, signed>>
// CHECK-NEXT:    %sum = qnn.add %x, %zero : tensor<4x!qnn.fixed<4, 4, signed>>, tensor<1x!qnn.fixed<2, 2, signed>>
// CHECK-SAME:      -> tensor<4x!qnn.fixed<5, 5, signed>>
// CHECK-NEXT:    %relu = qnn.relu %x : tensor<4x!qnn.fixed<4, 4, signed>> -> tensor<4x!qnn.fixed<3, 3, unsigned>>
// CHECK-NEXT:    func.return %sum, %relu : tensor<4x!qnn.fixed<5, 5, signed>>, tensor<4x!qnn.fixed<3, 3, unsigned>>
// CHECK-NEXT:  }

// -----

!s3 = !qnn.fixed<3, 3, signed>
!s2 = !qnn.fixed<2, 2, signed>

// Bits of binary values do not become codes.
func.func @binary_plus_zero(%s: tensor<4x!qnn.binary>) -> tensor<2x2x!s3> {
  %zero = qnn.constant dense<0> : tensor<1xi8> as tensor<1x!s2>
  %sum = qnn.add %s, %zero : tensor<4x!qnn.binary>, tensor<1x!s2> -> tensor<4x!s3>
  %square = qnn.reshape %sum : tensor<4x!s3> -> tensor<2x2x!s3>
  func.return %square : tensor<2x2x!s3>
}

// CHECK:       func.func @binary_plus_zero(%s: tensor<4x!qnn.binary>) -> tensor<2x2x!qnn.fixed<3, 3, signed>> {
// CHECK-NEXT:    %zero = qnn.constant dense<0> : tensor<1xi8> as tensor<1x!qnn.fixed<2, 2, signed>>
// CHECK-NEXT:    %sum = qnn.add %s, %zero : tensor<4x!qnn.binary>, tensor<1x!qnn.fixed<2, 2, signed>>
// CHECK-SAME:      -> tensor<4x!qnn.fixed<3, 3, signed>>
// CHECK-NEXT:    %square = qnn.reshape %sum : tensor<4x!qnn.fixed<3, 3, signed>>
// CHECK-SAME:      -> tensor<2x2x!qnn.fixed<3, 3, signed>>
// CHECK-NEXT:    func.return %square : tensor<2x2x!qnn.fixed<3, 3, signed>>
// CHECK-NEXT:  }

// -----

!s9_4 = !qnn.fixed<9, 4, signed>
!s4_2 = !qnn.fixed<4, 2, signed>
!s3 = !qnn.fixed<3, 3, signed>
!s6_4 = !qnn.fixed<6, 4, signed>

// One rounding is left of a quantizer that only clamps more; two that round to the nearest stay.

// CHECK:       func.func @clamped_again(%x: tensor<1x!qnn.fixed<9, 4, signed>>)
// CHECK-SAME:    -> (tensor<1x!qnn.fixed<4, 2, signed>>, tensor<1x!qnn.fixed<3, 3, signed>>) {
// CHECK-NEXT:    %b = qnn.quantize %x {mode = #qnn.round<half_even, saturate_symmetric>}
// CHECK-SAME:      : tensor<1x!qnn.fixed<9, 4, signed>> -> tensor<1x!qnn.fixed<4, 2, signed>>
// CHECK-NEXT:    %c = qnn.quantize %x {mode = #qnn.round<half_even, saturate>} : tensor<1x!qnn.fixed<9, 4, signed>>
// CHECK-SAME:      -> tensor<1x!qnn.fixed<6, 4, signed>>
// CHECK-NEXT:    %d = qnn.quantize %c {mode = #qnn.round<half_even, saturate>}
// CHECK-NEXT:    func.return %b, %d
func.func @clamped_again(%x: tensor<1x!s9_4>) -> (tensor<1x!s4_2>, tensor<1x!s3>) {
  %a = qnn.quantize %x {mode = #qnn.round<half_even, saturate>} : tensor<1x!s9_4> -> tensor<1x!s6_4>
  %b = qnn.quantize %a {mode = #qnn.round<floor, saturate_symmetric>} : tensor<1x!s6_4> -> tensor<1x!s4_2>
  %c = qnn.quantize %x {mode = #qnn.round<half_even, saturate>} : tensor<1x!s9_4> -> tensor<1x!s6_4>
  %d = qnn.quantize %c {mode = #qnn.round<half_even, saturate>} : tensor<1x!s6_4> -> tensor<1x!s3>
  func.return %b, %d : tensor<1x!s4_2>, tensor<1x!s3>
}
