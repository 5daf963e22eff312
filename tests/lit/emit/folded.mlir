// RUN: qopt %s -p quantize-interface,lower-to-loops -t hls --split-input-file | filecheck %s

!s3 = !qnn.fixed<3, 3, signed>
!s8 = !qnn.fixed<8, 8, signed>

// Two of four outputs at a time: a group of weights is one word of block RAM.
func.func @folded(%x: tensor<3x!s3>) -> tensor<4x!s8> {
  %kernel = qnn.constant dense<[[0, 1, 2, 3], [1, 2, 3, -4], [2, 3, -4, -3]]> : tensor<3x4xi8> as tensor<3x4x!s3>
  %dense = qnn.dense %x, %kernel {hls.pe = 2 : i64, hls.block_ram}
      : tensor<3x!s3>, tensor<3x4x!s3> -> tensor<4x!s8>
  func.return %dense : tensor<4x!s8>
}

// CHECK:      // folded.h
// CHECK-NEXT: #ifndef QDIALECT_folded_H
// CHECK-NEXT: #define QDIALECT_folded_H

// CHECK:      #include "ap_int.h"

// CHECK:      void folded(const ap_int<3> x[3], ap_int<8> dense_out[4]);

// CHECK:      #endif

// CHECK:      // folded.cpp
// CHECK-NEXT: #include "folded.h"

// CHECK:      // dense: dense
// CHECK-NEXT: // in:  x, 3 of 3 bits signed, step 2^0
// CHECK-NEXT: // out: dense, 4 of 8 bits signed, step 2^0
// CHECK-NEXT: // kernel: 3 bits signed, step 2^0
// CHECK-NEXT: static void dense(const ap_int<3> in_x[3], ap_int<8> out_dense[4]) {
// CHECK-NEXT:     static const signed char kernel[2][2][3] = {
// CHECK-NEXT:         {
// CHECK-NEXT:             {0, 1, 2},
// CHECK-NEXT:             {1, 2, 3},
// CHECK-NEXT:         },
// CHECK-NEXT:         {
// CHECK-NEXT:             {2, 3, -4},
// CHECK-NEXT:             {3, -4, -3},
// CHECK-NEXT:         },
// CHECK-NEXT:     };
// CHECK-NEXT: #pragma HLS ARRAY_RESHAPE variable=kernel type=complete dim=2
// CHECK-NEXT: #pragma HLS ARRAY_RESHAPE variable=kernel type=complete dim=3
// CHECK-NEXT: #pragma HLS BIND_STORAGE variable=kernel type=rom_1p impl=bram
// CHECK-NEXT:     GROUP: for (int group = 0; group < 2; group++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1
// CHECK-NEXT:         for (int pe = 0; pe < 2; pe++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:             sum_int<8> dense_acc = 0;
// CHECK-NEXT:             for (int ci = 0; ci < 3; ci++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:                 dense_acc += in_x[ci] * ap_int<3>(kernel[group][pe][ci]);
// CHECK-NEXT:             }
// CHECK-NEXT:             out_dense[group * 2 + pe] = dense_acc;
// CHECK-NEXT:         }
// CHECK-NEXT:     }
// CHECK-NEXT: }

// CHECK:      // folded
// CHECK-NEXT: // in:  x, 3 of 3 bits signed, step 2^0
// CHECK-NEXT: // out: dense, 4 of 8 bits signed, step 2^0
// CHECK-NEXT: void folded(const ap_int<3> x[3], ap_int<8> dense_out[4]) {
// CHECK-NEXT: #pragma HLS INTERFACE mode=ap_none port=x
// CHECK-NEXT: #pragma HLS ARRAY_PARTITION variable=x type=complete dim=0
// CHECK-NEXT: #pragma HLS INTERFACE mode=ap_vld port=dense_out
// CHECK-NEXT: #pragma HLS ARRAY_PARTITION variable=dense_out type=complete dim=0
// CHECK-NEXT: #pragma HLS DATAFLOW
// CHECK-NEXT:     dense(x, dense_out);
// CHECK-NEXT: }

// -----

!s3 = !qnn.fixed<3, 3, signed>
!u2 = !qnn.fixed<2, 2, unsigned>
!s4 = !qnn.fixed<4, 4, signed>

// A value with two readers is cloned, so that the layers overlap.
func.func @branches(%x: tensor<2x!s3>) -> (tensor<2x!u2>, tensor<2x!s4>) {
  %relu = qnn.relu %x : tensor<2x!s3> -> tensor<2x!u2>
  %twice = qnn.add %x, %x : tensor<2x!s3>, tensor<2x!s3> -> tensor<2x!s4>
  func.return %relu, %twice : tensor<2x!u2>, tensor<2x!s4>
}

// CHECK:      // branches.h
// CHECK-NEXT: #ifndef QDIALECT_branches_H
// CHECK-NEXT: #define QDIALECT_branches_H

// CHECK:      #include "ap_int.h"

// CHECK:      void branches(const ap_int<3> x[2], ap_uint<2> relu_out[2], ap_int<4> twice_out[2]);

// CHECK:      #endif

// CHECK:      // branches.cpp
// CHECK-NEXT: #include "branches.h"

// CHECK:      // copy of x, 2 of 3 bits signed, step 2^0
// CHECK-NEXT: static void clone_x(const ap_int<3> x[2], ap_int<3> y0[2], ap_int<3> y1[2]) {
// CHECK-NEXT:     OUTPUT: for (int i = 0; i < 2; i++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1
// CHECK-NEXT:         y0[i] = x[i];
// CHECK-NEXT:         y1[i] = x[i];
// CHECK-NEXT:     }
// CHECK-NEXT: }

// CHECK:      // relu: relu
// CHECK-NEXT: // in:  x, 2 of 3 bits signed, step 2^0
// CHECK-NEXT: // out: relu, 2 of 2 bits unsigned, step 2^0
// CHECK-NEXT: static void relu(const ap_int<3> in_x[2], ap_uint<2> out_relu[2]) {
// CHECK-NEXT:     OUTPUT: for (int i = 0; i < 2; i++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1
// CHECK-NEXT:         const ap_int<3> relu_in = in_x[i];
// CHECK-NEXT:         out_relu[i] = relu_in < 0 ? ap_int<3>(0) : relu_in;
// CHECK-NEXT:     }
// CHECK-NEXT: }

// CHECK:      // twice: add
// CHECK-NEXT: // in:  x, 2 of 3 bits signed, step 2^0
// CHECK-NEXT: // out: twice, 2 of 4 bits signed, step 2^0
// CHECK-NEXT: static void twice(const ap_int<3> in_x[2], ap_int<4> out_twice[2]) {
// CHECK-NEXT:     OUTPUT: for (int i = 0; i < 2; i++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1
// CHECK-NEXT:         out_twice[i] = in_x[i] + in_x[i];
// CHECK-NEXT:     }
// CHECK-NEXT: }

// CHECK:      // branches
// CHECK-NEXT: // in:  x, 2 of 3 bits signed, step 2^0
// CHECK-NEXT: // out: relu, 2 of 2 bits unsigned, step 2^0
// CHECK-NEXT: // out: twice, 2 of 4 bits signed, step 2^0
// CHECK-NEXT: void branches(const ap_int<3> x[2], ap_uint<2> relu_out[2], ap_int<4> twice_out[2]) {
// CHECK-NEXT: #pragma HLS INTERFACE mode=ap_none port=x
// CHECK-NEXT: #pragma HLS ARRAY_PARTITION variable=x type=complete dim=0
// CHECK-NEXT: #pragma HLS INTERFACE mode=ap_vld port=relu_out
// CHECK-NEXT: #pragma HLS ARRAY_PARTITION variable=relu_out type=complete dim=0
// CHECK-NEXT: #pragma HLS INTERFACE mode=ap_vld port=twice_out
// CHECK-NEXT: #pragma HLS ARRAY_PARTITION variable=twice_out type=complete dim=0
// CHECK-NEXT: #pragma HLS DATAFLOW
// CHECK-NEXT:     ap_int<3> x_1[2];
// CHECK-NEXT: #pragma HLS ARRAY_PARTITION variable=x_1 type=complete dim=0
// CHECK-NEXT:     ap_int<3> x_2[2];
// CHECK-NEXT: #pragma HLS ARRAY_PARTITION variable=x_2 type=complete dim=0
// CHECK-NEXT:     clone_x(x, x_1, x_2);
// CHECK-NEXT:     relu(x_1, relu_out);
// CHECK-NEXT:     twice(x_2, twice_out);
// CHECK-NEXT: }

// -----

!s3 = !qnn.fixed<3, 3, signed>
!s9 = !qnn.fixed<9, 9, signed>

// Two of four products at a time: the sum goes on from step to step.
func.func @boxes(%x: tensor<4x!s3>) -> tensor<2x!s9> {
  %kernel = qnn.constant dense<[[0, 1], [2, 3], [1, 2], [3, -4]]> : tensor<4x2xi8> as tensor<4x2x!s3>
  %dense = qnn.dense %x, %kernel {hls.pe = 1 : i64, hls.simd = 2 : i64}
      : tensor<4x!s3>, tensor<4x2x!s3> -> tensor<2x!s9>
  func.return %dense : tensor<2x!s9>
}

// CHECK:      // dense: dense
// CHECK-NEXT: // in:  x, 4 of 3 bits signed, step 2^0
// CHECK-NEXT: // out: dense, 2 of 9 bits signed, step 2^0
// CHECK-NEXT: // kernel: 3 bits signed, step 2^0
// CHECK-NEXT: static void dense(const ap_int<3> in_x[4], ap_int<9> out_dense[2]) {
// CHECK-NEXT:     static const signed char kernel[2][2][2] = {
// CHECK-NEXT:         {
// CHECK-NEXT:             {0, 2},
// CHECK-NEXT:             {1, 3},
// CHECK-NEXT:         },
// CHECK-NEXT:         {
// CHECK-NEXT:             {1, 3},
// CHECK-NEXT:             {2, -4},
// CHECK-NEXT:         },
// CHECK-NEXT:     };
// CHECK-NEXT: #pragma HLS ARRAY_RESHAPE variable=kernel type=complete dim=3
// CHECK-NEXT:     ap_int<9> dense_acc_sums[1];
// CHECK-NEXT: #pragma HLS ARRAY_PARTITION variable=dense_acc_sums type=complete dim=0
// CHECK-NEXT:     GROUP: for (int group = 0; group < 2; group++) {
// CHECK-NEXT:         CI: for (int ci = 0; ci < 2; ci++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1
// CHECK-NEXT:             sum_int<9> dense_acc_part = 0;
// CHECK-NEXT:             for (int ci_1 = 0; ci_1 < 2; ci_1++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:                 dense_acc_part += in_x[ci * 2 + ci_1] * ap_int<3>(kernel[group][ci][ci_1]);
// CHECK-NEXT:             }
// CHECK-NEXT:             const ap_int<9> dense_acc = (ci == 0 ? ap_int<9>(0) : dense_acc_sums[0])
// CHECK-NEXT:                     + ap_int<9>(dense_acc_part);
// CHECK-NEXT:             dense_acc_sums[0] = dense_acc;
// CHECK-NEXT:             if (ci == 1) {
// CHECK-NEXT:                 out_dense[group] = dense_acc;
// CHECK-NEXT:             }
// CHECK-NEXT:         }
// CHECK-NEXT:     }
// CHECK-NEXT: }
