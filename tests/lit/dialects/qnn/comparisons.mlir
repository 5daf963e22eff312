// RUN: qopt %s --split-input-file --print-op-generic | qopt --split-input-file | qopt --split-input-file | filecheck %s

!s8_3 = !qnn.fixed<8, 3, signed>
!s3_2 = !qnn.fixed<3, 2, signed>

// CHECK:      func.func @maximum(%x: tensor<4x!qnn.fixed<8, 3, signed>>, %scale: tensor<4x!qnn.po2<0, 3, unsigned>>,
// CHECK-SAME: %c: tensor<1x!qnn.fixed<3, 2, signed>>) {
func.func @maximum(%x: tensor<4x!s8_3>, %scale: tensor<4x!qnn.po2<0, 3, unsigned>>, %c: tensor<1x!s3_2>) {
  // CHECK-NEXT: %maximum = qnn.maximum %x, %scale
  // CHECK-SAME: : tensor<4x!qnn.fixed<8, 3, signed>>, tensor<4x!qnn.po2<0, 3, unsigned>>
  // CHECK-SAME: -> tensor<4x!qnn.fixed<9, 4, unsigned>>
  %maximum = qnn.maximum %x, %scale : tensor<4x!s8_3>, tensor<4x!qnn.po2<0, 3, unsigned>>
      -> tensor<4x!qnn.fixed<9, 4, unsigned>>
  // CHECK-NEXT: %a = qnn.maximum %x, %c : tensor<4x!qnn.fixed<8, 3, signed>>, tensor<1x!qnn.fixed<3, 2, signed>>
  // CHECK-SAME: -> tensor<4x!qnn.fixed<8, 3, signed>>
  %a = qnn.maximum %x, %c : tensor<4x!s8_3>, tensor<1x!s3_2> -> tensor<4x!s8_3>
  // CHECK-NEXT: func.return
  func.return
}

// -----

!s8_3 = !qnn.fixed<8, 3, signed>
!s3_2 = !qnn.fixed<3, 2, signed>

// CHECK:      func.func @minimum(%x: tensor<4x!qnn.fixed<8, 3, signed>>, %f: tensor<4xf32>,
// CHECK-SAME: %c: tensor<1x!qnn.fixed<3, 2, signed>>) {
func.func @minimum(%x: tensor<4x!s8_3>, %f: tensor<4xf32>, %c: tensor<1x!s3_2>) {
  // CHECK-NEXT: %minimum = qnn.minimum %x, %x
  // CHECK-SAME: : tensor<4x!qnn.fixed<8, 3, signed>>, tensor<4x!qnn.fixed<8, 3, signed>>
  // CHECK-SAME: -> tensor<4x!qnn.fixed<8, 3, signed>>
  %minimum = qnn.minimum %x, %x : tensor<4x!s8_3>, tensor<4x!s8_3> -> tensor<4x!s8_3>
  // CHECK-NEXT: %b = qnn.minimum %f, %c : tensor<4xf32>, tensor<1x!qnn.fixed<3, 2, signed>> -> tensor<4xf32>
  %b = qnn.minimum %f, %c : tensor<4xf32>, tensor<1x!s3_2> -> tensor<4xf32>
  // CHECK-NEXT: func.return
  func.return
}

// -----

!s8_3 = !qnn.fixed<8, 3, signed>

// CHECK:      func.func @leaky_relu(%x: tensor<4x!qnn.fixed<8, 3, signed>>) {
func.func @leaky_relu(%x: tensor<4x!s8_3>) {
  // CHECK-NEXT: %leaky = qnn.leaky_relu %x {slope_exponent = -2 : i64} : tensor<4x!qnn.fixed<8, 3, signed>>
  // CHECK-SAME: -> tensor<4x!qnn.fixed<10, 3, signed>>
  %leaky = qnn.leaky_relu %x {slope_exponent = -2 : i64} : tensor<4x!s8_3> -> tensor<4x!qnn.fixed<10, 3, signed>>
  // CHECK-NEXT: func.return
  func.return
}
