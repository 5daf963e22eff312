// RUN: qopt %s --split-input-file --print-op-generic | qopt --split-input-file | qopt --split-input-file | filecheck %s
// RUN: qopt %s --print-op-generic --split-input-file | filecheck %s --check-prefix=GENERIC

!s4 = !qnn.fixed<4, 4, signed>

// CHECK:      func.func @dense(%v: tensor<2x4x!qnn.fixed<4, 4, signed>>, %w: tensor<4x3x!qnn.ternary>) {
func.func @dense(%v: tensor<2x4x!s4>, %w: tensor<4x3x!qnn.ternary>) {
  // CHECK-NEXT: %dense = qnn.dense %v, %w {product = #qnn.product<add_sub>}
  // CHECK-SAME: : tensor<2x4x!qnn.fixed<4, 4, signed>>, tensor<4x3x!qnn.ternary>
  // CHECK-SAME: -> tensor<2x3x!qnn.fixed<7, 7, signed>>
  %dense = qnn.dense %v, %w {product = #qnn.product<add_sub>} : tensor<2x4x!s4>, tensor<4x3x!qnn.ternary>
      -> tensor<2x3x!qnn.fixed<7, 7, signed>>
  // CHECK-NEXT: func.return
  func.return
}

// -----

!s4 = !qnn.fixed<4, 4, signed>
!s4_1 = !qnn.fixed<4, 1, signed>
!s11_8 = !qnn.fixed<11, 8, signed>

// GENERIC: "qnn.conv2d"(%x,
// GENERIC-SAME: %kernel) <{product = #qnn.product<multiply>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>}>
// CHECK:      func.func @conv2d(%x: tensor<5x6x2x!qnn.fixed<4, 4, signed>>,
// CHECK-SAME: %kernel: tensor<2x2x2x3x!qnn.fixed<4, 1, signed>>) {
func.func @conv2d(%x: tensor<5x6x2x!s4>, %kernel: tensor<2x2x2x3x!s4_1>) {
  // CHECK-NEXT: %conv = qnn.conv2d %x, %kernel
  // CHECK-SAME: : tensor<5x6x2x!qnn.fixed<4, 4, signed>>, tensor<2x2x2x3x!qnn.fixed<4, 1, signed>>
  // CHECK-SAME: -> tensor<4x5x3x!qnn.fixed<11, 8, signed>>
  %conv = qnn.conv2d %x, %kernel : tensor<5x6x2x!s4>, tensor<2x2x2x3x!s4_1>
      -> tensor<4x5x3x!s11_8>
  // CHECK-NEXT: %strided = qnn.conv2d %x,
  // CHECK-SAME: %kernel {strides = array<i64: 2, 3>, dilations = array<i64: 2, 1>}
  // CHECK-SAME: : tensor<5x6x2x!qnn.fixed<4, 4, signed>>, tensor<2x2x2x3x!qnn.fixed<4, 1, signed>>
  // CHECK-SAME: -> tensor<2x2x3x!qnn.fixed<11, 8, signed>>
  %strided = qnn.conv2d %x, %kernel {strides = array<i64: 2, 3>, dilations = array<i64: 2, 1>}
      : tensor<5x6x2x!s4>, tensor<2x2x2x3x!s4_1> -> tensor<2x2x3x!s11_8>
  // CHECK-NEXT: func.return
  func.return
}

// -----

!s4 = !qnn.fixed<4, 4, signed>
!s4_1 = !qnn.fixed<4, 1, signed>
!s4_2 = !qnn.fixed<4, 2, signed>

// CHECK:      func.func @depthwise_conv2d(%x: tensor<5x6x2x!qnn.fixed<4, 4, signed>>,
// CHECK-SAME: %kernel: tensor<2x2x2x3x!qnn.fixed<4, 1, signed>>, %x1: tensor<5x5x2x!qnn.fixed<4, 2, signed>>,
// CHECK-SAME: %k: tensor<3x2x2x3x!qnn.ternary>) {
func.func @depthwise_conv2d(%x: tensor<5x6x2x!s4>, %kernel: tensor<2x2x2x3x!s4_1>, %x1: tensor<5x5x2x!s4_2>,
    %k: tensor<3x2x2x3x!qnn.ternary>) {
  // CHECK-NEXT: %depthwise = qnn.depthwise_conv2d %x, %kernel
  // CHECK-SAME: : tensor<5x6x2x!qnn.fixed<4, 4, signed>>, tensor<2x2x2x3x!qnn.fixed<4, 1, signed>>
  // CHECK-SAME: -> tensor<4x5x6x!qnn.fixed<10, 7, signed>>
  %depthwise = qnn.depthwise_conv2d %x, %kernel
      : tensor<5x6x2x!s4>, tensor<2x2x2x3x!s4_1> -> tensor<4x5x6x!qnn.fixed<10, 7, signed>>
  // Six products each, whatever the number of channels.
  // CHECK-NEXT: %y = qnn.depthwise_conv2d %x1, %k {strides = array<i64: 2, 1>, product = #qnn.product<add_sub>}
  // CHECK-SAME: : tensor<5x5x2x!qnn.fixed<4, 2, signed>>, tensor<3x2x2x3x!qnn.ternary>
  // CHECK-SAME: -> tensor<2x4x6x!qnn.fixed<7, 5, signed>>
  %y = qnn.depthwise_conv2d %x1, %k {product = #qnn.product<add_sub>, strides = array<i64: 2, 1>}
      : tensor<5x5x2x!s4_2>, tensor<3x2x2x3x!qnn.ternary> -> tensor<2x4x6x!qnn.fixed<7, 5, signed>>
  // CHECK-NEXT: func.return
  func.return
}
