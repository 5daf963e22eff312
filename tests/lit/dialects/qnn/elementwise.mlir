// RUN: qopt %s --split-input-file --print-op-generic | qopt --split-input-file | qopt --split-input-file | filecheck %s
// RUN: qopt %s --print-op-generic --split-input-file | filecheck %s --check-prefix=GENERIC

!s8_3 = !qnn.fixed<8, 3, signed>

// CHECK:      func.func @add(%x: tensor<4x!qnn.fixed<8, 3, signed>>, %f: tensor<4xf32>) {
func.func @add(%x: tensor<4x!s8_3>, %f: tensor<4xf32>) {
  // CHECK-NEXT: %add = qnn.add %x, %x : tensor<4x!qnn.fixed<8, 3, signed>>, tensor<4x!qnn.fixed<8, 3, signed>>
  // CHECK-SAME: -> tensor<4x!qnn.fixed<9, 4, signed>>
  %add = qnn.add %x, %x : tensor<4x!s8_3>, tensor<4x!s8_3> -> tensor<4x!qnn.fixed<9, 4, signed>>
  // CHECK-NEXT: %add_float = qnn.add %x, %f : tensor<4x!qnn.fixed<8, 3, signed>>, tensor<4xf32> -> tensor<4xf32>
  %add_float = qnn.add %x, %f : tensor<4x!s8_3>, tensor<4xf32> -> tensor<4xf32>
  // CHECK-NEXT: func.return
  func.return
}

// -----

!s8_3 = !qnn.fixed<8, 3, signed>
!s4_2 = !qnn.fixed<4, 2, signed>
!u4 = !qnn.fixed<4, 4, unsigned>

// CHECK:      func.func @sub(%x: tensor<4x!qnn.fixed<8, 3, signed>>, %scale: tensor<4x!qnn.po2<0, 3, unsigned>>,
// CHECK-SAME: %x1: tensor<2x3x!qnn.fixed<4, 2, signed>>, %y: tensor<3x!qnn.fixed<4, 4, unsigned>>) {
func.func @sub(%x: tensor<4x!s8_3>, %scale: tensor<4x!qnn.po2<0, 3, unsigned>>, %x1: tensor<2x3x!s4_2>,
    %y: tensor<3x!u4>) {
  // CHECK-NEXT: %sub = qnn.sub %x, %scale : tensor<4x!qnn.fixed<8, 3, signed>>, tensor<4x!qnn.po2<0, 3, unsigned>>
  // CHECK-SAME: -> tensor<4x!qnn.fixed<10, 5, signed>>
  %sub = qnn.sub %x, %scale : tensor<4x!s8_3>, tensor<4x!qnn.po2<0, 3, unsigned>> -> tensor<4x!qnn.fixed<10, 5, signed>>
  // CHECK-NEXT: %z = qnn.sub %x1, %y : tensor<2x3x!qnn.fixed<4, 2, signed>>, tensor<3x!qnn.fixed<4, 4, unsigned>>
  // CHECK-SAME: -> tensor<2x3x!qnn.fixed<8, 6, signed>>
  %z = qnn.sub %x1, %y : tensor<2x3x!s4_2>, tensor<3x!u4> -> tensor<2x3x!qnn.fixed<8, 6, signed>>
  // CHECK-NEXT: func.return
  func.return
}

// -----

!s8_3 = !qnn.fixed<8, 3, signed>

// CHECK:      func.func @mul(%x: tensor<4x!qnn.fixed<8, 3, signed>>, %scale: tensor<4x!qnn.po2<0, 3, unsigned>>) {
func.func @mul(%x: tensor<4x!s8_3>, %scale: tensor<4x!qnn.po2<0, 3, unsigned>>) {
  // CHECK-NEXT: %mul = qnn.mul %x, %scale {product = #qnn.product<shift>}
  // CHECK-SAME: : tensor<4x!qnn.fixed<8, 3, signed>>, tensor<4x!qnn.po2<0, 3, unsigned>>
  // CHECK-SAME: -> tensor<4x!qnn.fixed<11, 6, signed>>
  %mul = qnn.mul %x, %scale {product = #qnn.product<shift>} : tensor<4x!s8_3>, tensor<4x!qnn.po2<0, 3, unsigned>>
      -> tensor<4x!qnn.fixed<11, 6, signed>>
  // CHECK-NEXT: func.return
  func.return
}

// -----

!s8_3 = !qnn.fixed<8, 3, signed>

// GENERIC: "qnn.shift"(%x) <{by = -3 : i64}>
// CHECK:      func.func @shift(%x: tensor<4x!qnn.fixed<8, 3, signed>>) {
func.func @shift(%x: tensor<4x!s8_3>) {
  // CHECK-NEXT: %shift = qnn.shift %x {by = -3 : i64} : tensor<4x!qnn.fixed<8, 3, signed>>
  // CHECK-SAME: -> tensor<4x!qnn.fixed<8, 0, signed>>
  %shift = qnn.shift %x {by = -3 : i64} : tensor<4x!s8_3> -> tensor<4x!qnn.fixed<8, 0, signed>>
  // CHECK-NEXT: func.return
  func.return
}

// -----

!s8_3 = !qnn.fixed<8, 3, signed>

// CHECK:      func.func @relu(%x: tensor<4x!qnn.fixed<8, 3, signed>>, %f: tensor<4xf32>) {
func.func @relu(%x: tensor<4x!s8_3>, %f: tensor<4xf32>) {
  // CHECK-NEXT: %relu = qnn.relu %x : tensor<4x!qnn.fixed<8, 3, signed>> -> tensor<4x!qnn.fixed<7, 2, unsigned>>
  %relu = qnn.relu %x : tensor<4x!s8_3> -> tensor<4x!qnn.fixed<7, 2, unsigned>>
  // CHECK-NEXT: %relu_float = qnn.relu %f : tensor<4xf32> -> tensor<4xf32>
  %relu_float = qnn.relu %f : tensor<4xf32> -> tensor<4xf32>
  // CHECK-NEXT: func.return
  func.return
}
