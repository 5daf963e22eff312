// RUN: qopt %s -p 'lower-to-loops{architecture=stream},size-fifos' -t hls --split-input-file | filecheck %s

!s3 = !qnn.fixed<3, 3, signed>
!s4 = !qnn.fixed<4, 4, signed>

// Two ways that meet again: the input is cloned, the way without windows holds what the windows have taken in.
func.func @residual(%x: tensor<5x6x2x!s3>) -> tensor<5x6x2x!s4> {
  %first = qnn.max_pool2d %x
      {pool = array<i64: 3, 3>, strides = array<i64: 1, 1>, low = array<i64: 1, 1>, high = array<i64: 1, 1>}
      : tensor<5x6x2x!s3> -> tensor<5x6x2x!s3>
  %second = qnn.max_pool2d %first {pool = array<i64: 1, 2>, strides = array<i64: 1, 1>, high = array<i64: 0, 1>}
      : tensor<5x6x2x!s3> -> tensor<5x6x2x!s3>
  %sum = qnn.add %second, %x : tensor<5x6x2x!s3>, tensor<5x6x2x!s3> -> tensor<5x6x2x!s4>
  func.return %sum : tensor<5x6x2x!s4>
}

// CHECK:      // residual.h
// CHECK-NEXT: #ifndef QDIALECT_residual_H
// CHECK-NEXT: #define QDIALECT_residual_H

// CHECK:      #include "ap_int.h"
// CHECK-NEXT: #include "hls_stream.h"

// CHECK:      #ifndef QDIALECT_beat_s3x2
// CHECK-NEXT: #define QDIALECT_beat_s3x2
// CHECK-NEXT: struct beat_s3x2 {
// CHECK-NEXT:     ap_int<3> d[2];
// CHECK-NEXT: };
// CHECK-NEXT: #endif

// CHECK:      #ifndef QDIALECT_beat_s4x2
// CHECK-NEXT: #define QDIALECT_beat_s4x2
// CHECK-NEXT: struct beat_s4x2 {
// CHECK-NEXT:     ap_int<4> d[2];
// CHECK-NEXT: };
// CHECK-NEXT: #endif

// CHECK:      void residual(hls::stream<beat_s3x2> &x, hls::stream<beat_s4x2> &sum_out);

// CHECK:      #endif

// CHECK:      // residual.cpp
// CHECK-NEXT: #include "residual.h"

// CHECK:      // copy of x, 5x6x2 of 3 bits signed, step 2^0
// CHECK-NEXT: static void clone_x(hls::stream<beat_s3x2> &x, hls::stream<beat_s3x2> &y0, hls::stream<beat_s3x2> &y1) {
// CHECK-NEXT:     ROW: for (int row = 0; row < 5; row++) {
// CHECK-NEXT:         COLUMN: for (int column = 0; column < 6; column++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1 style=flp
// CHECK-NEXT:             const beat_s3x2 next = x.read();
// CHECK-NEXT:             y0.write(next);
// CHECK-NEXT:             y1.write(next);
// CHECK-NEXT:         }
// CHECK-NEXT:     }
// CHECK-NEXT: }

// CHECK:      // first: max_pool2d
// CHECK-NEXT: // in:  x, 5x6x2 of 3 bits signed, step 2^0
// CHECK-NEXT: // out: first, 5x6x2 of 3 bits signed, step 2^0
// CHECK-NEXT: static void first(hls::stream<beat_s3x2> &in_x, hls::stream<beat_s3x2> &out_first) {
// CHECK-NEXT:     ap_int<3> x_window[3][3][2];
// CHECK-NEXT: #pragma HLS ARRAY_PARTITION variable=x_window type=complete dim=0
// CHECK-NEXT:     ap_int<3> x_column[3][2];
// CHECK-NEXT: #pragma HLS ARRAY_PARTITION variable=x_column type=complete dim=0
// CHECK-NEXT:     ap_int<3> x_lines[2][6][2];
// CHECK-NEXT: #pragma HLS ARRAY_PARTITION variable=x_lines type=complete dim=1
// CHECK-NEXT: #pragma HLS ARRAY_RESHAPE variable=x_lines type=complete dim=3
// CHECK-NEXT: #pragma HLS BIND_STORAGE variable=x_lines type=ram_s2p impl=auto
// CHECK-NEXT:     ROW: for (int row = -1; row < 5; row++) {
// CHECK-NEXT:         COLUMN: for (int column = -1; column < 6; column++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1 style=flp
// CHECK-NEXT: #pragma HLS DEPENDENCE variable=x_lines type=inter direction=raw distance=7 dependent=true
// CHECK-NEXT:             const int in_row = row + 1;
// CHECK-NEXT:             const int in_column = column + 1;
// CHECK-NEXT:             const ap_uint<1> t = in_column < 6;
// CHECK-NEXT:             if (ap_uint<1>(in_row < 5) & t) {
// CHECK-NEXT:                 const beat_s3x2 next = in_x.read();
// CHECK-NEXT:                 for (int lane = 0; lane < 2; lane++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:                     x_column[2][lane] = next.d[lane];
// CHECK-NEXT:                 }
// CHECK-NEXT:             }
// CHECK-NEXT:             if (t) {
// CHECK-NEXT:                 for (int line = 0; line < 2; line++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:                     for (int c = 0; c < 2; c++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:                         x_column[line][c] = x_lines[line][in_column][c];
// CHECK-NEXT:                     }
// CHECK-NEXT:                 }
// CHECK-NEXT:                 for (int line = 0; line < 2; line++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:                     for (int c = 0; c < 2; c++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:                         x_lines[line][in_column][c] = x_column[line + 1][c];
// CHECK-NEXT:                     }
// CHECK-NEXT:                 }
// CHECK-NEXT:             }
// CHECK-NEXT:             for (int kr = 0; kr < 3; kr++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:                 for (int c = 0; c < 2; c++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:                     for (int kc = 0; kc < 2; kc++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:                         x_window[kr][kc][c] = x_window[kr][kc + 1][c];
// CHECK-NEXT:                     }
// CHECK-NEXT:                     x_window[kr][2][c] = x_column[kr][c];
// CHECK-NEXT:                 }
// CHECK-NEXT:             }
// CHECK-NEXT:             if (row >= 0 && column >= 0) {
// CHECK-NEXT:                 beat_s3x2 result;
// CHECK-NEXT:                 for (int c = 0; c < 2; c++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:                     ap_int<3> first_acc = -4;
// CHECK-NEXT:                     for (int kr = 0; kr < 3; kr++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:                         for (int kc = 0; kc < 3; kc++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:                             const int in_row_1 = row + kr - 1;
// CHECK-NEXT:                             const int in_column_1 = column + kc - 1;
// CHECK-NEXT:                             if (in_row_1 >= 0 && in_row_1 < 5 && in_column_1 >= 0 && in_column_1 < 6) {
// CHECK-NEXT:                                 const ap_int<3> best = first_acc;
// CHECK-NEXT:                                 const ap_int<3> x = x_window[kr][kc][c];
// CHECK-NEXT:                                 first_acc = x > best ? x : best;
// CHECK-NEXT:                             }
// CHECK-NEXT:                         }
// CHECK-NEXT:                     }
// CHECK-NEXT:                     result.d[c] = first_acc;
// CHECK-NEXT:                 }
// CHECK-NEXT:                 out_first.write(result);
// CHECK-NEXT:             }
// CHECK-NEXT:         }
// CHECK-NEXT:     }
// CHECK-NEXT: }

// CHECK:      // second: max_pool2d -> add
// CHECK-NEXT: // in:  first, 5x6x2 of 3 bits signed, step 2^0
// CHECK-NEXT: // in:  x, 5x6x2 of 3 bits signed, step 2^0
// CHECK-NEXT: // out: sum, 5x6x2 of 4 bits signed, step 2^0
// CHECK-NEXT: static void second(hls::stream<beat_s3x2> &in_first,
// CHECK-NEXT:         hls::stream<beat_s3x2> &in_x,
// CHECK-NEXT:         hls::stream<beat_s4x2> &out_sum) {
// CHECK-NEXT:     ap_int<3> first_window[1][2][2];
// CHECK-NEXT: #pragma HLS ARRAY_PARTITION variable=first_window type=complete dim=0
// CHECK-NEXT:     ap_int<3> first_column[1][2];
// CHECK-NEXT: #pragma HLS ARRAY_PARTITION variable=first_column type=complete dim=0
// CHECK-NEXT:     ap_int<3> x[2];
// CHECK-NEXT: #pragma HLS ARRAY_PARTITION variable=x type=complete dim=0
// CHECK-NEXT:     ROW: for (int row = 0; row < 5; row++) {
// CHECK-NEXT:         COLUMN: for (int column = -1; column < 6; column++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1 style=flp
// CHECK-NEXT:             const int in_column = column + 1;
// CHECK-NEXT:             if (in_column < 6) {
// CHECK-NEXT:                 const beat_s3x2 next = in_first.read();
// CHECK-NEXT:                 for (int lane = 0; lane < 2; lane++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:                     first_column[0][lane] = next.d[lane];
// CHECK-NEXT:                 }
// CHECK-NEXT:             }
// CHECK-NEXT:             for (int c = 0; c < 2; c++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:                 first_window[0][0][c] = first_window[0][1][c];
// CHECK-NEXT:                 first_window[0][1][c] = first_column[0][c];
// CHECK-NEXT:             }
// CHECK-NEXT:             if (column >= 0) {
// CHECK-NEXT:                 const beat_s3x2 next = in_x.read();
// CHECK-NEXT:                 for (int lane = 0; lane < 2; lane++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:                     x[lane] = next.d[lane];
// CHECK-NEXT:                 }
// CHECK-NEXT:                 beat_s4x2 result;
// CHECK-NEXT:                 for (int c = 0; c < 2; c++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:                     ap_int<3> second_acc = -4;
// CHECK-NEXT:                     for (int kc = 0; kc < 2; kc++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:                         const int in_column_1 = column + kc;
// CHECK-NEXT:                         if (row >= 0 && row < 5 && in_column_1 >= 0 && in_column_1 < 6) {
// CHECK-NEXT:                             const ap_int<3> best = second_acc;
// CHECK-NEXT:                             const ap_int<3> x_1 = first_window[0][kc][c];
// CHECK-NEXT:                             second_acc = x_1 > best ? x_1 : best;
// CHECK-NEXT:                         }
// CHECK-NEXT:                     }
// CHECK-NEXT:                     result.d[c] = second_acc + x[c];
// CHECK-NEXT:                 }
// CHECK-NEXT:                 out_sum.write(result);
// CHECK-NEXT:             }
// CHECK-NEXT:         }
// CHECK-NEXT:     }
// CHECK-NEXT: }

// CHECK:      // residual
// CHECK-NEXT: // in:  x, 5x6x2 of 3 bits signed, step 2^0
// CHECK-NEXT: // out: sum, 5x6x2 of 4 bits signed, step 2^0
// CHECK-NEXT: void residual(hls::stream<beat_s3x2> &x, hls::stream<beat_s4x2> &sum_out) {
// CHECK-NEXT: #pragma HLS INTERFACE mode=axis port=x
// CHECK-NEXT: #pragma HLS INTERFACE mode=axis port=sum_out
// CHECK-NEXT: #pragma HLS DATAFLOW
// CHECK-NEXT:     hls::stream<beat_s3x2> x_1;
// CHECK-NEXT: #pragma HLS STREAM variable=x_1 depth=2
// CHECK-NEXT:     hls::stream<beat_s3x2> x_2;
// CHECK-NEXT: #pragma HLS STREAM variable=x_2 depth=15
// CHECK-NEXT:     hls::stream<beat_s3x2> first_out;
// CHECK-NEXT: #pragma HLS STREAM variable=first_out depth=2
// CHECK-NEXT:     clone_x(x, x_1, x_2);
// CHECK-NEXT:     first(x_1, first_out);
// CHECK-NEXT:     second(first_out, x_2, sum_out);
// CHECK-NEXT: }

// -----

!s3 = !qnn.fixed<3, 3, signed>
!s9 = !qnn.fixed<9, 9, signed>

// A convolution with strides and dilations, one of two outputs at a time: the window moves when the first begins.
func.func @folded(%x: tensor<7x7x2x!s3>) -> tensor<3x3x2x!s9> {
  %kernel = qnn.constant dense<1> : tensor<2x2x2x2xi8> as tensor<2x2x2x2x!s3>
  %conv = qnn.conv2d %x,
      %kernel {strides = array<i64: 2, 2>, dilations = array<i64: 2, 2>, hls.pe = 1
      : i64, hls.block_ram} : tensor<7x7x2x!s3>, tensor<2x2x2x2x!s3> -> tensor<3x3x2x!s9>
  func.return %conv : tensor<3x3x2x!s9>
}

// CHECK:      // folded.h
// CHECK-NEXT: #ifndef QDIALECT_folded_H
// CHECK-NEXT: #define QDIALECT_folded_H

// CHECK:      #include "ap_int.h"
// CHECK-NEXT: #include "hls_stream.h"

// CHECK:      #ifndef QDIALECT_beat_s3x2
// CHECK-NEXT: #define QDIALECT_beat_s3x2
// CHECK-NEXT: struct beat_s3x2 {
// CHECK-NEXT:     ap_int<3> d[2];
// CHECK-NEXT: };
// CHECK-NEXT: #endif

// CHECK:      #ifndef QDIALECT_beat_s9x2
// CHECK-NEXT: #define QDIALECT_beat_s9x2
// CHECK-NEXT: struct beat_s9x2 {
// CHECK-NEXT:     ap_int<9> d[2];
// CHECK-NEXT: };
// CHECK-NEXT: #endif

// CHECK:      void folded(hls::stream<beat_s3x2> &x, hls::stream<beat_s9x2> &conv_out);

// CHECK:      #endif

// CHECK:      // folded.cpp
// CHECK-NEXT: #include "folded.h"

// CHECK:      // conv: conv2d
// CHECK-NEXT: // in:  x, 7x7x2 of 3 bits signed, step 2^0
// CHECK-NEXT: // out: conv, 3x3x2 of 9 bits signed, step 2^0
// CHECK-NEXT: // kernel: 3 bits signed, step 2^0
// CHECK-NEXT: static void conv(hls::stream<beat_s3x2> &in_x, hls::stream<beat_s9x2> &out_conv) {
// CHECK-NEXT:     ap_int<3> x_window[2][3][2];
// CHECK-NEXT: #pragma HLS ARRAY_PARTITION variable=x_window type=complete dim=0
// CHECK-NEXT:     ap_int<3> x_column[3][2];
// CHECK-NEXT: #pragma HLS ARRAY_PARTITION variable=x_column type=complete dim=0
// CHECK-NEXT:     ap_int<3> x_lines[2][7][2];
// CHECK-NEXT: #pragma HLS ARRAY_PARTITION variable=x_lines type=complete dim=1
// CHECK-NEXT: #pragma HLS ARRAY_RESHAPE variable=x_lines type=complete dim=3
// CHECK-NEXT: #pragma HLS BIND_STORAGE variable=x_lines type=ram_s2p impl=auto
// CHECK-NEXT:     static const signed char kernel[2][2][2][2] = {
// CHECK-NEXT:         {
// CHECK-NEXT:             {
// CHECK-NEXT:                 {1, 1},
// CHECK-NEXT:                 {1, 1},
// CHECK-NEXT:             },
// CHECK-NEXT:             {
// CHECK-NEXT:                 {1, 1},
// CHECK-NEXT:                 {1, 1},
// CHECK-NEXT:             },
// CHECK-NEXT:         },
// CHECK-NEXT:         {
// CHECK-NEXT:             {
// CHECK-NEXT:                 {1, 1},
// CHECK-NEXT:                 {1, 1},
// CHECK-NEXT:             },
// CHECK-NEXT:             {
// CHECK-NEXT:                 {1, 1},
// CHECK-NEXT:                 {1, 1},
// CHECK-NEXT:             },
// CHECK-NEXT:         },
// CHECK-NEXT:     };
// CHECK-NEXT: #pragma HLS ARRAY_RESHAPE variable=kernel type=complete dim=2
// CHECK-NEXT: #pragma HLS ARRAY_RESHAPE variable=kernel type=complete dim=3
// CHECK-NEXT: #pragma HLS ARRAY_RESHAPE variable=kernel type=complete dim=4
// CHECK-NEXT: #pragma HLS BIND_STORAGE variable=kernel type=rom_1p impl=bram
// CHECK-NEXT:     ap_int<9> conv_pixel[2];
// CHECK-NEXT: #pragma HLS ARRAY_PARTITION variable=conv_pixel type=complete dim=0
// CHECK-NEXT:     ROW: for (int row = -1; row < 3; row++) {
// CHECK-NEXT:         ROW_PHASE: for (int row_phase = 0; row_phase < 2; row_phase++) {
// CHECK-NEXT:             COLUMN: for (int column = -1; column < 3; column++) {
// CHECK-NEXT:                 COLUMN_PHASE: for (int column_phase = 0; column_phase < 2; column_phase++) {
// CHECK-NEXT:                     GROUP: for (int group = 0; group < 2; group++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1 style=flp
// CHECK-NEXT: #pragma HLS DEPENDENCE variable=x_lines type=inter direction=raw distance=16 dependent=true
// CHECK-NEXT:                         if (group == 0) {
// CHECK-NEXT:                             const int in_row = row * 2 + row_phase + 1;
// CHECK-NEXT:                             const int in_column = column * 2 + column_phase + 1;
// CHECK-NEXT:                             const ap_uint<1> t = in_column >= 0;
// CHECK-NEXT:                             if (ap_uint<1>(in_row >= 0) & t) {
// CHECK-NEXT:                                 const beat_s3x2 next = in_x.read();
// CHECK-NEXT:                                 for (int lane = 0; lane < 2; lane++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:                                     x_column[2][lane] = next.d[lane];
// CHECK-NEXT:                                 }
// CHECK-NEXT:                             }
// CHECK-NEXT:                             if (t) {
// CHECK-NEXT:                                 for (int line = 0; line < 2; line++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:                                     for (int c = 0; c < 2; c++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:                                         x_column[line][c] = x_lines[line][in_column][c];
// CHECK-NEXT:                                     }
// CHECK-NEXT:                                 }
// CHECK-NEXT:                                 for (int line = 0; line < 2; line++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:                                     for (int c = 0; c < 2; c++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:                                         x_lines[line][in_column][c] = x_column[line + 1][c];
// CHECK-NEXT:                                     }
// CHECK-NEXT:                                 }
// CHECK-NEXT:                             }
// CHECK-NEXT:                             for (int kr = 0; kr < 2; kr++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:                                 for (int c = 0; c < 2; c++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:                                     for (int kc = 0; kc < 2; kc++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:                                         x_window[kr][kc][c] = x_window[kr][kc + 1][c];
// CHECK-NEXT:                                     }
// CHECK-NEXT:                                     x_window[kr][2][c] = x_column[kr * 2][c];
// CHECK-NEXT:                                 }
// CHECK-NEXT:                             }
// CHECK-NEXT:                         }
// CHECK-NEXT:                         if (row >= 0 && row_phase == 1 && column >= 0 && column_phase == 1) {
// CHECK-NEXT:                             ap_int<9> conv_acc = 0;
// CHECK-NEXT:                             for (int kr = 0; kr < 2; kr++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:                                 for (int kc = 0; kc < 2; kc++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:                                     for (int ci = 0; ci < 2; ci++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:                                         conv_acc += x_window[kr][kc * 2][ci]
// CHECK-NEXT:                                                 * ap_int<3>(kernel[group][kr][kc][ci]);
// CHECK-NEXT:                                     }
// CHECK-NEXT:                                 }
// CHECK-NEXT:                             }
// CHECK-NEXT:                             conv_pixel[group] = conv_acc;
// CHECK-NEXT:                             if (group == 1) {
// CHECK-NEXT:                                 beat_s9x2 result;
// CHECK-NEXT:                                 for (int lane = 0; lane < 2; lane++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:                                     result.d[lane] = conv_pixel[lane];
// CHECK-NEXT:                                 }
// CHECK-NEXT:                                 out_conv.write(result);
// CHECK-NEXT:                             }
// CHECK-NEXT:                         }
// CHECK-NEXT:                     }
// CHECK-NEXT:                 }
// CHECK-NEXT:             }
// CHECK-NEXT:         }
// CHECK-NEXT:     }
// CHECK-NEXT: }

// CHECK:      // folded
// CHECK-NEXT: // in:  x, 7x7x2 of 3 bits signed, step 2^0
// CHECK-NEXT: // out: conv, 3x3x2 of 9 bits signed, step 2^0
// CHECK-NEXT: void folded(hls::stream<beat_s3x2> &x, hls::stream<beat_s9x2> &conv_out) {
// CHECK-NEXT: #pragma HLS INTERFACE mode=axis port=x
// CHECK-NEXT: #pragma HLS INTERFACE mode=axis port=conv_out
// CHECK-NEXT: #pragma HLS DATAFLOW
// CHECK-NEXT:     conv(x, conv_out);
// CHECK-NEXT: }

// -----

!u4 = !qnn.fixed<4, 4, unsigned>

// Bits are packed pixel by pixel; a popcount leaves out the taps in the padding.
func.func @popcount(%x: tensor<4x4x3x!qnn.binary>) -> tensor<4x4x2x!u4> {
  %kernel = qnn.constant dense<[[[[5], [2]]], [[[1], [7]]]]> : tensor<2x1x2x1xi64> as tensor<2x1x2x!qnn.bits<3>>
  %bits = qnn.pack %x : tensor<4x4x3x!qnn.binary> -> tensor<4x4x!qnn.bits<3>>
  %count = qnn.popcount_conv2d %bits, %kernel {low = array<i64: 1, 0>}
      : tensor<4x4x!qnn.bits<3>>, tensor<2x1x2x!qnn.bits<3>> -> tensor<4x4x2x!u4>
  func.return %count : tensor<4x4x2x!u4>
}

// CHECK:      // popcount.h
// CHECK-NEXT: #ifndef QDIALECT_popcount_H
// CHECK-NEXT: #define QDIALECT_popcount_H

// CHECK:      #include "ap_int.h"
// CHECK-NEXT: #include "hls_stream.h"

// CHECK:      #ifndef QDIALECT_beat_u1x3
// CHECK-NEXT: #define QDIALECT_beat_u1x3
// CHECK-NEXT: struct beat_u1x3 {
// CHECK-NEXT:     ap_uint<1> d[3];
// CHECK-NEXT: };
// CHECK-NEXT: #endif

// CHECK:      #ifndef QDIALECT_beat_u3x1
// CHECK-NEXT: #define QDIALECT_beat_u3x1
// CHECK-NEXT: struct beat_u3x1 {
// CHECK-NEXT:     ap_uint<3> d[1];
// CHECK-NEXT: };
// CHECK-NEXT: #endif

// CHECK:      #ifndef QDIALECT_beat_u4x2
// CHECK-NEXT: #define QDIALECT_beat_u4x2
// CHECK-NEXT: struct beat_u4x2 {
// CHECK-NEXT:     ap_uint<4> d[2];
// CHECK-NEXT: };
// CHECK-NEXT: #endif

// CHECK:      void popcount(hls::stream<beat_u1x3> &x, hls::stream<beat_u4x2> &count_out);

// CHECK:      #endif

// CHECK:      // popcount.cpp
// CHECK-NEXT: #include "popcount.h"

// CHECK:      static ap_uint<2> popcount_3(const ap_uint<3> x) {
// CHECK-NEXT: #pragma HLS INLINE
// CHECK-NEXT: #ifndef __SYNTHESIS__
// CHECK-NEXT:     return __builtin_popcountll(x.to_uint64());
// CHECK-NEXT: #else
// CHECK-NEXT:     ap_uint<2> count = 0;
// CHECK-NEXT:     for (int i = 0; i < 3; i++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:         count += ap_uint<1>(x[i]);
// CHECK-NEXT:     }
// CHECK-NEXT:     return count;
// CHECK-NEXT: #endif
// CHECK-NEXT: }

// CHECK:      // bits: pack
// CHECK-NEXT: // in:  x, 4x4x3 of 1 bit, 1 is +1
// CHECK-NEXT: // out: bits, 4x4 of 3 packed bits, 1 is +1
// CHECK-NEXT: static void bits(hls::stream<beat_u1x3> &in_x, hls::stream<beat_u3x1> &out_bits) {
// CHECK-NEXT:     ROW: for (int row = 0; row < 4; row++) {
// CHECK-NEXT:         COLUMN: for (int column = 0; column < 4; column++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1 style=flp
// CHECK-NEXT:             beat_u3x1 result;
// CHECK-NEXT:             const beat_u1x3 next = in_x.read();
// CHECK-NEXT:             ap_uint<3> packed = 0;
// CHECK-NEXT:             for (int bit = 0; bit < 3; bit++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:                 packed |= ap_uint<3>(next.d[bit]) << bit;
// CHECK-NEXT:             }
// CHECK-NEXT:             result.d[0] = packed;
// CHECK-NEXT:             out_bits.write(result);
// CHECK-NEXT:         }
// CHECK-NEXT:     }
// CHECK-NEXT: }

// CHECK:      // count: popcount_conv2d
// CHECK-NEXT: // in:  bits, 4x4 of 3 packed bits, 1 is +1
// CHECK-NEXT: // out: count, 4x4x2 of 4 bits unsigned, step 2^0
// CHECK-NEXT: // kernel: 3 packed bits, 1 is +1
// CHECK-NEXT: static void count(hls::stream<beat_u3x1> &in_bits, hls::stream<beat_u4x2> &out_count) {
// CHECK-NEXT:     ap_uint<3> bits_window[2][1][1];
// CHECK-NEXT: #pragma HLS ARRAY_PARTITION variable=bits_window type=complete dim=0
// CHECK-NEXT:     ap_uint<3> bits_column[2][1];
// CHECK-NEXT: #pragma HLS ARRAY_PARTITION variable=bits_column type=complete dim=0
// CHECK-NEXT:     ap_uint<3> bits_lines[1][4][1];
// CHECK-NEXT: #pragma HLS ARRAY_PARTITION variable=bits_lines type=complete dim=1
// CHECK-NEXT: #pragma HLS ARRAY_RESHAPE variable=bits_lines type=complete dim=3
// CHECK-NEXT: #pragma HLS BIND_STORAGE variable=bits_lines type=ram_s2p impl=auto
// CHECK-NEXT:     static const signed char kernel[2][2][1][1] = {
// CHECK-NEXT:         {
// CHECK-NEXT:             {
// CHECK-NEXT:                 {5},
// CHECK-NEXT:             },
// CHECK-NEXT:             {
// CHECK-NEXT:                 {1},
// CHECK-NEXT:             },
// CHECK-NEXT:         },
// CHECK-NEXT:         {
// CHECK-NEXT:             {
// CHECK-NEXT:                 {2},
// CHECK-NEXT:             },
// CHECK-NEXT:             {
// CHECK-NEXT:                 {7},
// CHECK-NEXT:             },
// CHECK-NEXT:         },
// CHECK-NEXT:     };
// CHECK-NEXT: #pragma HLS ARRAY_PARTITION variable=kernel type=complete dim=0
// CHECK-NEXT:     ROW: for (int row = 0; row < 4; row++) {
// CHECK-NEXT:         COLUMN: for (int column = 0; column < 4; column++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1 style=flp
// CHECK-NEXT: #pragma HLS DEPENDENCE variable=bits_lines type=inter direction=raw distance=4 dependent=true
// CHECK-NEXT:             const beat_u3x1 next = in_bits.read();
// CHECK-NEXT:             bits_column[1][0] = next.d[0];
// CHECK-NEXT:             bits_column[0][0] = bits_lines[0][column][0];
// CHECK-NEXT:             bits_lines[0][column][0] = bits_column[1][0];
// CHECK-NEXT:             for (int kr = 0; kr < 2; kr++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:                 bits_window[kr][0][0] = bits_column[kr][0];
// CHECK-NEXT:             }
// CHECK-NEXT:             beat_u4x2 result;
// CHECK-NEXT:             for (int c = 0; c < 2; c++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:                 ap_uint<4> count_count = 0;
// CHECK-NEXT:                 for (int kr = 0; kr < 2; kr++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:                     const int in_row = row + kr - 1;
// CHECK-NEXT:                     if (in_row >= 0 && in_row < 4 && column >= 0 && column < 4) {
// CHECK-NEXT:                         count_count += ap_uint<2>(3);
// CHECK-NEXT:                         count_count -= popcount_3(bits_window[kr][0][0] ^
// CHECK-SAME:                           ap_uint<3>(kernel[c][kr][0][0]));
// CHECK-NEXT:                     }
// CHECK-NEXT:                 }
// CHECK-NEXT:                 result.d[c] = count_count;
// CHECK-NEXT:             }
// CHECK-NEXT:             out_count.write(result);
// CHECK-NEXT:         }
// CHECK-NEXT:     }
// CHECK-NEXT: }

// CHECK:      // popcount
// CHECK-NEXT: // in:  x, 4x4x3 of 1 bit, 1 is +1
// CHECK-NEXT: // out: count, 4x4x2 of 4 bits unsigned, step 2^0
// CHECK-NEXT: void popcount(hls::stream<beat_u1x3> &x, hls::stream<beat_u4x2> &count_out) {
// CHECK-NEXT: #pragma HLS INTERFACE mode=axis port=x
// CHECK-NEXT: #pragma HLS INTERFACE mode=axis port=count_out
// CHECK-NEXT: #pragma HLS DATAFLOW
// CHECK-NEXT:     hls::stream<beat_u3x1> bits_out;
// CHECK-NEXT: #pragma HLS STREAM variable=bits_out depth=2
// CHECK-NEXT:     bits(x, bits_out);
// CHECK-NEXT:     count(bits_out, count_out);
// CHECK-NEXT: }

// -----

!s3 = !qnn.fixed<3, 3, signed>
!s9 = !qnn.fixed<9, 9, signed>

// Moves within a pixel; zeros around an image; the depthwise convolution keeps a window of each channel.
func.func @moves(%x: tensor<2x3x1x!s3>, %y: tensor<2x3x1x!qnn.binary>) -> tensor<1x2x2x!s9> {
  %kernel = qnn.constant dense<1> : tensor<4x2x2x1xi8> as tensor<4x2x2x1x!s3>
  %both = qnn.concat %x, %y {axis = 2 : i64} : tensor<2x3x1x!s3>, tensor<2x3x1x!qnn.binary> -> tensor<2x3x2x!s3>
  %padded = qnn.pad %both {low = array<i64: 1, 0, 0>, high = array<i64: 1, 0, 0>} : tensor<2x3x2x!s3>
      -> tensor<4x3x2x!s3>
  %conv = qnn.depthwise_conv2d %padded, %kernel
      : tensor<4x3x2x!s3>, tensor<4x2x2x1x!s3> -> tensor<1x2x2x!s9>
  func.return %conv : tensor<1x2x2x!s9>
}

// CHECK:      // moves.h
// CHECK-NEXT: #ifndef QDIALECT_moves_H
// CHECK-NEXT: #define QDIALECT_moves_H

// CHECK:      #include "ap_int.h"
// CHECK-NEXT: #include "hls_stream.h"

// CHECK:      #ifndef QDIALECT_beat_s3x1
// CHECK-NEXT: #define QDIALECT_beat_s3x1
// CHECK-NEXT: struct beat_s3x1 {
// CHECK-NEXT:     ap_int<3> d[1];
// CHECK-NEXT: };
// CHECK-NEXT: #endif

// CHECK:      #ifndef QDIALECT_beat_s3x2
// CHECK-NEXT: #define QDIALECT_beat_s3x2
// CHECK-NEXT: struct beat_s3x2 {
// CHECK-NEXT:     ap_int<3> d[2];
// CHECK-NEXT: };
// CHECK-NEXT: #endif

// CHECK:      #ifndef QDIALECT_beat_s9x2
// CHECK-NEXT: #define QDIALECT_beat_s9x2
// CHECK-NEXT: struct beat_s9x2 {
// CHECK-NEXT:     ap_int<9> d[2];
// CHECK-NEXT: };
// CHECK-NEXT: #endif

// CHECK:      #ifndef QDIALECT_beat_u1x1
// CHECK-NEXT: #define QDIALECT_beat_u1x1
// CHECK-NEXT: struct beat_u1x1 {
// CHECK-NEXT:     ap_uint<1> d[1];
// CHECK-NEXT: };
// CHECK-NEXT: #endif

// CHECK:      void moves(hls::stream<beat_s3x1> &x, hls::stream<beat_u1x1> &y, hls::stream<beat_s9x2> &conv_out);

// CHECK:      #endif

// CHECK:      // moves.cpp
// CHECK-NEXT: #include "moves.h"

// CHECK:      // both: concat
// CHECK-NEXT: // in:  x, 2x3x1 of 3 bits signed, step 2^0
// CHECK-NEXT: // in:  y, 2x3x1 of 1 bit, 1 is +1
// CHECK-NEXT: // out: both, 2x3x2 of 3 bits signed, step 2^0
// CHECK-NEXT: static void both(hls::stream<beat_s3x1> &in_x,
// CHECK-NEXT:         hls::stream<beat_u1x1> &in_y,
// CHECK-NEXT:         hls::stream<beat_s3x2> &out_both) {
// CHECK-NEXT:     ROW: for (int row = 0; row < 2; row++) {
// CHECK-NEXT:         COLUMN: for (int column = 0; column < 3; column++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1 style=flp
// CHECK-NEXT:             beat_s3x2 result;
// CHECK-NEXT:             const beat_s3x1 next = in_x.read();
// CHECK-NEXT:             result.d[0] = next.d[0];
// CHECK-NEXT:             const beat_u1x1 next_1 = in_y.read();
// CHECK-NEXT:             result.d[1] = next_1.d[0] ? ap_int<2>(1) : ap_int<2>(-1);
// CHECK-NEXT:             out_both.write(result);
// CHECK-NEXT:         }
// CHECK-NEXT:     }
// CHECK-NEXT: }

// CHECK:      // conv: depthwise_conv2d
// CHECK-NEXT: // in:  padded, 4x3x2 of 3 bits signed, step 2^0
// CHECK-NEXT: // out: conv, 1x2x2 of 9 bits signed, step 2^0
// CHECK-NEXT: // kernel: 3 bits signed, step 2^0
// CHECK-NEXT: static void conv(hls::stream<beat_s3x2> &in_padded, hls::stream<beat_s9x2> &out_conv) {
// CHECK-NEXT:     ap_int<3> padded_window[4][2][2];
// CHECK-NEXT: #pragma HLS ARRAY_PARTITION variable=padded_window type=complete dim=0
// CHECK-NEXT:     ap_int<3> padded_column[4][2];
// CHECK-NEXT: #pragma HLS ARRAY_PARTITION variable=padded_column type=complete dim=0
// CHECK-NEXT:     ap_int<3> padded_lines[3][3][2];
// CHECK-NEXT: #pragma HLS ARRAY_PARTITION variable=padded_lines type=complete dim=1
// CHECK-NEXT: #pragma HLS ARRAY_RESHAPE variable=padded_lines type=complete dim=3
// CHECK-NEXT: #pragma HLS BIND_STORAGE variable=padded_lines type=ram_s2p impl=auto
// CHECK-NEXT:     static const signed char kernel[2][4][2] = {
// CHECK-NEXT:         {
// CHECK-NEXT:             {1, 1},
// CHECK-NEXT:             {1, 1},
// CHECK-NEXT:             {1, 1},
// CHECK-NEXT:             {1, 1},
// CHECK-NEXT:         },
// CHECK-NEXT:         {
// CHECK-NEXT:             {1, 1},
// CHECK-NEXT:             {1, 1},
// CHECK-NEXT:             {1, 1},
// CHECK-NEXT:             {1, 1},
// CHECK-NEXT:         },
// CHECK-NEXT:     };
// CHECK-NEXT: #pragma HLS ARRAY_PARTITION variable=kernel type=complete dim=0
// CHECK-NEXT:     ROW: for (int row = -2; row < 1; row++) {
// CHECK-NEXT:         COLUMN: for (int column = -1; column < 2; column++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1 style=flp
// CHECK-NEXT: #pragma HLS DEPENDENCE variable=padded_lines type=inter direction=raw distance=3 dependent=true
// CHECK-NEXT:             const int in_row = row + 2;
// CHECK-NEXT:             const int in_column = column + 1;
// CHECK-NEXT:             for (int line = 0; line < 4; line++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:                 for (int c = 0; c < 2; c++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:                     padded_column[line][c] = 0;
// CHECK-NEXT:                 }
// CHECK-NEXT:             }
// CHECK-NEXT:             if (in_row < 2) {
// CHECK-NEXT:                 const beat_s3x2 next = in_padded.read();
// CHECK-NEXT:                 for (int lane = 0; lane < 2; lane++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:                     padded_column[3][lane] = next.d[lane];
// CHECK-NEXT:                 }
// CHECK-NEXT:             }
// CHECK-NEXT:             for (int line = 0; line < 3; line++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:                 if (in_row + line >= 3) {
// CHECK-NEXT:                     for (int c = 0; c < 2; c++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:                         padded_column[line][c] = padded_lines[line][in_column][c];
// CHECK-NEXT:                     }
// CHECK-NEXT:                 }
// CHECK-NEXT:             }
// CHECK-NEXT:             for (int line = 0; line < 3; line++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:                 for (int c = 0; c < 2; c++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:                     padded_lines[line][in_column][c] = padded_column[line + 1][c];
// CHECK-NEXT:                 }
// CHECK-NEXT:             }
// CHECK-NEXT:             for (int kr = 0; kr < 4; kr++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:                 for (int c = 0; c < 2; c++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:                     padded_window[kr][0][c] = padded_window[kr][1][c];
// CHECK-NEXT:                     padded_window[kr][1][c] = padded_column[kr][c];
// CHECK-NEXT:                 }
// CHECK-NEXT:             }
// CHECK-NEXT:             if (row >= 0 && column >= 0) {
// CHECK-NEXT:                 beat_s9x2 result;
// CHECK-NEXT:                 for (int c = 0; c < 2; c++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:                     ap_int<9> conv_acc = 0;
// CHECK-NEXT:                     for (int kr = 0; kr < 4; kr++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:                         for (int ci = 0; ci < 2; ci++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:                             conv_acc += padded_window[kr][ci][c] * ap_int<3>(kernel[c][kr][ci]);
// CHECK-NEXT:                         }
// CHECK-NEXT:                     }
// CHECK-NEXT:                     result.d[c] = conv_acc;
// CHECK-NEXT:                 }
// CHECK-NEXT:                 out_conv.write(result);
// CHECK-NEXT:             }
// CHECK-NEXT:         }
// CHECK-NEXT:     }
// CHECK-NEXT: }

// CHECK:      // moves
// CHECK-NEXT: // in:  x, 2x3x1 of 3 bits signed, step 2^0
// CHECK-NEXT: // in:  y, 2x3x1 of 1 bit, 1 is +1
// CHECK-NEXT: // out: conv, 1x2x2 of 9 bits signed, step 2^0
// CHECK-NEXT: void moves(hls::stream<beat_s3x1> &x, hls::stream<beat_u1x1> &y, hls::stream<beat_s9x2> &conv_out) {
// CHECK-NEXT: #pragma HLS INTERFACE mode=axis port=x
// CHECK-NEXT: #pragma HLS INTERFACE mode=axis port=y
// CHECK-NEXT: #pragma HLS INTERFACE mode=axis port=conv_out
// CHECK-NEXT: #pragma HLS DATAFLOW
// CHECK-NEXT:     hls::stream<beat_s3x2> padded;
// CHECK-NEXT: #pragma HLS STREAM variable=padded depth=2
// CHECK-NEXT:     both(x, y, padded);
// CHECK-NEXT:     conv(padded, conv_out);
// CHECK-NEXT: }

// -----

!s3 = !qnn.fixed<3, 3, signed>
!s8 = !qnn.fixed<8, 8, signed>

// Any other move reads the sample to its end. The vector after it comes in one beat, each product of the dense layer at
// once.
func.func @transposed(%x: tensor<2x3x!s3>) -> tensor<2x!s8> {
  %kernel = qnn.constant dense<1> : tensor<6x2xi8> as tensor<6x2x!s3>
  %turned = qnn.transpose %x {permutation = array<i64: 1, 0>} : tensor<2x3x!s3> -> tensor<3x2x!s3>
  %flat = qnn.reshape %turned : tensor<3x2x!s3> -> tensor<6x!s3>
  %dense = qnn.dense %flat, %kernel : tensor<6x!s3>, tensor<6x2x!s3> -> tensor<2x!s8>
  func.return %dense : tensor<2x!s8>
}

// CHECK:      // transposed.h
// CHECK-NEXT: #ifndef QDIALECT_transposed_H
// CHECK-NEXT: #define QDIALECT_transposed_H

// CHECK:      #include "ap_int.h"
// CHECK-NEXT: #include "hls_stream.h"

// CHECK:      #ifndef QDIALECT_beat_s3x2
// CHECK-NEXT: #define QDIALECT_beat_s3x2
// CHECK-NEXT: struct beat_s3x2 {
// CHECK-NEXT:     ap_int<3> d[2];
// CHECK-NEXT: };
// CHECK-NEXT: #endif

// CHECK:      #ifndef QDIALECT_beat_s3x3
// CHECK-NEXT: #define QDIALECT_beat_s3x3
// CHECK-NEXT: struct beat_s3x3 {
// CHECK-NEXT:     ap_int<3> d[3];
// CHECK-NEXT: };
// CHECK-NEXT: #endif

// CHECK:      #ifndef QDIALECT_beat_s8x2
// CHECK-NEXT: #define QDIALECT_beat_s8x2
// CHECK-NEXT: struct beat_s8x2 {
// CHECK-NEXT:     ap_int<8> d[2];
// CHECK-NEXT: };
// CHECK-NEXT: #endif

// CHECK:      void transposed(hls::stream<beat_s3x3> &x, hls::stream<beat_s8x2> &dense_out);

// CHECK:      #endif

// CHECK:      // transposed.cpp
// CHECK-NEXT: #include "transposed.h"

// CHECK:      // turned: transpose
// CHECK-NEXT: // in:  x, 2x3 of 3 bits signed, step 2^0
// CHECK-NEXT: // out: turned, 3x2 of 3 bits signed, step 2^0
// CHECK-NEXT: static void turned(hls::stream<beat_s3x3> &in_x, hls::stream<beat_s3x2> &out_turned) {
// CHECK-NEXT:     ap_int<3> turned_1[3][2];
// CHECK-NEXT: #pragma HLS ARRAY_PARTITION variable=turned_1 type=complete dim=0
// CHECK-NEXT:     ap_int<3> x[2][3];
// CHECK-NEXT: #pragma HLS ARRAY_PARTITION variable=x type=complete dim=0
// CHECK-NEXT:     OUTPUT: for (int i = 0; i < 2; i++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1 style=flp
// CHECK-NEXT:         const beat_s3x3 next = in_x.read();
// CHECK-NEXT:         for (int lane = 0; lane < 3; lane++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:             x[i][lane] = next.d[lane];
// CHECK-NEXT:         }
// CHECK-NEXT:     }
// CHECK-NEXT:     OUTPUT_1: for (int i = 0; i < 3; i++) {
// CHECK-NEXT:         CHANNEL: for (int c = 0; c < 2; c++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1
// CHECK-NEXT:             turned_1[i][c] = x[c][i];
// CHECK-NEXT:         }
// CHECK-NEXT:     }
// CHECK-NEXT:     OUTPUT_2: for (int i = 0; i < 3; i++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1 style=flp
// CHECK-NEXT:         beat_s3x2 next;
// CHECK-NEXT:         for (int lane = 0; lane < 2; lane++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:             next.d[lane] = turned_1[i][lane];
// CHECK-NEXT:         }
// CHECK-NEXT:         out_turned.write(next);
// CHECK-NEXT:     }
// CHECK-NEXT: }

// CHECK:      // dense: dense
// CHECK-NEXT: // in:  flat, 6 of 3 bits signed, step 2^0
// CHECK-NEXT: // out: dense, 2 of 8 bits signed, step 2^0
// CHECK-NEXT: // kernel: 3 bits signed, step 2^0
// CHECK-NEXT: static void dense(hls::stream<beat_s3x2> &in_flat, hls::stream<beat_s8x2> &out_dense) {
// CHECK-NEXT:     ap_int<3> flat[6];
// CHECK-NEXT: #pragma HLS ARRAY_PARTITION variable=flat type=complete dim=0
// CHECK-NEXT:     BEAT: for (int beat = 0; beat < 3; beat++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1 style=flp
// CHECK-NEXT:         const beat_s3x2 next = in_flat.read();
// CHECK-NEXT:         for (int lane = 0; lane < 2; lane++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:             flat[beat * 2 + lane] = next.d[lane];
// CHECK-NEXT:         }
// CHECK-NEXT:     }
// CHECK-NEXT:     static const signed char kernel[2][6] = {
// CHECK-NEXT:         {1, 1, 1, 1, 1, 1},
// CHECK-NEXT:         {1, 1, 1, 1, 1, 1},
// CHECK-NEXT:     };
// CHECK-NEXT: #pragma HLS ARRAY_PARTITION variable=kernel type=complete dim=0
// CHECK-NEXT:     GROUP: for (int group = 0; group < 1; group++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1 style=flp
// CHECK-NEXT:         beat_s8x2 result;
// CHECK-NEXT:         for (int c = 0; c < 2; c++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:             ap_int<8> dense_acc = 0;
// CHECK-NEXT:             for (int ci = 0; ci < 6; ci++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:                 dense_acc += flat[ci] * ap_int<3>(kernel[c][ci]);
// CHECK-NEXT:             }
// CHECK-NEXT:             result.d[c] = dense_acc;
// CHECK-NEXT:         }
// CHECK-NEXT:         out_dense.write(result);
// CHECK-NEXT:     }
// CHECK-NEXT: }

// CHECK:      // transposed
// CHECK-NEXT: // in:  x, 2x3 of 3 bits signed, step 2^0
// CHECK-NEXT: // out: dense, 2 of 8 bits signed, step 2^0
// CHECK-NEXT: void transposed(hls::stream<beat_s3x3> &x, hls::stream<beat_s8x2> &dense_out) {
// CHECK-NEXT: #pragma HLS INTERFACE mode=axis port=x
// CHECK-NEXT: #pragma HLS INTERFACE mode=axis port=dense_out
// CHECK-NEXT: #pragma HLS DATAFLOW
// CHECK-NEXT:     hls::stream<beat_s3x2> flat;
// CHECK-NEXT: #pragma HLS STREAM variable=flat depth=2
// CHECK-NEXT:     turned(x, flat);
// CHECK-NEXT:     dense(flat, dense_out);
// CHECK-NEXT: }
