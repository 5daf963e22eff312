// RUN: qopt %s -p 'schedule{reuse-factor=5},schedule{layer="fc2" pe=1 strategy=resource}' | qopt | filecheck %s
// RUN: qopt %s -p 'schedule{layer="fc1" pe=4 simd=1},schedule{layer="fc2" reuse-factor=8}' | filecheck %s \
// RUN:   --check-prefix=SIMD
// RUN: not qopt %s -p 'schedule{layer="fc1" reuse-factor=5}' 2>&1 | filecheck %s --check-prefix=REUSE
// RUN: not qopt %s -p 'schedule{layer="fc1" pe=5}' 2>&1 | filecheck %s --check-prefix=PE
// RUN: not qopt %s -p 'schedule{layer="fc1" simd=2}' 2>&1 | filecheck %s --check-prefix=BOX
// RUN: not qopt %s -p 'schedule{layer="fc" pe=2}' 2>&1 | filecheck %s --check-prefix=LAYER
// RUN: not qopt %s -p 'schedule{strategy=fast}' 2>&1 | filecheck %s --check-prefix=STRATEGY
// RUN: not qopt %s -p 'schedule{pe=2 reuse-factor=2}' 2>&1 | filecheck %s --check-prefix=BOTH
// RUN: not qopt %s -p 'schedule{simd=2 reuse-factor=2}' 2>&1 | filecheck %s --check-prefix=BOTH

!s3 = !qnn.fixed<3, 3, signed>
!s10 = !qnn.fixed<10, 10, signed>
!s2 = !qnn.fixed<2, 2, signed>
!s6 = !qnn.fixed<6, 6, signed>

// All layers: the largest legal reuse factor of at most 5, which folds outputs before products. Then one layer by name.
func.func @two(%x: tensor<3x!s3>) -> tensor<2x!s10> {
  %k1 = qnn.constant dense<1> : tensor<3x4xi8> as tensor<3x4x!s2>
  %k2 = qnn.constant dense<1> : tensor<4x2xi8> as tensor<4x2x!s2>
  // CHECK: %fc1_sum = qnn.dense %x,
  // CHECK-SAME: %k1 {qnn.layer = "fc1", hls.pe = 1 : i64, hls.simd = 3 : i64}
  // SIMD: %fc1_sum = qnn.dense %x,
  // SIMD-SAME: %k1 {qnn.layer = "fc1", hls.pe = 4 : i64, hls.simd = 1 : i64}
  %fc1_sum = qnn.dense %x, %k1 {qnn.layer = "fc1"}
      : tensor<3x!s3>, tensor<3x4x!s2> -> tensor<4x!s6>
  // CHECK: %fc2 = qnn.dense %fc1_sum,
  // CHECK-SAME: %k2 {hls.pe = 1 : i64, hls.simd = 2 : i64, hls.block_ram}
  // SIMD: %fc2 = qnn.dense %fc1_sum, %k2 {hls.pe = 1 : i64, hls.simd = 1 : i64}
  %fc2 = qnn.dense %fc1_sum, %k2 : tensor<4x!s6>, tensor<4x2x!s2> -> tensor<2x!s10>
  func.return %fc2 : tensor<2x!s10>
}

// REUSE: layer 'fc1': reuse factor 5 does not divide 4 outputs of 3 products; nearest: 4 and 6
// PE: layer 'fc1': PE 5 does not divide 4 outputs; nearest: 4
// BOX: layer 'fc1': SIMD 2 does not tile 3 products; nearest: 1 and 3
// LAYER: layer 'fc' has no products to schedule; those with products are fc1, fc2
// STRATEGY: strategy 'fast' is not one of latency, resource
// BOTH: a schedule has a reuse-factor, or pe and simd, not both
