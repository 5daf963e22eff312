// RUN: qopt %s -t hls --split-input-file | filecheck %s

// Two of six bits are dropped; four is one output step.
func.func @ceil(%x: tensor<2x!qnn.fixed<6, 4, signed>>) -> tensor<2x!qnn.fixed<5, 5, signed>> {
  %y = qnn.quantize %x {mode = #qnn.round<ceil, saturate>} : tensor<2x!qnn.fixed<6, 4, signed>> -> tensor<2x!qnn.fixed<5, 5, signed>>
  func.return %y : tensor<2x!qnn.fixed<5, 5, signed>>
}

// CHECK: // ceil.cpp
// CHECK: out_y[i] = (y_in + ap_uint<2>(3)) >> 2;

// -----

func.func @zero(%x: tensor<2x!qnn.fixed<6, 4, signed>>) -> tensor<2x!qnn.fixed<5, 5, signed>> {
  %y = qnn.quantize %x {mode = #qnn.round<zero, saturate>} : tensor<2x!qnn.fixed<6, 4, signed>> -> tensor<2x!qnn.fixed<5, 5, signed>>
  func.return %y : tensor<2x!qnn.fixed<5, 5, signed>>
}

// CHECK: // zero.cpp
// CHECK: out_y[i] = ap_int<4>((y_in + (y_in < 0 ? ap_uint<2>(3) : ap_uint<2>(0))) >> 2);

// -----

func.func @away(%x: tensor<2x!qnn.fixed<6, 4, signed>>) -> tensor<2x!qnn.fixed<5, 5, signed>> {
  %y = qnn.quantize %x {mode = #qnn.round<away, saturate>} : tensor<2x!qnn.fixed<6, 4, signed>> -> tensor<2x!qnn.fixed<5, 5, signed>>
  func.return %y : tensor<2x!qnn.fixed<5, 5, signed>>
}

// CHECK: // away.cpp
// CHECK: out_y[i] = (y_in + (y_in < 0 ? ap_uint<2>(0) : ap_uint<2>(3))) >> 2;

// -----

func.func @half_zero(%x: tensor<2x!qnn.fixed<6, 4, signed>>) -> tensor<2x!qnn.fixed<5, 5, signed>> {
  %y = qnn.quantize %x {mode = #qnn.round<half_zero, saturate>} : tensor<2x!qnn.fixed<6, 4, signed>> -> tensor<2x!qnn.fixed<5, 5, signed>>
  func.return %y : tensor<2x!qnn.fixed<5, 5, signed>>
}

// CHECK: // half_zero.cpp
// CHECK: out_y[i] = (y_in + ap_uint<1>(1) + ap_uint<1>(y_in < 0)) >> 2;
