// RUN: qopt %s --split-input-file --print-op-generic | qopt --split-input-file | qopt --split-input-file | filecheck %s
// RUN: qopt %s --print-op-generic --split-input-file | filecheck %s --check-prefix=GENERIC

!s4 = !qnn.fixed<4, 4, signed>

// GENERIC: "qnn.max_pool2d"(%x) <{low = array<i64: 0, 0>, high = array<i64: 0, 0>, pool = array<i64: 2, 2>,
// GENERIC-SAME: strides = array<i64: 1, 2>}>
// CHECK:      func.func @max_pool2d(%x: tensor<5x6x2x!qnn.fixed<4, 4, signed>>) {
func.func @max_pool2d(%x: tensor<5x6x2x!s4>) {
  // CHECK-NEXT: %max = qnn.max_pool2d %x {pool = array<i64: 2, 2>, strides = array<i64: 1, 2>}
  // CHECK-SAME: : tensor<5x6x2x!qnn.fixed<4, 4, signed>> -> tensor<4x3x2x!qnn.fixed<4, 4, signed>>
  %max = qnn.max_pool2d %x {pool = array<i64: 2, 2>, strides = array<i64: 1, 2>} : tensor<5x6x2x!s4>
      -> tensor<4x3x2x!s4>
  // CHECK-NEXT: %same = qnn.max_pool2d %x {pool = array<i64: 2, 2>, strides = array<i64: 2, 2>, high = array<i64: 1,
  // CHECK-SAME: 0>} : tensor<5x6x2x!qnn.fixed<4, 4, signed>> -> tensor<3x3x2x!qnn.fixed<4, 4, signed>>
  %same = qnn.max_pool2d %x {low = array<i64: 0, 0>, high = array<i64: 1, 0>, pool = array<i64: 2, 2>,
      strides = array<i64: 2, 2>} : tensor<5x6x2x!s4> -> tensor<3x3x2x!s4>
  // CHECK-NEXT: func.return
  func.return
}

// -----

!s4 = !qnn.fixed<4, 4, signed>

// CHECK:      func.func @sum_pool2d(%x: tensor<5x6x2x!qnn.fixed<4, 4, signed>>) {
func.func @sum_pool2d(%x: tensor<5x6x2x!s4>) {
  // CHECK-NEXT: %sum = qnn.sum_pool2d %x {pool = array<i64: 5, 6>, strides = array<i64: 1, 1>}
  // CHECK-SAME: : tensor<5x6x2x!qnn.fixed<4, 4, signed>> -> tensor<1x1x2x!qnn.fixed<9, 9, signed>>
  %sum = qnn.sum_pool2d %x {pool = array<i64: 5, 6>, strides = array<i64: 1, 1>} : tensor<5x6x2x!s4>
      -> tensor<1x1x2x!qnn.fixed<9, 9, signed>>
  // CHECK-NEXT: func.return
  func.return
}
