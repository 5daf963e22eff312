// RUN: qopt %s | qopt | filecheck %s
// RUN: qopt %s --print-op-generic | qopt | filecheck %s

!s4 = !hlscpp.int<4, signed>
!s8 = !hlscpp.int<8, signed>
!u5 = !hlscpp.int<5, unsigned>
!bit = !hlscpp.int<1, unsigned>

// CHECK:      hlscpp.func @expressions(%a: memref<!hlscpp.int<8, signed>>, %b: memref<!hlscpp.int<5, unsigned>>,
// CHECK-SAME:   %y: memref<!hlscpp.int<8, signed>>) {
hlscpp.func @expressions(%a : memref<!s8>, %b : memref<!u5>, %y : memref<!s8>) {
  // CHECK-NEXT: %0 = hlscpp.load %a[] : memref<!hlscpp.int<8, signed>>
  %0 = hlscpp.load %a[] : memref<!s8>
  // CHECK-NEXT: %1 = hlscpp.load %b[] : memref<!hlscpp.int<5, unsigned>>
  %1 = hlscpp.load %b[] : memref<!u5>
  // CHECK-NEXT: %2 = hlscpp.constant -3 : !hlscpp.int<4, signed>
  %2 = hlscpp.constant -3 : !s4
  // CHECK-NEXT: %3 = hlscpp.constant 2 : index
  %3 = hlscpp.constant 2 : index
  // CHECK-NEXT: %4 = hlscpp.add %0, %1 : (!hlscpp.int<8, signed>, !hlscpp.int<5, unsigned>) -> !hlscpp.int<9, signed>
  %4 = hlscpp.add %0, %1 : (!s8, !u5) -> !hlscpp.int<9, signed>
  // CHECK-NEXT: %5 = hlscpp.sub %1, %1 : (!hlscpp.int<5, unsigned>, !hlscpp.int<5, unsigned>) -> !hlscpp.int<6, signed>
  %5 = hlscpp.sub %1, %1 : (!u5, !u5) -> !hlscpp.int<6, signed>
  // CHECK-NEXT: %6 = hlscpp.mul %0, %2 : (!hlscpp.int<8, signed>, !hlscpp.int<4, signed>) -> !hlscpp.int<12, signed>
  %6 = hlscpp.mul %0, %2 : (!s8, !s4) -> !hlscpp.int<12, signed>
  // CHECK-NEXT: %7 = hlscpp.add %3, %3 : (index, index) -> index
  %7 = hlscpp.add %3, %3 : (index, index) -> index
  // CHECK-NEXT: %8 = hlscpp.neg %1 : (!hlscpp.int<5, unsigned>) -> !hlscpp.int<6, signed>
  %8 = hlscpp.neg %1 : (!u5) -> !hlscpp.int<6, signed>
  // CHECK-NEXT: %9 = hlscpp.not %1 : (!hlscpp.int<5, unsigned>) -> !hlscpp.int<5, unsigned>
  %9 = hlscpp.not %1 : (!u5) -> !u5
  // CHECK-NEXT: %10 = hlscpp.and %0, %1 : (!hlscpp.int<8, signed>, !hlscpp.int<5, unsigned>) -> !hlscpp.int<8, signed>
  %10 = hlscpp.and %0, %1 : (!s8, !u5) -> !s8
  // CHECK-NEXT: %11 = hlscpp.or %1, %2 : (!hlscpp.int<5, unsigned>, !hlscpp.int<4, signed>) -> !hlscpp.int<6, signed>
  %11 = hlscpp.or %1, %2 : (!u5, !s4) -> !hlscpp.int<6, signed>
  // CHECK-NEXT: %12 = hlscpp.xor %1, %1 : (!hlscpp.int<5, unsigned>, !hlscpp.int<5, unsigned>)
  // CHECK-SAME:   -> !hlscpp.int<5, unsigned>
  %12 = hlscpp.xor %1, %1 : (!u5, !u5) -> !u5
  // CHECK-NEXT: %13 = hlscpp.shl %0, %3 : (!hlscpp.int<8, signed>, index) -> !hlscpp.int<8, signed>
  %13 = hlscpp.shl %0, %3 : (!s8, index) -> !s8
  // CHECK-NEXT: %14 = hlscpp.shr %0, %1 : (!hlscpp.int<8, signed>, !hlscpp.int<5, unsigned>) -> !hlscpp.int<8, signed>
  %14 = hlscpp.shr %0, %1 : (!s8, !u5) -> !s8
  // CHECK-NEXT: %15 = hlscpp.cmp lt %0, %1 : (!hlscpp.int<8, signed>, !hlscpp.int<5, unsigned>)
  // CHECK-SAME:   -> !hlscpp.int<1, unsigned>
  %15 = hlscpp.cmp lt %0, %1 : (!s8, !u5) -> !bit
  // CHECK-NEXT: %16 = hlscpp.select %15, %0, %13
  // CHECK-SAME:   : (!hlscpp.int<1, unsigned>, !hlscpp.int<8, signed>, !hlscpp.int<8, signed>)
  // CHECK-SAME:   -> !hlscpp.int<8, signed>
  %16 = hlscpp.select %15, %0, %13 : (!bit, !s8, !s8) -> !s8
  // CHECK-NEXT: %17 = hlscpp.popcount %1 : (!hlscpp.int<5, unsigned>) -> !hlscpp.int<3, unsigned>
  %17 = hlscpp.popcount %1 : (!u5) -> !hlscpp.int<3, unsigned>
  // CHECK-NEXT: %18 = hlscpp.cast %17 : (!hlscpp.int<3, unsigned>) -> !hlscpp.int<8, signed>
  %18 = hlscpp.cast %17 : (!hlscpp.int<3, unsigned>) -> !s8
  // CHECK-NEXT: %19 = hlscpp.bit %1, %3 : (!hlscpp.int<5, unsigned>, index) -> !hlscpp.int<1, unsigned>
  %19 = hlscpp.bit %1, %3 : (!u5, index) -> !bit
  // CHECK-NEXT: %20 = hlscpp.count %19, %19, %19
  // CHECK-SAME:   : (!hlscpp.int<1, unsigned>, !hlscpp.int<1, unsigned>, !hlscpp.int<1, unsigned>)
  // CHECK-SAME:   -> !hlscpp.int<2, unsigned>
  %20 = hlscpp.count %19, %19, %19 : (!bit, !bit, !bit) -> !hlscpp.int<2, unsigned>
  // CHECK-NEXT: hlscpp.if %19 {
  hlscpp.if %19 {
    // CHECK-NEXT: hlscpp.store %18, %y[] : memref<!hlscpp.int<8, signed>>
    hlscpp.store %18, %y[] : memref<!s8>
  }
}

// CHECK:      hlscpp.func @dense(%x: memref<4x!hlscpp.int<8, signed>>,
// CHECK-SAME:   %y: memref<2x!hlscpp.int<8, signed>>) comment "one \22layer\22" {
hlscpp.func @dense(%x : memref<4x!s8>, %y : memref<2x!s8>) comment "one \22layer\22" {
  // CHECK-NEXT: hlscpp.inline off
  hlscpp.inline off
  // CHECK-NEXT: %w = hlscpp.rom dense<{{\[\[}}1, -2, 3, 4], [-1, 2, -3, 0]]>
  // CHECK-SAME:   : tensor<2x4xi8> as memref<2x4x!hlscpp.int<4, signed>>
  %w = hlscpp.rom dense<[[1, -2, 3, 4], [-1, 2, -3, 0]]> : tensor<2x4xi8> as memref<2x4x!s4>
  // CHECK-NEXT: hlscpp.array_partition %w kind = cyclic, factor = 2, dim = 2 : memref<2x4x!hlscpp.int<4, signed>>
  hlscpp.array_partition %w dim = 2, kind = cyclic, factor = 2 : memref<2x4x!s4>
  // CHECK-NEXT: hlscpp.array_reshape %w kind = complete, dim = 1 : memref<2x4x!hlscpp.int<4, signed>>
  hlscpp.array_reshape %w kind = complete, dim = 1 : memref<2x4x!s4>
  // CHECK-NEXT: hlscpp.bind_storage %w type = rom_1p, impl = lutram : memref<2x4x!hlscpp.int<4, signed>>
  hlscpp.bind_storage %w type = rom_1p, impl = lutram : memref<2x4x!s4>
  // CHECK-NEXT: hlscpp.for %j = 0 to 2 label "OUT" {
  hlscpp.for %j = 0 to 2 label "OUT" {
    // CHECK-NEXT: hlscpp.loop_flatten off
    hlscpp.loop_flatten off
    // CHECK-NEXT: hlscpp.for %i = -1 to 3 {
    hlscpp.for %i = -1 to 3 {
      // CHECK-NEXT: hlscpp.pipeline ii = 1
      hlscpp.pipeline ii = 1
      // CHECK-NEXT: hlscpp.for %{{.*}} = 0 to 4 {
      hlscpp.for %k = 0 to 4 {
        // CHECK-NEXT: hlscpp.unroll
        hlscpp.unroll
        // CHECK-NEXT: %{{.*}} = hlscpp.load %w[%j, %{{.*}}] : memref<2x4x!hlscpp.int<4, signed>>
        %0 = hlscpp.load %w[%j, %k] : memref<2x4x!s4>
      }
    }
  }
  // CHECK:      hlscpp.for %{{.*}} = 0 to 4 {
  hlscpp.for %i = 0 to 4 {
    // CHECK-NEXT: hlscpp.unroll factor = 2
    hlscpp.unroll factor = 2
  }
}

// CHECK:      hlscpp.func @net(%x: memref<4x!hlscpp.int<8, signed>>, %y: memref<2x!hlscpp.int<8, signed>>) top {
hlscpp.func @net(%x : memref<4x!s8>, %y : memref<2x!s8>) top {
  // CHECK-NEXT: hlscpp.interface %x mode = ap_memory : memref<4x!hlscpp.int<8, signed>>
  hlscpp.interface %x mode = ap_memory : memref<4x!s8>
  // CHECK-NEXT: hlscpp.interface mode = ap_ctrl_hs
  hlscpp.interface mode = ap_ctrl_hs
  // CHECK-NEXT: hlscpp.dataflow
  hlscpp.dataflow
  // CHECK-NEXT: hlscpp.call @dense(%x, %y)
  // CHECK-SAME:   : memref<4x!hlscpp.int<8, signed>>, memref<2x!hlscpp.int<8, signed>> {note = "kept"}
  hlscpp.call @dense(%x, %y) : memref<4x!s8>, memref<2x!s8> {note = "kept"}
  // CHECK-NEXT: hlscpp.call @nothing()
  hlscpp.call @nothing()
}

// CHECK:      hlscpp.func @nothing() {
hlscpp.func @nothing() {
}

// CHECK:      hlscpp.func @pass_on(%x: !hlscpp.stream<4 of !hlscpp.int<8, signed>>,
// CHECK-SAME:   %y: !hlscpp.stream<4 of !hlscpp.int<8, signed>>) {
hlscpp.func @pass_on(%x : !hlscpp.stream<4 of !s8>, %y : !hlscpp.stream<4 of !s8>) {
  // CHECK-NEXT: %a = hlscpp.local : memref<4x!hlscpp.int<8, signed>>
  %a = hlscpp.local : memref<4x!s8>
  // CHECK-NEXT: hlscpp.for %{{.*}} = 0 to 3 {
  hlscpp.for %i = 0 to 3 {
    // CHECK-NEXT: hlscpp.pipeline ii = 1, style = flp
    hlscpp.pipeline ii = 1, style = flp
    // CHECK-NEXT: hlscpp.dependence %a distance = 3 : memref<4x!hlscpp.int<8, signed>>
    hlscpp.dependence %a distance = 3 : memref<4x!s8>
    // CHECK-NEXT: %in = hlscpp.read %x : !hlscpp.stream<4 of !hlscpp.int<8, signed>>
    %in = hlscpp.read %x : !hlscpp.stream<4 of !s8>
    // CHECK-NEXT: %out = hlscpp.beat : memref<4x!hlscpp.int<8, signed>>
    %out = hlscpp.beat : memref<4x!s8>
    // CHECK-NEXT: hlscpp.for %{{.*}} = 0 to 4 {
    hlscpp.for %k = 0 to 4 {
      // CHECK-NEXT: %{{.*}} = hlscpp.load %in[%{{.*}}] : memref<4x!hlscpp.int<8, signed>>
      %0 = hlscpp.load %in[%k] : memref<4x!s8>
      // CHECK-NEXT: hlscpp.store %{{.*}}, %out[%{{.*}}] : memref<4x!hlscpp.int<8, signed>>
      hlscpp.store %0, %out[%k] : memref<4x!s8>
    }
    // CHECK:      hlscpp.write %out, %y : !hlscpp.stream<4 of !hlscpp.int<8, signed>>
    hlscpp.write %out, %y : !hlscpp.stream<4 of !s8>
  }
}

// CHECK:      hlscpp.func @streams(%x: !hlscpp.stream<4 of !hlscpp.int<8, signed>>,
// CHECK-SAME:   %y: !hlscpp.stream<4 of !hlscpp.int<8, signed>>) {
hlscpp.func @streams(%x : !hlscpp.stream<4 of !s8>, %y : !hlscpp.stream<4 of !s8>) {
  // CHECK-NEXT: hlscpp.dataflow
  hlscpp.dataflow
  // CHECK-NEXT: %s = hlscpp.fifo : !hlscpp.stream<4 of !hlscpp.int<8, signed>>
  %s = hlscpp.fifo : !hlscpp.stream<4 of !s8>
  // CHECK-NEXT: hlscpp.stream %s depth = 3 : !hlscpp.stream<4 of !hlscpp.int<8, signed>>
  hlscpp.stream %s depth = 3 : !hlscpp.stream<4 of !s8>
  // CHECK-NEXT: hlscpp.call @pass_on(%x, %s)
  // CHECK-SAME:   : !hlscpp.stream<4 of !hlscpp.int<8, signed>>, !hlscpp.stream<4 of !hlscpp.int<8, signed>>
  hlscpp.call @pass_on(%x, %s) : !hlscpp.stream<4 of !s8>, !hlscpp.stream<4 of !s8>
  // CHECK-NEXT: hlscpp.call @pass_on(%s, %y)
  // CHECK-SAME:   : !hlscpp.stream<4 of !hlscpp.int<8, signed>>, !hlscpp.stream<4 of !hlscpp.int<8, signed>>
  hlscpp.call @pass_on(%s, %y) : !hlscpp.stream<4 of !s8>, !hlscpp.stream<4 of !s8>
}

// CHECK:      hlscpp.func @words(%x: !hlscpp.packets<16>, %y: !hlscpp.packets<16>) top {
hlscpp.func @words(%x : !hlscpp.packets<16>, %y : !hlscpp.packets<16>) top {
  // CHECK-NEXT: hlscpp.interface %x mode = axis : !hlscpp.packets<16>
  hlscpp.interface %x mode = axis : !hlscpp.packets<16>
  // CHECK-NEXT: %w = hlscpp.receive %x : !hlscpp.packets<16>
  %w = hlscpp.receive %x : !hlscpp.packets<16>
  %low = hlscpp.constant 3 : index
  // CHECK:      %part = hlscpp.bits %w, %low : (!hlscpp.int<16, unsigned>, index) -> !hlscpp.int<8, signed>
  %part = hlscpp.bits %w, %low : (!hlscpp.int<16, unsigned>, index) -> !s8
  %last = hlscpp.constant 1 : !bit
  // CHECK:      hlscpp.send %w, %last, %y : !hlscpp.packets<16>
  hlscpp.send %w, %last, %y : !hlscpp.packets<16>
}

// CHECK:      hlscpp.func @memory(%x: memref<4x!hlscpp.int<8, signed>>) top {
hlscpp.func @memory(%x : memref<4x!s8>) top {
  // CHECK-NEXT: hlscpp.interface %x mode = m_axi, offset = slave, bundle = x, depth = 4
  hlscpp.interface %x mode = m_axi, offset = slave, bundle = x, depth = 4 : memref<4x!s8>
}
