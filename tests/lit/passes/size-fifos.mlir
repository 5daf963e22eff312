// RUN: qopt %s -p size-fifos --split-input-file | filecheck %s

!s4 = !hlscpp.int<4, signed>
!s5 = !hlscpp.int<5, signed>
!beats = !hlscpp.stream<1 of !s4>
!sums = !hlscpp.stream<1 of !s5>

// Each beat goes two ways. `late` gives its first one when it has taken all eight: until then the other way holds them.
hlscpp.func @clone(%x: !beats, %y0: !beats, %y1: !beats) {
  hlscpp.for %i = 0 to 8 {
    hlscpp.pipeline ii = 1, style = flp
    %next = hlscpp.read %x : !beats
    hlscpp.write %next, %y0 : !beats
    hlscpp.write %next, %y1 : !beats
  }
}

hlscpp.func @late(%x: !beats, %y: !beats) {
  hlscpp.for %i = 0 to 8 {
    hlscpp.pipeline ii = 1, style = flp
    %next = hlscpp.read %x : !beats
  }
  hlscpp.for %i = 0 to 8 {
    hlscpp.pipeline ii = 1, style = flp
    %next = hlscpp.beat : memref<1x!s4>
    hlscpp.write %next, %y : !beats
  }
}

hlscpp.func @join(%a: !beats, %b: !beats, %y: !sums) {
  hlscpp.for %i = 0 to 8 {
    hlscpp.pipeline ii = 1, style = flp
    %0 = hlscpp.read %a : !beats
    %1 = hlscpp.read %b : !beats
    %next = hlscpp.beat : memref<1x!s5>
    hlscpp.write %next, %y : !sums
  }
}

// CHECK:      hlscpp.func @net
// CHECK:        %early = hlscpp.fifo
// CHECK-NEXT:   hlscpp.stream %early depth = 8
// CHECK-NEXT:   %slow = hlscpp.fifo
// CHECK-NEXT:   hlscpp.stream %slow depth = 2
// CHECK-NEXT:   %after = hlscpp.fifo
// CHECK-NEXT:   hlscpp.stream %after depth = 2
hlscpp.func @net(%x: !beats, %y: !sums) top {
  hlscpp.dataflow
  %early = hlscpp.fifo : !beats
  %slow = hlscpp.fifo : !beats
  %after = hlscpp.fifo : !beats
  hlscpp.call @clone(%x, %early, %slow) : !beats, !beats, !beats
  hlscpp.call @late(%slow, %after) : !beats, !beats
  hlscpp.call @join(%early, %after, %y) : !beats, !beats, !sums
}

// -----

// A depth that is already there is replaced; streams that are read at the pace of their writer need two beats.

!beats = !hlscpp.stream<1 of !hlscpp.int<4, signed>>

hlscpp.func @copy(%x: !beats, %y: !beats) {
  hlscpp.for %i = 0 to 8 {
    hlscpp.pipeline ii = 1, style = flp
    %next = hlscpp.read %x : !beats
    hlscpp.write %next, %y : !beats
  }
}

// CHECK:      hlscpp.func @again
// CHECK:        %between = hlscpp.fifo
// CHECK-NEXT:   hlscpp.stream %between depth = 2
// CHECK-NEXT:   hlscpp.call
hlscpp.func @again(%x: !beats, %y: !beats) top {
  hlscpp.dataflow
  %between = hlscpp.fifo : !beats
  hlscpp.stream %between depth = 64 : !beats
  hlscpp.call @copy(%x, %between) : !beats, !beats
  hlscpp.call @copy(%between, %y) : !beats, !beats
}
