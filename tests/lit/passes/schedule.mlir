// RUN: qopt %s -p 'schedule{reuse-factor=3},schedule{layer="fc2" pe=1 strategy=resource}' | qopt | filecheck %s
// RUN: not qopt %s -p 'schedule{layer="fc1" reuse-factor=3}' 2>&1 | filecheck %s --check-prefix=REUSE
// RUN: not qopt %s -p 'schedule{layer="fc1" pe=5}' 2>&1 | filecheck %s --check-prefix=PE
// RUN: not qopt %s -p 'schedule{layer="fc" pe=2}' 2>&1 | filecheck %s --check-prefix=LAYER
// RUN: not qopt %s -p 'schedule{strategy=fast}' 2>&1 | filecheck %s --check-prefix=STRATEGY
// RUN: not qopt %s -p 'schedule{pe=2 reuse-factor=2}' 2>&1 | filecheck %s --check-prefix=BOTH

// All layers: the largest reuse factor of at most 3 that divides their outputs. Then one layer by name.
func.func @two(%x: tensor<3x!qnn.fixed<3, 3, signed>>) -> tensor<2x!qnn.fixed<10, 10, signed>> {
  %k1 = qnn.constant dense<1> : tensor<3x4xi8> as tensor<3x4x!qnn.fixed<2, 2, signed>>
  %k2 = qnn.constant dense<1> : tensor<4x2xi8> as tensor<4x2x!qnn.fixed<2, 2, signed>>
  // CHECK: %fc1_sum = qnn.dense %x, %k1 {product = #qnn.product<multiply>, hls.pe = 2 : i64}
  %fc1_sum = qnn.dense %x, %k1 {product = #qnn.product<multiply>} : tensor<3x!qnn.fixed<3, 3, signed>>, tensor<3x4x!qnn.fixed<2, 2, signed>> -> tensor<4x!qnn.fixed<6, 6, signed>>
  // CHECK: %fc2 = qnn.dense %fc1_sum, %k2 {product = #qnn.product<multiply>, hls.pe = 1 : i64, hls.block_ram}
  %fc2 = qnn.dense %fc1_sum, %k2 {product = #qnn.product<multiply>} : tensor<4x!qnn.fixed<6, 6, signed>>, tensor<4x2x!qnn.fixed<2, 2, signed>> -> tensor<2x!qnn.fixed<10, 10, signed>>
  func.return %fc2 : tensor<2x!qnn.fixed<10, 10, signed>>
}

// REUSE: layer 'fc1': reuse factor 3 does not divide 4 outputs; nearest: 2 and 4
// PE: layer 'fc1': PE 5 does not divide 4 outputs; nearest: 4
// LAYER: layer 'fc' has no products to schedule; those with products are fc1, fc2
// STRATEGY: strategy 'fast' is not one of latency, resource
// BOTH: a schedule has pe or reuse-factor, not both
