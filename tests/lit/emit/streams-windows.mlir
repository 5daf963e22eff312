// RUN: qopt %s -p 'lower-to-loops{architecture=stream},size-fifos' -t hls | filecheck %s

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
// CHECK-NEXT:         ROW_PHASE: for (int row_phase = -1; row_phase < 1; row_phase++) {
// CHECK-NEXT:             COLUMN: for (int column = -1; column < 3; column++) {
// CHECK-NEXT:                 GROUP: for (int group = -1; group < 2; group++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1 style=flp
// CHECK-NEXT: #pragma HLS DEPENDENCE variable=x_lines type=inter direction=raw distance=12 dependent=true
// CHECK-NEXT:                     if (group < 1) {
// CHECK-NEXT:                         const int in_row = row * 2 + row_phase + 2;
// CHECK-NEXT:                         const int in_column = column * 2 + group + 2;
// CHECK-NEXT:                         const ap_uint<1> t = in_column >= 0;
// CHECK-NEXT:                         if (ap_uint<1>(in_row >= 0) & t) {
// CHECK-NEXT:                             const beat_s3x2 next = in_x.read();
// CHECK-NEXT:                             for (int lane = 0; lane < 2; lane++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:                                 x_column[2][lane] = next.d[lane];
// CHECK-NEXT:                             }
// CHECK-NEXT:                         }
// CHECK-NEXT:                         if (t) {
// CHECK-NEXT:                             for (int line = 0; line < 2; line++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:                                 for (int c = 0; c < 2; c++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:                                     x_column[line][c] = x_lines[line][in_column][c];
// CHECK-NEXT:                                 }
// CHECK-NEXT:                             }
// CHECK-NEXT:                             for (int line = 0; line < 2; line++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:                                 for (int c = 0; c < 2; c++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:                                     x_lines[line][in_column][c] = x_column[line + 1][c];
// CHECK-NEXT:                                 }
// CHECK-NEXT:                             }
// CHECK-NEXT:                         }
// CHECK-NEXT:                         for (int kr = 0; kr < 2; kr++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:                             for (int c = 0; c < 2; c++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:                                 for (int kc = 0; kc < 2; kc++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:                                     x_window[kr][kc][c] = x_window[kr][kc + 1][c];
// CHECK-NEXT:                                 }
// CHECK-NEXT:                                 x_window[kr][2][c] = x_column[kr * 2][c];
// CHECK-NEXT:                             }
// CHECK-NEXT:                         }
// CHECK-NEXT:                     }
// CHECK-NEXT:                     if (row >= 0 && row_phase >= 0 && column >= 0 && group >= 0) {
// CHECK-NEXT:                         sum_int<9> conv_acc = 0;
// CHECK-NEXT:                         for (int kr = 0; kr < 2; kr++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:                             for (int kc = 0; kc < 2; kc++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:                                 for (int ci = 0; ci < 2; ci++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:                                     conv_acc += x_window[kr][kc * 2][ci]
// CHECK-NEXT:                                             * ap_int<3>(kernel[group][kr][kc][ci]);
// CHECK-NEXT:                                 }
// CHECK-NEXT:                             }
// CHECK-NEXT:                         }
// CHECK-NEXT:                         conv_pixel[group] = conv_acc;
// CHECK-NEXT:                         if (group == 1) {
// CHECK-NEXT:                             beat_s9x2 result;
// CHECK-NEXT:                             for (int lane = 0; lane < 2; lane++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:                                 result.d[lane] = conv_pixel[lane];
// CHECK-NEXT:                             }
// CHECK-NEXT:                             out_conv.write(result);
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
