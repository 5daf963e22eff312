// RUN: qopt %s --split-input-file -p pipeline-registers{levels=1} | filecheck %s
// RUN: not qopt %s --split-input-file -p pipeline-registers 2>&1 | filecheck %s --check-prefix=NEITHER

// Two additions in a row are two stages: what the second one adds waits in a register, and `valid_in` in as many.
hw.module @net(in %a : i4, in %b : i4, in %c : i4, out y : i4) {
  %sum = comb.add %a, %b : i4
  %y = comb.add %sum, %c : i4
  hw.output %y : i4
}

// CHECK:      hw.module @net(in %clk: !seq.clock, in %rst: i1, in %valid_in: i1, in %a: i4, in %b: i4, in %c: i4,
// CHECK-SAME: out y: i4, out valid_out: i1) attributes {rtl.latency = 2 : i64} {
// CHECK-NEXT:   %[[sum:.*]] = comb.add %a, %b : i4
// CHECK-NEXT:   %[[s:.*]] = seq.compreg %[[sum]], %clk : i4
// CHECK-NEXT:   %[[c:.*]] = seq.compreg %c, %clk : i4
// CHECK-NEXT:   %[[y:.*]] = comb.add %[[s]], %[[c]] : i4
// CHECK-NEXT:   %[[out:.*]] = seq.compreg %[[y]], %clk : i4
// CHECK:        %[[valid:.*]] = seq.compreg %valid_in, %clk reset %rst, %{{.*}} : i1
// CHECK-NEXT:   %[[valid1:.*]] = seq.compreg %[[valid]], %clk reset %rst, %{{.*}} : i1
// CHECK-NEXT:   hw.output %[[out]], %[[valid1]] : i4, i1

// -----

// What is read in the second stage alone takes place there, from an operand that waits anyway.
hw.module @late(in %a : i4, in %b : i4, in %c : i4, out y : i4) {
  %twice = comb.add %c, %c : i4
  %sum = comb.add %a, %b : i4
  %more = comb.add %sum, %c : i4
  %y = comb.add %more, %twice : i4
  hw.output %y : i4
}

// CHECK:      hw.module @late
// CHECK-NEXT:   %[[c:.*]] = seq.compreg %c, %clk : i4
// CHECK-NEXT:   %[[twice:.*]] = comb.add %[[c]], %[[c]] : i4
// CHECK-NEXT:   %[[sum:.*]] = comb.add %a, %b : i4
// CHECK-NEXT:   %[[s:.*]] = seq.compreg %[[sum]], %clk : i4
// CHECK-NEXT:   %[[more:.*]] = comb.add %[[s]], %[[c]] : i4
// CHECK-NEXT:   %[[m:.*]] = seq.compreg %[[more]], %clk : i4
// CHECK-NEXT:   %[[t:.*]] = seq.compreg %[[twice]], %clk : i4
// CHECK-NEXT:   comb.add %[[m]], %[[t]] : i4

// NEITHER: registers are placed by levels of logic or for a clock period in ns: give one of them
