// RUN: qopt %s -p pipeline-network --split-input-file | qopt --split-input-file | filecheck %s
// RUN: qopt %s -p 'pipeline-network{reuse-factor=4}' --split-input-file | filecheck %s --check-prefix=FOUR
// RUN: qopt %s -t hls --split-input-file | filecheck %s --check-prefix=TEXT

// A sample every cycle, or every four. Every product is laid out: additions of digits, common pairs once.
// CHECK: func.func @small({{.*}}) -> {{.*}} attributes {hls.interval = 1 : i64}
// FOUR: func.func @small({{.*}}) -> {{.*}} attributes {hls.interval = 4 : i64}
func.func @small(%x: tensor<3x1x!qnn.fixed<4, 4, unsigned>>)
    -> (tensor<2x!qnn.fixed<9, 9, signed>>, tensor<3x!qnn.fixed<4, 4, unsigned>>) {
  %k = qnn.constant dense<[[3, -1], [2, 0], [-4, 1]]> : tensor<3x2xi8> as tensor<3x2x!qnn.fixed<3, 3, signed>>
  %flat = qnn.reshape %x : tensor<3x1x!qnn.fixed<4, 4, unsigned>> -> tensor<3x!qnn.fixed<4, 4, unsigned>>
  // CHECK: %fc = qnn.dense {{.*}}product = #qnn.product<pairs>, hls.pe = 2 : i64, hls.simd = 3 : i64
  %fc = qnn.dense %flat, %k
    : tensor<3x!qnn.fixed<4, 4, unsigned>>, tensor<3x2x!qnn.fixed<3, 3, signed>>
    -> tensor<2x!qnn.fixed<9, 9, signed>>
  func.return %fc, %flat : tensor<2x!qnn.fixed<9, 9, signed>>, tensor<3x!qnn.fixed<4, 4, unsigned>>
}

// Functions that dissolve, loops that are unrolled, none of one iteration; two readers of one array, and an output's
// copy.
// TEXT:      static void flat(const ap_uint<4> in_x[3][1], ap_uint<4> out_flat[3]) {
// TEXT-NEXT: #pragma HLS INLINE
// TEXT-NEXT:     for (int i = 0; i < 3; i++) {
// TEXT-NEXT: #pragma HLS UNROLL
// TEXT-NEXT:         out_flat[i] = in_x[i][0];
// TEXT-NEXT:     }
// TEXT-NEXT: }

// TEXT:      static void fc(const ap_uint<4> in_flat[3], ap_int<9> out_fc[2]) {
// TEXT-NEXT: #pragma HLS INLINE
// TEXT-NEXT:     const ap_uint<4> x0 = in_flat[0];
// TEXT-NEXT:     const ap_uint<4> x1 = in_flat[1];
// TEXT-NEXT:     const ap_uint<4> x2 = in_flat[2];
// TEXT-NEXT:     const ap_int<5> sum0 = x2 - x0;
// TEXT-NEXT:     const ap_int<8> sum1 = (ap_int<7>(sum0) << 2) + x0;
// TEXT-NEXT:     const ap_int<8> sum2 = (ap_uint<5>(x1) << 1) - sum1;
// TEXT-NEXT:     out_fc[0] = sum2;
// TEXT-NEXT:     out_fc[1] = sum0;
// TEXT-NEXT: }

// TEXT:      void small(const ap_uint<4> x[3][1], ap_int<9> fc_out[2], ap_uint<4> flat_out[3]) {
// TEXT:      #pragma HLS PIPELINE II=1
// TEXT-NEXT:     ap_uint<4> flat_out_1[3];
// TEXT-NEXT: #pragma HLS ARRAY_PARTITION variable=flat_out_1 type=complete dim=0

// -----

// 614,400 bit products take two cycles at most 524,288 each.
// CHECK: func.func @large
// CHECK-SAME: hls.interval = 2 : i64
// CHECK-SAME: qnn.remarks = ["a sample every 2 cycles, not every 1: 614,400 bit products per sample,
// CHECK-SAME: and a cycle has at most 524,288"]
// FOUR: func.func @large({{.*}}) -> {{.*}} attributes {hls.interval = 4 : i64}
func.func @large(%x: tensor<320x!qnn.fixed<8, 8, unsigned>>) -> tensor<60x!qnn.fixed<18, 18, signed>> {
  %k = qnn.constant dense<1> : tensor<320x60xi8> as tensor<320x60x!qnn.fixed<4, 4, signed>>
  %fc = qnn.dense %x, %k
    : tensor<320x!qnn.fixed<8, 8, unsigned>>, tensor<320x60x!qnn.fixed<4, 4, signed>>
    -> tensor<60x!qnn.fixed<18, 18, signed>>
  func.return %fc : tensor<60x!qnn.fixed<18, 18, signed>>
}

// -----

// Too much for one pipeline: processes, whose layers take the reuse factor that is asked for.
// CHECK: func.func @huge
// CHECK-SAME: qnn.remarks = ["the layers are processes, not one pipeline: 1,228,800 bit products are more than
// CHECK-SAME: the 1,048,576 of one pipeline"]
// CHECK-NOT: hls.
// TEXT: void huge(
// TEXT: #pragma HLS DATAFLOW
func.func @huge(%x: tensor<320x!qnn.fixed<16, 16, unsigned>>) -> tensor<60x!qnn.fixed<26, 26, signed>> {
  %k = qnn.constant dense<1> : tensor<320x60xi8> as tensor<320x60x!qnn.fixed<4, 4, signed>>
  // FOUR: %fc = qnn.dense {{.*}}hls.pe = 15 : i64, hls.simd = 320 : i64
  %fc = qnn.dense %x, %k
    : tensor<320x!qnn.fixed<16, 16, unsigned>>, tensor<320x60x!qnn.fixed<4, 4, signed>>
    -> tensor<60x!qnn.fixed<26, 26, signed>>
  func.return %fc : tensor<60x!qnn.fixed<26, 26, signed>>
}

// -----

// So are the layers of a network of which one is folded by name, or that holds more than registers hold.
// CHECK: func.func @folded
// CHECK-SAME: qnn.remarks = ["the layers are processes, not one pipeline: layer 'fc' is folded"]
func.func @folded(%x: tensor<3x!qnn.fixed<4, 4, unsigned>>) -> tensor<2x!qnn.fixed<9, 9, signed>> {
  %k = qnn.constant dense<1> : tensor<3x2xi8> as tensor<3x2x!qnn.fixed<3, 3, signed>>
  %fc = qnn.dense %x, %k {hls.pe = 1 : i64}
    : tensor<3x!qnn.fixed<4, 4, unsigned>>, tensor<3x2x!qnn.fixed<3, 3, signed>> -> tensor<2x!qnn.fixed<9, 9, signed>>
  func.return %fc : tensor<2x!qnn.fixed<9, 9, signed>>
}

// -----

// CHECK: func.func @image
// CHECK-SAME: qnn.remarks = ["the layers are processes, not one pipeline: 'x' has 4,800 elements, more than
// CHECK-SAME: the 4,096 registers of an array"]
func.func @image(%x: tensor<40x40x3x!qnn.fixed<8, 8, unsigned>>) -> tensor<40x40x3x!qnn.fixed<8, 8, unsigned>> {
  %relu = qnn.relu %x : tensor<40x40x3x!qnn.fixed<8, 8, unsigned>> -> tensor<40x40x3x!qnn.fixed<8, 8, unsigned>>
  func.return %relu : tensor<40x40x3x!qnn.fixed<8, 8, unsigned>>
}
