// RUN: qopt %s -p 'lower-to-loops{architecture=stream},size-fifos' -t hls | filecheck %s

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
// CHECK-NEXT:             sum_int<8> dense_acc = 0;
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
