// RUN: qopt %s -p lower-to-rtl{architecture=stream} | filecheck %s
// RUN: qopt %s -p lower-to-rtl{architecture=stream},pipeline-registers{levels=4} \
// RUN:   | filecheck %s --check-prefix=REGISTERS
// RUN: not qopt %s -p lower-to-rtl{architecture=pixels} 2>&1 | filecheck %s --check-prefix=UNKNOWN

!u2 = !qnn.fixed<2, 2, unsigned>
!s2 = !qnn.fixed<2, 2, signed>
!s5 = !qnn.fixed<5, 5, signed>

// Two taps, one beyond the left edge at first: the pixel of this tick and that of the tick before, which is masked in
// the first column. Rows of four pixels follow each other.
func.func @net(%x : tensor<3x4x1x!u2>) -> tensor<3x4x1x!s5> {
  %padded = qnn.pad %x {low = array<i64: 0, 1, 0>, high = array<i64: 0, 0, 0>, qnn.layer = "conv"}
      : tensor<3x4x1x!u2> -> tensor<3x5x1x!u2>
  %w = qnn.constant dense<[[[[1]], [[-2]]]]> : tensor<1x2x1x1xi8> as tensor<1x2x1x1x!s2>
  %y = qnn.conv2d %padded, %w {qnn.layer = "conv"} : tensor<3x5x1x!u2>, tensor<1x2x1x1x!s2> -> tensor<3x4x1x!s5>
  func.return %y : tensor<3x4x1x!s5>
}

// CHECK:      hw.module.extern @delay_2_1(in %{{.*}} tick: i1, in %{{.*}} x: i2, out y: i2)
// CHECK-SAME:   rtl.primitive = {kind = "delay", width = 2 : i64, ticks = 1 : i64}
// CHECK:      hw.module.extern @raster_3_4_4_1(in %{{.*}} tick: i1, in %{{.*}} start: i1, out y: i5)
// CHECK:      hw.module @conv(in %tick: i1, in %padded: i2, in %start: i1, out y: i4)
// CHECK:        %[[before:.*]] = hw.instance "{{.*}}" @delay_2_1(tick: %tick: i1, x: %padded: i2) -> (y: i2)
// CHECK:        %[[at:.*]] = hw.instance "{{.*}}" @raster_3_4_4_1(tick: %tick: i1, start: %start: i1) -> (y: i5)
// CHECK:        comb.mux %{{.*}}, %[[before]], %{{.*}} : i2
// CHECK:      hw.module @net_core(in %tick: i1, in %start: i1, in %x: i2, out y_out: i5, out valid: i1,
// CHECK-SAME:   rtl.stream = {pixels = 12 : i64, results = 12 : i64, interval = 12 : i64, drain = 11 : i64}

// What ticks has a clock; marks wait in registers with a reset.
// REGISTERS:      hw.module.extern @delay_2_1(in %{{.*}} clk: !seq.clock, in %{{.*}} tick: i1,
// REGISTERS:      hw.module.extern @raster_3_4_4_1(in %{{.*}} clk: !seq.clock, in %{{.*}} rst: i1, in
// REGISTERS:      hw.module @net_core(in %clk: !seq.clock, in %rst: i1, in %tick: i1, in %start: i1,
// REGISTERS:        seq.compreg %tick, %clk reset %rst, %{{.*}} : i1

// UNKNOWN: architecture 'pixels' is not one of parallel, stream
