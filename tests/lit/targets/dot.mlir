// RUN: qopt %s -t dot | filecheck %s
// RUN: qopt %s -t 'dot{shapes=false rankdir=LR}' | filecheck %s --check-prefix=SIDEWAYS

!s4 = !qnn.fixed<4, 2, signed>
!s5 = !qnn.fixed<5, 3, signed>

// The layers of a network with the types of the values between them, for Graphviz. A name may hold what Graphviz reads
// otherwise.

// CHECK:      digraph network {
// CHECK-NEXT:   rankdir="TB";
// CHECK-NEXT:   node [shape=box];
// CHECK-NEXT:   "input x" [label="input x"];
// CHECK-NEXT:   "a \"b\"" [label="a \"b\"\nadd"];
// CHECK-NEXT:   "output y" [label="output y"];
// CHECK-NEXT:   "input x" -> "a \"b\"" [label="fixed<4, 2, signed> 2x3"];
// CHECK-NEXT:   "a \"b\"" -> "output y" [label="fixed<5, 3, signed> 2x3"];
// CHECK-NEXT: }
// SIDEWAYS: rankdir="LR";
// SIDEWAYS: "input x" -> "a \"b\"" [label="fixed<4, 2, signed>"];
func.func @net(%x: tensor<2x3x!s4>) -> tensor<2x3x!s5> {
  %y = qnn.add %x, %x {qnn.layer = "a \22b\22"} : tensor<2x3x!s4>, tensor<2x3x!s4> -> tensor<2x3x!s5>
  func.return %y : tensor<2x3x!s5>
}
