// RUN: qopt %s -p quantize-interface,lower-to-loops -t hls --split-input-file | filecheck %s

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
