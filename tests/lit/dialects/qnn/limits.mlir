// RUN: qopt %s --split-input-file --verify-diagnostics --parsing-diagnostics | filecheck %s

// Types, constants and numbers beyond those of any network are refused where they stand.

// CHECK: 4097 bits, and ap_int has at most 4096
func.func @net(%x : tensor<2x!qnn.fixed<4097, 4, signed>>) { func.return }

// -----

// CHECK: 1000000000000000000 bits, and ap_int has at most 4096
func.func @net(%x : tensor<2x!qnn.fixed<1000000000000000000, 4, signed>>) { func.return }

// -----

// CHECK: powers of two go from -4096 to 4096, got 999999992 to 1000000000
func.func @net(%x : tensor<2x!qnn.fixed<8, 1000000000, signed>>) { func.return }

// -----

// CHECK: powers of two go from -4096 to 4096, got -1000000000 to 3
func.func @net(%x : tensor<2x!qnn.po2<-1000000000, 3, signed>>) { func.return }

// -----

// CHECK: a packed vector has 1 to 134217728 elements, got 1000000000
func.func @net(%x : tensor<2x!qnn.bits<1000000000>>) { func.return }

// -----

// CHECK: tensors have at most 134217728 elements, got tensor<1000000000xi8>
func.func @net() {
  %c = qnn.constant dense<0> : tensor<1000000000xi8> as tensor<1000000000x!qnn.fixed<8, 4, signed>>
  func.return
}

// -----

// CHECK: tensors have at most 134217728 elements
func.func @net(%x : tensor<1000000x1000x!qnn.fixed<8, 4, signed>>) {
  %y = qnn.relu %x : tensor<1000000x1000x!qnn.fixed<8, 4, signed>> -> tensor<1000000x1000x!qnn.fixed<7, 3, unsigned>>
  func.return
}

// -----

// CHECK: powers of two go from -4096 to 4096, got 1000000000 to 1000000000
func.func @net(%x : tensor<2x!qnn.fixed<8, 4, signed>>) {
  %y = qnn.leaky_relu %x {slope_exponent = 1000000000 : i64}
    : tensor<2x!qnn.fixed<8, 4, signed>> -> tensor<2x!qnn.fixed<8, 4, signed>>
  func.return
}
