// RUN: qopt %s -p lower-to-rtl | filecheck %s
// RUN: qopt %s -p lower-to-rtl,pipeline-registers{levels=1} | filecheck %s --check-prefix=REGISTERS
// RUN: qopt %s -p lower-to-rtl -t verilog | filecheck %s --check-prefix=VERILOG

!u2 = !qnn.fixed<2, 2, unsigned>
!s3 = !qnn.fixed<3, 3, signed>
!s5 = !qnn.fixed<5, 5, signed>
!s4 = !qnn.fixed<4, 4, signed>

// A dense layer with a threshold: the constant of the sum is in the comparison.
func.func @net(%x : tensor<3x!u2>) -> tensor<1x!qnn.binary> {
  %w = qnn.constant dense<[[1], [-1], [2]]> : tensor<3x1xi8> as tensor<3x1x!s3>
  %sum = qnn.dense %x, %w {qnn.layer = "fc"} : tensor<3x!u2>, tensor<3x1x!s3>
      -> tensor<1x!s5>
  %t = qnn.constant dense<[[4]]> : tensor<1x1xi8> as tensor<1x1x!s4>
  %y = qnn.threshold %sum, %t {first = 0 : i64} : tensor<1x!s5>, tensor<1x1x!s4> -> tensor<1x!qnn.binary>
  func.return %y : tensor<1x!qnn.binary>
}

// CHECK:      hw.module @fc(in %x: i6, out y: i1) attributes {rtl.layer = "fc"} {
// CHECK:        comb.add
// CHECK:        comb.icmp uge
// CHECK:      hw.module @net(in %x: i6, out y_out: i1) {
// CHECK-NEXT:   %[[fc:.*]] = hw.instance "fc_{{.*}}" @fc(x: %x: i6) -> (y: i1)
// CHECK-NEXT:   hw.output %[[fc]] : i1

// REGISTERS:      hw.module @fc(in %clk: !seq.clock, in %x: i6,
// REGISTERS-SAME:   out y: i1) attributes {rtl.layer = "fc", rtl.latency = 2 : i64} {
// REGISTERS:        seq.compreg
// REGISTERS:      hw.module @net(in %clk: !seq.clock, in %rst: i1, in %valid_in: i1, in %x: i6, out y_out: i1,
// REGISTERS-SAME:   out valid_out: i1) attributes {rtl.latency = 3 : i64} {

// VERILOG:      module fc (
// VERILOG-NEXT:   input wire [5:0] x,
// VERILOG-NEXT:   output wire y
// VERILOG-NEXT: );
// VERILOG:        assign y = n{{.*}};
// VERILOG-NEXT: endmodule
