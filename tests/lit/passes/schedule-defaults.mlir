// RUN: qopt %s -p schedule-defaults --split-input-file | qopt --split-input-file | filecheck %s
// RUN: qopt %s -p 'schedule-defaults{architecture=stream}' --split-input-file | filecheck %s --check-prefix=STREAM
// RUN: not qopt %s -p 'schedule-defaults{architecture=systolic}' --split-input-file 2>&1 | filecheck %s \
// RUN:   --check-prefix=NAME

!u1 = !qnn.fixed<1, 1, unsigned>
!s15 = !qnn.fixed<15, 15, signed>
!s2 = !qnn.fixed<2, 2, signed>

// An output of 8192 products takes two steps, one output after the other; a pixel has as many at once as 4096 allow.
// CHECK-LABEL: @long
// STREAM-LABEL: @long
func.func @long(%x: tensor<8192x!u1>) -> tensor<2x!s15> {
  %k = qnn.constant dense<1> : tensor<8192x2xi8> as tensor<8192x2x!s2>
  // CHECK: %fc = qnn.dense {{.*}}hls.simd = 4096 : i64, hls.pe = 1 : i64
  // STREAM: %fc = qnn.dense {{.*}}hls.simd = 4096 : i64, hls.pe = 1 : i64
  %fc = qnn.dense %x, %k {product = #qnn.product<multiply>} : tensor<8192x!u1>, tensor<8192x2x!s2> -> tensor<2x!s15>
  func.return %fc : tensor<2x!s15>
}

// -----

!u1 = !qnn.fixed<1, 1, unsigned>
!s12 = !qnn.fixed<12, 12, signed>
!s2 = !qnn.fixed<2, 2, signed>

// 6 outputs of 1000 products: one after the other needs no mention, at once they are 3 and 3. What is set stays.
// CHECK-LABEL: @wide
// STREAM-LABEL: @wide
func.func @wide(%x: tensor<1000x!u1>) -> (tensor<6x!s12>, tensor<6x!s12>) {
  %k = qnn.constant dense<1> : tensor<1000x6xi8> as tensor<1000x6x!s2>
  // CHECK: %fc = qnn.dense %x, %k {product = #qnn.product<multiply>} :
  // STREAM: %fc = qnn.dense {{.*}}hls.pe = 3 : i64
  %fc = qnn.dense %x, %k {product = #qnn.product<multiply>} : tensor<1000x!u1>, tensor<1000x6x!s2> -> tensor<6x!s12>
  // CHECK: %set = qnn.dense {{.*}}hls.pe = 2 : i64
  // STREAM: %set = qnn.dense {{.*}}hls.pe = 2 : i64
  %set = qnn.dense %x, %k {product = #qnn.product<multiply>, hls.pe = 2 : i64}
      : tensor<1000x!u1>, tensor<1000x6x!s2> -> tensor<6x!s12>
  func.return %fc, %set : tensor<6x!s12>, tensor<6x!s12>
}

// NAME: architecture 'systolic' is not one of parallel, stream
