// RUN: qopt %s -p quantize-interface,lower-to-loops -t hls --split-input-file | filecheck %s

!s8_7 = !qnn.fixed<8, 7, signed>
!s3 = !qnn.fixed<3, 3, signed>

// Activations that are powers of two shift the weights 3, -2.
func.func @fixed(%x: tensor<2x!qnn.po2<-1, 2, signed>>) -> tensor<1x!s8_7> {
  %w = qnn.constant dense<[[3], [-2]]> : tensor<2x1xi8> as tensor<2x1x!s3>
  %fc = qnn.dense %x, %w {product = #qnn.product<shift>} : tensor<2x!qnn.po2<-1, 2, signed>>, tensor<2x1x!s3>
      -> tensor<1x!s8_7>
  func.return %fc : tensor<1x!s8_7>
}

// CHECK:      static void fc(const ap_int<3> in_x[2], ap_int<8> out_fc[1]) {
// CHECK-NEXT:     static const signed char w[1][2] = {
// CHECK-NEXT:         {3, -2},
// CHECK-NEXT:     };
// CHECK-NEXT: #pragma HLS ARRAY_RESHAPE variable=w type=complete dim=2
// CHECK-NEXT:     OUTPUT: for (int i = 0; i < 1; i++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1
// CHECK-NEXT:         sum_int<8> fc_acc = 0;
// CHECK-NEXT:         for (int ci = 0; ci < 2; ci++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:             const ap_int<3> power = in_x[ci];
// CHECK-NEXT:             const ap_int<7> moved = ap_int<7>(w[i][ci]) << ap_uint<2>(power < 0 ? ~power
// CHECK-SAME:               : power);
// CHECK-NEXT:             fc_acc += power < 0 ? ap_int<7>(-moved) : moved;
// CHECK-NEXT:         }
// CHECK-NEXT:         out_fc[i] = fc_acc;
// CHECK-NEXT:     }
// CHECK-NEXT: }

// -----

!s8_7 = !qnn.fixed<8, 7, signed>

// Powers of two on both sides: a one is shifted by the sum of the exponents.
func.func @po2(%x: tensor<2x!qnn.po2<-1, 2, signed>>) -> tensor<1x!s8_7> {
  %w = qnn.constant dense<[[3], [4]]> : tensor<2x1xi8> as tensor<2x1x!qnn.po2<0, 2, signed>>
  %fc = qnn.dense %x, %w {product = #qnn.product<shift>}
      : tensor<2x!qnn.po2<-1, 2, signed>>, tensor<2x1x!qnn.po2<0, 2, signed>> -> tensor<1x!s8_7>
  func.return %fc : tensor<1x!s8_7>
}

// CHECK:      static void fc(const ap_int<3> in_x[2], ap_int<8> out_fc[1]) {
// CHECK-NEXT:     static const signed char w_exponent[1][2] = {
// CHECK-NEXT:         {1, 2},
// CHECK-NEXT:     };
// CHECK-NEXT: #pragma HLS ARRAY_RESHAPE variable=w_exponent type=complete dim=2
// CHECK-NEXT:     static const signed char w_negative[1][2] = {
// CHECK-NEXT:         {1, 0},
// CHECK-NEXT:     };
// CHECK-NEXT: #pragma HLS ARRAY_RESHAPE variable=w_negative type=complete dim=2
// CHECK-NEXT:     OUTPUT: for (int i = 0; i < 1; i++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1
// CHECK-NEXT:         sum_int<8> fc_acc = 0;
// CHECK-NEXT:         for (int ci = 0; ci < 2; ci++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:             const ap_int<3> power = in_x[ci];
// CHECK-NEXT:             const ap_int<7> moved = ap_int<7>(1)
// CHECK-NEXT:                     << (ap_uint<2>(power < 0 ? ~power : power) + ap_uint<2>(w_exponent[i][ci]));
// CHECK-NEXT:             fc_acc += ap_uint<1>(power < 0) ^ ap_uint<1>(w_negative[i][ci]) ? ap_int<7>(-moved) : moved;
// CHECK-NEXT:         }
// CHECK-NEXT:         out_fc[i] = fc_acc;
// CHECK-NEXT:     }
// CHECK-NEXT: }

// -----

!s4 = !qnn.fixed<4, 4, signed>
!s3 = !qnn.fixed<3, 3, signed>

// A threshold gives the exponent itself: the first code, -1, plus the thresholds that are reached.
func.func @threshold(%x: tensor<2x!s4>) -> tensor<2x!qnn.po2<0, 1, signed>> {
  %t = qnn.constant dense<[[0, 2]]> : tensor<1x2xi8> as tensor<1x2x!s3>
  %y = qnn.threshold %x, %t {first = 1 : i64} : tensor<2x!s4>, tensor<1x2x!s3> -> tensor<2x!qnn.po2<0, 1, signed>>
  func.return %y : tensor<2x!qnn.po2<0, 1, signed>>
}

// CHECK:      static void y(const ap_int<4> in_x[2], ap_int<2> out_y[2]) {
// CHECK-NEXT:     static const signed char t[1][2] = {
// CHECK-NEXT:         {0, 2},
// CHECK-NEXT:     };
// CHECK-NEXT: #pragma HLS ARRAY_PARTITION variable=t type=complete dim=0
// CHECK-NEXT:     OUTPUT: for (int i = 0; i < 2; i++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1
// CHECK-NEXT:         const ap_int<4> y_in = in_x[i];
// CHECK-NEXT:         sum_int<2> y_level = -1;
// CHECK-NEXT:         for (int k = 0; k < 2; k++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:             y_level += ap_uint<1>(y_in >= ap_int<3>(t[0][k]));
// CHECK-NEXT:         }
// CHECK-NEXT:         out_y[i] = y_level;
// CHECK-NEXT:     }
// CHECK-NEXT: }

// -----

!s8_7 = !qnn.fixed<8, 7, signed>
!s3 = !qnn.fixed<3, 3, signed>

// Padding brings a zero; positive powers move up by one.
func.func @padded(%x: tensor<1x1x1x!qnn.po2<-1, 2, signed>>) -> tensor<1x2x1x!s8_7> {
  %padded = qnn.pad %x {low = array<i64: 0, 0, 0>, high = array<i64: 0, 1, 0>}
      : tensor<1x1x1x!qnn.po2<-1, 2, signed>> -> tensor<1x2x1x!qnn.po2<-1, 2, signed, zero>>
  %w = qnn.constant dense<[[[[3]]]]> : tensor<1x1x1x1xi8> as tensor<1x1x1x1x!s3>
  %conv = qnn.conv2d %padded, %w {product = #qnn.product<shift>}
      : tensor<1x2x1x!qnn.po2<-1, 2, signed, zero>>, tensor<1x1x1x1x!s3> -> tensor<1x2x1x!s8_7>
  func.return %conv : tensor<1x2x1x!s8_7>
}

// CHECK:      static void padded_1(const ap_int<3> in_x[1][1][1], ap_int<4> out_padded[1][2][1]) {
// CHECK-NEXT:     COLUMN: for (int column = 0; column < 2; column++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1
// CHECK-NEXT:         out_padded[0][column][0] = 0;
// CHECK-NEXT:     }
// CHECK-NEXT:     CHANNEL: for (int c = 0; c < 1; c++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1
// CHECK-NEXT:         const ap_int<3> power = in_x[0][0][c];
// CHECK-NEXT:         out_padded[0][0][c] = power + ap_uint<1>(power >= 0);
// CHECK-NEXT:     }
// CHECK-NEXT: }

// CHECK:      static void conv(const ap_int<4> in_padded[1][2][1], ap_int<8> out_conv[1][2][1]) {
// CHECK-NEXT:     static const signed char w[1][1][1][1] = {
// CHECK-NEXT:         {
// CHECK-NEXT:             {
// CHECK-NEXT:                 {3},
// CHECK-NEXT:             },
// CHECK-NEXT:         },
// CHECK-NEXT:     };
// CHECK-NEXT: #pragma HLS ARRAY_PARTITION variable=w type=complete dim=0
// CHECK-NEXT:     COLUMN: for (int column = 0; column < 2; column++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1
// CHECK-NEXT:         sum_int<8> conv_acc = 0;
// CHECK-NEXT:         const int in_row = 0;
// CHECK-NEXT:         const ap_int<4> power = in_padded[in_row][column][0];
// CHECK-NEXT:         const ap_int<7> moved = ap_int<7>(w[0][0][0][0])
// CHECK-NEXT:                 << ap_uint<2>(power < 0 ? ap_int<5>(~power) : power - ap_uint<1>(power > 0));
// CHECK-NEXT:         conv_acc += power != 0 ? (power < 0 ? ap_int<7>(-moved) : moved) : ap_int<7>(0);
// CHECK-NEXT:         out_conv[0][column][0] = conv_acc;
// CHECK-NEXT:     }
// CHECK-NEXT: }
