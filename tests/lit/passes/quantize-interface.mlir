// RUN: qopt %s -p quantize-interface --verify-each --split-input-file --verify-diagnostics | filecheck %s
// RUN: qopt %s -p quantize-interface --verify-each --split-input-file --verify-diagnostics | filecheck %s \
// RUN:   --check-prefix=ERROR

!s5 = !qnn.fixed<5, 5, signed>
!s4 = !qnn.fixed<4, 4, signed>

// The quantizer is recorded at the argument, whose type becomes that of the quantized value; several equal ones are
// one.
func.func @inputs(%a: tensor<2xf32>, %b: tensor<2x!qnn.binary>, %c: tensor<2xf32>)
    -> (tensor<2x!s5>, tensor<2x!s5>, tensor<2x!qnn.binary>) {
  %qa = qnn.quantize %a {mode = #qnn.round<half_even, saturate>} : tensor<2xf32> -> tensor<2x!s4>
  %again = qnn.quantize %a {mode = #qnn.round<half_even, saturate>} : tensor<2xf32> -> tensor<2x!s4>
  %qc = qnn.quantize %c {mode = #qnn.sign} : tensor<2xf32> -> tensor<2x!qnn.binary>
  %x = qnn.add %qa, %b : tensor<2x!s4>, tensor<2x!qnn.binary> -> tensor<2x!s5>
  %y = qnn.add %again, %qc : tensor<2x!s4>, tensor<2x!qnn.binary> -> tensor<2x!s5>
  func.return %x, %y, %qc : tensor<2x!s5>, tensor<2x!s5>, tensor<2x!qnn.binary>
}

// CHECK:       func.func @inputs(%a: tensor<2x!qnn.fixed<4, 4, signed>>
// CHECK-SAME:    {qnn.quantizer = #qnn.round<half_even, saturate>}, %b: tensor<2x!qnn.binary>,
// CHECK-SAME:    %c: tensor<2x!qnn.binary> {qnn.quantizer = #qnn.sign})
// CHECK-SAME:    -> (tensor<2x!qnn.fixed<5, 5, signed>>, tensor<2x!qnn.fixed<5, 5, signed>>, tensor<2x!qnn.binary>) {
// CHECK-NEXT:    %x = qnn.add %a, %b : tensor<2x!qnn.fixed<4, 4, signed>>, tensor<2x!qnn.binary>
// CHECK-SAME:      -> tensor<2x!qnn.fixed<5, 5, signed>>
// CHECK-NEXT:    %y = qnn.add %a, %c : tensor<2x!qnn.fixed<4, 4, signed>>, tensor<2x!qnn.binary>
// CHECK-SAME:      -> tensor<2x!qnn.fixed<5, 5, signed>>
// CHECK-NEXT:    func.return %x, %y, %c
// CHECK-SAME:      : tensor<2x!qnn.fixed<5, 5, signed>>, tensor<2x!qnn.fixed<5, 5, signed>>, tensor<2x!qnn.binary>
// CHECK-NEXT:  }

// -----

// Nothing to do: the recorded quantizer stays.
func.func @done(%a: tensor<2x!qnn.binary> {qnn.quantizer = #qnn.sign}) -> tensor<2x!qnn.binary> {
  func.return %a : tensor<2x!qnn.binary>
}

// CHECK:       func.func @done(%a: tensor<2x!qnn.binary> {qnn.quantizer = #qnn.sign}) -> tensor<2x!qnn.binary> {
// CHECK-NEXT:    func.return %a : tensor<2x!qnn.binary>
// CHECK-NEXT:  }

// -----

// Two that differ: the argument keeps what both need, half a step of the finer one among it.
!s5 = !qnn.fixed<5, 5, signed>
!s4 = !qnn.fixed<4, 4, signed>

func.func @both(%a: tensor<2xf32>) -> (tensor<2x!s5>, tensor<2x!s4>) {
  %x = qnn.quantize %a {mode = #qnn.round<floor, wrap>} : tensor<2xf32> -> tensor<2x!s5>
  %y = qnn.quantize %a {mode = #qnn.round<half_up, wrap>} : tensor<2xf32> -> tensor<2x!s4>
  func.return %x, %y : tensor<2x!s5>, tensor<2x!s4>
}

// CHECK:       func.func @both(%a: tensor<2x!qnn.fixed<6, 5, signed>> {qnn.quantizer = #qnn.round<floor, wrap>})
// CHECK-SAME:    -> (tensor<2x!qnn.fixed<5, 5, signed>>, tensor<2x!qnn.fixed<4, 4, signed>>) {
// CHECK-NEXT:    %x = qnn.quantize %a {mode = #qnn.round<floor, wrap>}
// CHECK-NEXT:    %y = qnn.quantize %a {mode = #qnn.round<half_up, wrap>}

// -----

// Two that agree on nothing share a sticky bit: two places more than the finer one has, its sign, and beyond the ends
// of what saturates the period of what wraps.
!s4 = !qnn.fixed<4, 4, signed>
!s3 = !qnn.fixed<3, 3, signed>

func.func @differ(%a: tensor<2xf32>) -> (tensor<2x!s4>, tensor<2x!s3>) {
  %x = qnn.quantize %a {mode = #qnn.round<half_even, saturate>} : tensor<2xf32> -> tensor<2x!s4>
  %y = qnn.quantize %a {mode = #qnn.round<zero, wrap>} : tensor<2xf32> -> tensor<2x!s3>
  func.return %x, %y : tensor<2x!s4>, tensor<2x!s3>
}

// CHECK:       func.func @differ(%a: tensor<2x!qnn.fixed<7, 5, signed>> {qnn.quantizer = #qnn.sticky<
// CHECK-SAME:    steps = dense<-2> : tensor<1xi16>, widths = dense<6> : tensor<1xi16>,
// CHECK-SAME:    signs = dense<1> : tensor<1xi16>, periods = dense<5> : tensor<1xi16>>})
// CHECK-NEXT:    %x = qnn.quantize %a {mode = #qnn.round<half_even, saturate>}
// CHECK-NEXT:    %y = qnn.quantize %a {mode = #qnn.round<zero, wrap>}

// -----

// ERROR:      input 'x' is not quantized first (it reaches qnn.relu): give the input a type,
// ERROR-SAME:   such as input_type='fixed<16, 6>'
func.func @unquantized(%x: tensor<2xf32>) -> tensor<2x!qnn.binary> {
  %relu = qnn.relu %x : tensor<2xf32> -> tensor<2xf32>
  %y = qnn.quantize %relu {mode = #qnn.sign} : tensor<2xf32> -> tensor<2x!qnn.binary>
  func.return %y : tensor<2x!qnn.binary>
}

// -----

// ERROR-NEXT: input 'x' is not quantized first (its several quantizers have no common rounding): give the
// ERROR-SAME:   input a type, such as input_type='fixed<16, 6>'
func.func @two_ways(%x: tensor<2xf32>) -> (tensor<2x!qnn.binary>, tensor<2x!qnn.ternary>) {
  %a = qnn.quantize %x {mode = #qnn.sign} : tensor<2xf32> -> tensor<2x!qnn.binary>
  %b = qnn.quantize %x {mode = #qnn.dead_zone<0.5>} : tensor<2xf32> -> tensor<2x!qnn.ternary>
  func.return %a, %b : tensor<2x!qnn.binary>, tensor<2x!qnn.ternary>
}
