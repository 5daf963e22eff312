// RUN: qopt %s --split-input-file --print-op-generic | qopt --split-input-file | qopt --split-input-file | filecheck %s
// RUN: qopt %s --print-op-generic --split-input-file | filecheck %s --check-prefix=GENERIC

!s8_3 = !qnn.fixed<8, 3, signed>

// GENERIC: "qnn.quantize"(%x) <{mode = #qnn.round<half_even, saturate>}> : (tensor<4xf32>)
// GENERIC-SAME: -> tensor<4x!qnn.fixed<4, 2, unsigned>>
// CHECK:      func.func @quantize(%x: tensor<4xf32>, %y: tensor<4x!qnn.fixed<8, 3, signed>>, %f: tensor<4xf32>) {
func.func @quantize(%x: tensor<4xf32>, %y: tensor<4x!s8_3>, %f: tensor<4xf32>) {
  // CHECK-NEXT: %a = qnn.quantize %x {mode = #qnn.round<half_even, saturate>} : tensor<4xf32>
  // CHECK-SAME: -> tensor<4x!qnn.fixed<4, 2, unsigned>>
  %a = qnn.quantize %x {mode = #qnn.round<half_even, saturate>} : tensor<4xf32> -> tensor<4x!qnn.fixed<4, 2, unsigned>>
  // CHECK-NEXT: %b = qnn.quantize %y {mode = #qnn.round<half_away, saturate_symmetric>}
  // CHECK-SAME: : tensor<4x!qnn.fixed<8, 3, signed>> -> tensor<4x!qnn.fixed<4, 2, signed>>
  %b = qnn.quantize %y {mode = #qnn.round<half_away, saturate_symmetric>} : tensor<4x!s8_3>
      -> tensor<4x!qnn.fixed<4, 2, signed>>
  // CHECK-NEXT: %c = qnn.quantize %y {mode = #qnn.round<floor, saturate>} : tensor<4x!qnn.fixed<8, 3, signed>>
  // CHECK-SAME: -> tensor<4x!qnn.fixed<3, -2, signed>>
  %c = qnn.quantize %y {mode = #qnn.round<floor, saturate>} : tensor<4x!s8_3> -> tensor<4x!qnn.fixed<3, -2, signed>>
  // CHECK-NEXT: %d = qnn.quantize %x {mode = #qnn.sign} : tensor<4xf32> -> tensor<4x!qnn.binary>
  %d = qnn.quantize %x {mode = #qnn.sign} : tensor<4xf32> -> tensor<4x!qnn.binary>
  // CHECK-NEXT: %e = qnn.quantize %x {mode = #qnn.dead_zone<0.33000001311302185>} : tensor<4xf32>
  // CHECK-SAME: -> tensor<4x!qnn.ternary>
  %e = qnn.quantize %x {mode = #qnn.dead_zone<0.33000001311302185>} : tensor<4xf32> -> tensor<4x!qnn.ternary>
  // CHECK-NEXT: %f1 = qnn.quantize %x {mode = #qnn.nearest_po2} : tensor<4xf32> -> tensor<4x!qnn.po2<-4, 3, signed>>
  %f1 = qnn.quantize %x {mode = #qnn.nearest_po2} : tensor<4xf32> -> tensor<4x!qnn.po2<-4, 3, signed>>
  // CHECK-NEXT: %g = qnn.quantize %y {mode = #qnn.nearest_po2<ceiling = 4.0, floor>}
  // CHECK-SAME: : tensor<4x!qnn.fixed<8, 3, signed>> -> tensor<4x!qnn.po2<-4, 2, unsigned>>
  %g = qnn.quantize %y {mode = #qnn.nearest_po2<ceiling = 4.0, floor>} : tensor<4x!s8_3>
      -> tensor<4x!qnn.po2<-4, 2, unsigned>>
  // CHECK-NEXT: %h = qnn.quantize %x {mode = #qnn.nearest_po2<quadratic, tiny = -8>} : tensor<4xf32>
  // CHECK-SAME: -> tensor<4x!qnn.po2<-8, 2, signed>>
  %h = qnn.quantize %x {mode = #qnn.nearest_po2<quadratic, tiny = -8>} : tensor<4xf32>
      -> tensor<4x!qnn.po2<-8, 2, signed>>
  // CHECK-NEXT: %h1 = qnn.quantize %f {mode = #qnn.nearest_po2<ceiling = 4.0, floor, quadratic, tiny = -4>}
  // CHECK-SAME: : tensor<4xf32> -> tensor<4x!qnn.po2<-8, 6, signed>>
  %h1 = qnn.quantize %f {mode = #qnn.nearest_po2<ceiling = 4.0, floor, quadratic, tiny = -4>} : tensor<4xf32>
      -> tensor<4x!qnn.po2<-8, 6, signed>>
  // CHECK-NEXT: %i = qnn.quantize %f {mode = #qnn.sign} : tensor<4xf32> -> tensor<4x!qnn.fixed<1, 1, unsigned>>
  %i = qnn.quantize %f {mode = #qnn.sign} : tensor<4xf32> -> tensor<4x!qnn.fixed<1, 1, unsigned>>
  // CHECK-NEXT: %j = qnn.quantize %y {mode = #qnn.round<half_up, wrap>} : tensor<4x!qnn.fixed<8, 3, signed>>
  // CHECK-SAME: -> tensor<4x!qnn.fixed<3, 1, signed>>
  %j = qnn.quantize %y {mode = #qnn.round<half_up, wrap>} : tensor<4x!s8_3> -> tensor<4x!qnn.fixed<3, 1, signed>>
  // CHECK-NEXT: %k = qnn.quantize %y {mode = #qnn.round_each<floor, wrap,
  // CHECK-SAME: steps = dense<[-2, 0, -1, 1]> : tensor<4xi16>,
  // CHECK-SAME: widths = dense<[3, 0, 1, 2]> : tensor<4xi16>, signs = dense<[1, 0, 0, 1]> : tensor<4xi16>>}
  // CHECK-SAME: : tensor<4x!qnn.fixed<8, 3, signed>> -> tensor<4x!qnn.fixed<5, 3, signed>>
  %k = qnn.quantize %y {mode = #qnn.round_each<floor, wrap, steps = dense<[-2, 0, -1, 1]> : tensor<4xi16>,
      widths = dense<[3, 0, 1, 2]> : tensor<4xi16>, signs = dense<[1, 0, 0, 1]> : tensor<4xi16>>}
      : tensor<4x!s8_3> -> tensor<4x!qnn.fixed<5, 3, signed>>
  // CHECK-NEXT: func.return
  func.return
}
