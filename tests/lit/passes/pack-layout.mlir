// RUN: qopt %s -p pack-layout --verify-each --split-input-file | filecheck %s

!s4 = !qnn.fixed<4, 4, signed>
!u4 = !qnn.fixed<4, 4, unsigned>

// Packing moves before the maximum and the flattening, to the comparison that computes the values.
func.func @cnn(%x: tensor<2x2x8x!s4>) -> tensor<1x!u4> {
  %t = qnn.constant dense<[[3]]> : tensor<1x1xi8> as tensor<1x1x!s4>
  %k = qnn.constant dense<[[7]]> : tensor<1x1xi64> as tensor<1x!qnn.bits<8>>
  %sign = qnn.threshold %x, %t {first = 0 : i64} : tensor<2x2x8x!s4>, tensor<1x1x!s4> -> tensor<2x2x8x!qnn.binary>
  %pool = qnn.max_pool2d %sign {pool = array<i64: 2, 2>, strides = array<i64: 2, 2>} : tensor<2x2x8x!qnn.binary>
      -> tensor<1x1x8x!qnn.binary>
  %flatten = qnn.reshape %pool : tensor<1x1x8x!qnn.binary> -> tensor<8x!qnn.binary>
  %fc_bits = qnn.pack %flatten : tensor<8x!qnn.binary> -> tensor<!qnn.bits<8>>
  %fc = qnn.popcount_dense %fc_bits, %k : tensor<!qnn.bits<8>>, tensor<1x!qnn.bits<8>> -> tensor<1x!u4>
  func.return %fc : tensor<1x!u4>
}

// CHECK:        func.func @cnn(%x: tensor<2x2x8x!qnn.fixed<4, 4, signed>>) -> tensor<1x!qnn.fixed<4, 4, unsigned>> {
// CHECK-NEXT:     %t = qnn.constant dense<3> : tensor<1x1xi8> as tensor<1x1x!qnn.fixed<4, 4, signed>>
// CHECK-NEXT:     %k = qnn.constant dense<7> : tensor<1x1xi64> as tensor<1x!qnn.bits<8>>
// CHECK-NEXT:     %sign = qnn.threshold %x, %t {first = 0 : i64}
// CHECK-SAME:       : tensor<2x2x8x!qnn.fixed<4, 4, signed>>, tensor<1x1x!qnn.fixed<4, 4, signed>>
// CHECK-SAME:       -> tensor<2x2x8x!qnn.binary>
// CHECK-NEXT:     %sign_bits = qnn.pack %sign : tensor<2x2x8x!qnn.binary> -> tensor<2x2x!qnn.bits<8>>
// CHECK-NEXT:     %pool_bits = qnn.packed_max_pool2d %sign_bits
// CHECK-SAME:       {pool = array<i64: 2, 2>, strides = array<i64: 2, 2>} : tensor<2x2x!qnn.bits<8>>
// CHECK-SAME:       -> tensor<1x1x!qnn.bits<8>>
// CHECK-NEXT:     %flatten_bits = qnn.packed_flatten %pool_bits {axes = 2 : i64} : tensor<1x1x!qnn.bits<8>>
// CHECK-SAME:       -> tensor<!qnn.bits<8>>
// CHECK-NEXT:     %fc = qnn.popcount_dense %flatten_bits, %k : tensor<!qnn.bits<8>>, tensor<1x!qnn.bits<8>>
// CHECK-SAME:       -> tensor<1x!qnn.fixed<4, 4, unsigned>>
// CHECK-NEXT:     func.return %fc : tensor<1x!qnn.fixed<4, 4, unsigned>>
// CHECK-NEXT:   }

// -----

!s4 = !qnn.fixed<4, 4, signed>
!u4 = !qnn.fixed<4, 4, unsigned>
!u5 = !qnn.fixed<5, 5, unsigned>

// Several readers share the packed values; numbers are read as before.
func.func @shared(%x: tensor<8x!s4>) -> (tensor<1x!u4>, tensor<1x!u5>, tensor<8x!qnn.binary>) {
  %t = qnn.constant dense<[[3]]> : tensor<1x1xi8> as tensor<1x1x!s4>
  %k = qnn.constant dense<[[7]]> : tensor<1x1xi64> as tensor<1x!qnn.bits<8>>
  %k2 = qnn.constant dense<[[7]]> : tensor<1x1xi64> as tensor<1x!qnn.bits<16>>
  %sign = qnn.threshold %x, %t {first = 0 : i64} : tensor<8x!s4>, tensor<1x1x!s4> -> tensor<8x!qnn.binary>
  %fc_bits = qnn.pack %sign : tensor<8x!qnn.binary> -> tensor<!qnn.bits<8>>
  %fc = qnn.popcount_dense %fc_bits, %k : tensor<!qnn.bits<8>>, tensor<1x!qnn.bits<8>> -> tensor<1x!u4>
  %twice = qnn.concat %sign, %sign {axis = 0 : i64} : tensor<8x!qnn.binary>, tensor<8x!qnn.binary>
      -> tensor<16x!qnn.binary>
  %fc2_bits = qnn.pack %twice : tensor<16x!qnn.binary> -> tensor<!qnn.bits<16>>
  %fc2 = qnn.popcount_dense %fc2_bits, %k2 : tensor<!qnn.bits<16>>, tensor<1x!qnn.bits<16>> -> tensor<1x!u5>
  func.return %fc, %fc2, %sign : tensor<1x!u4>, tensor<1x!u5>, tensor<8x!qnn.binary>
}

// CHECK:        func.func @shared(%x: tensor<8x!qnn.fixed<4, 4, signed>>)
// CHECK-SAME:     -> (tensor<1x!qnn.fixed<4, 4, unsigned>>, tensor<1x!qnn.fixed<5, 5, unsigned>>,
// CHECK-SAME:     tensor<8x!qnn.binary>) {
// CHECK-NEXT:     %t = qnn.constant dense<3> : tensor<1x1xi8> as tensor<1x1x!qnn.fixed<4, 4, signed>>
// CHECK-NEXT:     %k = qnn.constant dense<7> : tensor<1x1xi64> as tensor<1x!qnn.bits<8>>
// CHECK-NEXT:     %k2 = qnn.constant dense<7> : tensor<1x1xi64> as tensor<1x!qnn.bits<16>>
// CHECK-NEXT:     %sign = qnn.threshold %x, %t {first = 0 : i64}
// CHECK-SAME:       : tensor<8x!qnn.fixed<4, 4, signed>>, tensor<1x1x!qnn.fixed<4, 4, signed>> -> tensor<8x!qnn.binary>
// CHECK-NEXT:     %sign_bits = qnn.pack %sign : tensor<8x!qnn.binary> -> tensor<!qnn.bits<8>>
// CHECK-NEXT:     %fc = qnn.popcount_dense %sign_bits, %k : tensor<!qnn.bits<8>>, tensor<1x!qnn.bits<8>>
// CHECK-SAME:       -> tensor<1x!qnn.fixed<4, 4, unsigned>>
// CHECK-NEXT:     %twice_bits = qnn.packed_concat %sign_bits, %sign_bits
// CHECK-SAME:       : tensor<!qnn.bits<8>>, tensor<!qnn.bits<8>> -> tensor<!qnn.bits<16>>
// CHECK-NEXT:     %fc2 = qnn.popcount_dense %twice_bits, %k2 : tensor<!qnn.bits<16>>, tensor<1x!qnn.bits<16>>
// CHECK-SAME:       -> tensor<1x!qnn.fixed<5, 5, unsigned>>
// CHECK-NEXT:     func.return %fc, %fc2, %sign
// CHECK-SAME:       : tensor<1x!qnn.fixed<4, 4, unsigned>>, tensor<1x!qnn.fixed<5, 5, unsigned>>, tensor<8x!qnn.binary>
// CHECK-NEXT:   }

// -----

!s4 = !qnn.fixed<4, 4, signed>
!u3 = !qnn.fixed<3, 3, unsigned>

// What comes in as single bits is moved as such; so are vectors of one bit.
func.func @stays(%x: tensor<2x2x!qnn.binary>, %y: tensor<4x1x!s4>) -> (tensor<1x!u3>, tensor<1x!u3>) {
  %t = qnn.constant dense<[[3]]> : tensor<1x1xi8> as tensor<1x1x!s4>
  %k = qnn.constant dense<[[7]]> : tensor<1x1xi64> as tensor<1x!qnn.bits<4>>
  %flatten = qnn.reshape %x : tensor<2x2x!qnn.binary> -> tensor<4x!qnn.binary>
  %bits = qnn.pack %flatten : tensor<4x!qnn.binary> -> tensor<!qnn.bits<4>>
  %fc = qnn.popcount_dense %bits, %k : tensor<!qnn.bits<4>>, tensor<1x!qnn.bits<4>> -> tensor<1x!u3>
  %sign = qnn.threshold %y, %t {first = 0 : i64} : tensor<4x1x!s4>, tensor<1x1x!s4> -> tensor<4x1x!qnn.binary>
  %column = qnn.reshape %sign : tensor<4x1x!qnn.binary> -> tensor<4x!qnn.binary>
  %column_bits = qnn.pack %column : tensor<4x!qnn.binary> -> tensor<!qnn.bits<4>>
  %fc2 = qnn.popcount_dense %column_bits, %k : tensor<!qnn.bits<4>>, tensor<1x!qnn.bits<4>> -> tensor<1x!u3>
  func.return %fc, %fc2 : tensor<1x!u3>, tensor<1x!u3>
}

// CHECK:        func.func @stays(%x: tensor<2x2x!qnn.binary>, %y: tensor<4x1x!qnn.fixed<4, 4, signed>>)
// CHECK-SAME:     -> (tensor<1x!qnn.fixed<3, 3, unsigned>>, tensor<1x!qnn.fixed<3, 3, unsigned>>) {
// CHECK-NEXT:     %t = qnn.constant dense<3> : tensor<1x1xi8> as tensor<1x1x!qnn.fixed<4, 4, signed>>
// CHECK-NEXT:     %k = qnn.constant dense<7> : tensor<1x1xi64> as tensor<1x!qnn.bits<4>>
// CHECK-NEXT:     %flatten = qnn.reshape %x : tensor<2x2x!qnn.binary> -> tensor<4x!qnn.binary>
// CHECK-NEXT:     %flatten_bits = qnn.pack %flatten : tensor<4x!qnn.binary> -> tensor<!qnn.bits<4>>
// CHECK-NEXT:     %fc = qnn.popcount_dense %flatten_bits, %k : tensor<!qnn.bits<4>>, tensor<1x!qnn.bits<4>>
// CHECK-SAME:       -> tensor<1x!qnn.fixed<3, 3, unsigned>>
// CHECK-NEXT:     %sign = qnn.threshold %y, %t {first = 0 : i64}
// CHECK-SAME:       : tensor<4x1x!qnn.fixed<4, 4, signed>>, tensor<1x1x!qnn.fixed<4, 4, signed>>
// CHECK-SAME:       -> tensor<4x1x!qnn.binary>
// CHECK-NEXT:     %column = qnn.reshape %sign : tensor<4x1x!qnn.binary> -> tensor<4x!qnn.binary>
// CHECK-NEXT:     %column_bits = qnn.pack %column : tensor<4x!qnn.binary> -> tensor<!qnn.bits<4>>
// CHECK-NEXT:     %fc2 = qnn.popcount_dense %column_bits, %k : tensor<!qnn.bits<4>>, tensor<1x!qnn.bits<4>>
// CHECK-SAME:       -> tensor<1x!qnn.fixed<3, 3, unsigned>>
// CHECK-NEXT:     func.return %fc, %fc2 : tensor<1x!qnn.fixed<3, 3, unsigned>>, tensor<1x!qnn.fixed<3, 3, unsigned>>
// CHECK-NEXT:   }
