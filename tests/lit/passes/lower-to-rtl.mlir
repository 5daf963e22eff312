// RUN: qopt %s -p lower-to-rtl | filecheck %s

// x0 - x1 of 3 bits each takes 4 bits. The arrays are words, the first element lowest; the top module extends the result
// to the bits of its type.

!s2 = !qnn.fixed<2, 2, signed>
!s3 = !qnn.fixed<3, 3, signed>
!s5 = !qnn.fixed<5, 5, signed>

func.func @net(%x: tensor<2x!s3>) -> tensor<1x!s5> {
  %w = qnn.constant dense<[[1], [-1]]> : tensor<2x1xi8> as tensor<2x1x!s2>
  %fc = qnn.dense %x, %w {product = #qnn.product<multiply>} : tensor<2x!s3>, tensor<2x1x!s2> -> tensor<1x!s5>
  func.return %fc : tensor<1x!s5>
}

// CHECK:      hw.module @fc(in %x: i6, out fc: i4) attributes {rtl.layer = "fc"} {
// CHECK-NEXT:   %0 = comb.extract %x from 0 : (i6) -> i3
// CHECK-NEXT:   %1 = comb.extract %x from 3 : (i6) -> i3
// CHECK:        %6 = comb.sub %3, %5 : i4
// CHECK-NEXT:   hw.output %6 : i4
// CHECK-NEXT: }
// CHECK-NEXT: hw.module @net(in %x: i6, out fc_out: i5) {
// CHECK-NEXT:   %0 = hw.instance "fc_3" @fc(x: %x: i6) -> (fc: i4)
// CHECK:        hw.output %3 : i5
