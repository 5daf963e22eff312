// RUN: qopt %s -p quantize-interface,lower-to-loops -t estimates --split-input-file | filecheck %s
// RUN: qopt %s -p quantize-interface,lower-to-loops -t 'estimates{clock=1}' --split-input-file \
// RUN:   | filecheck %s --check-prefix=FAST

!u4 = !qnn.fixed<4, 4, unsigned>
!s9 = !qnn.fixed<9, 9, signed>
!s3 = !qnn.fixed<3, 3, signed>

// One output in each cycle: a multiplier for each of three inputs, and an adder for all but one.
func.func @multiply(%x: tensor<3x!u4>) -> tensor<2x!s9> {
  %w = qnn.constant dense<[[3, -1], [2, 0], [-4, 1]]> : tensor<3x2xi8> as tensor<3x2x!s3>
  %fc = qnn.dense %x, %w : tensor<3x!u4>, tensor<3x2x!s3> -> tensor<2x!s9>
  func.return %fc : tensor<2x!s9>
}

// CHECK:      estimates at 5 ns, from a cost model (docs/estimates.md); no synthesis was run
// CHECK-NEXT: function  multipliers  adders  LUT
// CHECK-NEXT: fc        3            2
// CHECK-NEXT: multiply  3            2

// FAST: estimates at 1 ns

// -----

!u4 = !qnn.fixed<4, 4, unsigned>
!s9 = !qnn.fixed<9, 9, signed>

// Additions and subtractions only.
func.func @signs(%x: tensor<3x!u4>) -> tensor<2x!s9> {
  %w = qnn.constant dense<[[1], [3], [2]]> : tensor<3x1xi8> as tensor<3x2x!qnn.binary>
  %fc = qnn.dense %x, %w {product = #qnn.product<add_sub>} : tensor<3x!u4>, tensor<3x2x!qnn.binary> -> tensor<2x!s9>
  func.return %fc : tensor<2x!s9>
}

// CHECK:      function  multipliers  adders
// CHECK-NEXT: fc        0            2
