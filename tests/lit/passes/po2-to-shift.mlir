// RUN: qopt %s -p po2-to-shift --verify-each --split-input-file | filecheck %s

!s4 = !qnn.fixed<4, 4, signed>
!s7_5 = !qnn.fixed<7, 5, signed>
!s9_7 = !qnn.fixed<9, 7, signed>
!s5_3 = !qnn.fixed<5, 3, signed>

// A kernel of powers of two, and one of fixed point that happens to hold nothing else: 4, -1, 8, 2 in steps of 1/4 are
// the exponents 2, 0, 3, 1 above -2, stored twice plus the sign.
func.func @kernels(%x: tensor<2x!s4>) -> (tensor<2x!s7_5>, tensor<2x!s9_7>) {
  %po2 = qnn.constant dense<[[0, 3], [2, 1]]> : tensor<2x2xi8> as tensor<2x2x!qnn.po2<-2, -1, signed>>
  %fixed = qnn.constant dense<[[4, -1], [8, 2]]> : tensor<2x2xi8> as tensor<2x2x!s5_3>
  %a = qnn.dense %x, %po2 : tensor<2x!s4>, tensor<2x2x!qnn.po2<-2, -1, signed>>
      -> tensor<2x!s7_5>
  %b = qnn.dense %x, %fixed : tensor<2x!s4>, tensor<2x2x!s5_3> -> tensor<2x!s9_7>
  func.return %a, %b : tensor<2x!s7_5>, tensor<2x!s9_7>
}

// CHECK:       func.func @kernels(%x: tensor<2x!qnn.fixed<4, 4, signed>>)
// CHECK-SAME:    -> (tensor<2x!qnn.fixed<7, 5, signed>>, tensor<2x!qnn.fixed<9, 7, signed>>) {
// CHECK-NEXT:    %po2 = qnn.constant dense<{{\[\[}}0, 3], [2, 1]]>
// CHECK-SAME:      : tensor<2x2xi8> as tensor<2x2x!qnn.po2<-2, -1, signed>>
// CHECK-NEXT:    %a = qnn.dense %x, %po2 {product = #qnn.product<shift>}
// CHECK-SAME:      : tensor<2x!qnn.fixed<4, 4, signed>>, tensor<2x2x!qnn.po2<-2, -1, signed>>
// CHECK-SAME:      -> tensor<2x!qnn.fixed<7, 5, signed>>
// CHECK-NEXT:    %fixed = qnn.constant dense<{{\[\[}}4, 1], [6, 2]]>
// CHECK-SAME:      : tensor<2x2xi8> as tensor<2x2x!qnn.po2<-2, 1, signed>>
// CHECK-NEXT:    %b = qnn.dense %x, %fixed {product = #qnn.product<shift>}
// CHECK-SAME:      : tensor<2x!qnn.fixed<4, 4, signed>>, tensor<2x2x!qnn.po2<-2, 1, signed>>
// CHECK-SAME:      -> tensor<2x!qnn.fixed<9, 7, signed>>
// CHECK-NEXT:    func.return %a, %b : tensor<2x!qnn.fixed<7, 5, signed>>, tensor<2x!qnn.fixed<9, 7, signed>>
// CHECK-NEXT:  }

// -----

!s7 = !qnn.fixed<7, 7, signed>
!s3 = !qnn.fixed<3, 3, signed>

// Convolutions, and activations that are powers of two.
func.func @convolution(%x: tensor<2x2x1x!qnn.po2<0, 2, unsigned>>) -> tensor<1x1x1x!s7> {
  %kernel = qnn.constant dense<[[[[3]], [[-3]]], [[[1]], [[0]]]]> : tensor<2x2x1x1xi8> as tensor<2x2x1x1x!s3>
  %y = qnn.conv2d %x, %kernel
      : tensor<2x2x1x!qnn.po2<0, 2, unsigned>>, tensor<2x2x1x1x!s3> -> tensor<1x1x1x!s7>
  func.return %y : tensor<1x1x1x!s7>
}

// CHECK:       func.func @convolution(%x: tensor<2x2x1x!qnn.po2<0, 2, unsigned>>)
// CHECK-SAME:    -> tensor<1x1x1x!qnn.fixed<7, 7, signed>> {
// CHECK-NEXT:    %kernel = qnn.constant dense<{{\[\[}}{{\[\[}}3]], {{\[\[}}-3]]], {{\[\[}}[1]], {{\[\[}}0]]]]>
// CHECK-SAME:      : tensor<2x2x1x1xi8> as tensor<2x2x1x1x!qnn.fixed<3, 3, signed>>
// CHECK-NEXT:    %y = qnn.conv2d %x, %kernel {product = #qnn.product<shift>}
// CHECK-SAME:      : tensor<2x2x1x!qnn.po2<0, 2, unsigned>>, tensor<2x2x1x1x!qnn.fixed<3, 3, signed>>
// CHECK-SAME:      -> tensor<1x1x1x!qnn.fixed<7, 7, signed>>
// CHECK-NEXT:    func.return %y : tensor<1x1x1x!qnn.fixed<7, 7, signed>>
// CHECK-NEXT:  }

// -----

!s4 = !qnn.fixed<4, 4, signed>
!s7 = !qnn.fixed<7, 7, signed>
!s6 = !qnn.fixed<6, 6, signed>
!s3 = !qnn.fixed<3, 3, signed>

// Zero adds nothing; three is no power of two.
func.func @no_powers(%x: tensor<2x!s4>) -> (tensor<1x!s7>, tensor<1x!s7>, tensor<2x!s6>) {
  %zero = qnn.constant dense<[[0], [2]]> : tensor<2x1xi8> as tensor<2x1x!s3>
  %three = qnn.constant dense<[[3], [2]]> : tensor<2x1xi8> as tensor<2x1x!s3>
  %scale = qnn.constant dense<[3, 1]> : tensor<2xi8> as tensor<2x!s3>
  %a = qnn.dense %x, %zero : tensor<2x!s4>, tensor<2x1x!s3> -> tensor<1x!s7>
  %b = qnn.dense %x, %three : tensor<2x!s4>, tensor<2x1x!s3> -> tensor<1x!s7>
  %c = qnn.mul %x, %scale : tensor<2x!s4>, tensor<2x!s3> -> tensor<2x!s6>
  func.return %a, %b, %c : tensor<1x!s7>, tensor<1x!s7>, tensor<2x!s6>
}

// CHECK:       func.func @no_powers(%x: tensor<2x!qnn.fixed<4, 4, signed>>)
// CHECK-SAME:    -> (tensor<1x!qnn.fixed<7, 7, signed>>, tensor<1x!qnn.fixed<7, 7, signed>>,
// CHECK-SAME:    tensor<2x!qnn.fixed<6, 6, signed>>) {
// CHECK-NEXT:    %three = qnn.constant dense<{{\[\[}}3], [2]]> : tensor<2x1xi8> as tensor<2x1x!qnn.fixed<3, 3, signed>>
// CHECK-NEXT:    %scale = qnn.constant dense<[3, 1]> : tensor<2xi8> as tensor<2x!qnn.fixed<3, 3, signed>>
// CHECK-NEXT:    %zero = qnn.constant dense<{{\[\[}}-1], [2]]>
// CHECK-SAME:      : tensor<2x1xi8> as tensor<2x1x!qnn.po2<0, 1, unsigned, zero>>
// CHECK-NEXT:    %a = qnn.dense %x, %zero {product = #qnn.product<shift>}
// CHECK-SAME:      : tensor<2x!qnn.fixed<4, 4, signed>>, tensor<2x1x!qnn.po2<0, 1, unsigned, zero>>
// CHECK-SAME:      -> tensor<1x!qnn.fixed<7, 7, signed>>
// CHECK-NEXT:    %b = qnn.dense %x, %three
// CHECK-SAME:      : tensor<2x!qnn.fixed<4, 4, signed>>, tensor<2x1x!qnn.fixed<3, 3, signed>>
// CHECK-SAME:      -> tensor<1x!qnn.fixed<7, 7, signed>>
// CHECK-NEXT:    %c = qnn.mul %x, %scale
// CHECK-SAME:      : tensor<2x!qnn.fixed<4, 4, signed>>, tensor<2x!qnn.fixed<3, 3, signed>>
// CHECK-SAME:      -> tensor<2x!qnn.fixed<6, 6, signed>>
// CHECK-NEXT:    func.return %a, %b, %c
// CHECK-SAME:      : tensor<1x!qnn.fixed<7, 7, signed>>, tensor<1x!qnn.fixed<7, 7, signed>>,
// CHECK-SAME:      tensor<2x!qnn.fixed<6, 6, signed>>
// CHECK-NEXT:  }

// -----

!s4 = !qnn.fixed<4, 4, signed>
!s5_4 = !qnn.fixed<5, 4, signed>
!s6_5 = !qnn.fixed<6, 5, signed>
!u2_1 = !qnn.fixed<2, 1, unsigned>
!s1_0 = !qnn.fixed<1, 0, signed>

// One positive scale for all channels moves the binary point; different ones, and a negative one, shift per channel.
func.func @scales(%x: tensor<2x!s4>) -> (tensor<2x!s5_4>, tensor<2x!s6_5>, tensor<2x!s5_4>) {
  %half = qnn.constant dense<[1, 1]> : tensor<2xi8> as tensor<2x!u2_1>
  %per_channel = qnn.constant dense<[2, 1]> : tensor<2xi8> as tensor<2x!u2_1>
  %negative = qnn.constant dense<[-1, -1]> : tensor<2xi8> as tensor<2x!s1_0>
  %a = qnn.mul %x, %half : tensor<2x!s4>, tensor<2x!u2_1> -> tensor<2x!s5_4>
  %b = qnn.mul %x, %per_channel : tensor<2x!s4>, tensor<2x!u2_1> -> tensor<2x!s6_5>
  %c = qnn.mul %x, %negative : tensor<2x!s4>, tensor<2x!s1_0> -> tensor<2x!s5_4>
  func.return %a, %b, %c : tensor<2x!s5_4>, tensor<2x!s6_5>, tensor<2x!s5_4>
}

// CHECK:       func.func @scales(%x: tensor<2x!qnn.fixed<4, 4, signed>>)
// CHECK-SAME:    -> (tensor<2x!qnn.fixed<4, 3, signed>>, tensor<2x!qnn.fixed<6, 5, signed>>,
// CHECK-SAME:    tensor<2x!qnn.fixed<5, 4, signed>>) {
// CHECK-NEXT:    %a = qnn.shift %x {by = -1 : i64} : tensor<2x!qnn.fixed<4, 4, signed>>
// CHECK-SAME:      -> tensor<2x!qnn.fixed<4, 3, signed>>
// CHECK-NEXT:    %per_channel = qnn.constant dense<[2, 0]> : tensor<2xi8> as tensor<2x!qnn.po2<-1, 0, unsigned>>
// CHECK-NEXT:    %b = qnn.mul %x, %per_channel {product = #qnn.product<shift>}
// CHECK-SAME:      : tensor<2x!qnn.fixed<4, 4, signed>>, tensor<2x!qnn.po2<-1, 0, unsigned>>
// CHECK-SAME:      -> tensor<2x!qnn.fixed<6, 5, signed>>
// CHECK-NEXT:    %negative = qnn.constant dense<1> : tensor<2xi8> as tensor<2x!qnn.po2<-1, -1, signed>>
// CHECK-NEXT:    %c = qnn.mul %x, %negative {product = #qnn.product<shift>}
// CHECK-SAME:      : tensor<2x!qnn.fixed<4, 4, signed>>, tensor<2x!qnn.po2<-1, -1, signed>>
// CHECK-SAME:      -> tensor<2x!qnn.fixed<5, 4, signed>>
// CHECK-NEXT:    func.return %a, %b, %c
// CHECK-SAME:      : tensor<2x!qnn.fixed<4, 3, signed>>, tensor<2x!qnn.fixed<6, 5, signed>>,
// CHECK-SAME:      tensor<2x!qnn.fixed<5, 4, signed>>
// CHECK-NEXT:  }
