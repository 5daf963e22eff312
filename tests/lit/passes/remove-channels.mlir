// RUN: qopt %s -p remove-channels --verify-each --split-input-file | filecheck %s

!u4 = !qnn.fixed<4, 4, unsigned>
!s4 = !qnn.fixed<4, 4, signed>
!s2 = !qnn.fixed<2, 2, signed>
!s6 = !qnn.fixed<6, 6, signed>
!u2 = !qnn.fixed<2, 2, unsigned>
!u1 = !qnn.fixed<1, 1, unsigned>

// Channel 0 stays. Channel 1 is computed as channel 0: 1 + 2 = 3 fits no more into 2 bits. Channel 2 is never above 15
// and always code 0, channel 3 always passes: 1 * 2. Channel 4 has weight 0.
func.func @reasons(%x: tensor<1x!u4>) -> tensor<1x!s4> {
  %first = qnn.constant dense<[[1, 1, 1, 1, -1]]> : tensor<1x5xi8> as tensor<1x5x!s2>
  %levels = qnn.constant dense<[[7], [7], [16], [-1], [-3]]> : tensor<5x1xi8> as tensor<5x1x!s6>
  %second = qnn.constant dense<[[1], [2], [1], [2], [0]]> : tensor<5x1xi8> as tensor<5x1x!u2>
  %a = qnn.dense %x, %first : tensor<1x!u4>, tensor<1x5x!s2> -> tensor<5x!s6>
  %b = qnn.threshold %a, %levels {first = 0 : i64, uncertified = array<i64: 0, 3>} : tensor<5x!s6>, tensor<5x1x!s6>
      -> tensor<5x!u1>
  %c = qnn.dense %b, %second : tensor<5x!u1>, tensor<5x1x!u2> -> tensor<1x!s4>
  func.return %c : tensor<1x!s4>
}

// CHECK:       func.func @reasons(%x: tensor<1x!qnn.fixed<4, 4, unsigned>>)
// CHECK-SAME:    -> tensor<1x!qnn.fixed<4, 4, signed>> attributes
// CHECK-SAME:    {qnn.remarks = ["'c': 4 of 5 input channels removed (1 dead, 2 constant, 1 identical)",
// CHECK-SAME:    "removed channels: 8 products, {{[0-9.]+}} bytes of constants less"]} {
// CHECK-NEXT:    %first_kept = qnn.constant dense<1> : tensor<1x1xi8> as tensor<1x1x!qnn.fixed<2, 2, signed>>
// CHECK-NEXT:    %a_kept = qnn.dense %x, %first_kept
// CHECK-SAME:      : tensor<1x!qnn.fixed<4, 4, unsigned>>, tensor<1x1x!qnn.fixed<2, 2, signed>>
// CHECK-SAME:      -> tensor<1x!qnn.fixed<6, 6, signed>>
// CHECK-NEXT:    %levels_kept = qnn.constant dense<7> : tensor<1x1xi8> as tensor<1x1x!qnn.fixed<6, 6, signed>>
// CHECK-NEXT:    %b_kept = qnn.threshold %a_kept, %levels_kept {first = 0 : i64, uncertified = array<i64: 0>}
// CHECK-SAME:      : tensor<1x!qnn.fixed<6, 6, signed>>, tensor<1x1x!qnn.fixed<6, 6, signed>>
// CHECK-SAME:      -> tensor<1x!qnn.fixed<1, 1, unsigned>>
// CHECK-NEXT:    %second_kept = qnn.constant dense<3> : tensor<1x1xi8> as tensor<1x1x!qnn.fixed<2, 2, unsigned>>
// CHECK-NEXT:    %c_varying = qnn.dense %b_kept, %second_kept
// CHECK-SAME:      : tensor<1x!qnn.fixed<1, 1, unsigned>>, tensor<1x1x!qnn.fixed<2, 2, unsigned>>
// CHECK-SAME:      -> tensor<1x!qnn.fixed<2, 2, unsigned>>
// CHECK-NEXT:    %c_constant = qnn.constant dense<2> : tensor<1xi8> as tensor<1x!qnn.fixed<2, 2, unsigned>>
// CHECK-NEXT:    %c = qnn.add %c_varying, %c_constant
// CHECK-SAME:      : tensor<1x!qnn.fixed<2, 2, unsigned>>, tensor<1x!qnn.fixed<2, 2, unsigned>>
// CHECK-SAME:      -> tensor<1x!qnn.fixed<4, 4, signed>>
// CHECK-NEXT:    func.return %c : tensor<1x!qnn.fixed<4, 4, signed>>

// -----

!s4 = !qnn.fixed<4, 4, signed>
!s3 = !qnn.fixed<3, 3, signed>
!u1 = !qnn.fixed<1, 1, unsigned>

// A channel that is returned stays; sums of weights of -1 and +1 would need a multiplier, so that equal channels stay.
func.func @kept(%x: tensor<1x!s4>) -> (tensor<2x!qnn.binary>, tensor<1x!s3>) {
  %first = qnn.constant dense<1> : tensor<1x2xi8> as tensor<1x2x!u1>
  %second = qnn.constant dense<1> : tensor<2x1xi8> as tensor<2x1x!qnn.binary>
  %a = qnn.dense %x, %first : tensor<1x!s4>, tensor<1x2x!u1> -> tensor<2x!s4>
  %b = qnn.quantize %a {mode = #qnn.sign} : tensor<2x!s4> -> tensor<2x!qnn.binary>
  %c = qnn.dense %b, %second : tensor<2x!qnn.binary>, tensor<2x1x!qnn.binary>
      -> tensor<1x!s3>
  func.return %b, %c : tensor<2x!qnn.binary>, tensor<1x!s3>
}

// CHECK:       func.func @kept(%x: tensor<1x!qnn.fixed<4, 4, signed>>)
// CHECK-SAME:    -> (tensor<2x!qnn.binary>, tensor<1x!qnn.fixed<3, 3, signed>>) {
// CHECK:         %a = qnn.dense
// CHECK:         %c = qnn.dense
