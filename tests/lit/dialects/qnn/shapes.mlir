// RUN: qopt %s --split-input-file --print-op-generic | qopt --split-input-file | qopt --split-input-file | filecheck %s

!s4 = !qnn.fixed<4, 4, signed>

// CHECK:      func.func @pad(%x: tensor<5x6x2x!qnn.fixed<4, 4, signed>>, %x1: tensor<2x!qnn.po2<-1, 2, unsigned>>) {
func.func @pad(%x: tensor<5x6x2x!s4>, %x1: tensor<2x!qnn.po2<-1, 2, unsigned>>) {
  // CHECK-NEXT: %pad = qnn.pad %x {low = array<i64: 1, 0, 0>, high = array<i64: 1, 2, 0>}
  // CHECK-SAME: : tensor<5x6x2x!qnn.fixed<4, 4, signed>> -> tensor<7x8x2x!qnn.fixed<4, 4, signed>>
  %pad = qnn.pad %x {low = array<i64: 1, 0, 0>, high = array<i64: 1, 2, 0>} : tensor<5x6x2x!s4> -> tensor<7x8x2x!s4>
  // CHECK-NEXT: %y = qnn.pad %x1 {low = array<i64: 1>, high = array<i64: 0>} : tensor<2x!qnn.po2<-1, 2, unsigned>>
  // CHECK-SAME: -> tensor<3x!qnn.po2<-1, 2, unsigned, zero>>
  %y = qnn.pad %x1 {low = array<i64: 1>, high = array<i64: 0>} : tensor<2x!qnn.po2<-1, 2, unsigned>>
      -> tensor<3x!qnn.po2<-1, 2, unsigned, zero>>
  // CHECK-NEXT: func.return
  func.return
}

// -----

!s4 = !qnn.fixed<4, 4, signed>

// CHECK:      func.func @reshape(%v: tensor<2x4x!qnn.fixed<4, 4, signed>>) {
func.func @reshape(%v: tensor<2x4x!s4>) {
  // CHECK-NEXT: %flat = qnn.reshape %v : tensor<2x4x!qnn.fixed<4, 4, signed>> -> tensor<8x!qnn.fixed<4, 4, signed>>
  %flat = qnn.reshape %v : tensor<2x4x!s4> -> tensor<8x!s4>
  // CHECK-NEXT: func.return
  func.return
}
