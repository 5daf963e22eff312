// RUN: qopt %s -p quantize-interface,lower-to-loops -t hls --split-input-file | filecheck %s

!u4 = !qnn.fixed<4, 4, unsigned>
!s9 = !qnn.fixed<9, 9, signed>
!s3 = !qnn.fixed<3, 3, signed>

// Any weights: one multiplication each, in a ROM [outputs][inputs].
func.func @multiply(%x: tensor<3x!u4>) -> tensor<2x!s9> {
  %w = qnn.constant dense<[[3, -1], [2, 0], [-4, 1]]> : tensor<3x2xi8> as tensor<3x2x!s3>
  %fc = qnn.dense %x, %w : tensor<3x!u4>, tensor<3x2x!s3> -> tensor<2x!s9>
  func.return %fc : tensor<2x!s9>
}

// CHECK:      // multiply.h
// CHECK-NEXT: #ifndef QDIALECT_multiply_H
// CHECK-NEXT: #define QDIALECT_multiply_H

// CHECK:      #include "ap_int.h"

// CHECK:      void multiply(const ap_uint<4> x[3], ap_int<9> fc_out[2]);

// CHECK:      #endif

// CHECK:      // multiply.cpp
// CHECK-NEXT: #include "multiply.h"

// CHECK:      // fc: dense
// CHECK-NEXT: // in:  x, 3 of 4 bits unsigned, step 2^0
// CHECK-NEXT: // out: fc, 2 of 9 bits signed, step 2^0
// CHECK-NEXT: // w: 3 bits signed, step 2^0
// CHECK-NEXT: static void fc(const ap_uint<4> in_x[3], ap_int<9> out_fc[2]) {
// CHECK-NEXT:     static const signed char w[2][3] = {
// CHECK-NEXT:         {3, 2, -4},
// CHECK-NEXT:         {-1, 0, 1},
// CHECK-NEXT:     };
// CHECK-NEXT: #pragma HLS ARRAY_RESHAPE variable=w type=complete dim=2
// CHECK-NEXT:     OUTPUT: for (int i = 0; i < 2; i++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1
// CHECK-NEXT:         ap_int<9> fc_acc = 0;
// CHECK-NEXT:         for (int ci = 0; ci < 3; ci++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:             fc_acc += in_x[ci] * ap_int<3>(w[i][ci]);
// CHECK-NEXT:         }
// CHECK-NEXT:         out_fc[i] = fc_acc;
// CHECK-NEXT:     }
// CHECK-NEXT: }

// CHECK:      // multiply
// CHECK-NEXT: // in:  x, 3 of 4 bits unsigned, step 2^0
// CHECK-NEXT: // out: fc, 2 of 9 bits signed, step 2^0
// CHECK-NEXT: void multiply(const ap_uint<4> x[3], ap_int<9> fc_out[2]) {
// CHECK-NEXT: #pragma HLS INTERFACE mode=ap_none port=x
// CHECK-NEXT: #pragma HLS ARRAY_PARTITION variable=x type=complete dim=0
// CHECK-NEXT: #pragma HLS INTERFACE mode=ap_vld port=fc_out
// CHECK-NEXT: #pragma HLS ARRAY_PARTITION variable=fc_out type=complete dim=0
// CHECK-NEXT: #pragma HLS DATAFLOW
// CHECK-NEXT:     fc(x, fc_out);
// CHECK-NEXT: }

// -----

!s4 = !qnn.fixed<4, 4, signed>
!s9 = !qnn.fixed<9, 9, signed>

// Powers of two 1, -4 (first output) and 2, 8: exponents and signs in ROMs, a shift and a negation.
func.func @shift(%x: tensor<2x!s4>) -> tensor<2x!s9> {
  %w = qnn.constant dense<[[0, 2], [5, 6]]> : tensor<2x2xi8> as tensor<2x2x!qnn.po2<0, 3, signed>>
  %fc = qnn.dense %x, %w {product = #qnn.product<shift>} : tensor<2x!s4>, tensor<2x2x!qnn.po2<0, 3, signed>>
      -> tensor<2x!s9>
  func.return %fc : tensor<2x!s9>
}

// CHECK:      // fc: dense
// CHECK-NEXT: // in:  x, 2 of 4 bits signed, step 2^0
// CHECK-NEXT: // out: fc, 2 of 9 bits signed, step 2^0
// CHECK-NEXT: // w: powers of two, 2^exponent * 2^0
// CHECK-NEXT: static void fc(const ap_int<4> in_x[2], ap_int<9> out_fc[2]) {
// CHECK-NEXT:     static const signed char w_exponent[2][2] = {
// CHECK-NEXT:         {0, 2},
// CHECK-NEXT:         {1, 3},
// CHECK-NEXT:     };
// CHECK-NEXT: #pragma HLS ARRAY_RESHAPE variable=w_exponent type=complete dim=2
// CHECK-NEXT:     static const signed char w_negative[2][2] = {
// CHECK-NEXT:         {0, 1},
// CHECK-NEXT:         {0, 0},
// CHECK-NEXT:     };
// CHECK-NEXT: #pragma HLS ARRAY_RESHAPE variable=w_negative type=complete dim=2
// CHECK-NEXT:     OUTPUT: for (int i = 0; i < 2; i++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1
// CHECK-NEXT:         ap_int<9> fc_acc = 0;
// CHECK-NEXT:         for (int ci = 0; ci < 2; ci++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:             const ap_int<8> moved = ap_int<8>(in_x[ci]) << ap_uint<2>(w_exponent[i][ci]);
// CHECK-NEXT:             fc_acc += ap_uint<1>(w_negative[i][ci]) ? ap_int<8>(-moved) : moved;
// CHECK-NEXT:         }
// CHECK-NEXT:         out_fc[i] = fc_acc;
// CHECK-NEXT:     }
// CHECK-NEXT: }

// -----

!s4 = !qnn.fixed<4, 4, signed>
!s6 = !qnn.fixed<6, 6, signed>

// Binary weights ++- and -++ in words of bits.
func.func @binary(%x: tensor<3x!s4>) -> tensor<2x!s6> {
  %w = qnn.constant dense<[[1], [3], [2]]> : tensor<3x1xi8> as tensor<3x2x!qnn.binary>
  %fc = qnn.dense %x, %w {product = #qnn.product<add_sub>} : tensor<3x!s4>, tensor<3x2x!qnn.binary> -> tensor<2x!s6>
  func.return %fc : tensor<2x!s6>
}

// CHECK:      // fc: dense
// CHECK-NEXT: // in:  x, 3 of 4 bits signed, step 2^0
// CHECK-NEXT: // out: fc, 2 of 6 bits signed, step 2^0
// CHECK-NEXT: // w: 1 bit, 1 is +1
// CHECK-NEXT: static void fc(const ap_int<4> in_x[3], ap_int<6> out_fc[2]) {
// CHECK-NEXT:     static const signed char w[2][1] = {
// CHECK-NEXT:         {3},
// CHECK-NEXT:         {6},
// CHECK-NEXT:     };
// CHECK-NEXT:     OUTPUT: for (int i = 0; i < 2; i++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1
// CHECK-NEXT:         ap_int<6> fc_acc = 0;
// CHECK-NEXT:         const ap_uint<3> positive = w[i][0];
// CHECK-NEXT:         for (int bit = 0; bit < 3; bit++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:             const ap_int<5> x = in_x[bit];
// CHECK-NEXT:             fc_acc += positive[bit] ? x : ap_int<5>(-x);
// CHECK-NEXT:         }
// CHECK-NEXT:         out_fc[i] = fc_acc;
// CHECK-NEXT:     }
// CHECK-NEXT: }

// -----

!s4 = !qnn.fixed<4, 4, signed>
!s6 = !qnn.fixed<6, 6, signed>

// Ternary weights +, 0, -: a second plane says which are not zero.
func.func @ternary(%x: tensor<3x!s4>) -> tensor<1x!s6> {
  %w = qnn.constant dense<[[[1], [0], [1]], [[1], [0], [0]]]> : tensor<2x3x1xi8> as tensor<3x1x!qnn.ternary>
  %fc = qnn.dense %x, %w {product = #qnn.product<add_sub>} : tensor<3x!s4>, tensor<3x1x!qnn.ternary> -> tensor<1x!s6>
  func.return %fc : tensor<1x!s6>
}

// CHECK:      // fc: dense
// CHECK-NEXT: // in:  x, 3 of 4 bits signed, step 2^0
// CHECK-NEXT: // out: fc, 1 of 6 bits signed, step 2^0
// CHECK-NEXT: // w: -1, 0 or +1
// CHECK-NEXT: static void fc(const ap_int<4> in_x[3], ap_int<6> out_fc[1]) {
// CHECK-NEXT:     static const signed char w[1][1] = {
// CHECK-NEXT:         {1},
// CHECK-NEXT:     };
// CHECK-NEXT:     static const signed char w_nonzero[1][1] = {
// CHECK-NEXT:         {5},
// CHECK-NEXT:     };
// CHECK-NEXT:     OUTPUT: for (int i = 0; i < 1; i++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1
// CHECK-NEXT:         ap_int<6> fc_acc = 0;
// CHECK-NEXT:         const ap_uint<3> positive = w[i][0];
// CHECK-NEXT:         const ap_uint<3> nonzero = w_nonzero[i][0];
// CHECK-NEXT:         for (int bit = 0; bit < 3; bit++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:             const ap_int<5> x = in_x[bit];
// CHECK-NEXT:             fc_acc += nonzero[bit] ? (positive[bit] ? x : ap_int<5>(-x)) : ap_int<5>(0);
// CHECK-NEXT:         }
// CHECK-NEXT:         out_fc[i] = fc_acc;
// CHECK-NEXT:     }
// CHECK-NEXT: }

// -----

!s6 = !qnn.fixed<6, 6, signed>
!s4 = !qnn.fixed<4, 4, signed>

// Binary activations choose between a weight and its negative.
func.func @binary_activations(%x: tensor<3x!qnn.binary>) -> tensor<1x!s6> {
  %w = qnn.constant dense<[[7], [-8], [1]]> : tensor<3x1xi8> as tensor<3x1x!s4>
  %fc = qnn.dense %x, %w {product = #qnn.product<add_sub>} : tensor<3x!qnn.binary>, tensor<3x1x!s4> -> tensor<1x!s6>
  func.return %fc : tensor<1x!s6>
}

// CHECK:      // fc: dense
// CHECK-NEXT: // in:  x, 3 of 1 bit, 1 is +1
// CHECK-NEXT: // out: fc, 1 of 6 bits signed, step 2^0
// CHECK-NEXT: // w: 4 bits signed, step 2^0
// CHECK-NEXT: static void fc(const ap_uint<1> in_x[3], ap_int<6> out_fc[1]) {
// CHECK-NEXT:     static const signed char w[1][3] = {
// CHECK-NEXT:         {7, -8, 1},
// CHECK-NEXT:     };
// CHECK-NEXT: #pragma HLS ARRAY_RESHAPE variable=w type=complete dim=2
// CHECK-NEXT:     OUTPUT: for (int i = 0; i < 1; i++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1
// CHECK-NEXT:         ap_int<6> fc_acc = 0;
// CHECK-NEXT:         for (int ci = 0; ci < 3; ci++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:             const ap_int<5> w_1 = ap_int<4>(w[i][ci]);
// CHECK-NEXT:             fc_acc += in_x[ci] ? w_1 : ap_int<5>(-w_1);
// CHECK-NEXT:         }
// CHECK-NEXT:         out_fc[i] = fc_acc;
// CHECK-NEXT:     }
// CHECK-NEXT: }

// -----

!s6 = !qnn.fixed<6, 6, signed>
!s4 = !qnn.fixed<4, 4, signed>

// Ternary ones have nothing to add for 0.
func.func @ternary_activations(%x: tensor<3x!qnn.ternary>) -> tensor<1x!s6> {
  %w = qnn.constant dense<[[7], [-8], [1]]> : tensor<3x1xi8> as tensor<3x1x!s4>
  %fc = qnn.dense %x, %w {product = #qnn.product<add_sub>} : tensor<3x!qnn.ternary>, tensor<3x1x!s4> -> tensor<1x!s6>
  func.return %fc : tensor<1x!s6>
}

// CHECK:      // fc: dense
// CHECK-NEXT: // in:  x, 3 of -1, 0 or +1
// CHECK-NEXT: // out: fc, 1 of 6 bits signed, step 2^0
// CHECK-NEXT: // w: 4 bits signed, step 2^0
// CHECK-NEXT: static void fc(const ap_int<2> in_x[3], ap_int<6> out_fc[1]) {
// CHECK-NEXT:     static const signed char w[1][3] = {
// CHECK-NEXT:         {7, -8, 1},
// CHECK-NEXT:     };
// CHECK-NEXT: #pragma HLS ARRAY_RESHAPE variable=w type=complete dim=2
// CHECK-NEXT:     OUTPUT: for (int i = 0; i < 1; i++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1
// CHECK-NEXT:         ap_int<6> fc_acc = 0;
// CHECK-NEXT:         for (int ci = 0; ci < 3; ci++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:             const ap_int<2> t = in_x[ci];
// CHECK-NEXT:             const ap_int<5> w_1 = ap_int<4>(w[i][ci]);
// CHECK-NEXT:             fc_acc += t > 0 ? w_1 : (t < 0 ? ap_int<5>(-w_1) : ap_int<5>(0));
// CHECK-NEXT:         }
// CHECK-NEXT:         out_fc[i] = fc_acc;
// CHECK-NEXT:     }
// CHECK-NEXT: }

// -----

!u7 = !qnn.fixed<7, 7, unsigned>

// 70 bits are two words; the second has 6 bits, and the count is 70 minus the bits that differ.
func.func @popcount(%x: tensor<70x!qnn.binary>) -> tensor<1x!u7> {
  %w = qnn.constant dense<[[-1, 63]]> : tensor<1x2xi64> as tensor<1x!qnn.bits<70>>
  %fc_bits = qnn.pack %x : tensor<70x!qnn.binary> -> tensor<!qnn.bits<70>>
  %fc_agreements = qnn.popcount_dense %fc_bits, %w {qnn.layer = "fc"}
      : tensor<!qnn.bits<70>>, tensor<1x!qnn.bits<70>> -> tensor<1x!u7>
  func.return %fc_agreements : tensor<1x!u7>
}

// CHECK:      // fc_bits: pack
// CHECK-NEXT: // in:  x, 70 of 1 bit, 1 is +1
// CHECK-NEXT: // out: fc_bits, 1 of 70 packed bits, 1 is +1
// CHECK-NEXT: static void fc_bits(const ap_uint<1> in_x[70], ap_uint<64> out_fc_bits[2]) {
// CHECK-NEXT:     WORD: for (int word = 0; word < 2; word++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1
// CHECK-NEXT:         ap_uint<64> packed = 0;
// CHECK-NEXT:         for (int bit = 0; bit < 64; bit++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:             const int t = word * 64 + bit;
// CHECK-NEXT:             if (t < 70) {
// CHECK-NEXT:                 packed |= ap_uint<64>(in_x[t]) << bit;
// CHECK-NEXT:             }
// CHECK-NEXT:         }
// CHECK-NEXT:         out_fc_bits[word] = packed;
// CHECK-NEXT:     }
// CHECK-NEXT: }

// CHECK:      // fc: popcount_dense
// CHECK-NEXT: // in:  fc_bits, 1 of 70 packed bits, 1 is +1
// CHECK-NEXT: // out: fc_agreements, 1 of 7 bits unsigned, step 2^0
// CHECK-NEXT: // w: 70 packed bits, 1 is +1
// CHECK-NEXT: static void fc(const ap_uint<64> in_fc_bits[2], ap_uint<7> out_fc_agreements[1]) {
// CHECK-NEXT:     static const unsigned long long w[1][2] = {
// CHECK-NEXT:         {0xffffffffffffffffULL, 0x000000000000003fULL},
// CHECK-NEXT:     };
// CHECK-NEXT: #pragma HLS ARRAY_RESHAPE variable=w type=complete dim=2
// CHECK-NEXT:     OUTPUT: for (int i = 0; i < 1; i++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1
// CHECK-NEXT:         ap_uint<7> fc_agreements_count = 0;
// CHECK-NEXT:         fc_agreements_count += ap_uint<7>(70);
// CHECK-NEXT:         for (int word = 0; word < 2; word++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:             fc_agreements_count -= popcount_64(in_fc_bits[word] ^ ap_uint<64>(w[i][word]));
// CHECK-NEXT:         }
// CHECK-NEXT:         out_fc_agreements[i] = fc_agreements_count;
// CHECK-NEXT:     }
// CHECK-NEXT: }

// -----

!u4 = !qnn.fixed<4, 4, unsigned>
!s10 = !qnn.fixed<10, 10, signed>
!s3 = !qnn.fixed<3, 3, signed>

// A convolution with strides 2, 1 and dilations 1, 2; the kernel's ROM is [filters][rows][columns][channels].
func.func @conv(%x: tensor<4x4x2x!u4>) -> tensor<2x2x1x!s10> {
  %w = qnn.constant dense<[[[[1], [2]], [[3], [-4]]], [[[0], [1]], [[-1], [3]]]]>
      : tensor<2x2x2x1xi8> as tensor<2x2x2x1x!s3>
  %conv = qnn.conv2d %x,
      %w {strides = array<i64: 2, 1>, dilations = array<i64: 1, 2>}
      : tensor<4x4x2x!u4>, tensor<2x2x2x1x!s3> -> tensor<2x2x1x!s10>
  func.return %conv : tensor<2x2x1x!s10>
}

// CHECK:      // conv: conv2d
// CHECK-NEXT: // in:  x, 4x4x2 of 4 bits unsigned, step 2^0
// CHECK-NEXT: // out: conv, 2x2x1 of 10 bits signed, step 2^0
// CHECK-NEXT: // w: 3 bits signed, step 2^0
// CHECK-NEXT: static void conv_1(const ap_uint<4> in_x[4][4][2], ap_int<10> out_conv[2][2][1]) {
// CHECK-NEXT:     static const signed char w[1][2][2][2] = {
// CHECK-NEXT:         {
// CHECK-NEXT:             {
// CHECK-NEXT:                 {1, 2},
// CHECK-NEXT:                 {3, -4},
// CHECK-NEXT:             },
// CHECK-NEXT:             {
// CHECK-NEXT:                 {0, 1},
// CHECK-NEXT:                 {-1, 3},
// CHECK-NEXT:             },
// CHECK-NEXT:         },
// CHECK-NEXT:     };
// CHECK-NEXT: #pragma HLS ARRAY_PARTITION variable=w type=complete dim=0
// CHECK-NEXT:     ROW: for (int row = 0; row < 2; row++) {
// CHECK-NEXT:         COLUMN: for (int column = 0; column < 2; column++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1
// CHECK-NEXT:             ap_int<10> conv_acc = 0;
// CHECK-NEXT:             for (int kr = 0; kr < 2; kr++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:                 for (int kc = 0; kc < 2; kc++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:                     const int in_row = row * 2 + kr;
// CHECK-NEXT:                     const int in_column = column + kc * 2;
// CHECK-NEXT:                     for (int ci = 0; ci < 2; ci++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:                         conv_acc += in_x[in_row][in_column][ci] * ap_int<3>(w[0][kr][kc][ci]);
// CHECK-NEXT:                     }
// CHECK-NEXT:                 }
// CHECK-NEXT:             }
// CHECK-NEXT:             out_conv[row][column][0] = conv_acc;
// CHECK-NEXT:         }
// CHECK-NEXT:     }
// CHECK-NEXT: }

// -----

!s4 = !qnn.fixed<4, 4, signed>
!s7 = !qnn.fixed<7, 7, signed>

// A weight that is zero among powers of two adds nothing.
func.func @fc(%x: tensor<2x!s4>) -> tensor<1x!s7> {
  %w = qnn.constant dense<[[-1], [2]]> : tensor<2x1xi8> as tensor<2x1x!qnn.po2<0, 1, unsigned, zero>>
  %fc = qnn.dense %x, %w {product = #qnn.product<shift>} : tensor<2x!s4>, tensor<2x1x!qnn.po2<0, 1, unsigned, zero>>
      -> tensor<1x!s7>
  func.return %fc : tensor<1x!s7>
}

// CHECK:      static void fc_1(const ap_int<4> in_x[2], ap_int<7> out_fc[1]) {
// CHECK-NEXT:     static const signed char w_exponent[1][2] = {
// CHECK-NEXT:         {0, 1},
// CHECK-NEXT:     };
// CHECK-NEXT: #pragma HLS ARRAY_RESHAPE variable=w_exponent type=complete dim=2
// CHECK-NEXT:     static const signed char w_nonzero[1][2] = {
// CHECK-NEXT:         {0, 1},
// CHECK-NEXT:     };
// CHECK-NEXT: #pragma HLS ARRAY_RESHAPE variable=w_nonzero type=complete dim=2
// CHECK-NEXT:     OUTPUT: for (int i = 0; i < 1; i++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1
// CHECK-NEXT:         ap_int<7> fc_acc = 0;
// CHECK-NEXT:         for (int ci = 0; ci < 2; ci++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:             fc_acc += ap_uint<1>(w_nonzero[i][ci])
// CHECK-NEXT:                     ? ap_int<5>(in_x[ci]) << ap_uint<1>(w_exponent[i][ci])
// CHECK-NEXT:                     : ap_int<5>(0);
// CHECK-NEXT:         }
// CHECK-NEXT:         out_fc[i] = fc_acc;
// CHECK-NEXT:     }
// CHECK-NEXT: }
