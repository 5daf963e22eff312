// RUN: qopt %s -p quantize-interface,lower-to-loops -t hls --split-input-file | filecheck %s

!s4 = !qnn.fixed<4, 4, signed>
!s6 = !qnn.fixed<6, 6, signed>

// Binary weights ++- and -++ in words of bits.
func.func @binary(%x: tensor<3x!s4>) -> tensor<2x!s6> {
  %w = qnn.constant dense<[[1], [3], [2]]> : tensor<3x1xi8> as tensor<3x2x!qnn.binary>
  %fc = qnn.dense %x, %w {product = #qnn.product<add_sub>} : tensor<3x!s4>, tensor<3x2x!qnn.binary> -> tensor<2x!s6>
  func.return %fc : tensor<2x!s6>
}

// CHECK:      // fc: dense
// CHECK-NEXT: // in:  x, 3 of 4 bits signed, step 2^0
// CHECK-NEXT: // out: fc, 2 of 6 bits signed, step 2^0
// CHECK-NEXT: // w: 1 bit, 1 is +1
// CHECK-NEXT: static void fc(const ap_int<4> in_x[3], ap_int<6> out_fc[2]) {
// CHECK-NEXT:     static const signed char w[2][1] = {
// CHECK-NEXT:         {3},
// CHECK-NEXT:         {6},
// CHECK-NEXT:     };
// CHECK-NEXT:     OUTPUT: for (int i = 0; i < 2; i++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1
// CHECK-NEXT:         sum_int<6> fc_acc = 0;
// CHECK-NEXT:         const ap_uint<3> positive = w[i][0];
// CHECK-NEXT:         for (int bit = 0; bit < 3; bit++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:             const ap_int<5> x = in_x[bit];
// CHECK-NEXT:             fc_acc += positive[bit] ? x : ap_int<5>(-x);
// CHECK-NEXT:         }
// CHECK-NEXT:         out_fc[i] = fc_acc;
// CHECK-NEXT:     }
// CHECK-NEXT: }

// -----

!s4 = !qnn.fixed<4, 4, signed>
!s6 = !qnn.fixed<6, 6, signed>

// Ternary weights +, 0, -: a second plane says which are not zero.
func.func @ternary(%x: tensor<3x!s4>) -> tensor<1x!s6> {
  %w = qnn.constant dense<[[[1], [0], [1]], [[1], [0], [0]]]> : tensor<2x3x1xi8> as tensor<3x1x!qnn.ternary>
  %fc = qnn.dense %x, %w {product = #qnn.product<add_sub>} : tensor<3x!s4>, tensor<3x1x!qnn.ternary> -> tensor<1x!s6>
  func.return %fc : tensor<1x!s6>
}

// CHECK:      // fc: dense
// CHECK-NEXT: // in:  x, 3 of 4 bits signed, step 2^0
// CHECK-NEXT: // out: fc, 1 of 6 bits signed, step 2^0
// CHECK-NEXT: // w: -1, 0 or +1
// CHECK-NEXT: static void fc(const ap_int<4> in_x[3], ap_int<6> out_fc[1]) {
// CHECK-NEXT:     static const signed char w[1][1] = {
// CHECK-NEXT:         {1},
// CHECK-NEXT:     };
// CHECK-NEXT:     static const signed char w_nonzero[1][1] = {
// CHECK-NEXT:         {5},
// CHECK-NEXT:     };
// CHECK-NEXT:     OUTPUT: for (int i = 0; i < 1; i++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1
// CHECK-NEXT:         sum_int<6> fc_acc = 0;
// CHECK-NEXT:         const ap_uint<3> positive = w[i][0];
// CHECK-NEXT:         const ap_uint<3> nonzero = w_nonzero[i][0];
// CHECK-NEXT:         for (int bit = 0; bit < 3; bit++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:             const ap_int<5> x = in_x[bit];
// CHECK-NEXT:             fc_acc += nonzero[bit] ? (positive[bit] ? x : ap_int<5>(-x)) : ap_int<5>(0);
// CHECK-NEXT:         }
// CHECK-NEXT:         out_fc[i] = fc_acc;
// CHECK-NEXT:     }
// CHECK-NEXT: }

// -----

!s6 = !qnn.fixed<6, 6, signed>
!s4 = !qnn.fixed<4, 4, signed>

// Binary activations choose between a weight and its negative.
func.func @binary_activations(%x: tensor<3x!qnn.binary>) -> tensor<1x!s6> {
  %w = qnn.constant dense<[[7], [-8], [1]]> : tensor<3x1xi8> as tensor<3x1x!s4>
  %fc = qnn.dense %x, %w {product = #qnn.product<add_sub>} : tensor<3x!qnn.binary>, tensor<3x1x!s4> -> tensor<1x!s6>
  func.return %fc : tensor<1x!s6>
}

// CHECK:      // fc: dense
// CHECK-NEXT: // in:  x, 3 of 1 bit, 1 is +1
// CHECK-NEXT: // out: fc, 1 of 6 bits signed, step 2^0
// CHECK-NEXT: // w: 4 bits signed, step 2^0
// CHECK-NEXT: static void fc(const ap_uint<1> in_x[3], ap_int<6> out_fc[1]) {
// CHECK-NEXT:     static const signed char w[1][3] = {
// CHECK-NEXT:         {7, -8, 1},
// CHECK-NEXT:     };
// CHECK-NEXT: #pragma HLS ARRAY_RESHAPE variable=w type=complete dim=2
// CHECK-NEXT:     OUTPUT: for (int i = 0; i < 1; i++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1
// CHECK-NEXT:         sum_int<6> fc_acc = 0;
// CHECK-NEXT:         for (int ci = 0; ci < 3; ci++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:             const ap_int<5> w_1 = ap_int<4>(w[i][ci]);
// CHECK-NEXT:             fc_acc += in_x[ci] ? w_1 : ap_int<5>(-w_1);
// CHECK-NEXT:         }
// CHECK-NEXT:         out_fc[i] = fc_acc;
// CHECK-NEXT:     }
// CHECK-NEXT: }

// -----

!s6 = !qnn.fixed<6, 6, signed>
!s4 = !qnn.fixed<4, 4, signed>

// Ternary ones have nothing to add for 0.
func.func @ternary_activations(%x: tensor<3x!qnn.ternary>) -> tensor<1x!s6> {
  %w = qnn.constant dense<[[7], [-8], [1]]> : tensor<3x1xi8> as tensor<3x1x!s4>
  %fc = qnn.dense %x, %w {product = #qnn.product<add_sub>} : tensor<3x!qnn.ternary>, tensor<3x1x!s4> -> tensor<1x!s6>
  func.return %fc : tensor<1x!s6>
}

// CHECK:      // fc: dense
// CHECK-NEXT: // in:  x, 3 of -1, 0 or +1
// CHECK-NEXT: // out: fc, 1 of 6 bits signed, step 2^0
// CHECK-NEXT: // w: 4 bits signed, step 2^0
// CHECK-NEXT: static void fc(const ap_int<2> in_x[3], ap_int<6> out_fc[1]) {
// CHECK-NEXT:     static const signed char w[1][3] = {
// CHECK-NEXT:         {7, -8, 1},
// CHECK-NEXT:     };
// CHECK-NEXT: #pragma HLS ARRAY_RESHAPE variable=w type=complete dim=2
// CHECK-NEXT:     OUTPUT: for (int i = 0; i < 1; i++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1
// CHECK-NEXT:         sum_int<6> fc_acc = 0;
// CHECK-NEXT:         for (int ci = 0; ci < 3; ci++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:             const ap_int<2> t = in_x[ci];
// CHECK-NEXT:             const ap_int<5> w_1 = ap_int<4>(w[i][ci]);
// CHECK-NEXT:             fc_acc += t > 0 ? w_1 : (t < 0 ? ap_int<5>(-w_1) : ap_int<5>(0));
// CHECK-NEXT:         }
// CHECK-NEXT:         out_fc[i] = fc_acc;
// CHECK-NEXT:     }
// CHECK-NEXT: }
