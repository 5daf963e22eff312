// RUN: qopt %s -p quantize-interface,lower-to-loops -t hls | filecheck %s

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
// CHECK-NEXT:             sum_int<10> conv_acc = 0;
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
