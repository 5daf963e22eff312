// RUN: qopt %s --split-input-file --print-op-generic | qopt --split-input-file | qopt --split-input-file | filecheck %s

// CHECK:      func.func @pack(%x: tensor<2x9x!qnn.binary>, %image: tensor<3x3x9x!qnn.binary>) {
func.func @pack(%x: tensor<2x9x!qnn.binary>, %image: tensor<3x3x9x!qnn.binary>) {
  // CHECK-NEXT: %bits = qnn.pack %x : tensor<2x9x!qnn.binary> -> tensor<2x!qnn.bits<9>>
  %bits = qnn.pack %x : tensor<2x9x!qnn.binary> -> tensor<2x!qnn.bits<9>>
  // CHECK-NEXT: %window = qnn.pack %image : tensor<3x3x9x!qnn.binary> -> tensor<3x3x!qnn.bits<9>>
  %window = qnn.pack %image : tensor<3x3x9x!qnn.binary> -> tensor<3x3x!qnn.bits<9>>
  // CHECK-NEXT: func.return
  func.return
}

// -----

!u6 = !qnn.fixed<6, 6, unsigned>

// CHECK:      func.func @popcount_conv2d(%window: tensor<3x3x!qnn.bits<9>>, %k: tensor<2x2x1x!qnn.bits<9>>) {
func.func @popcount_conv2d(%window: tensor<3x3x!qnn.bits<9>>, %k: tensor<2x2x1x!qnn.bits<9>>) {
  // CHECK-NEXT: %counts = qnn.popcount_conv2d %window, %k : tensor<3x3x!qnn.bits<9>>, tensor<2x2x1x!qnn.bits<9>>
  // CHECK-SAME: -> tensor<2x2x1x!qnn.fixed<6, 6, unsigned>>
  %counts = qnn.popcount_conv2d %window, %k : tensor<3x3x!qnn.bits<9>>, tensor<2x2x1x!qnn.bits<9>> -> tensor<2x2x1x!u6>
  // CHECK-NEXT: %same = qnn.popcount_conv2d %window,
  // CHECK-SAME: %k {strides = array<i64: 2, 1>, dilations = array<i64: 1, 2>, low = array<i64: 0, 1>,
  // CHECK-SAME: high = array<i64: 1, 1>} : tensor<3x3x!qnn.bits<9>>, tensor<2x2x1x!qnn.bits<9>>
  // CHECK-SAME: -> tensor<2x3x1x!qnn.fixed<6, 6, unsigned>>
  %same = qnn.popcount_conv2d %window, %k {strides = array<i64: 2, 1>, dilations = array<i64: 1, 2>,
      low = array<i64: 0, 1>, high = array<i64: 1, 1>} : tensor<3x3x!qnn.bits<9>>, tensor<2x2x1x!qnn.bits<9>>
      -> tensor<2x3x1x!u6>
  // CHECK-NEXT: func.return
  func.return
}

// -----

!u1 = !qnn.fixed<1, 1, unsigned>

// CHECK:      func.func @popcount_depthwise_conv2d(%image: tensor<3x3x9x!qnn.binary>,
// CHECK-SAME: %d: tensor<9x2x2x!qnn.bits<3, !qnn.fixed<1, 1, unsigned>>>) {
func.func @popcount_depthwise_conv2d(%image: tensor<3x3x9x!qnn.binary>, %d: tensor<9x2x2x!qnn.bits<3, !u1>>) {
  // CHECK-NEXT: %depthwise = qnn.popcount_depthwise_conv2d %image,
  // CHECK-SAME: %d {high = array<i64: 1, 0>, count = #qnn.count<balance>}
  // CHECK-SAME: : tensor<3x3x9x!qnn.binary>, tensor<9x2x2x!qnn.bits<3, !qnn.fixed<1, 1, unsigned>>>
  // CHECK-SAME: -> tensor<3x1x18x!qnn.fixed<4, 4, signed>>
  %depthwise = qnn.popcount_depthwise_conv2d %image, %d {count = #qnn.count<balance>, high = array<i64: 1, 0>}
      : tensor<3x3x9x!qnn.binary>, tensor<9x2x2x!qnn.bits<3, !u1>> -> tensor<3x1x18x!qnn.fixed<4, 4, signed>>
  // CHECK-NEXT: func.return
  func.return
}

// -----

// CHECK:      func.func @popcount_dense(%bits: tensor<2x!qnn.bits<9>>, %w: tensor<3x!qnn.bits<9>>) {
func.func @popcount_dense(%bits: tensor<2x!qnn.bits<9>>, %w: tensor<3x!qnn.bits<9>>) {
  // CHECK-NEXT: %count = qnn.popcount_dense %bits, %w : tensor<2x!qnn.bits<9>>, tensor<3x!qnn.bits<9>>
  // CHECK-SAME: -> tensor<2x3x!qnn.fixed<4, 4, unsigned>>
  %count = qnn.popcount_dense %bits, %w : tensor<2x!qnn.bits<9>>, tensor<3x!qnn.bits<9>>
      -> tensor<2x3x!qnn.fixed<4, 4, unsigned>>
  // CHECK-NEXT: func.return
  func.return
}
