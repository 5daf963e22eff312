// RUN: qopt %s -p 'lower-to-loops{architecture=stream}' -t hls | filecheck %s

// Every other row has no result: its pixels go into the line buffer, one in a step, not one in as many as outputs take.
!s3 = !qnn.fixed<3, 3, signed>
func.func @strided(%x: tensor<9x32x1x!s3>) -> tensor<4x15x4x!qnn.fixed<8, 8, signed>> {
  %kernel = qnn.constant dense<1> : tensor<3x3x1x4xi8> as tensor<3x3x1x4x!s3>
  %conv = qnn.conv2d %x, %kernel {strides = array<i64: 2, 2>, hls.pe = 1 : i64}
    : tensor<9x32x1x!s3>, tensor<3x3x1x4x!s3> -> tensor<4x15x4x!qnn.fixed<8, 8, signed>>
  func.return %conv : tensor<4x15x4x!qnn.fixed<8, 8, signed>>
}

// CHECK:          COLUMN: for (int column = 0; column < 32; column++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1 style=flp
// CHECK-NEXT: #pragma HLS DEPENDENCE variable=x_lines type=inter direction=raw distance=32 dependent=true
// CHECK-NEXT:         const beat_s3x1 next = in_x.read();
// CHECK:          ROW: for (int row = 0; row < 4; row++) {
// CHECK-NEXT:         COLUMN_1: for (int column = 0; column < 32; column++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1 style=flp
// CHECK-NEXT: #pragma HLS DEPENDENCE variable=x_lines type=inter direction=raw distance=32 dependent=true
// CHECK-NEXT:             const beat_s3x1 next = in_x.read();
// CHECK:              COLUMN_2: for (int column = -1; column < 16; column++) {
// CHECK-NEXT:             GROUP: for (int group = -1; group < 4; group++) {
// CHECK-NEXT: #pragma HLS PIPELINE II=1 style=flp
// CHECK-NEXT: #pragma HLS DEPENDENCE variable=x_lines type=inter direction=raw distance=85 dependent=true
// CHECK-NEXT:                 if (group < 1) {
// CHECK:                      if (column >= 0 && column < 15 && group >= 0) {
