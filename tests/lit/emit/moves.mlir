// RUN: qopt %s -p lower-to-loops -t hls --split-input-file | filecheck %s

!s4_2 = !qnn.fixed<4, 2, signed>
!s4 = !qnn.fixed<4, 4, signed>
!s6_4 = !qnn.fixed<6, 4, signed>

// Loop nests without divisions: repetition has a loop over the copies, concatenation one nest per operand.
// CHECK:      static void repeated(const ap_int<4> in_x[2][3], ap_int<4> out_repeated[4][3]) {
// CHECK:        {{.*}}: for (int i = 0; i < 2; i++) {
// CHECK-NEXT:     {{.*}}: for (int i_copy = 0; i_copy < 2; i_copy++) {
// CHECK-NEXT:       {{.*}}: for (int c = 0; c < 3; c++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1
// CHECK-NEXT:         out_repeated[i * 2 + i_copy][c] = in_x[i][c];
// CHECK:      static void joined(
// CHECK:          out_joined[i][c] = in_repeated[i][c];
// The second operand has four times the step.
// CHECK:          out_joined[i + 4][c] = ap_int<6>(in_y[i][c]) << 2;
func.func @repeat_concat(%x: tensor<2x3x!s4_2>, %y: tensor<2x3x!s4>) -> tensor<6x3x!s6_4> {
  %repeated = qnn.repeat %x {repeats = array<i64: 2, 1>} : tensor<2x3x!s4_2> -> tensor<4x3x!s4_2>
  %joined = qnn.concat %repeated, %y {axis = 0 : i64} : tensor<4x3x!s4_2>, tensor<2x3x!s4> -> tensor<6x3x!s6_4>
  func.return %joined : tensor<6x3x!s6_4>
}

// -----

!s4_2 = !qnn.fixed<4, 2, signed>

// CHECK:      static void dilated(
// CHECK:          out_dilated[i][c] = 0;
// CHECK:          out_dilated[i * 2][c] = in_x[i][c];
// CHECK:      static void part(
// CHECK:          out_part[i][c] = in_dilated[i][c + 1];
// CHECK:      static void swapped(
// CHECK:          out_swapped[i][c] = in_part[c][i];
func.func @dilate_slice_transpose(%x: tensor<2x3x!s4_2>) -> tensor<2x3x!s4_2> {
  %dilated = qnn.dilate %x {steps = array<i64: 2, 1>} : tensor<2x3x!s4_2> -> tensor<3x3x!s4_2>
  %part = qnn.slice %dilated {offsets = array<i64: 0, 1>, sizes = array<i64: 3, 2>} : tensor<3x3x!s4_2>
      -> tensor<3x2x!s4_2>
  %swapped = qnn.transpose %part {permutation = array<i64: 1, 0>} : tensor<3x2x!s4_2> -> tensor<2x3x!s4_2>
  func.return %swapped : tensor<2x3x!s4_2>
}
