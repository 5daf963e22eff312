// RUN: qopt %s | qopt | filecheck %s
// RUN: qopt %s --print-op-generic | qopt | filecheck %s

!x4 = tensor<4x!qnn.fixed<8, 3, signed>>

// CHECK:      func.func @bounds
func.func @bounds(%x: !x4, %f: tensor<4xf32>) -> () {
  %c = qnn.constant dense<[3]> : tensor<1xi8> as tensor<1x!qnn.fixed<3, 2, signed>>
  // CHECK: %a = qnn.maximum %x, %c : tensor<4x!qnn.fixed<8, 3, signed>>, tensor<1x!qnn.fixed<3, 2, signed>> -> tensor<4x!qnn.fixed<8, 3, signed>>
  %a = qnn.maximum %x, %c : !x4, tensor<1x!qnn.fixed<3, 2, signed>> -> !x4
  // CHECK-NEXT: %b = qnn.minimum %f, %c : tensor<4xf32>, tensor<1x!qnn.fixed<3, 2, signed>> -> tensor<4xf32>
  %b = qnn.minimum %f, %c : tensor<4xf32>, tensor<1x!qnn.fixed<3, 2, signed>> -> tensor<4xf32>
  // CHECK-NEXT: %d = qnn.leaky_relu %x {slope_exponent = -2 : i64} : tensor<4x!qnn.fixed<8, 3, signed>> -> tensor<4x!qnn.fixed<10, 3, signed>>
  %d = qnn.leaky_relu %x {slope_exponent = -2 : i64} : !x4 -> tensor<4x!qnn.fixed<10, 3, signed>>
  // CHECK-NEXT: %e = qnn.function %x {function = #qnn.function<tanh>} : tensor<4x!qnn.fixed<8, 3, signed>> -> tensor<4xf32>
  %e = qnn.function %x {function = #qnn.function<tanh>} : !x4 -> tensor<4xf32>
  // CHECK-NEXT: %g = qnn.function %f {function = #qnn.function<thresholded_relu, 0.0, 1.5, inf>} : tensor<4xf32> -> tensor<4xf32>
  %g = qnn.function %f {function = #qnn.function<thresholded_relu, 0.0, 1.5, inf>} : tensor<4xf32> -> tensor<4xf32>
  // CHECK-NEXT: %h = qnn.quantize %f {mode = #qnn.nearest_po2<ceiling = 4.0, floor, quadratic, tiny = -4>} : tensor<4xf32> -> tensor<4x!qnn.po2<-8, 6, signed>>
  %h = qnn.quantize %f {mode = #qnn.nearest_po2<ceiling = 4.0, floor, quadratic, tiny = -4>} : tensor<4xf32> -> tensor<4x!qnn.po2<-8, 6, signed>>
  // CHECK-NEXT: %i = qnn.quantize %f {mode = #qnn.sign} : tensor<4xf32> -> tensor<4x!qnn.fixed<1, 1, unsigned>>
  %i = qnn.quantize %f {mode = #qnn.sign} : tensor<4xf32> -> tensor<4x!qnn.fixed<1, 1, unsigned>>
  func.return
}

// CHECK:      func.func @lookup
func.func @lookup(%x: tensor<4x!qnn.fixed<2, 2, signed>>) -> () {
  %t = qnn.constant dense<[[1, 2, 1, 0]]> : tensor<1x4xi8> as tensor<1x4x!qnn.fixed<2, 2, unsigned>>
  // CHECK: %y = qnn.lookup %x, %t {first = -2 : i64, uncertified = array<i64: 0>} : tensor<4x!qnn.fixed<2, 2, signed>>, tensor<1x4x!qnn.fixed<2, 2, unsigned>> -> tensor<4x!qnn.fixed<2, 2, unsigned>>
  %y = qnn.lookup %x, %t {first = -2 : i64, uncertified = array<i64: 0>} : tensor<4x!qnn.fixed<2, 2, signed>>, tensor<1x4x!qnn.fixed<2, 2, unsigned>> -> tensor<4x!qnn.fixed<2, 2, unsigned>>
  func.return
}
