// RUN: qopt %s -p 'pipeline-registers{levels=1}' | filecheck %s
// RUN: not qopt %s -p pipeline-registers 2>&1 | filecheck %s --check-prefix=NEITHER

// Two additions, one after the other: the second one works a cycle later, and %c waits for it in a register.
hw.module @net(in %a: i8, in %b: i8, in %c: i8, out y: i8) {
  %0 = comb.add %a, %b : i8
  %1 = comb.add %0, %c : i8
  hw.output %1 : i8
}

// CHECK:      hw.module @net(in %clk: !seq.clock, in %rst: i1, in %valid_in: i1, in %a: i8, in %b: i8, in %c: i8,
// CHECK-SAME:   out y: i8, out valid_out: i1) attributes {rtl.latency = 2 : i64} {
// CHECK-NEXT:   %0 = comb.add %a, %b : i8
// CHECK-NEXT:   %1 = seq.compreg %0, %clk : i8
// CHECK-NEXT:   %2 = seq.compreg %c, %clk : i8
// CHECK-NEXT:   %3 = comb.add %1, %2 : i8
// CHECK-NEXT:   %4 = seq.compreg %3, %clk : i8
// CHECK-NEXT:   %5 = hw.constant false
// CHECK-NEXT:   %6 = seq.compreg %valid_in, %clk reset %rst, %5 : i1
// CHECK-NEXT:   %7 = seq.compreg %6, %clk reset %rst, %5 : i1
// CHECK-NEXT:   hw.output %4, %7 : i8, i1
// CHECK-NEXT: }

// NEITHER: registers are placed by levels of logic or for a clock period in ns: give one of them
