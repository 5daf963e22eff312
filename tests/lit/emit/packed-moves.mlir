// RUN: qopt %s -p quantize-interface,lower-to-loops -t hls --split-input-file | filecheck %s

!u9 = !qnn.fixed<9, 9, unsigned>

// Vectors of whole words are copied.
func.func @whole_words(%x: tensor<3x128x!qnn.binary>) -> tensor<1x!u9> {
  %k = qnn.constant dense<[[1, 0, 0, 0, 0, 0]]> : tensor<1x6xi64> as tensor<1x!qnn.bits<384>>
  %bits = qnn.pack %x : tensor<3x128x!qnn.binary> -> tensor<3x!qnn.bits<128>>
  %y = qnn.packed_flatten %bits {axes = 1 : i64} : tensor<3x!qnn.bits<128>> -> tensor<!qnn.bits<384>>
  %z = qnn.popcount_dense %y, %k : tensor<!qnn.bits<384>>, tensor<1x!qnn.bits<384>> -> tensor<1x!u9>
  func.return %z : tensor<1x!u9>
}

// CHECK:      static void y(const ap_uint<64> in_bits[3][2], ap_uint<64> out_y[6]) {
// CHECK-NEXT:     OUTPUT: for (int i = 0; i < 3; i++) {
// CHECK-NEXT:         WORD: for (int word = 0; word < 2; word++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1
// CHECK-NEXT:             out_y[i * 2 + word] = in_bits[i][word];
// CHECK-NEXT:         }
// CHECK-NEXT:     }
// CHECK-NEXT: }

// -----

!u9 = !qnn.fixed<9, 9, unsigned>

// Four vectors of 16 bits make a word.
func.func @parts_of_a_word(%x: tensor<2x3x16x!qnn.binary>) -> tensor<1x!u9> {
  %k = qnn.constant dense<[[1, 0]]> : tensor<1x2xi64> as tensor<1x!qnn.bits<96>>
  %bits = qnn.pack %x : tensor<2x3x16x!qnn.binary> -> tensor<2x3x!qnn.bits<16>>
  %y = qnn.packed_flatten %bits {axes = 2 : i64} : tensor<2x3x!qnn.bits<16>> -> tensor<!qnn.bits<96>>
  %z = qnn.popcount_dense %y, %k : tensor<!qnn.bits<96>>, tensor<1x!qnn.bits<96>> -> tensor<1x!u9>
  func.return %z : tensor<1x!u9>
}

// CHECK:      static void y(const ap_uint<16> in_bits[2][3][1], ap_uint<64> out_y[2]) {
// CHECK-NEXT:     OUTPUT: for (int i = 0; i < 2; i++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1
// CHECK-NEXT:         out_y[i] = 0;
// CHECK-NEXT:     }
// CHECK-NEXT:     ROW: for (int row = 0; row < 2; row++) {
// CHECK-NEXT:         COLUMN: for (int column = 0; column < 3; column++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1
// CHECK-NEXT:             const int start = (row * 3 + column) * 16;
// CHECK-NEXT:             const ap_uint<7> first = start;
// CHECK-NEXT:             const int to = first >> 6;
// CHECK-NEXT:             const int offset = first & ap_uint<6>(63);
// CHECK-NEXT:             out_y[to] |= ap_uint<64>(in_bits[row][column][0]) << offset;
// CHECK-NEXT:         }
// CHECK-NEXT:     }
// CHECK-NEXT: }

// -----

!u9 = !qnn.fixed<9, 9, unsigned>

// Vectors of 24 bits reach into the next word.
func.func @across_words(%x: tensor<2x3x24x!qnn.binary>) -> tensor<1x!u9> {
  %k = qnn.constant dense<[[1, 0, 0]]> : tensor<1x3xi64> as tensor<1x!qnn.bits<144>>
  %bits = qnn.pack %x : tensor<2x3x24x!qnn.binary> -> tensor<2x3x!qnn.bits<24>>
  %y = qnn.packed_flatten %bits {axes = 2 : i64} : tensor<2x3x!qnn.bits<24>> -> tensor<!qnn.bits<144>>
  %z = qnn.popcount_dense %y, %k : tensor<!qnn.bits<144>>, tensor<1x!qnn.bits<144>> -> tensor<1x!u9>
  func.return %z : tensor<1x!u9>
}

// CHECK:      static void y(const ap_uint<24> in_bits[2][3][1], ap_uint<64> out_y[3]) {
// CHECK-NEXT:     OUTPUT: for (int i = 0; i < 3; i++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1
// CHECK-NEXT:         out_y[i] = 0;
// CHECK-NEXT:     }
// CHECK-NEXT:     ROW: for (int row = 0; row < 2; row++) {
// CHECK-NEXT:         COLUMN: for (int column = 0; column < 3; column++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1
// CHECK-NEXT:             const int start = (row * 3 + column) * 24;
// CHECK-NEXT:             const ap_uint<8> first = start;
// CHECK-NEXT:             const int to = first >> 6;
// CHECK-NEXT:             const int offset = first & ap_uint<6>(63);
// CHECK-NEXT:             const ap_uint<64> bits_1 = in_bits[row][column][0];
// CHECK-NEXT:             out_y[to] |= (bits_1 & (ap_uint<64>(0xffffffffffffffffULL) >> offset)) << offset;
// CHECK-NEXT:             if (to < 2 && offset > 0) {
// CHECK-NEXT:                 out_y[to + 1] |= bits_1 >> (64 - offset);
// CHECK-NEXT:             }
// CHECK-NEXT:         }
// CHECK-NEXT:     }
// CHECK-NEXT: }

// -----

!s9 = !qnn.fixed<9, 9, signed>

// Only the last axis is joined, into less than a word; two planes.
func.func @rows(%x: tensor<2x3x5x!qnn.ternary>) -> tensor<2x1x!s9> {
  %k = qnn.constant dense<[[1]]> : tensor<1x1xi64> as tensor<1x!qnn.bits<15>>
  %bits = qnn.pack %x : tensor<2x3x5x!qnn.ternary> -> tensor<2x3x!qnn.bits<5, !qnn.ternary>>
  %y = qnn.packed_flatten %bits {axes = 1 : i64} : tensor<2x3x!qnn.bits<5, !qnn.ternary>>
      -> tensor<2x!qnn.bits<15, !qnn.ternary>>
  %z = qnn.popcount_dense %y, %k {count = #qnn.count<balance>}
      : tensor<2x!qnn.bits<15, !qnn.ternary>>, tensor<1x!qnn.bits<15>> -> tensor<2x1x!s9>
  func.return %z : tensor<2x1x!s9>
}

// CHECK:      static void y(const ap_uint<5> in_bits[2][3][2], ap_uint<15> out_y[2][2]) {
// CHECK-NEXT:     OUTPUT: for (int i = 0; i < 2; i++) {
// CHECK-NEXT:         CHANNEL: for (int c = 0; c < 2; c++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1
// CHECK-NEXT:             out_y[i][c] = 0;
// CHECK-NEXT:         }
// CHECK-NEXT:     }
// CHECK-NEXT:     ROW: for (int row = 0; row < 2; row++) {
// CHECK-NEXT:         COLUMN: for (int column = 0; column < 3; column++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1
// CHECK-NEXT:             const int start = column * 5;
// CHECK-NEXT:             out_y[row][0] |= ap_uint<15>(in_bits[row][column][0]) << start;
// CHECK-NEXT:             out_y[row][1] |= ap_uint<15>(in_bits[row][column][1]) << start;
// CHECK-NEXT:         }
// CHECK-NEXT:     }
// CHECK-NEXT: }

// -----

!s9 = !qnn.fixed<9, 9, signed>

// The largest of values with zeros: two planes.
func.func @largest(%x: tensor<3x2x9x!qnn.ternary>) -> tensor<2x1x1x!s9> {
  %k = qnn.constant dense<[[1]]> : tensor<1x1xi64> as tensor<1x!qnn.bits<9>>
  %bits = qnn.pack %x : tensor<3x2x9x!qnn.ternary> -> tensor<3x2x!qnn.bits<9, !qnn.ternary>>
  %y = qnn.packed_max_pool2d %bits {pool = array<i64: 2, 2>, strides = array<i64: 2, 2>, high = array<i64: 1, 0>}
      : tensor<3x2x!qnn.bits<9, !qnn.ternary>> -> tensor<2x1x!qnn.bits<9, !qnn.ternary>>
  %z = qnn.popcount_dense %y, %k {count = #qnn.count<balance>}
      : tensor<2x1x!qnn.bits<9, !qnn.ternary>>, tensor<1x!qnn.bits<9>> -> tensor<2x1x1x!s9>
  func.return %z : tensor<2x1x1x!s9>
}

// CHECK:      static void y(const ap_uint<9> in_bits[3][2][2], ap_uint<9> out_y[2][1][2]) {
// CHECK-NEXT:     ROW: for (int row = 0; row < 2; row++) {
// CHECK-NEXT:         CHANNEL: for (int c = 0; c < 2; c++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1
// CHECK-NEXT:             ap_uint<9> some_positive = 0;
// CHECK-NEXT:             ap_uint<9> all_nonzero = 511;
// CHECK-NEXT:             for (int kr = 0; kr < 2; kr++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:                 for (int kc = 0; kc < 2; kc++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:                     const int in_row = row * 2 + kr;
// CHECK-NEXT:                     if (in_row >= 0 && in_row < 3 && kc >= 0 && kc < 2) {
// CHECK-NEXT:                         some_positive |= in_bits[in_row][kc][1];
// CHECK-NEXT:                         all_nonzero &= in_bits[in_row][kc][0];
// CHECK-NEXT:                     }
// CHECK-NEXT:                 }
// CHECK-NEXT:             }
// CHECK-NEXT:             out_y[row][0][c] = c < 1 ? some_positive | all_nonzero : some_positive;
// CHECK-NEXT:         }
// CHECK-NEXT:     }
// CHECK-NEXT: }

// -----

!u9 = !qnn.fixed<9, 9, unsigned>

// The largest of binary values: one plane, two words.
func.func @largest_binary(%x: tensor<2x2x70x!qnn.binary>) -> tensor<1x1x1x!u9> {
  %k = qnn.constant dense<[[1, 0]]> : tensor<1x2xi64> as tensor<1x!qnn.bits<70>>
  %bits = qnn.pack %x : tensor<2x2x70x!qnn.binary> -> tensor<2x2x!qnn.bits<70>>
  %y = qnn.packed_max_pool2d %bits {pool = array<i64: 2, 2>, strides = array<i64: 1, 1>} : tensor<2x2x!qnn.bits<70>>
      -> tensor<1x1x!qnn.bits<70>>
  %z = qnn.popcount_dense %y, %k : tensor<1x1x!qnn.bits<70>>, tensor<1x!qnn.bits<70>> -> tensor<1x1x1x!u9>
  func.return %z : tensor<1x1x1x!u9>
}

// CHECK:      static void y(const ap_uint<64> in_bits[2][2][2], ap_uint<64> out_y[1][1][2]) {
// CHECK-NEXT:     CHANNEL: for (int c = 0; c < 2; c++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1
// CHECK-NEXT:         ap_uint<64> some_positive = 0;
// CHECK-NEXT:         for (int kr = 0; kr < 2; kr++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:             for (int kc = 0; kc < 2; kc++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:                 some_positive |= in_bits[kr][kc][c];
// CHECK-NEXT:             }
// CHECK-NEXT:         }
// CHECK-NEXT:         out_y[0][0][c] = some_positive;
// CHECK-NEXT:     }
// CHECK-NEXT: }

// -----

!u9 = !qnn.fixed<9, 9, unsigned>

// Parts from a known bit on; the second one reaches into the second word.
func.func @concat(%a: tensor<3x40x!qnn.binary>, %b: tensor<3x30x!qnn.binary>) -> tensor<3x1x!u9> {
  %k = qnn.constant dense<[[1, 0]]> : tensor<1x2xi64> as tensor<1x!qnn.bits<70>>
  %a_bits = qnn.pack %a : tensor<3x40x!qnn.binary> -> tensor<3x!qnn.bits<40>>
  %b_bits = qnn.pack %b : tensor<3x30x!qnn.binary> -> tensor<3x!qnn.bits<30>>
  %y = qnn.packed_concat %a_bits, %b_bits : tensor<3x!qnn.bits<40>>, tensor<3x!qnn.bits<30>> -> tensor<3x!qnn.bits<70>>
  %z = qnn.popcount_dense %y, %k : tensor<3x!qnn.bits<70>>, tensor<1x!qnn.bits<70>> -> tensor<3x1x!u9>
  func.return %z : tensor<3x1x!u9>
}

// CHECK:      static void y(const ap_uint<40> in_a_bits[3][1], const ap_uint<30> in_b_bits[3][1],
// CHECK-SAME:   ap_uint<64> out_y[3][2]) {
// CHECK-NEXT:     OUTPUT: for (int i = 0; i < 3; i++) {
// CHECK-NEXT:         CHANNEL: for (int c = 0; c < 2; c++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1
// CHECK-NEXT:             out_y[i][c] = 0;
// CHECK-NEXT:         }
// CHECK-NEXT:     }
// CHECK-NEXT:     OUTPUT_1: for (int i = 0; i < 3; i++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1
// CHECK-NEXT:         out_y[i][0] |= ap_uint<64>(in_a_bits[i][0]);
// CHECK-NEXT:     }
// CHECK-NEXT:     OUTPUT_2: for (int i = 0; i < 3; i++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1
// CHECK-NEXT:         const ap_uint<64> bits = in_b_bits[i][0];
// CHECK-NEXT:         out_y[i][0] |= (bits & ap_uint<64>(16777215)) << 40;
// CHECK-NEXT:         out_y[i][1] |= bits >> 24;
// CHECK-NEXT:     }
// CHECK-NEXT: }

// -----

!s4 = !qnn.fixed<4, 4, signed>
!u9 = !qnn.fixed<9, 9, unsigned>

// Comparisons write words of bits: the last one is not full.
func.func @written(%x: tensor<2x70x!s4>) -> tensor<2x1x!u9> {
  %t = qnn.constant dense<[[3]]> : tensor<1x1xi8> as tensor<1x1x!s4>
  %k = qnn.constant dense<[[1, 0]]> : tensor<1x2xi64> as tensor<1x!qnn.bits<70>>
  %y = qnn.threshold %x, %t {first = 0 : i64} : tensor<2x70x!s4>, tensor<1x1x!s4> -> tensor<2x70x!qnn.binary>
  %bits = qnn.pack %y : tensor<2x70x!qnn.binary> -> tensor<2x!qnn.bits<70>>
  %z = qnn.popcount_dense %bits, %k : tensor<2x!qnn.bits<70>>, tensor<1x!qnn.bits<70>> -> tensor<2x1x!u9>
  func.return %z : tensor<2x1x!u9>
}

// CHECK:      static void y(const ap_int<4> in_x[2][70], ap_uint<64> out_bits[2][2]) {
// CHECK-NEXT:     ap_uint<64> packed = 0;
// CHECK-NEXT:     OUTPUT: for (int i = 0; i < 2; i++) {
// CHECK-NEXT:         OUT_WORD: for (int out_word = 0; out_word < 2; out_word++) {
// CHECK-NEXT:             BIT: for (int bit = 0; bit < 64; bit++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1
// CHECK-NEXT:                 const int channel = out_word * 64 + bit;
// CHECK-NEXT:                 if (channel < 70) {
// CHECK-NEXT:                     const ap_int<4> y_in = in_x[i][channel];
// CHECK-NEXT:                     packed = (bit == 0 ? ap_uint<64>(0) : packed) | (ap_uint<64>(y_in >= 3) << bit);
// CHECK-NEXT:                     if (bit == 63 || channel == 69) {
// CHECK-NEXT:                         out_bits[i][out_word] = packed;
// CHECK-NEXT:                     }
// CHECK-NEXT:                 }
// CHECK-NEXT:             }
// CHECK-NEXT:         }
// CHECK-NEXT:     }
// CHECK-NEXT: }

// -----

!s4 = !qnn.fixed<4, 4, signed>
!u9 = !qnn.fixed<9, 9, unsigned>

// Comparisons write words of bits: one of all channels.
func.func @written(%x: tensor<2x12x!s4>) -> tensor<2x1x!u9> {
  %t = qnn.constant dense<[[3]]> : tensor<1x1xi8> as tensor<1x1x!s4>
  %k = qnn.constant dense<[[1]]> : tensor<1x1xi64> as tensor<1x!qnn.bits<12>>
  %y = qnn.threshold %x, %t {first = 0 : i64} : tensor<2x12x!s4>, tensor<1x1x!s4> -> tensor<2x12x!qnn.binary>
  %bits = qnn.pack %y : tensor<2x12x!qnn.binary> -> tensor<2x!qnn.bits<12>>
  %z = qnn.popcount_dense %bits, %k : tensor<2x!qnn.bits<12>>, tensor<1x!qnn.bits<12>> -> tensor<2x1x!u9>
  func.return %z : tensor<2x1x!u9>
}

// CHECK:      static void y(const ap_int<4> in_x[2][12], ap_uint<12> out_bits[2][1]) {
// CHECK-NEXT:     ap_uint<12> packed = 0;
// CHECK-NEXT:     OUTPUT: for (int i = 0; i < 2; i++) {
// CHECK-NEXT:         CHANNEL: for (int c = 0; c < 12; c++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1
// CHECK-NEXT:             const ap_int<4> y_in = in_x[i][c];
// CHECK-NEXT:             packed = (c == 0 ? ap_uint<12>(0) : packed) | (ap_uint<12>(y_in >= 3) << c);
// CHECK-NEXT:             if (c == 11) {
// CHECK-NEXT:                 out_bits[i][0] = packed;
// CHECK-NEXT:             }
// CHECK-NEXT:         }
// CHECK-NEXT:     }
// CHECK-NEXT: }
