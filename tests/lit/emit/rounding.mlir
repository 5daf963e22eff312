// RUN: qopt %s -p quantize-interface,lower-to-loops -t hls --split-input-file | filecheck %s

!s6_4 = !qnn.fixed<6, 4, signed>
!s5 = !qnn.fixed<5, 5, signed>

// Two of six bits are dropped; four is one output step.
func.func @ceil(%x: tensor<2x!s6_4>) -> tensor<2x!s5> {
  %y = qnn.quantize %x {mode = #qnn.round<ceil, saturate>} : tensor<2x!s6_4> -> tensor<2x!s5>
  func.return %y : tensor<2x!s5>
}

// CHECK: // ceil.cpp
// CHECK: out_y[i] = (y_in + ap_uint<2>(3)) >> 2;

// -----

!s6_4 = !qnn.fixed<6, 4, signed>
!s5 = !qnn.fixed<5, 5, signed>

func.func @zero(%x: tensor<2x!s6_4>) -> tensor<2x!s5> {
  %y = qnn.quantize %x {mode = #qnn.round<zero, saturate>} : tensor<2x!s6_4> -> tensor<2x!s5>
  func.return %y : tensor<2x!s5>
}

// CHECK: // zero.cpp
// CHECK: out_y[i] = ap_int<4>((y_in + (y_in < 0 ? ap_uint<2>(3) : ap_uint<2>(0))) >> 2);

// -----

!s6_4 = !qnn.fixed<6, 4, signed>
!s5 = !qnn.fixed<5, 5, signed>

func.func @away(%x: tensor<2x!s6_4>) -> tensor<2x!s5> {
  %y = qnn.quantize %x {mode = #qnn.round<away, saturate>} : tensor<2x!s6_4> -> tensor<2x!s5>
  func.return %y : tensor<2x!s5>
}

// CHECK: // away.cpp
// CHECK: out_y[i] = (y_in + (y_in < 0 ? ap_uint<2>(0) : ap_uint<2>(3))) >> 2;

// -----

!s6_4 = !qnn.fixed<6, 4, signed>
!s5 = !qnn.fixed<5, 5, signed>

func.func @half_zero(%x: tensor<2x!s6_4>) -> tensor<2x!s5> {
  %y = qnn.quantize %x {mode = #qnn.round<half_zero, saturate>} : tensor<2x!s6_4> -> tensor<2x!s5>
  func.return %y : tensor<2x!s5>
}

// CHECK: // half_zero.cpp
// CHECK: out_y[i] = (y_in + ap_uint<1>(1) + ap_uint<1>(y_in < 0)) >> 2;

// -----

!s6_4 = !qnn.fixed<6, 4, signed>
!s3 = !qnn.fixed<3, 3, signed>

// What wraps around is the low bits; as a number of two's complement, where the result is signed.
func.func @wrap(%x: tensor<2x!s6_4>) -> tensor<2x!s3> {
  %y = qnn.quantize %x {mode = #qnn.round<half_up, wrap>} : tensor<2x!s6_4> -> tensor<2x!s3>
  func.return %y : tensor<2x!s3>
}

// CHECK: // wrap.cpp
// CHECK: const ap_int<5> y_rounded = (y_in + ap_uint<2>(2)) >> 2;
// CHECK: out_y[i] = (ap_uint<3>(y_rounded & ap_uint<3>(7)) ^ ap_uint<3>(4)) - ap_uint<3>(4);
