// RUN: qopt %s -p lower-to-loops --verify-each --split-input-file | filecheck %s

!s3 = !qnn.fixed<3, 3, signed>
!s4 = !qnn.fixed<4, 4, signed>
!s8 = !qnn.fixed<8, 8, signed>
!u2 = !qnn.fixed<2, 2, unsigned>

// Two of four outputs at a time: a group of weights is one word, and so are its thresholds.
func.func @folded(%x: tensor<3x!s3>) -> tensor<4x!u2> {
  %kernel = qnn.constant dense<[[0, 1, 2, 3], [1, 2, 3, -4], [2, 3, -4, -3]]> : tensor<3x4xi8> as tensor<3x4x!s3>
  %levels = qnn.constant dense<[[1, 2, 3], [-1, 0, 1], [4, 5, 6], [0, 2, 4]]> : tensor<4x3xi8> as tensor<4x3x!s4>
  %dense = qnn.dense %x, %kernel {hls.pe = 2 : i64} : tensor<3x!s3>, tensor<3x4x!s3> -> tensor<4x!s8>
  %y = qnn.threshold %dense, %levels {first = 0 : i64} : tensor<4x!s8>, tensor<4x3x!s4> -> tensor<4x!u2>
  func.return %y : tensor<4x!u2>
}

// CHECK:       %kernel = hlscpp.rom {{.*}} : tensor<2x2x3xi8>
// CHECK-NEXT:    hlscpp.array_reshape %kernel kind = complete, dim = 2
// CHECK-NEXT:    hlscpp.array_reshape %kernel kind = complete, dim = 3
// CHECK-NEXT:    %levels = hlscpp.rom dense<[[[1, 2, 3], [-1, 0, 1]], [[4, 5, 6], [0, 2, 4]]]> : tensor<2x2x3xi8>
// CHECK-NEXT:    hlscpp.array_reshape %levels kind = complete, dim = 2
// CHECK-NEXT:    hlscpp.array_reshape %levels kind = complete, dim = 3
// CHECK:         %{{.*}} = hlscpp.load %levels[%group, %pe, %k]

// -----

!s6 = !qnn.fixed<6, 6, signed>
!u2 = !qnn.fixed<2, 2, unsigned>

// A search reads the thresholds at an address of its own in each step.
func.func @search(%x: tensor<2x!s6>) -> tensor<2x!u2> {
  %levels = qnn.constant dense<[[1, 2, 3], [-1, 0, 1]]> : tensor<2x3xi8> as tensor<2x3x!s6>
  %y = qnn.threshold %x, %levels {first = 0 : i64, form = #qnn.form<search>}
    : tensor<2x!s6>, tensor<2x3x!s6> -> tensor<2x!u2>
  func.return %y : tensor<2x!u2>
}

// CHECK:       %levels = hlscpp.rom {{.*}} : tensor<2x3xi8>
// CHECK-NEXT:    hlscpp.for %i = 0 to 2

// -----

!u2 = !qnn.fixed<2, 2, unsigned>

// All at once: every index of the thresholds is known, that of a table is not.
func.func @wires(%x: tensor<2x!u2>) -> tensor<2x!u2> attributes {hls.interval = 1 : i64} {
  %levels = qnn.constant dense<[[1, 2, 3], [0, 1, 2]]> : tensor<2x3xi8> as tensor<2x3x!u2>
  %table = qnn.constant dense<[[3, 1, 2, 0]]> : tensor<1x4xi8> as tensor<1x4x!u2>
  %y = qnn.threshold %x, %levels {first = 0 : i64} : tensor<2x!u2>, tensor<2x3x!u2> -> tensor<2x!u2>
  %z = qnn.lookup %y, %table {first = 0 : i64} : tensor<2x!u2>, tensor<1x4x!u2> -> tensor<2x!u2>
  func.return %z : tensor<2x!u2>
}

// CHECK:       %levels = hlscpp.rom {{.*}} : tensor<2x3xi8>
// CHECK-NEXT:    hlscpp.array_partition %levels kind = complete, dim = 0
// CHECK-NEXT:    %table = hlscpp.rom {{.*}} : tensor<1x4xi8>
// CHECK-NEXT:    hlscpp.for %i = 0 to 2
