// RUN: qopt %s -p canonicalize --verify-each | filecheck %s

!u3_2 = !qnn.fixed<3, 2, unsigned>
!u3_1 = !qnn.fixed<3, 1, unsigned>
!s4_2 = !qnn.fixed<4, 2, signed>
!s4 = !qnn.fixed<4, 4, signed>
!u2 = !qnn.fixed<2, 2, unsigned>
!s6 = !qnn.fixed<6, 6, signed>
!row = tensor<1x4x2x!qnn.fixed<4, 2, signed>>
!steps = tensor<4x2x!qnn.fixed<4, 2, signed>>

// Moves that move nothing disappear.
// CHECK:      func.func @identities(%x: tensor<4x2x!qnn.fixed<4, 2, signed>>) -> tensor<4x2x!qnn.fixed<4, 2, signed>> {
// CHECK-NEXT:   func.return %x
func.func @identities(%x: !steps) -> !steps {
  %a = qnn.transpose %x {permutation = array<i64: 0, 1>} : !steps -> !steps
  %b = qnn.slice %a {offsets = array<i64: 0, 0>, sizes = array<i64: 4, 2>} : !steps -> !steps
  %c = qnn.repeat %b {repeats = array<i64: 1, 1>} : !steps -> !steps
  %d = qnn.dilate %c {steps = array<i64: 1, 1>} : !steps -> !steps
  func.return %d : !steps
}

// Between two layers on sequences the reshapes meet and cancel.
// CHECK:      func.func @sequence(%x: tensor<1x4x2x!qnn.fixed<4, 2, signed>>)
// CHECK-SAME:   -> tensor<1x4x2x!qnn.fixed<3, 2, unsigned>> {
// CHECK-NEXT:   %a_unshaped = qnn.relu %x : tensor<1x4x2x!qnn.fixed<4, 2, signed>>
// CHECK-SAME:     -> tensor<1x4x2x!qnn.fixed<3, 1, unsigned>>
// CHECK-NEXT:   %b_unshaped = qnn.quantize %a_unshaped {mode = #qnn.round<half_even, saturate>}
// CHECK-SAME:     : tensor<1x4x2x!qnn.fixed<3, 1, unsigned>> -> tensor<1x4x2x!qnn.fixed<3, 2, unsigned>>
// CHECK-NEXT:   func.return %b_unshaped
func.func @sequence(%x: !row) -> tensor<1x4x2x!u3_2> {
  %s = qnn.reshape %x : !row -> !steps
  %a = qnn.relu %s : !steps -> tensor<4x2x!u3_1>
  %b = qnn.quantize %a {mode = #qnn.round<half_even, saturate>} : tensor<4x2x!u3_1> -> tensor<4x2x!u3_2>
  %y = qnn.reshape %b : tensor<4x2x!u3_2> -> tensor<1x4x2x!u3_2>
  func.return %y : tensor<1x4x2x!u3_2>
}

// Channels that a reshape moves are others to a function per channel: it stays where it is.
// CHECK:      func.func @flat(
// CHECK:        %s = qnn.reshape
// CHECK-NEXT:   %a = qnn.relu %s
func.func @flat(%x: !row) -> tensor<8x!u3_1> {
  %s = qnn.reshape %x : !row -> tensor<8x!s4_2>
  %a = qnn.relu %s : tensor<8x!s4_2> -> tensor<8x!u3_1>
  func.return %a : tensor<8x!u3_1>
}

// A factor per position is none per channel, even where there are as many.
// CHECK:      func.func @positions(
// CHECK:        %m = qnn.mul
// CHECK:        %y = qnn.threshold %m
func.func @positions(%x: tensor<1x2x2x!s4>) -> tensor<1x2x2x!qnn.binary> {
  %w = qnn.constant dense<[[[2], [3]]]> : tensor<1x2x1xi8> as tensor<1x2x1x!u2>
  %m = qnn.mul %x, %w : tensor<1x2x2x!s4>, tensor<1x2x1x!u2> -> tensor<1x2x2x!s6>
  %t = qnn.constant dense<[[5]]> : tensor<1x1xi8> as tensor<1x1x!s4>
  %y = qnn.threshold %m, %t {first = 0 : i64} : tensor<1x2x2x!s6>, tensor<1x1x!s4> -> tensor<1x2x2x!qnn.binary>
  func.return %y : tensor<1x2x2x!qnn.binary>
}

// So they do around any function of single elements, as its class declares.
// CHECK:      func.func @leaky(%x: tensor<1x4x2x!qnn.fixed<4, 2, signed>>) -> tensor<1x4x2x!qnn.fixed<5, 2, signed>> {
// CHECK-NEXT:   %a_unshaped = qnn.leaky_relu %x {slope_exponent = -1 : i64}
// CHECK-NEXT:   func.return %a_unshaped
func.func @leaky(%x: !row) -> tensor<1x4x2x!qnn.fixed<5, 2, signed>> {
  %s = qnn.reshape %x : !row -> !steps
  %a = qnn.leaky_relu %s {slope_exponent = -1 : i64} : !steps -> tensor<4x2x!qnn.fixed<5, 2, signed>>
  %y = qnn.reshape %a : tensor<4x2x!qnn.fixed<5, 2, signed>> -> tensor<1x4x2x!qnn.fixed<5, 2, signed>>
  func.return %y : tensor<1x4x2x!qnn.fixed<5, 2, signed>>
}
