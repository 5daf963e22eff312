// RUN: qopt %s -p quantize-interface,lower-to-loops -t hls --split-input-file | filecheck %s

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
// CHECK-NEXT:         sum_int<2> y_level = -2;
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
// CHECK-NEXT:         sum_int<2> y_level = -1;
// CHECK-NEXT:         for (int k = 0; k < 2; k++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:             const ap_int<4> threshold = levels[i][k];
// CHECK-NEXT:             const ap_uint<1> reached = ap_uint<1>(rising[i]) ? y_in >= threshold : y_in <= threshold;
// CHECK-NEXT:             y_level += reached;
// CHECK-NEXT:         }
// CHECK-NEXT:         out_y[i] = y_level;
// CHECK-NEXT:     }
// CHECK-NEXT: }
