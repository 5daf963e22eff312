// RUN: qopt %s -p 'constant-multiplication{strategy=csd layers=fc1}' --verify-each | filecheck %s --check-prefix=CSD
// RUN: qopt %s -p 'constant-multiplication{strategy=adder_graph layers=fc2}' --verify-each | filecheck %s \
// RUN:   --check-prefix=GRAPH
// RUN: qopt %s -p constant-multiplication --verify-each | filecheck %s --check-prefix=AUTO
// RUN: qopt %s -p 'constant-multiplication{strategy=pairs layers=fc2,fc3}' --verify-each | filecheck %s \
// RUN:   --check-prefix=PAIRS
// RUN: not qopt %s -p 'constant-multiplication{strategy=csd layers=fc3}' 2>&1 | filecheck %s --check-prefix=NAME

!s4 = !qnn.fixed<4, 4, signed>
!s19 = !qnn.fixed<19, 19, signed>
!s9 = !qnn.fixed<9, 9, signed>
!s14 = !qnn.fixed<14, 14, signed>

// Ternary layers have no multiplication.
func.func @network(%x: tensor<2x!s4>) -> tensor<2x!s19> {
  %w1 = qnn.constant dense<[[7, 3], [-5, 6]]> : tensor<2x2xi8> as tensor<2x2x!s4>
  %w2 = qnn.constant dense<[[1, 3], [-5, 6]]> : tensor<2x2xi8> as tensor<2x2x!s4>
  %w3 = qnn.constant dense<1> : tensor<2x2x1xi8> as tensor<2x2x!qnn.ternary>
  %fc1_sum = qnn.dense %x, %w1 {qnn.layer = "fc1"}
      : tensor<2x!s4>, tensor<2x2x!s4> -> tensor<2x!s9>
  %fc2 = qnn.dense %fc1_sum, %w2 : tensor<2x!s9>, tensor<2x2x!s4> -> tensor<2x!s14>
  %fc3 = qnn.dense %fc2, %w3 {product = #qnn.product<add_sub>} : tensor<2x!s14>, tensor<2x2x!qnn.ternary>
      -> tensor<2x!s19>
  func.return %fc3 : tensor<2x!s19>
}

// CSD:      %fc1_sum = qnn.dense %x, %w1 {product = #qnn.product<signed_digits>, qnn.layer = "fc1"}
// CSD-NEXT: %fc2 = qnn.dense %fc1_sum, %w2
// CSD-NEXT: %fc3 = qnn.dense %fc2, %w3 {product = #qnn.product<add_sub>}

// GRAPH:      %fc1_sum = qnn.dense %x, %w1 {qnn.layer = "fc1"}
// GRAPH-NEXT: %fc2 = qnn.dense %fc1_sum, %w2 {product = #qnn.product<adder_graph>}

// PAIRS:      %fc1_sum = qnn.dense %x, %w1 {qnn.layer = "fc1"}
// PAIRS-NEXT: %fc2 = qnn.dense %fc1_sum, %w2 {product = #qnn.product<pairs>}
// PAIRS-NEXT: %fc3 = qnn.dense %fc2, %w3 {product = #qnn.product<pairs>}

// AUTO:      %fc1_sum = qnn.dense %x, %w1 {product = #qnn.product<signed_digits>, qnn.layer = "fc1"}
// AUTO-NEXT: %fc2 = qnn.dense %fc1_sum, %w2 {product = #qnn.product<signed_digits>}

// NAME: qopt: error: pass 'constant-multiplication': layer 'fc3' does not multiply by constants
