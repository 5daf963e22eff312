// RUN: qopt --help | filecheck %s --check-prefix=HELP
!s9 = !qnn.fixed<9, 9, signed>
!s8 = !qnn.fixed<8, 8, signed>
!s4 = !qnn.fixed<4, 4, signed>

// HELP:      usage: qopt [options] [INPUT]
// HELP:      -p, --passes PASSES
// HELP:      size-accumulators
// HELP:      default = canonicalize,fold-batchnorm

// RUN: qopt --version | filecheck %s --check-prefix=VERSION
// VERSION: qopt {{[0-9.]+}} (xdsl 0.75.{{[0-9]+}})

// Between the passes, not after the last, even if it is the first once more.
// RUN: qopt %s -p canonicalize,cse,canonicalize --print-between-passes | filecheck %s --check-prefix=BETWEEN
// BETWEEN:     // IR after canonicalize:
// BETWEEN:     // IR after cse:
// BETWEEN-NOT: // IR after
// BETWEEN:     func.func @net

// 'default' inside of a pipeline; constants of more than 64 elements elided.
// RUN: qopt %s -p default,cse --time-passes --elide 2>&1 | filecheck %s --check-prefix=DEFAULT
// DEFAULT:      canonicalize: {{[0-9.]+}} s
// DEFAULT:      size-accumulators: {{[0-9.]+}} s
// DEFAULT-NEXT: cse: {{[0-9.]+}} s
// DEFAULT:      func.func @net(%x: tensor<65x!qnn.fixed<4, 4, signed>>
// DEFAULT-SAME:   {qnn.quantizer = #qnn.round<half_even, saturate>})
// DEFAULT:      dense<elided> : tensor<65xi8> as tensor<65x!qnn.fixed<8, 8, signed>>

func.func @net(%x: tensor<65xf32>) -> tensor<65x!s9> {
  %bias = qnn.constant dense<100> : tensor<65xi8> as tensor<65x!s8>
  %q = qnn.quantize %x {mode = #qnn.round<half_even, saturate>} : tensor<65xf32> -> tensor<65x!s4>
  %y = qnn.add %q, %bias : tensor<65x!s4>, tensor<65x!s8> -> tensor<65x!s9>
  func.return %y : tensor<65x!s9>
}
