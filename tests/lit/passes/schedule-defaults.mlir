// RUN: qopt %s -p schedule-defaults --split-input-file | qopt --split-input-file | filecheck %s
// RUN: qopt %s -p 'schedule-defaults{architecture=stream}' --split-input-file | filecheck %s --check-prefix=STREAM
// RUN: not qopt %s -p 'schedule-defaults{architecture=systolic}' --split-input-file 2>&1 | filecheck %s \
// RUN:   --check-prefix=NAME

!u16 = !qnn.fixed<16, 16, unsigned>
!s31 = !qnn.fixed<31, 31, signed>
!s2 = !qnn.fixed<2, 2, signed>

// An output of 8192 products of 16 by 2 bits takes two steps; outputs follow one another. A remark says so.
// CHECK-LABEL: @long
// CHECK-SAME: "layer 'fc': 524,288 bit products per position take 4 steps: at most 131,072 are computed at once"
// STREAM-LABEL: @long
func.func @long(%x: tensor<8192x!u16>) -> tensor<2x!s31> {
  %k = qnn.constant dense<1> : tensor<8192x2xi8> as tensor<8192x2x!s2>
  // CHECK: %fc = qnn.dense {{.*}}hls.simd = 4096 : i64, hls.pe = 1 : i64
  // STREAM: %fc = qnn.dense {{.*}}hls.simd = 4096 : i64, hls.pe = 1 : i64
  %fc = qnn.dense %x, %k : tensor<8192x!u16>, tensor<8192x2x!s2> -> tensor<2x!s31>
  func.return %fc : tensor<2x!s31>
}

// -----

!u16 = !qnn.fixed<16, 16, unsigned>
!s28 = !qnn.fixed<28, 28, signed>
!s2 = !qnn.fixed<2, 2, signed>

// 6 outputs of 32,000 bit products: one after the other needs no mention, at once they are 3 and 3. What is set stays.
// CHECK-LABEL: @wide
// CHECK-NOT: qnn.remarks
// STREAM-LABEL: @wide
// STREAM-SAME: "layer 'fc': 192,000 bit products per position take 2 steps: at most 131,072 are computed at once"]
func.func @wide(%x: tensor<1000x!u16>) -> (tensor<6x!s28>, tensor<6x!s28>) {
  %k = qnn.constant dense<1> : tensor<1000x6xi8> as tensor<1000x6x!s2>
  // CHECK: %fc = qnn.dense %x, %k :
  // STREAM: %fc = qnn.dense {{.*}}hls.pe = 3 : i64
  %fc = qnn.dense %x, %k : tensor<1000x!u16>, tensor<1000x6x!s2> -> tensor<6x!s28>
  // CHECK: %set = qnn.dense {{.*}}hls.pe = 2 : i64
  // STREAM: %set = qnn.dense {{.*}}hls.pe = 2 : i64
  %set = qnn.dense %x, %k {hls.pe = 2 : i64}
      : tensor<1000x!u16>, tensor<1000x6x!s2> -> tensor<6x!s28>
  func.return %fc, %set : tensor<6x!s28>, tensor<6x!s28>
}

// -----

// A popcount is as large as its bits: 256 outputs of 784 are 128 and 128, not one body of 200,704.
// CHECK-LABEL: @bits
// STREAM-LABEL: @bits
func.func @bits(%x: tensor<784x!qnn.binary>) -> tensor<256x!qnn.fixed<10, 10, unsigned>> {
  %k = qnn.constant dense<0> : tensor<256x13xi64> as tensor<256x!qnn.bits<784>>
  %packed = qnn.pack %x : tensor<784x!qnn.binary> -> tensor<!qnn.bits<784>>
  // STREAM: %fc = qnn.popcount_dense {{.*}}hls.pe = 128 : i64
  %fc = qnn.popcount_dense %packed, %k
      : tensor<!qnn.bits<784>>, tensor<256x!qnn.bits<784>> -> tensor<256x!qnn.fixed<10, 10, unsigned>>
  func.return %fc : tensor<256x!qnn.fixed<10, 10, unsigned>>
}

// NAME: architecture 'systolic' is not one of parallel, stream
