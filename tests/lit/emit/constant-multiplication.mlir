// RUN: qopt %s -p quantize-interface,lower-to-loops -t hls --split-input-file | filecheck %s

!s4 = !qnn.fixed<4, 4, signed>
!s9 = !qnn.fixed<9, 9, signed>

// Each weight by its digits: 7 = 8 - 1, 3 = 4 - 1, -5 = -4 - 1, 6 = 8 - 2.
func.func @digits(%x: tensor<2x!s4>) -> tensor<2x!s9> {
  %w = qnn.constant dense<[[7, 3], [-5, 6]]> : tensor<2x2xi8> as tensor<2x2x!s4>
  %fc = qnn.dense %x, %w {product = #qnn.product<signed_digits>} : tensor<2x!s4>, tensor<2x2x!s4> -> tensor<2x!s9>
  func.return %fc : tensor<2x!s9>
}

// CHECK:      static void fc(const ap_int<4> in_x[2], ap_int<9> out_fc[2]) {
// CHECK-NEXT:     static const signed char w_exponent[2][2][2] = {
// CHECK-NEXT:         {
// CHECK-NEXT:             {0, 3},
// CHECK-NEXT:             {0, 2},
// CHECK-NEXT:         },
// CHECK-NEXT:         {
// CHECK-NEXT:             {0, 2},
// CHECK-NEXT:             {1, 3},
// CHECK-NEXT:         },
// CHECK-NEXT:     };
// CHECK-NEXT: #pragma HLS ARRAY_RESHAPE variable=w_exponent type=complete dim=2
// CHECK-NEXT: #pragma HLS ARRAY_RESHAPE variable=w_exponent type=complete dim=3
// CHECK-NEXT:     static const signed char w_negative[2][2][2] = {
// CHECK-NEXT:         {
// CHECK-NEXT:             {1, 0},
// CHECK-NEXT:             {1, 1},
// CHECK-NEXT:         },
// CHECK-NEXT:         {
// CHECK-NEXT:             {1, 0},
// CHECK-NEXT:             {1, 0},
// CHECK-NEXT:         },
// CHECK-NEXT:     };
// CHECK-NEXT: #pragma HLS ARRAY_RESHAPE variable=w_negative type=complete dim=2
// CHECK-NEXT: #pragma HLS ARRAY_RESHAPE variable=w_negative type=complete dim=3
// CHECK-NEXT:     OUTPUT: for (int i = 0; i < 2; i++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1
// CHECK-NEXT:         sum_int<9> fc_acc = 0;
// CHECK-NEXT:         for (int ci = 0; ci < 2; ci++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:             const ap_int<4> x = in_x[ci];
// CHECK-NEXT:             sum_int<8> product = 0;
// CHECK-NEXT:             for (int digit = 0; digit < 2; digit++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:                 const ap_int<8> moved = ap_int<8>(x) << ap_uint<2>(w_exponent[i][ci][digit]);
// CHECK-NEXT:                 product += ap_uint<1>(w_negative[i][ci][digit]) ? ap_int<8>(-moved) : moved;
// CHECK-NEXT:             }
// CHECK-NEXT:             fc_acc += ap_int<8>(product);
// CHECK-NEXT:         }
// CHECK-NEXT:         out_fc[i] = fc_acc;
// CHECK-NEXT:     }
// CHECK-NEXT: }

// -----

!s4 = !qnn.fixed<4, 4, signed>
!s9 = !qnn.fixed<9, 9, signed>

// All outputs from one graph of additions; the sums are shared.
func.func @graph(%x: tensor<2x!s4>) -> tensor<2x!s9> {
  %w = qnn.constant dense<[[7, 3], [-5, 6]]> : tensor<2x2xi8> as tensor<2x2x!s4>
  %fc = qnn.dense %x, %w {product = #qnn.product<adder_graph>} : tensor<2x!s4>, tensor<2x2x!s4> -> tensor<2x!s9>
  func.return %fc : tensor<2x!s9>
}

// CHECK:      static void fc(const ap_int<4> in_x[2], ap_int<9> out_fc[2]) {
// CHECK-NEXT:     OUTPUT: for (int i = 0; i < 1; i++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1
// CHECK-NEXT:         const ap_int<4> x0 = in_x[0];
// CHECK-NEXT:         const ap_int<4> x1 = in_x[1];
// CHECK-NEXT:         const ap_int<6> sum0 = (ap_int<5>(x0) << 1) - x1;
// CHECK-NEXT:         const ap_int<5> sum1 = x1 + x0;
// CHECK-NEXT:         const ap_int<8> sum2 = (ap_int<8>(sum0) << 2) - sum1;
// CHECK-NEXT:         const ap_int<8> sum3 = (ap_int<7>(x1) << 3) - x0;
// CHECK-NEXT:         const ap_int<8> sum4 = (ap_int<7>(sum0) << 1) + sum3;
// CHECK-NEXT:         out_fc[0] = sum2;
// CHECK-NEXT:         out_fc[1] = sum4;
// CHECK-NEXT:     }
// CHECK-NEXT: }
