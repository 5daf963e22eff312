// RUN: qopt %s -p po2-to-shift --verify-each --split-input-file | filecheck %s

// A kernel of powers of two, and one of fixed point that happens to hold nothing else: 4, -1, 8, 2 in steps of 1/4 are the exponents
// 2, 0, 3, 1 above -2, stored twice plus the sign.
func.func @kernels(%x: tensor<2x!qnn.fixed<4, 4, signed>>) -> (tensor<2x!qnn.fixed<7, 5, signed>>, tensor<2x!qnn.fixed<9, 7, signed>>) {
  %po2 = qnn.constant dense<[[0, 3], [2, 1]]> : tensor<2x2xi8> as tensor<2x2x!qnn.po2<-2, -1, signed>>
  %fixed = qnn.constant dense<[[4, -1], [8, 2]]> : tensor<2x2xi8> as tensor<2x2x!qnn.fixed<5, 3, signed>>
  %a = qnn.dense %x, %po2 {product = #qnn.product<multiply>} : tensor<2x!qnn.fixed<4, 4, signed>>, tensor<2x2x!qnn.po2<-2, -1, signed>> -> tensor<2x!qnn.fixed<7, 5, signed>>
  %b = qnn.dense %x, %fixed {product = #qnn.product<multiply>} : tensor<2x!qnn.fixed<4, 4, signed>>, tensor<2x2x!qnn.fixed<5, 3, signed>> -> tensor<2x!qnn.fixed<9, 7, signed>>
  func.return %a, %b : tensor<2x!qnn.fixed<7, 5, signed>>, tensor<2x!qnn.fixed<9, 7, signed>>
}

// CHECK:       func.func @kernels(%x: tensor<2x!qnn.fixed<4, 4, signed>>) -> (tensor<2x!qnn.fixed<7, 5, signed>>, tensor<2x!qnn.fixed<9, 7, signed>>) {
// CHECK-NEXT:    %po2 = qnn.constant dense<{{\[\[}}0, 3], [2, 1]]> : tensor<2x2xi8> as tensor<2x2x!qnn.po2<-2, -1, signed>>
// CHECK-NEXT:    %a = qnn.dense %x, %po2 {product = #qnn.product<shift>} : tensor<2x!qnn.fixed<4, 4, signed>>, tensor<2x2x!qnn.po2<-2, -1, signed>> -> tensor<2x!qnn.fixed<7, 5, signed>>
// CHECK-NEXT:    %fixed = qnn.constant dense<{{\[\[}}4, 1], [6, 2]]> : tensor<2x2xi8> as tensor<2x2x!qnn.po2<-2, 1, signed>>
// CHECK-NEXT:    %b = qnn.dense %x, %fixed {product = #qnn.product<shift>} : tensor<2x!qnn.fixed<4, 4, signed>>, tensor<2x2x!qnn.po2<-2, 1, signed>> -> tensor<2x!qnn.fixed<9, 7, signed>>
// CHECK-NEXT:    func.return %a, %b : tensor<2x!qnn.fixed<7, 5, signed>>, tensor<2x!qnn.fixed<9, 7, signed>>
// CHECK-NEXT:  }

// -----

// Convolutions, and activations that are powers of two.
func.func @convolution(%x: tensor<2x2x1x!qnn.po2<0, 2, unsigned>>) -> tensor<1x1x1x!qnn.fixed<7, 7, signed>> {
  %kernel = qnn.constant dense<[[[[3]], [[-3]]], [[[1]], [[0]]]]> : tensor<2x2x1x1xi8> as tensor<2x2x1x1x!qnn.fixed<3, 3, signed>>
  %y = qnn.conv2d %x, %kernel {product = #qnn.product<multiply>} : tensor<2x2x1x!qnn.po2<0, 2, unsigned>>, tensor<2x2x1x1x!qnn.fixed<3, 3, signed>> -> tensor<1x1x1x!qnn.fixed<7, 7, signed>>
  func.return %y : tensor<1x1x1x!qnn.fixed<7, 7, signed>>
}

// CHECK:       func.func @convolution(%x: tensor<2x2x1x!qnn.po2<0, 2, unsigned>>) -> tensor<1x1x1x!qnn.fixed<7, 7, signed>> {
// CHECK-NEXT:    %kernel = qnn.constant dense<{{\[\[}}{{\[\[}}3]], {{\[\[}}-3]]], {{\[\[}}[1]], {{\[\[}}0]]]]> : tensor<2x2x1x1xi8> as tensor<2x2x1x1x!qnn.fixed<3, 3, signed>>
// CHECK-NEXT:    %y = qnn.conv2d %x, %kernel {product = #qnn.product<shift>} : tensor<2x2x1x!qnn.po2<0, 2, unsigned>>, tensor<2x2x1x1x!qnn.fixed<3, 3, signed>> -> tensor<1x1x1x!qnn.fixed<7, 7, signed>>
// CHECK-NEXT:    func.return %y : tensor<1x1x1x!qnn.fixed<7, 7, signed>>
// CHECK-NEXT:  }

// -----

// Zero adds nothing; three is no power of two.
func.func @no_powers(%x: tensor<2x!qnn.fixed<4, 4, signed>>) -> (tensor<1x!qnn.fixed<7, 7, signed>>, tensor<1x!qnn.fixed<7, 7, signed>>, tensor<2x!qnn.fixed<6, 6, signed>>) {
  %zero = qnn.constant dense<[[0], [2]]> : tensor<2x1xi8> as tensor<2x1x!qnn.fixed<3, 3, signed>>
  %three = qnn.constant dense<[[3], [2]]> : tensor<2x1xi8> as tensor<2x1x!qnn.fixed<3, 3, signed>>
  %scale = qnn.constant dense<[3, 1]> : tensor<2xi8> as tensor<2x!qnn.fixed<3, 3, signed>>
  %a = qnn.dense %x, %zero {product = #qnn.product<multiply>} : tensor<2x!qnn.fixed<4, 4, signed>>, tensor<2x1x!qnn.fixed<3, 3, signed>> -> tensor<1x!qnn.fixed<7, 7, signed>>
  %b = qnn.dense %x, %three {product = #qnn.product<multiply>} : tensor<2x!qnn.fixed<4, 4, signed>>, tensor<2x1x!qnn.fixed<3, 3, signed>> -> tensor<1x!qnn.fixed<7, 7, signed>>
  %c = qnn.mul %x, %scale {product = #qnn.product<multiply>} : tensor<2x!qnn.fixed<4, 4, signed>>, tensor<2x!qnn.fixed<3, 3, signed>> -> tensor<2x!qnn.fixed<6, 6, signed>>
  func.return %a, %b, %c : tensor<1x!qnn.fixed<7, 7, signed>>, tensor<1x!qnn.fixed<7, 7, signed>>, tensor<2x!qnn.fixed<6, 6, signed>>
}

// CHECK:       func.func @no_powers(%x: tensor<2x!qnn.fixed<4, 4, signed>>) -> (tensor<1x!qnn.fixed<7, 7, signed>>, tensor<1x!qnn.fixed<7, 7, signed>>, tensor<2x!qnn.fixed<6, 6, signed>>) {
// CHECK-NEXT:    %three = qnn.constant dense<{{\[\[}}3], [2]]> : tensor<2x1xi8> as tensor<2x1x!qnn.fixed<3, 3, signed>>
// CHECK-NEXT:    %scale = qnn.constant dense<[3, 1]> : tensor<2xi8> as tensor<2x!qnn.fixed<3, 3, signed>>
// CHECK-NEXT:    %zero = qnn.constant dense<{{\[\[}}-1], [2]]> : tensor<2x1xi8> as tensor<2x1x!qnn.po2<0, 1, unsigned, zero>>
// CHECK-NEXT:    %a = qnn.dense %x, %zero {product = #qnn.product<shift>} : tensor<2x!qnn.fixed<4, 4, signed>>, tensor<2x1x!qnn.po2<0, 1, unsigned, zero>> -> tensor<1x!qnn.fixed<7, 7, signed>>
// CHECK-NEXT:    %b = qnn.dense %x, %three {product = #qnn.product<multiply>} : tensor<2x!qnn.fixed<4, 4, signed>>, tensor<2x1x!qnn.fixed<3, 3, signed>> -> tensor<1x!qnn.fixed<7, 7, signed>>
// CHECK-NEXT:    %c = qnn.mul %x, %scale {product = #qnn.product<multiply>} : tensor<2x!qnn.fixed<4, 4, signed>>, tensor<2x!qnn.fixed<3, 3, signed>> -> tensor<2x!qnn.fixed<6, 6, signed>>
// CHECK-NEXT:    func.return %a, %b, %c : tensor<1x!qnn.fixed<7, 7, signed>>, tensor<1x!qnn.fixed<7, 7, signed>>, tensor<2x!qnn.fixed<6, 6, signed>>
// CHECK-NEXT:  }

// -----

// One positive scale for all channels moves the binary point; different ones, and a negative one, shift per channel.
func.func @scales(%x: tensor<2x!qnn.fixed<4, 4, signed>>) -> (tensor<2x!qnn.fixed<5, 4, signed>>, tensor<2x!qnn.fixed<6, 5, signed>>, tensor<2x!qnn.fixed<5, 4, signed>>) {
  %half = qnn.constant dense<[1, 1]> : tensor<2xi8> as tensor<2x!qnn.fixed<2, 1, unsigned>>
  %per_channel = qnn.constant dense<[2, 1]> : tensor<2xi8> as tensor<2x!qnn.fixed<2, 1, unsigned>>
  %negative = qnn.constant dense<[-1, -1]> : tensor<2xi8> as tensor<2x!qnn.fixed<1, 0, signed>>
  %a = qnn.mul %x, %half {product = #qnn.product<multiply>} : tensor<2x!qnn.fixed<4, 4, signed>>, tensor<2x!qnn.fixed<2, 1, unsigned>> -> tensor<2x!qnn.fixed<5, 4, signed>>
  %b = qnn.mul %x, %per_channel {product = #qnn.product<multiply>} : tensor<2x!qnn.fixed<4, 4, signed>>, tensor<2x!qnn.fixed<2, 1, unsigned>> -> tensor<2x!qnn.fixed<6, 5, signed>>
  %c = qnn.mul %x, %negative {product = #qnn.product<multiply>} : tensor<2x!qnn.fixed<4, 4, signed>>, tensor<2x!qnn.fixed<1, 0, signed>> -> tensor<2x!qnn.fixed<5, 4, signed>>
  func.return %a, %b, %c : tensor<2x!qnn.fixed<5, 4, signed>>, tensor<2x!qnn.fixed<6, 5, signed>>, tensor<2x!qnn.fixed<5, 4, signed>>
}

// CHECK:       func.func @scales(%x: tensor<2x!qnn.fixed<4, 4, signed>>) -> (tensor<2x!qnn.fixed<4, 3, signed>>, tensor<2x!qnn.fixed<6, 5, signed>>, tensor<2x!qnn.fixed<5, 4, signed>>) {
// CHECK-NEXT:    %a = qnn.shift %x {by = -1 : i64} : tensor<2x!qnn.fixed<4, 4, signed>> -> tensor<2x!qnn.fixed<4, 3, signed>>
// CHECK-NEXT:    %per_channel = qnn.constant dense<[2, 0]> : tensor<2xi8> as tensor<2x!qnn.po2<-1, 0, unsigned>>
// CHECK-NEXT:    %b = qnn.mul %x, %per_channel {product = #qnn.product<shift>} : tensor<2x!qnn.fixed<4, 4, signed>>, tensor<2x!qnn.po2<-1, 0, unsigned>> -> tensor<2x!qnn.fixed<6, 5, signed>>
// CHECK-NEXT:    %negative = qnn.constant dense<1> : tensor<2xi8> as tensor<2x!qnn.po2<-1, -1, signed>>
// CHECK-NEXT:    %c = qnn.mul %x, %negative {product = #qnn.product<shift>} : tensor<2x!qnn.fixed<4, 4, signed>>, tensor<2x!qnn.po2<-1, -1, signed>> -> tensor<2x!qnn.fixed<5, 4, signed>>
// CHECK-NEXT:    func.return %a, %b, %c : tensor<2x!qnn.fixed<4, 3, signed>>, tensor<2x!qnn.fixed<6, 5, signed>>, tensor<2x!qnn.fixed<5, 4, signed>>
// CHECK-NEXT:  }
