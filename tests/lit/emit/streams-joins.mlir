// RUN: qopt %s -p 'lower-to-loops{architecture=stream},size-fifos' -t hls | filecheck %s

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
// CHECK-NEXT: #pragma HLS STREAM variable=x_2 depth=13
// CHECK-NEXT:     hls::stream<beat_s3x2> first_out;
// CHECK-NEXT: #pragma HLS STREAM variable=first_out depth=2
// CHECK-NEXT:     clone_x(x, x_1, x_2);
// CHECK-NEXT:     first(x_1, first_out);
// CHECK-NEXT:     second(first_out, x_2, sum_out);
// CHECK-NEXT: }
