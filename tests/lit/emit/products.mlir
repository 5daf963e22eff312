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
// CHECK-NEXT:         sum_int<9> fc_acc = 0;
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
// CHECK-NEXT:         sum_int<9> fc_acc = 0;
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
// CHECK-NEXT:         sum_int<7> fc_acc = 0;
// CHECK-NEXT:         for (int ci = 0; ci < 2; ci++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:             fc_acc += ap_uint<1>(w_nonzero[i][ci])
// CHECK-NEXT:                     ? ap_int<5>(in_x[ci]) << ap_uint<1>(w_exponent[i][ci])
// CHECK-NEXT:                     : ap_int<5>(0);
// CHECK-NEXT:         }
// CHECK-NEXT:         out_fc[i] = fc_acc;
// CHECK-NEXT:     }
// CHECK-NEXT: }
