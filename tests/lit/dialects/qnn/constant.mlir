// RUN: qopt %s --split-input-file --print-op-generic | qopt --split-input-file | qopt --split-input-file | filecheck %s
// RUN: qopt %s --print-op-generic --split-input-file | filecheck %s --check-prefix=GENERIC

!s8_3 = !qnn.fixed<8, 3, signed>

// GENERIC: %raw8 = "qnn.constant"() <{value = dense<[-128, 127]> : tensor<2xi8>}> : ()
// GENERIC-SAME: -> tensor<2x!qnn.fixed<8, 3, signed>>
// CHECK:      func.func @constant() {
func.func @constant() {
  // Fixed point: the smallest signed storage that holds every code, so 8 unsigned bits take 16.
  // CHECK-NEXT: %raw8 = qnn.constant dense<[-128, 127]> : tensor<2xi8> as tensor<2x!qnn.fixed<8, 3, signed>>
  %raw8 = qnn.constant dense<[-128, 127]> : tensor<2xi8> as tensor<2x!s8_3>
  // CHECK-NEXT: %raw16 = qnn.constant dense<255> : tensor<2xi16> as tensor<2x!qnn.fixed<8, 10, unsigned>>
  %raw16 = qnn.constant dense<255> : tensor<2xi16> as tensor<2x!qnn.fixed<8, 10, unsigned>>
  // CHECK-NEXT: %raw32 = qnn.constant dense<-65536> : tensor<1xi32> as tensor<1x!qnn.fixed<17, 1, signed>>
  %raw32 = qnn.constant dense<-65536> : tensor<1xi32> as tensor<1x!qnn.fixed<17, 1, signed>>
  // CHECK-NEXT: %raw64 = qnn.constant dense<-4294967296> : tensor<i64> as tensor<!qnn.fixed<33, 1, signed>>
  %raw64 = qnn.constant dense<-4294967296> : tensor<i64> as tensor<!qnn.fixed<33, 1, signed>>
  // Binary: one bit each along the last axis, low bit first; here +1, -1, +1.
  // CHECK-NEXT: %signs = qnn.constant dense<{{\[\[}}5], [2]]> : tensor<2x1xi8> as tensor<2x3x!qnn.binary>
  %signs = qnn.constant dense<[[5], [2]]> : tensor<2x1xi8> as tensor<2x3x!qnn.binary>
  // Ternary: the non-zero plane, then the positive plane; here +1, 0, -1.
  // CHECK-NEXT: %ternary = qnn.constant dense<{{\[\[}}5], [1]]> : tensor<2x1xi8> as tensor<3x!qnn.ternary>
  %ternary = qnn.constant dense<[[5], [1]]> : tensor<2x1xi8> as tensor<3x!qnn.ternary>
  // Powers of two: twice the exponent above the smallest, plus one if negative; here 0.25 and -1.
  // CHECK-NEXT: %powers = qnn.constant dense<[0, 5]> : tensor<2xi8> as tensor<2x!qnn.po2<-2, 0, signed>>
  %powers = qnn.constant dense<[0, 5]> : tensor<2xi8> as tensor<2x!qnn.po2<-2, 0, signed>>
  // CHECK-NEXT: %wide_powers = qnn.constant dense<[0, 128]> : tensor<2xi16> as tensor<2x!qnn.po2<-32, 32, unsigned>>
  %wide_powers = qnn.constant dense<[0, 128]> : tensor<2xi16> as tensor<2x!qnn.po2<-32, 32, unsigned>>
  // CHECK-NEXT: %words = qnn.constant dense<{{\[\[}}5, 1]]> : tensor<1x2xi64> as tensor<1x!qnn.bits<65>>
  %words = qnn.constant dense<[[5, 1]]> : tensor<1x2xi64> as tensor<1x!qnn.bits<65>>
  // CHECK-NEXT: %floats = qnn.constant dense<[1.500000e+00, -2.000000e+00]> : tensor<2xf32> as tensor<2xf32>
  %floats = qnn.constant dense<[1.500000e+00, -2.000000e+00]> : tensor<2xf32> as tensor<2xf32>
  // CHECK-NEXT: %scale = qnn.constant dense<2> : tensor<4xi8> as tensor<4x!qnn.po2<0, 3, unsigned>>
  %scale = qnn.constant dense<2> : tensor<4xi8> as tensor<4x!qnn.po2<0, 3, unsigned>>
  // CHECK-NEXT: %levels = qnn.constant dense<{{\[\[}}0, 7]]> : tensor<1x2xi8> as tensor<1x2x!qnn.fixed<8, 3, signed>>
  %levels = qnn.constant dense<[[0, 7]]> : tensor<1x2xi8> as tensor<1x2x!s8_3>
  // CHECK-NEXT: %kernel = qnn.constant dense<0> : tensor<2x2x2x3xi8> as tensor<2x2x2x3x!qnn.fixed<4, 1, signed>>
  %kernel = qnn.constant dense<0> : tensor<2x2x2x3xi8> as tensor<2x2x2x3x!qnn.fixed<4, 1, signed>>
  // CHECK-NEXT: %w = qnn.constant dense<[-1, 3]> : tensor<2xi8> as tensor<2x!qnn.po2<0, 1, signed, zero>>
  %w = qnn.constant dense<[-1, 3]> : tensor<2xi8> as tensor<2x!qnn.po2<0, 1, signed, zero>>
  // CHECK-NEXT: %c = qnn.constant dense<3> : tensor<1xi8> as tensor<1x!qnn.fixed<3, 2, signed>>
  %c = qnn.constant dense<[3]> : tensor<1xi8> as tensor<1x!qnn.fixed<3, 2, signed>>
  // CHECK-NEXT: %t = qnn.constant dense<{{\[\[}}1, 2, 1, 0]]>
  // CHECK-SAME: : tensor<1x4xi8> as tensor<1x4x!qnn.fixed<2, 2, unsigned>>
  %t = qnn.constant dense<[[1, 2, 1, 0]]> : tensor<1x4xi8> as tensor<1x4x!qnn.fixed<2, 2, unsigned>>
  // CHECK-NEXT: func.return
  func.return
}
