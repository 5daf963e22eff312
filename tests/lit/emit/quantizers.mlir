// RUN: qopt %s -p quantize-interface,lower-to-loops -t hls --split-input-file | filecheck %s

!s6_4 = !qnn.fixed<6, 4, signed>
!s4 = !qnn.fixed<4, 4, signed>

// Half to even drops 2 of 6 bits: half an output step minus one, plus one if the kept part is odd. [-32, 31] rounds to
// [-8, 8], so only the upper end saturates.
func.func @half_even(%x: tensor<2x!s6_4>) -> tensor<2x!s4> {
  %y = qnn.quantize %x {mode = #qnn.round<half_even, saturate>} : tensor<2x!s6_4> -> tensor<2x!s4>
  func.return %y : tensor<2x!s4>
}

// CHECK:      // half_even.h
// CHECK-NEXT: #ifndef QDIALECT_half_even_H
// CHECK-NEXT: #define QDIALECT_half_even_H

// CHECK:      #include "ap_int.h"

// CHECK:      void half_even(const ap_int<6> x[2], ap_int<4> y_out[2]);

// CHECK:      #endif

// CHECK:      // half_even.cpp
// CHECK-NEXT: #include "half_even.h"

// CHECK:      // y: quantize
// CHECK-NEXT: // in:  x, 2 of 6 bits signed, step 2^-2
// CHECK-NEXT: // out: y, 2 of 4 bits signed, step 2^0
// CHECK-NEXT: static void y(const ap_int<6> in_x[2], ap_int<4> out_y[2]) {
// CHECK-NEXT:     OUTPUT: for (int i = 0; i < 2; i++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1
// CHECK-NEXT:         const ap_int<6> y_in = in_x[i];
// CHECK-NEXT:         const ap_int<5> y_rounded = (y_in + ap_uint<1>(y_in[2]) + ap_uint<1>(1)) >> 2;
// CHECK-NEXT:         out_y[i] = y_rounded > 7 ? ap_int<5>(7) : y_rounded;
// CHECK-NEXT:     }
// CHECK-NEXT: }

// CHECK:      // half_even
// CHECK-NEXT: // in:  x, 2 of 6 bits signed, step 2^-2
// CHECK-NEXT: // out: y, 2 of 4 bits signed, step 2^0
// CHECK-NEXT: void half_even(const ap_int<6> x[2], ap_int<4> y_out[2]) {
// CHECK-NEXT: #pragma HLS INTERFACE mode=ap_none port=x
// CHECK-NEXT: #pragma HLS ARRAY_PARTITION variable=x type=complete dim=0
// CHECK-NEXT: #pragma HLS INTERFACE mode=ap_vld port=y_out
// CHECK-NEXT: #pragma HLS ARRAY_PARTITION variable=y_out type=complete dim=0
// CHECK-NEXT: #pragma HLS DATAFLOW
// CHECK-NEXT:     y(x, y_out);
// CHECK-NEXT: }

// -----

!s6_4 = !qnn.fixed<6, 4, signed>
!u3 = !qnn.fixed<3, 3, unsigned>

// Half away from zero: half a step, minus one below zero. The result is unsigned, both ends saturate.
func.func @half_away(%x: tensor<2x!s6_4>) -> tensor<2x!u3> {
  %y = qnn.quantize %x {mode = #qnn.round<half_away, saturate>} : tensor<2x!s6_4> -> tensor<2x!u3>
  func.return %y : tensor<2x!u3>
}

// CHECK:      // y: quantize
// CHECK-NEXT: // in:  x, 2 of 6 bits signed, step 2^-2
// CHECK-NEXT: // out: y, 2 of 3 bits unsigned, step 2^0
// CHECK-NEXT: static void y(const ap_int<6> in_x[2], ap_uint<3> out_y[2]) {
// CHECK-NEXT:     OUTPUT: for (int i = 0; i < 2; i++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1
// CHECK-NEXT:         const ap_int<6> y_in = in_x[i];
// CHECK-NEXT:         const ap_int<5> y_rounded = (y_in + ap_uint<2>(2) - ap_uint<1>(y_in < 0)) >> 2;
// CHECK-NEXT:         out_y[i] = y_rounded > 7 ? ap_int<5>(7) : (y_rounded < 0 ? ap_int<5>(0) : y_rounded);
// CHECK-NEXT:     }
// CHECK-NEXT: }

// -----

!s6_4 = !qnn.fixed<6, 4, signed>
!s4 = !qnn.fixed<4, 4, signed>

// Towards minus infinity: the low bits go, and [-8, 7] fits.
func.func @floor(%x: tensor<2x!s6_4>) -> tensor<2x!s4> {
  %y = qnn.quantize %x {mode = #qnn.round<floor, saturate>} : tensor<2x!s6_4> -> tensor<2x!s4>
  func.return %y : tensor<2x!s4>
}

// CHECK:      // y: quantize
// CHECK-NEXT: // in:  x, 2 of 6 bits signed, step 2^-2
// CHECK-NEXT: // out: y, 2 of 4 bits signed, step 2^0
// CHECK-NEXT: static void y(const ap_int<6> in_x[2], ap_int<4> out_y[2]) {
// CHECK-NEXT:     OUTPUT: for (int i = 0; i < 2; i++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1
// CHECK-NEXT:         const ap_int<6> y_in = in_x[i];
// CHECK-NEXT:         out_y[i] = y_in >> 2;
// CHECK-NEXT:     }
// CHECK-NEXT: }

// -----

!s6_4 = !qnn.fixed<6, 4, signed>
!s4 = !qnn.fixed<4, 4, signed>

// Symmetric saturation has no -8.
func.func @symmetric(%x: tensor<2x!s6_4>) -> tensor<2x!s4> {
  %y = qnn.quantize %x {mode = #qnn.round<floor, saturate_symmetric>} : tensor<2x!s6_4> -> tensor<2x!s4>
  func.return %y : tensor<2x!s4>
}

// CHECK:      // y: quantize
// CHECK-NEXT: // in:  x, 2 of 6 bits signed, step 2^-2
// CHECK-NEXT: // out: y, 2 of 4 bits signed, step 2^0
// CHECK-NEXT: static void y(const ap_int<6> in_x[2], ap_int<4> out_y[2]) {
// CHECK-NEXT:     OUTPUT: for (int i = 0; i < 2; i++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1
// CHECK-NEXT:         const ap_int<6> y_in = in_x[i];
// CHECK-NEXT:         const ap_int<4> y_rounded = y_in >> 2;
// CHECK-NEXT:         out_y[i] = y_rounded < -7 ? ap_int<4>(-7) : y_rounded;
// CHECK-NEXT:     }
// CHECK-NEXT: }

// -----

!s4 = !qnn.fixed<4, 4, signed>
!s6_3 = !qnn.fixed<6, 3, signed>

// A finer step is exact: a shift to the left. 3 bits of integers beside 5.
func.func @finer(%x: tensor<2x!s4>) -> tensor<2x!s6_3> {
  %y = qnn.quantize %x {mode = #qnn.round<half_even, saturate>} : tensor<2x!s4> -> tensor<2x!s6_3>
  func.return %y : tensor<2x!s6_3>
}

// CHECK:      // y: quantize
// CHECK-NEXT: // in:  x, 2 of 4 bits signed, step 2^0
// CHECK-NEXT: // out: y, 2 of 6 bits signed, step 2^-3
// CHECK-NEXT: static void y(const ap_int<4> in_x[2], ap_int<6> out_y[2]) {
// CHECK-NEXT:     OUTPUT: for (int i = 0; i < 2; i++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1
// CHECK-NEXT:         const ap_int<4> y_in = in_x[i];
// CHECK-NEXT:         const ap_int<7> y_rounded = ap_int<7>(y_in) << 3;
// CHECK-NEXT:         out_y[i] = y_rounded > 31 ? ap_int<7>(31) : (y_rounded < -32 ? ap_int<7>(-32) : y_rounded);
// CHECK-NEXT:     }
// CHECK-NEXT: }

// -----

// One comparison, one bit.
func.func @sign(%x: tensor<2x!qnn.fixed<6, 4, signed>>) -> tensor<2x!qnn.binary> {
  %y = qnn.quantize %x {mode = #qnn.sign} : tensor<2x!qnn.fixed<6, 4, signed>> -> tensor<2x!qnn.binary>
  func.return %y : tensor<2x!qnn.binary>
}

// CHECK:      // y: quantize
// CHECK-NEXT: // in:  x, 2 of 6 bits signed, step 2^-2
// CHECK-NEXT: // out: y, 2 of 1 bit, 1 is +1
// CHECK-NEXT: static void y(const ap_int<6> in_x[2], ap_uint<1> out_y[2]) {
// CHECK-NEXT:     OUTPUT: for (int i = 0; i < 2; i++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1
// CHECK-NEXT:         out_y[i] = in_x[i] >= 0;
// CHECK-NEXT:     }
// CHECK-NEXT: }

// -----

// 0.3 is reached at code 2 in quarters (0.5), and at -2 below.
func.func @dead_zone(%x: tensor<2x!qnn.fixed<6, 4, signed>>) -> tensor<2x!qnn.ternary> {
  %y = qnn.quantize %x {mode = #qnn.dead_zone<0.3>} : tensor<2x!qnn.fixed<6, 4, signed>> -> tensor<2x!qnn.ternary>
  func.return %y : tensor<2x!qnn.ternary>
}

// CHECK:      // y: quantize
// CHECK-NEXT: // in:  x, 2 of 6 bits signed, step 2^-2
// CHECK-NEXT: // out: y, 2 of -1, 0 or +1
// CHECK-NEXT: static void y(const ap_int<6> in_x[2], ap_int<2> out_y[2]) {
// CHECK-NEXT:     OUTPUT: for (int i = 0; i < 2; i++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1
// CHECK-NEXT:         const ap_int<6> y_in = in_x[i];
// CHECK-NEXT:         out_y[i] = y_in >= 2 ? ap_int<2>(1) : (y_in <= -2 ? ap_int<2>(-1) : ap_int<2>(0));
// CHECK-NEXT:     }
// CHECK-NEXT: }
