// The forms of kernels in one pipeline, small.
!s5 = !qnn.fixed<5, 3, signed>
!s4 = !qnn.fixed<4, 1, signed>
!u3 = !qnn.fixed<3, 2, unsigned>
!s11 = !qnn.fixed<11, 6, signed>

// Words by weights, rounded.
func.func @dense(%x: tensor<4x!s5>) -> tensor<3x!u3> {
  %k = qnn.constant dense<[[7, -3, 0], [-5, 2, 1], [1, 1, -8], [4, 0, 3]]> : tensor<4x3xi8> as tensor<4x3x!s4>
  %y = qnn.dense %x, %k : tensor<4x!s5>, tensor<4x3x!s4> -> tensor<3x!s11>
  %q = qnn.quantize %y {mode = #qnn.round<half_even, saturate>} : tensor<3x!s11> -> tensor<3x!u3>
  func.return %q : tensor<3x!u3>
}

// -----

!s5 = !qnn.fixed<5, 5, signed>
!u3 = !qnn.fixed<3, 3, unsigned>

// Bits by weights of {-1, 0, +1}, thresholds.
func.func @popcount(%x: tensor<9x!qnn.binary>) -> tensor<2x!u3> {
  %k = qnn.constant dense<[[[3], [3], [3], [1], [2], [3], [3], [3], [3]], [[1], [3], [2], [1], [2], [3], [0], [3], [1]]]>
    : tensor<2x9x1xi8> as tensor<9x2x!qnn.ternary>
  %y = qnn.dense %x, %k : tensor<9x!qnn.binary>, tensor<9x2x!qnn.ternary> -> tensor<2x!s5>
  %t = qnn.constant dense<[[-3, 0, 1, 5]]> : tensor<1x4xi8> as tensor<1x4x!s5>
  %q = qnn.threshold %y, %t {first = 0 : i64} : tensor<2x!s5>, tensor<1x4x!s5> -> tensor<2x!u3>
  func.return %q : tensor<2x!u3>
}

// -----

!u3 = !qnn.fixed<3, 3, unsigned>
!s3 = !qnn.fixed<3, 3, signed>
!s9 = !qnn.fixed<9, 9, signed>

// Windows, and the largest of windows.
func.func @convolution(%x: tensor<4x4x2x!u3>) -> tensor<1x1x2x!s9> {
  %k = qnn.constant dense<[[[[1, -2], [3, 0]], [[-1, 2], [2, 2]]], [[[0, 1], [-4, 3]], [[1, 1], [-1, 0]]]]>
    : tensor<2x2x2x2xi8> as tensor<2x2x2x2x!s3>
  %y = qnn.conv2d %x, %k : tensor<4x4x2x!u3>, tensor<2x2x2x2x!s3> -> tensor<3x3x2x!s9>
  %p = qnn.max_pool2d %y {pool = array<i64: 2, 2>, strides = array<i64: 2, 2>}
    : tensor<3x3x2x!s9> -> tensor<1x1x2x!s9>
  func.return %p : tensor<1x1x2x!s9>
}

// -----

!u3 = !qnn.fixed<3, 3, unsigned>
!s6 = !qnn.fixed<6, 6, signed>

// A table, and the sum of two values.
func.func @table(%x: tensor<3x!u3>) -> tensor<3x!s6> {
  %t = qnn.constant dense<[[-9, 4, 0, 13, -2, 7, 1, -16]]> : tensor<1x8xi8> as tensor<1x8x!s6>
  %l = qnn.lookup %x, %t {first = 0 : i64} : tensor<3x!u3>, tensor<1x8x!s6> -> tensor<3x!s6>
  %s = qnn.add %l, %x : tensor<3x!s6>, tensor<3x!u3> -> tensor<3x!qnn.fixed<7, 7, signed>>
  %q = qnn.quantize %s {mode = #qnn.round<floor, saturate>} : tensor<3x!qnn.fixed<7, 7, signed>> -> tensor<3x!s6>
  func.return %q : tensor<3x!s6>
}
