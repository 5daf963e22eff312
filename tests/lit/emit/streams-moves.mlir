// RUN: qopt %s -p 'lower-to-loops{architecture=stream},size-fifos' -t hls | filecheck %s

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
// CHECK-NEXT:                     sum_int<9> conv_acc = 0;
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
