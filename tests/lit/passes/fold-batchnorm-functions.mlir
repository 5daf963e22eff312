// RUN: qopt %s -p fold-batchnorm --verify-each --split-input-file | filecheck %s

// A function that rises: 2x of codes in steps of 1, in steps of 1 saturated to [0, 3], steps at 1, 1 (2x jumps over
// code 1) and 2.
func.func @rises(%x: tensor<2x!qnn.fixed<3, 3, signed>>) -> tensor<2x!qnn.fixed<2, 2, unsigned>> {
  %f = qnn.function %x {function = #qnn.function<leaky_relu, 0.5>} : tensor<2x!qnn.fixed<3, 3, signed>> -> tensor<2xf32>
  %g = qnn.shift %f {by = 1 : i64} : tensor<2xf32> -> tensor<2xf32>
  %y = qnn.quantize %g {mode = #qnn.round<half_even, saturate>} : tensor<2xf32> -> tensor<2x!qnn.fixed<2, 2, unsigned>>
  func.return %y : tensor<2x!qnn.fixed<2, 2, unsigned>>
}

// CHECK-LABEL: @rises
// CHECK-NEXT:    %y_thresholds = qnn.constant dense<{{\[\[}}1, 1, 2]]>
// CHECK-SAME:      : tensor<1x3xi8> as tensor<1x3x!qnn.fixed<2, 2, unsigned>>
// CHECK-NEXT:    %y = qnn.threshold %x, %y_thresholds {first = 0 : i64}

// -----

!s2 = !qnn.fixed<2, 2, signed>
!u3 = !qnn.fixed<3, 3, unsigned>

// A product of a value with itself rises and falls: a table of x * x for the codes -2 to 1.
func.func @bends(%x: tensor<2x!s2>) -> tensor<2x!u3> {
  %f = qnn.function %x {function = #qnn.function<leaky_relu, 1.0>} : tensor<2x!s2> -> tensor<2xf32>
  %g = qnn.mul %f, %x : tensor<2xf32>, tensor<2x!s2> -> tensor<2xf32>
  %y = qnn.quantize %g {mode = #qnn.round<half_even, saturate>} : tensor<2xf32> -> tensor<2x!u3>
  func.return %y : tensor<2x!u3>
}

// CHECK-LABEL: @bends
// CHECK-NEXT:    %y_table = qnn.constant dense<{{\[\[}}4, 1, 0, 1]]>
// CHECK-SAME:      : tensor<1x4xi8> as tensor<1x4x!qnn.fixed<3, 3, unsigned>>
// CHECK-NEXT:    %y = qnn.lookup %x, %y_table {first = -2 : i64}

// -----

!s20_4 = !qnn.fixed<20, 4, signed>

// A quadratic approximation rises on stretches: close to zero its power is not the smallest.
func.func @quadratic(%x: tensor<1x!s20_4>) -> tensor<1x!qnn.po2<-8, 2, signed>> {
  %y = qnn.quantize %x {mode = #qnn.nearest_po2<quadratic, tiny = -4>} : tensor<1x!s20_4>
      -> tensor<1x!qnn.po2<-8, 2, signed>>
  func.return %y : tensor<1x!qnn.po2<-8, 2, signed>>
}

// CHECK:        func.func @quadratic(%x: tensor<1x!qnn.fixed<20, 4, signed>>) -> tensor<1x!qnn.po2<-8, 2, signed>> {
// CHECK-NEXT:     %y_reached_thresholds = qnn.constant dense<{{\[\[}}-131072, -32767, -8192, -2047, -512, 0, 1, 513,
// CHECK-SAME:       2048, 8193, 32768, 131073]]> : tensor<1x12xi32> as tensor<1x12x!qnn.fixed<19, 3, signed>>
// CHECK-NEXT:     %y_reached = qnn.threshold %x,
// CHECK-SAME:       %y_reached_thresholds {first = 0 : i64, uncertified = array<i64: 0, 0, 0, 0, 0, 0, 0, 0, 0, 0>}
// CHECK-SAME:       : tensor<1x!qnn.fixed<20, 4, signed>>, tensor<1x12x!qnn.fixed<19, 3, signed>>
// CHECK-SAME:       -> tensor<1x!qnn.fixed<4, 4, unsigned>>
// CHECK-NEXT:     %y_table = qnn.constant dense<{{\[\[}}21, 17, 13, 9, 5, 1, 8, 0, 4, 8, 12, 16, 20]]>
// CHECK-SAME:       : tensor<1x13xi8> as tensor<1x13x!qnn.po2<-8, 2, signed>>
// CHECK-NEXT:     %y = qnn.lookup %y_reached, %y_table {first = 0 : i64}
// CHECK-SAME:       : tensor<1x!qnn.fixed<4, 4, unsigned>>, tensor<1x13x!qnn.po2<-8, 2, signed>>
// CHECK-SAME:       -> tensor<1x!qnn.po2<-8, 2, signed>>
// CHECK-NEXT:     func.return %y : tensor<1x!qnn.po2<-8, 2, signed>>
// CHECK-NEXT:   }

// -----

// The sign of zero is +1: zeros around a float value are none after its sign.
func.func @sign_of_zeros(%x: tensor<2x!qnn.fixed<3, 3, signed>>) -> tensor<3x!qnn.binary> {
  %f = qnn.function %x {function = #qnn.function<leaky_relu, 0.5>} : tensor<2x!qnn.fixed<3, 3, signed>> -> tensor<2xf32>
  %p = qnn.pad %f {low = array<i64: 1>, high = array<i64: 0>} : tensor<2xf32> -> tensor<3xf32>
  %y = qnn.quantize %p {mode = #qnn.sign} : tensor<3xf32> -> tensor<3x!qnn.binary>
  func.return %y : tensor<3x!qnn.binary>
}

// CHECK-LABEL: @sign_of_zeros
// CHECK:         %y_inside = qnn.threshold %x
// CHECK:         %y_moved = qnn.sub %y_inside, %y_of_zero
// CHECK-NEXT:    %y_padded = qnn.pad %y_moved
// CHECK-NEXT:    %y_back = qnn.add %y_padded, %y_of_zero
// CHECK-NEXT:    %y = qnn.quantize %y_back {mode = #qnn.sign}
