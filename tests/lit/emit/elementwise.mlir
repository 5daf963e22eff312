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

// -----

!s6 = !qnn.fixed<6, 6, signed>
!s4 = !qnn.fixed<4, 4, signed>

// One threshold and a binary result: the comparison is the bit.
func.func @bit_threshold(%x: tensor<2x!s6>) -> tensor<2x!qnn.binary> {
  %levels = qnn.constant dense<[[-3], [5]]> : tensor<2x1xi8> as tensor<2x1x!s4>
  %y = qnn.threshold %x, %levels {first = 0 : i64} : tensor<2x!s6>, tensor<2x1x!s4> -> tensor<2x!qnn.binary>
  func.return %y : tensor<2x!qnn.binary>
}

// CHECK:      // y: threshold
// CHECK-NEXT: // in:  x, 2 of 6 bits signed, step 2^0
// CHECK-NEXT: // out: y, 2 of 1 bit, 1 is +1
// CHECK-NEXT: // levels: 4 bits signed, step 2^0
// CHECK-NEXT: static void y(const ap_int<6> in_x[2], ap_uint<1> out_y[2]) {
// CHECK-NEXT:     static const signed char levels[2][1] = {
// CHECK-NEXT:         {-3},
// CHECK-NEXT:         {5},
// CHECK-NEXT:     };
// CHECK-NEXT:     OUTPUT: for (int i = 0; i < 2; i++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1
// CHECK-NEXT:         const ap_int<6> y_in = in_x[i];
// CHECK-NEXT:         out_y[i] = y_in >= ap_int<4>(levels[i][0]);
// CHECK-NEXT:     }
// CHECK-NEXT: }

// -----

!s6 = !qnn.fixed<6, 6, signed>
!s4 = !qnn.fixed<4, 4, signed>

// Several: the first code plus one for each that is reached; thresholds shared by the channels are one row.
func.func @count_thresholds(%x: tensor<2x!s6>) -> tensor<2x!s4> {
  %levels = qnn.constant dense<[[-3, 0, 7]]> : tensor<1x3xi8> as tensor<1x3x!s4>
  %y = qnn.threshold %x, %levels {first = 6 : i64} : tensor<2x!s6>, tensor<1x3x!s4> -> tensor<2x!s4>
  func.return %y : tensor<2x!s4>
}

// CHECK:      // y: threshold
// CHECK-NEXT: // in:  x, 2 of 6 bits signed, step 2^0
// CHECK-NEXT: // out: y, 2 of 4 bits signed, step 2^0
// CHECK-NEXT: // levels: 4 bits signed, step 2^0
// CHECK-NEXT: static void y(const ap_int<6> in_x[2], ap_int<4> out_y[2]) {
// CHECK-NEXT:     static const signed char levels[1][3] = {
// CHECK-NEXT:         {-3, 0, 7},
// CHECK-NEXT:     };
// CHECK-NEXT: #pragma HLS ARRAY_PARTITION variable=levels type=complete dim=0
// CHECK-NEXT:     OUTPUT: for (int i = 0; i < 2; i++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1
// CHECK-NEXT:         const ap_int<6> y_in = in_x[i];
// CHECK-NEXT:         ap_int<2> y_level = -2;
// CHECK-NEXT:         for (int k = 0; k < 3; k++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:             y_level += ap_uint<1>(y_in >= ap_int<4>(levels[0][k]));
// CHECK-NEXT:         }
// CHECK-NEXT:         out_y[i] = y_level;
// CHECK-NEXT:     }
// CHECK-NEXT: }

// -----

!s6 = !qnn.fixed<6, 6, signed>
!s4 = !qnn.fixed<4, 4, signed>

// A bit per channel says whether to compare upwards or downwards.
func.func @falling_thresholds(%x: tensor<2x!s6>) -> tensor<2x!qnn.ternary> {
  %levels = qnn.constant dense<[[-3, 4], [4, -3]]> : tensor<2x2xi8> as tensor<2x2x!s4>
  %rising = qnn.constant dense<1> : tensor<1xi8> as tensor<2x!qnn.binary>
  %y = qnn.threshold %x, %levels, %rising {first = 0 : i64} : tensor<2x!s6>, tensor<2x2x!s4>, tensor<2x!qnn.binary>
      -> tensor<2x!qnn.ternary>
  func.return %y : tensor<2x!qnn.ternary>
}

// CHECK:      // y: threshold
// CHECK-NEXT: // in:  x, 2 of 6 bits signed, step 2^0
// CHECK-NEXT: // out: y, 2 of -1, 0 or +1
// CHECK-NEXT: // levels: 4 bits signed, step 2^0
// CHECK-NEXT: // rising: 1 bit, 1 is +1
// CHECK-NEXT: static void y(const ap_int<6> in_x[2], ap_int<2> out_y[2]) {
// CHECK-NEXT:     static const signed char levels[2][2] = {
// CHECK-NEXT:         {-3, 4},
// CHECK-NEXT:         {4, -3},
// CHECK-NEXT:     };
// CHECK-NEXT: #pragma HLS ARRAY_RESHAPE variable=levels type=complete dim=2
// CHECK-NEXT:     static const signed char rising[2] = {1, 0};
// CHECK-NEXT:     OUTPUT: for (int i = 0; i < 2; i++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1
// CHECK-NEXT:         const ap_int<6> y_in = in_x[i];
// CHECK-NEXT:         ap_int<2> y_level = -1;
// CHECK-NEXT:         for (int k = 0; k < 2; k++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:             const ap_int<4> threshold = levels[i][k];
// CHECK-NEXT:             const ap_uint<1> reached = ap_uint<1>(rising[i]) ? y_in >= threshold : y_in <= threshold;
// CHECK-NEXT:             y_level += reached;
// CHECK-NEXT:         }
// CHECK-NEXT:         out_y[i] = y_level;
// CHECK-NEXT:     }
// CHECK-NEXT: }

// -----

!s6_5 = !qnn.fixed<6, 5, signed>
!s8_6 = !qnn.fixed<8, 6, signed>
!s4_2 = !qnn.fixed<4, 2, signed>

// A bias in quarters beside a sum in halves: the sum is shifted to the finer step.
func.func @aligned_add(%x: tensor<2x!s6_5>) -> tensor<2x!s8_6> {
  %bias = qnn.constant dense<[-3, 7]> : tensor<2xi8> as tensor<2x!s4_2>
  %y = qnn.add %x, %bias : tensor<2x!s6_5>, tensor<2x!s4_2> -> tensor<2x!s8_6>
  func.return %y : tensor<2x!s8_6>
}

// CHECK:      // y: add
// CHECK-NEXT: // in:  x, 2 of 6 bits signed, step 2^-1
// CHECK-NEXT: // out: y, 2 of 8 bits signed, step 2^-2
// CHECK-NEXT: // bias: 4 bits signed, step 2^-2
// CHECK-NEXT: static void y(const ap_int<6> in_x[2], ap_int<8> out_y[2]) {
// CHECK-NEXT:     static const signed char bias[2] = {-3, 7};
// CHECK-NEXT:     OUTPUT: for (int i = 0; i < 2; i++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1
// CHECK-NEXT:         out_y[i] = (ap_int<7>(in_x[i]) << 1) + ap_int<4>(bias[i]);
// CHECK-NEXT:     }
// CHECK-NEXT: }

// -----

!s6 = !qnn.fixed<6, 6, signed>
!s12_9 = !qnn.fixed<12, 9, signed>
!s3 = !qnn.fixed<3, 3, signed>
!s9 = !qnn.fixed<9, 9, signed>
!s12_11 = !qnn.fixed<12, 11, signed>

// A scale multiplies, a power of two per channel (2 and -1/2) shifts from the smallest exponent on; a common one (1/4)
// costs nothing.
func.func @scales(%x: tensor<2x!s6>) -> tensor<2x!s12_9> {
  %s = qnn.constant dense<3> : tensor<1xi8> as tensor<1x!s3>
  %p = qnn.constant dense<[4, 1]> : tensor<2xi8> as tensor<2x!qnn.po2<-1, 1, signed>>
  %a = qnn.mul %x, %s : tensor<2x!s6>, tensor<1x!s3> -> tensor<2x!s9>
  %b = qnn.mul %a, %p {product = #qnn.product<shift>} : tensor<2x!s9>, tensor<2x!qnn.po2<-1, 1, signed>>
      -> tensor<2x!s12_11>
  %y = qnn.shift %b {by = -2 : i64} : tensor<2x!s12_11> -> tensor<2x!s12_9>
  func.return %y : tensor<2x!s12_9>
}

// CHECK:      // a: mul -> mul -> shift
// CHECK-NEXT: // in:  x, 2 of 6 bits signed, step 2^0
// CHECK-NEXT: // out: y, 2 of 12 bits signed, step 2^-3
// CHECK-NEXT: // s: 3 bits signed, step 2^0
// CHECK-NEXT: // p: powers of two, 2^exponent * 2^-1
// CHECK-NEXT: static void a(const ap_int<6> in_x[2], ap_int<12> out_y[2]) {
// CHECK-NEXT:     static const signed char p_exponent[2] = {2, 0};
// CHECK-NEXT:     static const signed char p_negative[2] = {0, 1};
// CHECK-NEXT:     OUTPUT: for (int i = 0; i < 2; i++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1
// CHECK-NEXT:         const ap_int<12> moved = ap_int<12>(in_x[i] * ap_int<3>(3)) << ap_uint<2>(p_exponent[i]);
// CHECK-NEXT:         out_y[i] = ap_uint<1>(p_negative[i]) ? ap_int<12>(-moved) : moved;
// CHECK-NEXT:     }
// CHECK-NEXT: }

// -----

// The maximum with zero needs no sign.
func.func @relu(%x: tensor<2x!qnn.fixed<6, 6, signed>>) -> tensor<2x!qnn.fixed<5, 5, unsigned>> {
  %y = qnn.relu %x : tensor<2x!qnn.fixed<6, 6, signed>> -> tensor<2x!qnn.fixed<5, 5, unsigned>>
  func.return %y : tensor<2x!qnn.fixed<5, 5, unsigned>>
}

// CHECK:      // y: relu
// CHECK-NEXT: // in:  x, 2 of 6 bits signed, step 2^0
// CHECK-NEXT: // out: y, 2 of 5 bits unsigned, step 2^0
// CHECK-NEXT: static void y(const ap_int<6> in_x[2], ap_uint<5> out_y[2]) {
// CHECK-NEXT:     OUTPUT: for (int i = 0; i < 2; i++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1
// CHECK-NEXT:         const ap_int<6> y_in = in_x[i];
// CHECK-NEXT:         out_y[i] = y_in < 0 ? ap_int<6>(0) : y_in;
// CHECK-NEXT:     }
// CHECK-NEXT: }
