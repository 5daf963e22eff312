// RUN: qopt %s --split-input-file --print-op-generic | qopt --split-input-file | qopt --split-input-file | filecheck %s

// CHECK:      func.func @packed_max_pool2d(%x: tensor<4x3x!qnn.bits<70, !qnn.ternary>>) {
func.func @packed_max_pool2d(%x: tensor<4x3x!qnn.bits<70, !qnn.ternary>>) {
  // CHECK-NEXT: %pooled = qnn.packed_max_pool2d %x {pool = array<i64: 2, 1>, strides = array<i64: 2, 1>,
  // CHECK-SAME: high = array<i64: 0, 1>} : tensor<4x3x!qnn.bits<70, !qnn.ternary>>
  // CHECK-SAME: -> tensor<2x4x!qnn.bits<70, !qnn.ternary>>
  %pooled = qnn.packed_max_pool2d %x {pool = array<i64: 2, 1>, strides = array<i64: 2, 1>, high = array<i64: 0, 1>}
      : tensor<4x3x!qnn.bits<70, !qnn.ternary>> -> tensor<2x4x!qnn.bits<70, !qnn.ternary>>
  // CHECK-NEXT: func.return
  func.return
}

// -----

// CHECK:      func.func @packed_flatten(%x: tensor<4x3x!qnn.bits<70, !qnn.ternary>>) {
func.func @packed_flatten(%x: tensor<4x3x!qnn.bits<70, !qnn.ternary>>) {
  // CHECK-NEXT: %rows = qnn.packed_flatten %x {axes = 1 : i64} : tensor<4x3x!qnn.bits<70, !qnn.ternary>>
  // CHECK-SAME: -> tensor<4x!qnn.bits<210, !qnn.ternary>>
  %rows = qnn.packed_flatten %x {axes = 1 : i64} : tensor<4x3x!qnn.bits<70, !qnn.ternary>>
      -> tensor<4x!qnn.bits<210, !qnn.ternary>>
  // CHECK-NEXT: func.return
  func.return
}

// -----

// CHECK:      func.func @packed_concat(%x: tensor<4x3x!qnn.bits<70, !qnn.ternary>>,
// CHECK-SAME: %y: tensor<4x3x!qnn.bits<2, !qnn.ternary>>) {
func.func @packed_concat(%x: tensor<4x3x!qnn.bits<70, !qnn.ternary>>, %y: tensor<4x3x!qnn.bits<2, !qnn.ternary>>) {
  // CHECK-NEXT: %both = qnn.packed_concat %x, %y
  // CHECK-SAME: : tensor<4x3x!qnn.bits<70, !qnn.ternary>>, tensor<4x3x!qnn.bits<2, !qnn.ternary>>
  // CHECK-SAME: -> tensor<4x3x!qnn.bits<72, !qnn.ternary>>
  %both = qnn.packed_concat %x, %y : tensor<4x3x!qnn.bits<70, !qnn.ternary>>, tensor<4x3x!qnn.bits<2, !qnn.ternary>>
      -> tensor<4x3x!qnn.bits<72, !qnn.ternary>>
  // CHECK-NEXT: func.return
  func.return
}
