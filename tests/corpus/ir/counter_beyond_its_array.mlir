// A counter read and wrote elements that an array does not have.
// PASSES: canonicalize
// MUST: hlscpp.load index from 0 to 3 is outside of memref<2x
hlscpp.func @net(%x: memref<2x!hlscpp.int<6, signed>>, %y: memref<4x!hlscpp.int<6, signed>>) top {
  hlscpp.for %i = 0 to 4 label "A" {
    hlscpp.pipeline ii = 1
    %v = hlscpp.load %x[%i] : memref<2x!hlscpp.int<6, signed>>
    hlscpp.store %v, %y[%i] : memref<4x!hlscpp.int<6, signed>>
  }
}
