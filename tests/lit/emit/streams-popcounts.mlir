// RUN: qopt %s -p 'lower-to-loops{architecture=stream},size-fifos' -t hls | filecheck %s

!u4 = !qnn.fixed<4, 4, unsigned>

// Bits are packed pixel by pixel; a popcount leaves out the taps in the padding.
func.func @popcount(%x: tensor<4x4x3x!qnn.binary>) -> tensor<4x4x2x!u4> {
  %kernel = qnn.constant dense<[[[[5], [2]]], [[[1], [7]]]]> : tensor<2x1x2x1xi64> as tensor<2x1x2x!qnn.bits<3>>
  %bits = qnn.pack %x : tensor<4x4x3x!qnn.binary> -> tensor<4x4x!qnn.bits<3>>
  %count = qnn.popcount_conv2d %bits, %kernel {low = array<i64: 1, 0>}
      : tensor<4x4x!qnn.bits<3>>, tensor<2x1x2x!qnn.bits<3>> -> tensor<4x4x2x!u4>
  func.return %count : tensor<4x4x2x!u4>
}

// CHECK:      // popcount.h
// CHECK-NEXT: #ifndef QDIALECT_popcount_H
// CHECK-NEXT: #define QDIALECT_popcount_H

// CHECK:      #include "ap_int.h"
// CHECK-NEXT: #include "hls_stream.h"

// CHECK:      #ifndef QDIALECT_beat_u1x3
// CHECK-NEXT: #define QDIALECT_beat_u1x3
// CHECK-NEXT: struct beat_u1x3 {
// CHECK-NEXT:     ap_uint<1> d[3];
// CHECK-NEXT: };
// CHECK-NEXT: #endif

// CHECK:      #ifndef QDIALECT_beat_u3x1
// CHECK-NEXT: #define QDIALECT_beat_u3x1
// CHECK-NEXT: struct beat_u3x1 {
// CHECK-NEXT:     ap_uint<3> d[1];
// CHECK-NEXT: };
// CHECK-NEXT: #endif

// CHECK:      #ifndef QDIALECT_beat_u4x2
// CHECK-NEXT: #define QDIALECT_beat_u4x2
// CHECK-NEXT: struct beat_u4x2 {
// CHECK-NEXT:     ap_uint<4> d[2];
// CHECK-NEXT: };
// CHECK-NEXT: #endif

// CHECK:      void popcount(hls::stream<beat_u1x3> &x, hls::stream<beat_u4x2> &count_out);

// CHECK:      #endif

// CHECK:      // popcount.cpp
// CHECK-NEXT: #include "popcount.h"

// CHECK:      #ifdef __SYNTHESIS__
// CHECK-NEXT: static ap_uint<2> counter_3(const ap_uint<1> x0, const ap_uint<1> x1, const ap_uint<1> x2) {
// CHECK-NEXT: #pragma HLS INLINE
// CHECK-NEXT:     const ap_uint<1> t0 = x0 ^ x1;
// CHECK-NEXT:     const ap_uint<1> t1 = x2 ^ t0;
// CHECK-NEXT:     const ap_uint<1> t2 = t0 ? x2 : x0;
// CHECK-NEXT:     return (ap_uint<2>(t2) << 1) | ap_uint<2>(t1);
// CHECK-NEXT: }
// CHECK-NEXT: #endif

// CHECK:      static ap_uint<2> popcount_3(const ap_uint<3> x) {
// CHECK-NEXT: #pragma HLS INLINE
// CHECK-NEXT: #ifndef __SYNTHESIS__
// CHECK-NEXT:     return __builtin_popcountll(x.to_uint64());
// CHECK-NEXT: #else
// CHECK-NEXT:     return counter_3(x[0], x[1], x[2]);
// CHECK-NEXT: #endif
// CHECK-NEXT: }

// CHECK:      // bits: pack
// CHECK-NEXT: // in:  x, 4x4x3 of 1 bit, 1 is +1
// CHECK-NEXT: // out: bits, 4x4 of 3 packed bits, 1 is +1
// CHECK-NEXT: static void bits(hls::stream<beat_u1x3> &in_x, hls::stream<beat_u3x1> &out_bits) {
// CHECK-NEXT:     ROW: for (int row = 0; row < 4; row++) {
// CHECK-NEXT:         COLUMN: for (int column = 0; column < 4; column++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1 style=flp
// CHECK-NEXT:             beat_u3x1 result;
// CHECK-NEXT:             const beat_u1x3 next = in_x.read();
// CHECK-NEXT:             ap_uint<3> packed = 0;
// CHECK-NEXT:             for (int bit = 0; bit < 3; bit++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:                 packed |= ap_uint<3>(next.d[bit]) << bit;
// CHECK-NEXT:             }
// CHECK-NEXT:             result.d[0] = packed;
// CHECK-NEXT:             out_bits.write(result);
// CHECK-NEXT:         }
// CHECK-NEXT:     }
// CHECK-NEXT: }

// CHECK:      // count: popcount_conv2d
// CHECK-NEXT: // in:  bits, 4x4 of 3 packed bits, 1 is +1
// CHECK-NEXT: // out: count, 4x4x2 of 4 bits unsigned, step 2^0
// CHECK-NEXT: // kernel: 3 packed bits, 1 is +1
// CHECK-NEXT: static void count(hls::stream<beat_u3x1> &in_bits, hls::stream<beat_u4x2> &out_count) {
// CHECK-NEXT:     ap_uint<3> bits_window[2][1][1];
// CHECK-NEXT: #pragma HLS ARRAY_PARTITION variable=bits_window type=complete dim=0
// CHECK-NEXT:     ap_uint<3> bits_column[2][1];
// CHECK-NEXT: #pragma HLS ARRAY_PARTITION variable=bits_column type=complete dim=0
// CHECK-NEXT:     ap_uint<3> bits_lines[1][4][1];
// CHECK-NEXT: #pragma HLS ARRAY_PARTITION variable=bits_lines type=complete dim=1
// CHECK-NEXT: #pragma HLS ARRAY_RESHAPE variable=bits_lines type=complete dim=3
// CHECK-NEXT: #pragma HLS BIND_STORAGE variable=bits_lines type=ram_s2p impl=auto
// CHECK-NEXT:     static const signed char kernel[2][2][1][1] = {
// CHECK-NEXT:         {
// CHECK-NEXT:             {
// CHECK-NEXT:                 {5},
// CHECK-NEXT:             },
// CHECK-NEXT:             {
// CHECK-NEXT:                 {1},
// CHECK-NEXT:             },
// CHECK-NEXT:         },
// CHECK-NEXT:         {
// CHECK-NEXT:             {
// CHECK-NEXT:                 {2},
// CHECK-NEXT:             },
// CHECK-NEXT:             {
// CHECK-NEXT:                 {7},
// CHECK-NEXT:             },
// CHECK-NEXT:         },
// CHECK-NEXT:     };
// CHECK-NEXT: #pragma HLS ARRAY_PARTITION variable=kernel type=complete dim=0
// CHECK-NEXT:     ROW: for (int row = 0; row < 4; row++) {
// CHECK-NEXT:         COLUMN: for (int column = 0; column < 4; column++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1 style=flp
// CHECK-NEXT: #pragma HLS DEPENDENCE variable=bits_lines type=inter direction=raw distance=4 dependent=true
// CHECK-NEXT:             const beat_u3x1 next = in_bits.read();
// CHECK-NEXT:             bits_column[1][0] = next.d[0];
// CHECK-NEXT:             bits_column[0][0] = bits_lines[0][column][0];
// CHECK-NEXT:             bits_lines[0][column][0] = bits_column[1][0];
// CHECK-NEXT:             for (int kr = 0; kr < 2; kr++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:                 bits_window[kr][0][0] = bits_column[kr][0];
// CHECK-NEXT:             }
// CHECK-NEXT:             beat_u4x2 result;
// CHECK-NEXT:             for (int c = 0; c < 2; c++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:                 sum_uint<4> count_count = 0;
// CHECK-NEXT:                 for (int kr = 0; kr < 2; kr++) {
// CHECK-NEXT: #pragma HLS UNROLL
// CHECK-NEXT:                     const int in_row = row + kr - 1;
// CHECK-NEXT:                     if (in_row >= 0 && in_row < 4 && column >= 0 && column < 4) {
// CHECK-NEXT:                         count_count += ap_uint<2>(3);
// CHECK-NEXT:                         count_count -= popcount_3(bits_window[kr][0][0] ^
// CHECK-SAME:                           ap_uint<3>(kernel[c][kr][0][0]));
// CHECK-NEXT:                     }
// CHECK-NEXT:                 }
// CHECK-NEXT:                 result.d[c] = count_count;
// CHECK-NEXT:             }
// CHECK-NEXT:             out_count.write(result);
// CHECK-NEXT:         }
// CHECK-NEXT:     }
// CHECK-NEXT: }

// CHECK:      // popcount
// CHECK-NEXT: // in:  x, 4x4x3 of 1 bit, 1 is +1
// CHECK-NEXT: // out: count, 4x4x2 of 4 bits unsigned, step 2^0
// CHECK-NEXT: void popcount(hls::stream<beat_u1x3> &x, hls::stream<beat_u4x2> &count_out) {
// CHECK-NEXT: #pragma HLS INTERFACE mode=axis port=x
// CHECK-NEXT: #pragma HLS INTERFACE mode=axis port=count_out
// CHECK-NEXT: #pragma HLS DATAFLOW
// CHECK-NEXT:     hls::stream<beat_u3x1> bits_out;
// CHECK-NEXT: #pragma HLS STREAM variable=bits_out depth=2
// CHECK-NEXT:     bits(x, bits_out);
// CHECK-NEXT:     count(bits_out, count_out);
// CHECK-NEXT: }
