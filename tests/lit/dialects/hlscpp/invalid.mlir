// RUN: qopt %s --split-input-file --verify-diagnostics | filecheck %s

// CHECK: hlscpp.add of !hlscpp.int<8, signed> and !hlscpp.int<8, signed> is !hlscpp.int<9, signed>,
// CHECK-SAME: not !hlscpp.int<8, signed>
hlscpp.func @growth(%x : memref<!hlscpp.int<8, signed>>) {
  %0 = hlscpp.load %x[] : memref<!hlscpp.int<8, signed>>
  %1 = hlscpp.add %0, %0 : (!hlscpp.int<8, signed>, !hlscpp.int<8, signed>) -> !hlscpp.int<8, signed>
}

// -----

// CHECK: hlscpp.rom values from -9 to 1 do not fit !hlscpp.int<4, signed>
hlscpp.func @rom() {
  %w = hlscpp.rom dense<[1, -9]> : tensor<2xi8> as memref<2x!hlscpp.int<4, signed>>
}

// -----

// CHECK: hlscpp.unroll belongs in hlscpp.for, not in hlscpp.func
hlscpp.func @place() {
  hlscpp.unroll
}

// -----

// CHECK: hlscpp.array_partition factor 3 does not divide the size 4
hlscpp.func @factor(%x : memref<4x!hlscpp.int<8, signed>>) {
  hlscpp.array_partition %x kind = cyclic, factor = 3, dim = 1 : memref<4x!hlscpp.int<8, signed>>
}

// -----

// CHECK: hlscpp.for in a dataflow region of declarations, hlscpp.call and pragmas
hlscpp.func @dataflow() {
  hlscpp.dataflow
  hlscpp.for %i = 0 to 2 {
  }
}

// -----

// CHECK: hlscpp.bit index from 0 to 4 is outside of !hlscpp.int<4, signed>
hlscpp.func @counted_bit(%x : memref<!hlscpp.int<4, signed>>, %y : memref<5x!hlscpp.int<1, unsigned>>) {
  %0 = hlscpp.load %x[] : memref<!hlscpp.int<4, signed>>
  hlscpp.for %i = 0 to 5 {
    %1 = hlscpp.bit %0, %i : (!hlscpp.int<4, signed>, index) -> !hlscpp.int<1, unsigned>
    hlscpp.store %1, %y[%i] : memref<5x!hlscpp.int<1, unsigned>>
  }
}
