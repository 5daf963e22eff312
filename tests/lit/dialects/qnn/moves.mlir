// RUN: qopt %s --split-input-file --print-op-generic | qopt --split-input-file | qopt --split-input-file | filecheck %s

!s4 = !qnn.fixed<4, 4, signed>
!s4_2 = !qnn.fixed<4, 2, signed>

// CHECK:      func.func @transpose(%x: tensor<5x6x2x!qnn.fixed<4, 4, signed>>,
// CHECK-SAME: %x1: tensor<2x3x!qnn.fixed<4, 2, signed>>) {
func.func @transpose(%x: tensor<5x6x2x!s4>, %x1: tensor<2x3x!s4_2>) {
  // CHECK-NEXT: %transposed = qnn.transpose %x {permutation = array<i64: 2, 0, 1>}
  // CHECK-SAME: : tensor<5x6x2x!qnn.fixed<4, 4, signed>> -> tensor<2x5x6x!qnn.fixed<4, 4, signed>>
  %transposed = qnn.transpose %x {permutation = array<i64: 2, 0, 1>} : tensor<5x6x2x!s4> -> tensor<2x5x6x!s4>
  // CHECK-NEXT: %t = qnn.transpose %x1 {permutation = array<i64: 1, 0>} : tensor<2x3x!qnn.fixed<4, 2, signed>>
  // CHECK-SAME: -> tensor<3x2x!qnn.fixed<4, 2, signed>>
  %t = qnn.transpose %x1 {permutation = array<i64: 1, 0>} : tensor<2x3x!s4_2> -> tensor<3x2x!s4_2>
  // CHECK-NEXT: func.return
  func.return
}

// -----

!s4 = !qnn.fixed<4, 4, signed>

// CHECK:      func.func @slice(%x: tensor<5x6x2x!qnn.fixed<4, 4, signed>>, %b: tensor<2x3x!qnn.binary>) {
func.func @slice(%x: tensor<5x6x2x!s4>, %b: tensor<2x3x!qnn.binary>) {
  // CHECK-NEXT: %part = qnn.slice %x {offsets = array<i64: 1, 0, 1>, sizes = array<i64: 3, 6, 1>}
  // CHECK-SAME: : tensor<5x6x2x!qnn.fixed<4, 4, signed>> -> tensor<3x6x1x!qnn.fixed<4, 4, signed>>
  %part = qnn.slice %x {offsets = array<i64: 1, 0, 1>, sizes = array<i64: 3, 6, 1>} : tensor<5x6x2x!s4>
      -> tensor<3x6x1x!s4>
  // CHECK-NEXT: %s = qnn.slice %b {offsets = array<i64: 0, 1>, sizes = array<i64: 1, 2>} : tensor<2x3x!qnn.binary>
  // CHECK-SAME: -> tensor<1x2x!qnn.binary>
  %s = qnn.slice %b {offsets = array<i64: 0, 1>, sizes = array<i64: 1, 2>} : tensor<2x3x!qnn.binary>
      -> tensor<1x2x!qnn.binary>
  // CHECK-NEXT: func.return
  func.return
}

// -----

!s4 = !qnn.fixed<4, 4, signed>

// CHECK:      func.func @repeat(%x: tensor<5x6x2x!qnn.fixed<4, 4, signed>>, %f: tensor<2x3xf32>) {
func.func @repeat(%x: tensor<5x6x2x!s4>, %f: tensor<2x3xf32>) {
  // CHECK-NEXT: %upsampled = qnn.repeat %x {repeats = array<i64: 2, 2, 1>} : tensor<5x6x2x!qnn.fixed<4, 4, signed>>
  // CHECK-SAME: -> tensor<10x12x2x!qnn.fixed<4, 4, signed>>
  %upsampled = qnn.repeat %x {repeats = array<i64: 2, 2, 1>} : tensor<5x6x2x!s4> -> tensor<10x12x2x!s4>
  // CHECK-NEXT: %r = qnn.repeat %f {repeats = array<i64: 2, 1>} : tensor<2x3xf32> -> tensor<4x3xf32>
  %r = qnn.repeat %f {repeats = array<i64: 2, 1>} : tensor<2x3xf32> -> tensor<4x3xf32>
  // CHECK-NEXT: func.return
  func.return
}

// -----

!s4 = !qnn.fixed<4, 4, signed>
!s4_2 = !qnn.fixed<4, 2, signed>

// CHECK:      func.func @dilate(%x: tensor<5x6x2x!qnn.fixed<4, 4, signed>>,
// CHECK-SAME: %x1: tensor<2x3x!qnn.fixed<4, 2, signed>>, %b: tensor<2x3x!qnn.binary>) {
func.func @dilate(%x: tensor<5x6x2x!s4>, %x1: tensor<2x3x!s4_2>, %b: tensor<2x3x!qnn.binary>) {
  // CHECK-NEXT: %dilated = qnn.dilate %x {steps = array<i64: 2, 1, 1>} : tensor<5x6x2x!qnn.fixed<4, 4, signed>>
  // CHECK-SAME: -> tensor<9x6x2x!qnn.fixed<4, 4, signed>>
  %dilated = qnn.dilate %x {steps = array<i64: 2, 1, 1>} : tensor<5x6x2x!s4> -> tensor<9x6x2x!s4>
  // CHECK-NEXT: %d = qnn.dilate %x1 {steps = array<i64: 3, 1>} : tensor<2x3x!qnn.fixed<4, 2, signed>>
  // CHECK-SAME: -> tensor<4x3x!qnn.fixed<4, 2, signed>>
  %d = qnn.dilate %x1 {steps = array<i64: 3, 1>} : tensor<2x3x!s4_2> -> tensor<4x3x!s4_2>
  // Between binary values there are zeros.
  // CHECK-NEXT: %e = qnn.dilate %b {steps = array<i64: 2, 1>} : tensor<2x3x!qnn.binary>
  // CHECK-SAME: -> tensor<3x3x!qnn.fixed<2, 2, signed>>
  %e = qnn.dilate %b {steps = array<i64: 2, 1>} : tensor<2x3x!qnn.binary> -> tensor<3x3x!qnn.fixed<2, 2, signed>>
  // CHECK-NEXT: func.return
  func.return
}

// -----

!s4 = !qnn.fixed<4, 4, signed>
!s4_3 = !qnn.fixed<4, 3, signed>
!s4_2 = !qnn.fixed<4, 2, signed>
!u4 = !qnn.fixed<4, 4, unsigned>

// CHECK:      func.func @concat(%v: tensor<2x4x!qnn.fixed<4, 4, signed>>, %w2: tensor<2x1x!qnn.fixed<4, 3, signed>>,
// CHECK-SAME: %x: tensor<2x3x!qnn.fixed<4, 2, signed>>, %y: tensor<2x1x!qnn.fixed<4, 4, unsigned>>,
// CHECK-SAME: %b: tensor<2x3x!qnn.binary>) {
func.func @concat(%v: tensor<2x4x!s4>, %w2: tensor<2x1x!s4_3>, %x: tensor<2x3x!s4_2>, %y: tensor<2x1x!u4>,
    %b: tensor<2x3x!qnn.binary>) {
  // CHECK-NEXT: %joined = qnn.concat %v, %w2 {axis = 1 : i64}
  // CHECK-SAME: : tensor<2x4x!qnn.fixed<4, 4, signed>>, tensor<2x1x!qnn.fixed<4, 3, signed>>
  // CHECK-SAME: -> tensor<2x5x!qnn.fixed<5, 4, signed>>
  %joined = qnn.concat %v, %w2 {axis = 1 : i64} : tensor<2x4x!s4>, tensor<2x1x!s4_3>
      -> tensor<2x5x!qnn.fixed<5, 4, signed>>
  // The finest step, and room for every value: 15 in steps of 1/4.
  // CHECK-NEXT: %c = qnn.concat %x, %y, %x {axis = 1 : i64}
  // CHECK-SAME: : tensor<2x3x!qnn.fixed<4, 2, signed>>, tensor<2x1x!qnn.fixed<4, 4, unsigned>>,
  // CHECK-SAME: tensor<2x3x!qnn.fixed<4, 2, signed>> -> tensor<2x7x!qnn.fixed<7, 5, signed>>
  %c = qnn.concat %x, %y, %x {axis = 1 : i64} : tensor<2x3x!s4_2>, tensor<2x1x!u4>, tensor<2x3x!s4_2>
      -> tensor<2x7x!qnn.fixed<7, 5, signed>>
  // CHECK-NEXT: %d = qnn.concat %b, %b {axis = 0 : i64} : tensor<2x3x!qnn.binary>, tensor<2x3x!qnn.binary>
  // CHECK-SAME: -> tensor<4x3x!qnn.binary>
  %d = qnn.concat %b, %b {axis = 0 : i64} : tensor<2x3x!qnn.binary>, tensor<2x3x!qnn.binary> -> tensor<4x3x!qnn.binary>
  // CHECK-NEXT: func.return
  func.return
}
