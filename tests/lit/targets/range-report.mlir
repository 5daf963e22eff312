// RUN: qopt %s -t range-report --split-input-file | filecheck %s

!u4 = !qnn.fixed<4, 4, unsigned>
!s9 = !qnn.fixed<9, 9, signed>
!s4 = !qnn.fixed<4, 4, signed>

// Inputs 0 to 15: column 0 reaches both ends, 3 * 15 and -1 * 15.
func.func @signs(%x: tensor<2x!u4>) -> tensor<2x!s9> {
  %kernel = qnn.constant dense<[[3, 1], [-1, 2]]> : tensor<2x2xi8> as tensor<2x2x!s4>
  %fc = qnn.dense %x, %kernel : tensor<2x!u4>, tensor<2x2x!s4> -> tensor<2x!s9>
  func.return %fc : tensor<2x!s9>
}

// CHECK:      value  type                         lowest  at   highest  at   bits
// CHECK-NEXT: x      !qnn.fixed<4, 4, unsigned>   0       [0]  15       [0]  4
// CHECK-NEXT: fc     !qnn.fixed<9, 9, signed>     -15     [0]  45       [0]  7
// CHECK-NEXT: fc is lowest at [0] for x = [0 15]
// CHECK-NEXT: fc is highest at [0] for x = [15 0]

// -----

!s9 = !qnn.fixed<9, 9, signed>
!s4 = !qnn.fixed<4, 4, signed>

// Inputs 1 to 4: 12 - 1 is the highest whole sum, but 12 stands in the accumulator before 1 is subtracted.
func.func @partial(%x: tensor<2x!qnn.po2<0, 2, unsigned>>) -> tensor<1x!s9> {
  %kernel = qnn.constant dense<[[3], [-1]]> : tensor<2x1xi8> as tensor<2x1x!s4>
  %fc = qnn.dense %x, %kernel
      : tensor<2x!qnn.po2<0, 2, unsigned>>, tensor<2x1x!s4> -> tensor<1x!s9>
  func.return %fc : tensor<1x!s9>
}

// CHECK:      x      !qnn.po2<0, 2, unsigned>  1       [0]  4        [0]  3
// CHECK-NEXT: fc     !qnn.fixed<9, 9, signed>  -4      [0]  12       [0]  5
// CHECK-NEXT: fc is lowest at [0] for x = [1 4], as a partial sum
// CHECK-NEXT: fc is highest at [0] for x = [4 1], as a partial sum
