// RUN: qopt %s -p quantize-interface,lower-to-loops -t hls --split-input-file | filecheck %s

!s4 = !qnn.fixed<4, 4, signed>

// The largest of each window, from the smallest code on.
func.func @max_pool(%x: tensor<4x4x2x!s4>) -> tensor<2x2x2x!s4> {
  %y = qnn.max_pool2d %x {pool = array<i64: 2, 2>, strides = array<i64: 2, 2>} : tensor<4x4x2x!s4> -> tensor<2x2x2x!s4>
  func.return %y : tensor<2x2x2x!s4>
}

// CHECK:      // max_pool.h
// CHECK-NEXT: #ifndef QDIALECT_max_pool_H
// CHECK-NEXT: #define QDIALECT_max_pool_H

// CHECK:      #include "ap_int.h"

// CHECK:      void max_pool(const ap_int<4> x[4][4][2], ap_int<4> y_out[2][2][2]);

// CHECK:      #endif

// CHECK:      // max_pool.cpp
// CHECK-NEXT: #include "max_pool.h"

// CHECK:      // y: max_pool2d
// CHECK-NEXT: // in:  x, 4x4x2 of 4 bits signed, step 2^0
// CHECK-NEXT: // out: y, 2x2x2 of 4 bits signed, step 2^0
// CHECK-NEXT: static void y(const ap_int<4> in_x[4][4][2], ap_int<4> out_y[2][2][2]) {
// CHECK-NEXT:     ROW: for (int row = 0; row < 2; row++) {
// CHECK-NEXT:         COLUMN: for (int column = 0; column < 2; column++) {
// CHECK-NEXT:             CHANNEL: for (int c = 0; c < 2; c++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1
// CHECK-NEXT:                 ap_int<4> y_acc = -8;
// CHECK-NEXT:                 for (int kr = 0; kr < 2; kr++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:                     for (int kc = 0; kc < 2; kc++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:                         const int in_row = row * 2 + kr;
// CHECK-NEXT:                         const int in_column = column * 2 + kc;
// CHECK-NEXT:                         const ap_int<4> best = y_acc;
// CHECK-NEXT:                         const ap_int<4> x = in_x[in_row][in_column][c];
// CHECK-NEXT:                         y_acc = x > best ? x : best;
// CHECK-NEXT:                     }
// CHECK-NEXT:                 }
// CHECK-NEXT:                 out_y[row][column][c] = y_acc;
// CHECK-NEXT:             }
// CHECK-NEXT:         }
// CHECK-NEXT:     }
// CHECK-NEXT: }

// CHECK:      // max_pool
// CHECK-NEXT: // in:  x, 4x4x2 of 4 bits signed, step 2^0
// CHECK-NEXT: // out: y, 2x2x2 of 4 bits signed, step 2^0
// CHECK-NEXT: void max_pool(const ap_int<4> x[4][4][2], ap_int<4> y_out[2][2][2]) {
// CHECK-NEXT: #pragma HLS INTERFACE mode=ap_none port=x
// CHECK-NEXT: #pragma HLS ARRAY_PARTITION variable=x type=complete dim=0
// CHECK-NEXT: #pragma HLS INTERFACE mode=ap_vld port=y_out
// CHECK-NEXT: #pragma HLS ARRAY_PARTITION variable=y_out type=complete dim=0
// CHECK-NEXT: #pragma HLS DATAFLOW
// CHECK-NEXT:     y(x, y_out);
// CHECK-NEXT: }

// -----

!s4 = !qnn.fixed<4, 4, signed>

// Elements outside of the image do not count.
func.func @max_pool_padded(%x: tensor<3x3x1x!s4>) -> tensor<2x2x1x!s4> {
  %y = qnn.max_pool2d %x
      {pool = array<i64: 2, 2>, strides = array<i64: 2, 2>, low = array<i64: 1, 0>, high = array<i64: 0, 1>}
      : tensor<3x3x1x!s4> -> tensor<2x2x1x!s4>
  func.return %y : tensor<2x2x1x!s4>
}

// CHECK:      // y: max_pool2d
// CHECK-NEXT: // in:  x, 3x3x1 of 4 bits signed, step 2^0
// CHECK-NEXT: // out: y, 2x2x1 of 4 bits signed, step 2^0
// CHECK-NEXT: static void y(const ap_int<4> in_x[3][3][1], ap_int<4> out_y[2][2][1]) {
// CHECK-NEXT:     ROW: for (int row = 0; row < 2; row++) {
// CHECK-NEXT:         COLUMN: for (int column = 0; column < 2; column++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1
// CHECK-NEXT:             ap_int<4> y_acc = -8;
// CHECK-NEXT:             for (int kr = 0; kr < 2; kr++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:                 for (int kc = 0; kc < 2; kc++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:                     const int in_row = row * 2 + kr - 1;
// CHECK-NEXT:                     const int in_column = column * 2 + kc;
// CHECK-NEXT:                     if (in_row >= 0 && in_row < 3 && in_column >= 0 && in_column < 3) {
// CHECK-NEXT:                         const ap_int<4> best = y_acc;
// CHECK-NEXT:                         const ap_int<4> x = in_x[in_row][in_column][0];
// CHECK-NEXT:                         y_acc = x > best ? x : best;
// CHECK-NEXT:                     }
// CHECK-NEXT:                 }
// CHECK-NEXT:             }
// CHECK-NEXT:             out_y[row][column][0] = y_acc;
// CHECK-NEXT:         }
// CHECK-NEXT:     }
// CHECK-NEXT: }

// -----

// The largest of bits is an or.
func.func @max_pool_binary(%x: tensor<4x4x1x!qnn.binary>) -> tensor<2x2x1x!qnn.binary> {
  %y = qnn.max_pool2d %x {pool = array<i64: 2, 2>, strides = array<i64: 2, 2>} : tensor<4x4x1x!qnn.binary>
      -> tensor<2x2x1x!qnn.binary>
  func.return %y : tensor<2x2x1x!qnn.binary>
}

// CHECK:      // y: max_pool2d
// CHECK-NEXT: // in:  x, 4x4x1 of 1 bit, 1 is +1
// CHECK-NEXT: // out: y, 2x2x1 of 1 bit, 1 is +1
// CHECK-NEXT: static void y(const ap_uint<1> in_x[4][4][1], ap_uint<1> out_y[2][2][1]) {
// CHECK-NEXT:     ROW: for (int row = 0; row < 2; row++) {
// CHECK-NEXT:         COLUMN: for (int column = 0; column < 2; column++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1
// CHECK-NEXT:             ap_uint<1> y_acc = 0;
// CHECK-NEXT:             for (int kr = 0; kr < 2; kr++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:                 for (int kc = 0; kc < 2; kc++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:                     const int in_row = row * 2 + kr;
// CHECK-NEXT:                     const int in_column = column * 2 + kc;
// CHECK-NEXT:                     y_acc |= in_x[in_row][in_column][0];
// CHECK-NEXT:                 }
// CHECK-NEXT:             }
// CHECK-NEXT:             out_y[row][column][0] = y_acc;
// CHECK-NEXT:         }
// CHECK-NEXT:     }
// CHECK-NEXT: }

// -----

!s4 = !qnn.fixed<4, 4, signed>
!s6 = !qnn.fixed<6, 6, signed>

// Sums keep every partial sum in range: 4 elements of 4 bits need 6.
func.func @sum_pool(%x: tensor<4x4x1x!s4>) -> tensor<2x2x1x!s6> {
  %y = qnn.sum_pool2d %x {pool = array<i64: 2, 2>, strides = array<i64: 2, 2>} : tensor<4x4x1x!s4> -> tensor<2x2x1x!s6>
  func.return %y : tensor<2x2x1x!s6>
}

// CHECK:      // y: sum_pool2d
// CHECK-NEXT: // in:  x, 4x4x1 of 4 bits signed, step 2^0
// CHECK-NEXT: // out: y, 2x2x1 of 6 bits signed, step 2^0
// CHECK-NEXT: static void y(const ap_int<4> in_x[4][4][1], ap_int<6> out_y[2][2][1]) {
// CHECK-NEXT:     ROW: for (int row = 0; row < 2; row++) {
// CHECK-NEXT:         COLUMN: for (int column = 0; column < 2; column++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1
// CHECK-NEXT:             sum_int<6> y_acc = 0;
// CHECK-NEXT:             for (int kr = 0; kr < 2; kr++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:                 for (int kc = 0; kc < 2; kc++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:                     const int in_row = row * 2 + kr;
// CHECK-NEXT:                     const int in_column = column * 2 + kc;
// CHECK-NEXT:                     y_acc += in_x[in_row][in_column][0];
// CHECK-NEXT:                 }
// CHECK-NEXT:             }
// CHECK-NEXT:             out_y[row][column][0] = y_acc;
// CHECK-NEXT:         }
// CHECK-NEXT:     }
// CHECK-NEXT: }

// -----

!s4 = !qnn.fixed<4, 4, signed>

// Zeros first, then the operand in the middle.
func.func @pad(%x: tensor<2x2x!s4>) -> tensor<3x3x!s4> {
  %y = qnn.pad %x {low = array<i64: 1, 0>, high = array<i64: 0, 1>} : tensor<2x2x!s4> -> tensor<3x3x!s4>
  func.return %y : tensor<3x3x!s4>
}

// CHECK:      // y: pad
// CHECK-NEXT: // in:  x, 2x2 of 4 bits signed, step 2^0
// CHECK-NEXT: // out: y, 3x3 of 4 bits signed, step 2^0
// CHECK-NEXT: static void y(const ap_int<4> in_x[2][2], ap_int<4> out_y[3][3]) {
// CHECK-NEXT:     OUTPUT: for (int i = 0; i < 3; i++) {
// CHECK-NEXT:         CHANNEL: for (int c = 0; c < 3; c++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1
// CHECK-NEXT:             out_y[i][c] = 0;
// CHECK-NEXT:         }
// CHECK-NEXT:     }
// CHECK-NEXT:     OUTPUT_1: for (int i = 0; i < 2; i++) {
// CHECK-NEXT:         CHANNEL_1: for (int c = 0; c < 2; c++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1
// CHECK-NEXT:             out_y[i + 1][c] = in_x[i][c];
// CHECK-NEXT:         }
// CHECK-NEXT:     }
// CHECK-NEXT: }

// -----

!s2 = !qnn.fixed<2, 2, signed>

// Padded bits become codes: -1, 0 and 1 need two bits.
func.func @pad_binary(%x: tensor<2x!qnn.binary>) -> tensor<4x!s2> {
  %y = qnn.pad %x {low = array<i64: 1>, high = array<i64: 1>} : tensor<2x!qnn.binary> -> tensor<4x!s2>
  func.return %y : tensor<4x!s2>
}

// CHECK:      // y: pad
// CHECK-NEXT: // in:  x, 2 of 1 bit, 1 is +1
// CHECK-NEXT: // out: y, 4 of 2 bits signed, step 2^0
// CHECK-NEXT: static void y(const ap_uint<1> in_x[2], ap_int<2> out_y[4]) {
// CHECK-NEXT:     OUTPUT: for (int i = 0; i < 4; i++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1
// CHECK-NEXT:         out_y[i] = 0;
// CHECK-NEXT:     }
// CHECK-NEXT:     OUTPUT_1: for (int i = 0; i < 2; i++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1
// CHECK-NEXT:         out_y[i + 1] = in_x[i] ? 1 : -1;
// CHECK-NEXT:     }
// CHECK-NEXT: }

// -----

// Row-major order.
func.func @flatten(%x: tensor<2x3x2x!qnn.fixed<4, 4, signed>>) -> tensor<12x!qnn.fixed<4, 4, signed>> {
  %y = qnn.reshape %x : tensor<2x3x2x!qnn.fixed<4, 4, signed>> -> tensor<12x!qnn.fixed<4, 4, signed>>
  func.return %y : tensor<12x!qnn.fixed<4, 4, signed>>
}

// CHECK:      // y: reshape
// CHECK-NEXT: // in:  x, 2x3x2 of 4 bits signed, step 2^0
// CHECK-NEXT: // out: y, 12 of 4 bits signed, step 2^0
// CHECK-NEXT: static void y(const ap_int<4> in_x[2][3][2], ap_int<4> out_y[12]) {
// CHECK-NEXT:     ROW: for (int row = 0; row < 2; row++) {
// CHECK-NEXT:         COLUMN: for (int column = 0; column < 3; column++) {
// CHECK-NEXT:             CHANNEL: for (int c = 0; c < 2; c++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1
// CHECK-NEXT:                 out_y[(row * 3 + column) * 2 + c] = in_x[row][column][c];
// CHECK-NEXT:             }
// CHECK-NEXT:         }
// CHECK-NEXT:     }
// CHECK-NEXT: }

// -----

// And back.
func.func @unflatten(%x: tensor<6x!qnn.binary>) -> tensor<2x3x!qnn.binary> {
  %y = qnn.reshape %x : tensor<6x!qnn.binary> -> tensor<2x3x!qnn.binary>
  func.return %y : tensor<2x3x!qnn.binary>
}

// CHECK:      // y: reshape
// CHECK-NEXT: // in:  x, 6 of 1 bit, 1 is +1
// CHECK-NEXT: // out: y, 2x3 of 1 bit, 1 is +1
// CHECK-NEXT: static void y(const ap_uint<1> in_x[6], ap_uint<1> out_y[2][3]) {
// CHECK-NEXT:     OUTPUT: for (int i = 0; i < 2; i++) {
// CHECK-NEXT:         CHANNEL: for (int c = 0; c < 3; c++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1
// CHECK-NEXT:             out_y[i][c] = in_x[i * 3 + c];
// CHECK-NEXT:         }
// CHECK-NEXT:     }
// CHECK-NEXT: }

// -----

// Bits into one word, the first element in the lowest bit.
func.func @pack(%x: tensor<9x!qnn.binary>) -> tensor<!qnn.bits<9>> {
  %y = qnn.pack %x : tensor<9x!qnn.binary> -> tensor<!qnn.bits<9>>
  func.return %y : tensor<!qnn.bits<9>>
}

// CHECK:      // y: pack
// CHECK-NEXT: // in:  x, 9 of 1 bit, 1 is +1
// CHECK-NEXT: // out: y, 1 of 9 packed bits, 1 is +1
// CHECK-NEXT: static void y(const ap_uint<1> in_x[9], ap_uint<9> out_y[1]) {
// CHECK-NEXT:     WORD: for (int word = 0; word < 1; word++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1
// CHECK-NEXT:         ap_uint<9> packed = 0;
// CHECK-NEXT:         for (int bit = 0; bit < 9; bit++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:             packed |= ap_uint<9>(in_x[word * 9 + bit]) << bit;
// CHECK-NEXT:         }
// CHECK-NEXT:         out_y[word] = packed;
// CHECK-NEXT:     }
// CHECK-NEXT: }
