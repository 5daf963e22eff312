// RUN: qopt %s -p quantize-interface,lower-to-loops -t hls --split-input-file | filecheck %s

!s140_10 = !qnn.fixed<140, 10, signed>
!s9 = !qnn.fixed<9, 9, signed>

// Constants beyond 64 bits are words side by side, or one that is shifted.
func.func @wide(%x: tensor<2x!s140_10>) -> tensor<2x!s9> {
  %y = qnn.quantize %x {mode = #qnn.round<half_away, saturate>} : tensor<2x!s140_10> -> tensor<2x!s9>
  func.return %y : tensor<2x!s9>
}

// CHECK-NOT:  AP_INT_MAX_W
// CHECK:      static void y(const ap_int<140> in_x[2], ap_int<9> out_y[2]) {
// CHECK:              const ap_int<140> y_in = in_x[i];
// CHECK-NEXT:         const ap_int<11> y_rounded = (y_in + (ap_uint<130>(1) << 129) - ap_uint<1>(y_in < 0)) >> 130;

// -----

!s140_10 = !qnn.fixed<140, 10, signed>
!s11 = !qnn.fixed<11, 11, signed>

func.func @even(%x: tensor<2x!s140_10>) -> tensor<2x!s11> {
  %y = qnn.quantize %x {mode = #qnn.round<half_even, saturate>} : tensor<2x!s140_10> -> tensor<2x!s11>
  func.return %y : tensor<2x!s11>
}

// CHECK:      static void y(const ap_int<140> in_x[2], ap_int<11> out_y[2]) {
// CHECK:              out_y[i] =
// CHECK-NEXT:                 (y_in
// CHECK-NEXT:                         + ap_uint<1>(y_in[130])
// CHECK-NEXT:                         + (ap_uint<129>(1) << 128
// CHECK-NEXT:                                 | ap_uint<129>(0xffffffffffffffffULL) << 64
// CHECK-NEXT:                                 | ap_uint<64>(0xffffffffffffffffULL)))
// CHECK-NEXT:                 >> 130;

// -----

!s600_10 = !qnn.fixed<600, 10, signed>
!s1200_20 = !qnn.fixed<1200, 20, signed>

// The vendor's header takes more than 1024 bits only if told before.
func.func @widest(%x: tensor<2x!s600_10>) -> tensor<2x!s1200_20> {
  %y = qnn.mul %x, %x : tensor<2x!s600_10>, tensor<2x!s600_10> -> tensor<2x!s1200_20>
  func.return %y : tensor<2x!s1200_20>
}

// CHECK:      #define AP_INT_MAX_W 2048
// CHECK-NEXT: #include "ap_int.h"
