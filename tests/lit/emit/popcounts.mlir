// RUN: qopt %s -p quantize-interface,lower-to-loops -t hls | filecheck %s

!u7 = !qnn.fixed<7, 7, unsigned>

// 70 bits are two words; the second has 6 bits, and the count is 70 minus the bits that differ.
func.func @popcount(%x: tensor<70x!qnn.binary>) -> tensor<1x!u7> {
  %w = qnn.constant dense<[[-1, 63]]> : tensor<1x2xi64> as tensor<1x!qnn.bits<70>>
  %fc_bits = qnn.pack %x : tensor<70x!qnn.binary> -> tensor<!qnn.bits<70>>
  %fc_agreements = qnn.popcount_dense %fc_bits, %w {qnn.layer = "fc"}
      : tensor<!qnn.bits<70>>, tensor<1x!qnn.bits<70>> -> tensor<1x!u7>
  func.return %fc_agreements : tensor<1x!u7>
}

// CHECK:      // fc_bits: pack
// CHECK-NEXT: // in:  x, 70 of 1 bit, 1 is +1
// CHECK-NEXT: // out: fc_bits, 1 of 70 packed bits, 1 is +1
// CHECK-NEXT: static void fc_bits(const ap_uint<1> in_x[70], ap_uint<64> out_fc_bits[2]) {
// CHECK-NEXT:     WORD: for (int word = 0; word < 2; word++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1
// CHECK-NEXT:         ap_uint<64> packed = 0;
// CHECK-NEXT:         for (int bit = 0; bit < 64; bit++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:             const int t = word * 64 + bit;
// CHECK-NEXT:             if (t < 70) {
// CHECK-NEXT:                 packed |= ap_uint<64>(in_x[t]) << bit;
// CHECK-NEXT:             }
// CHECK-NEXT:         }
// CHECK-NEXT:         out_fc_bits[word] = packed;
// CHECK-NEXT:     }
// CHECK-NEXT: }

// CHECK:      // fc: popcount_dense
// CHECK-NEXT: // in:  fc_bits, 1 of 70 packed bits, 1 is +1
// CHECK-NEXT: // out: fc_agreements, 1 of 7 bits unsigned, step 2^0
// CHECK-NEXT: // w: 70 packed bits, 1 is +1
// CHECK-NEXT: static void fc(const ap_uint<64> in_fc_bits[2], ap_uint<7> out_fc_agreements[1]) {
// CHECK-NEXT:     static const unsigned long long w[1][2] = {
// CHECK-NEXT:         {0xffffffffffffffffULL, 0x000000000000003fULL},
// CHECK-NEXT:     };
// CHECK-NEXT: #pragma HLS ARRAY_RESHAPE variable=w type=complete dim=2
// CHECK-NEXT:     OUTPUT: for (int i = 0; i < 1; i++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1
// CHECK-NEXT:         sum_uint<7> fc_agreements_count = 0;
// CHECK-NEXT:         fc_agreements_count += ap_uint<7>(70);
// CHECK-NEXT:         for (int word = 0; word < 2; word++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:             fc_agreements_count -= popcount_64(in_fc_bits[word] ^ ap_uint<64>(w[i][word]));
// CHECK-NEXT:         }
// CHECK-NEXT:         out_fc_agreements[i] = fc_agreements_count;
// CHECK-NEXT:     }
// CHECK-NEXT: }
