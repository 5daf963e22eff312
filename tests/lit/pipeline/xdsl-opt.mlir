// xDSL's own driver, and what reads MLIR's generic form (Netron), take our text; its passes and ours run side by side.

// RUN: qopt %s --print-op-generic | filecheck %s --check-prefix=GENERIC
// RUN: qopt %s --print-op-generic | xdsl-opt -p cse,size-accumulators | filecheck %s
// RUN: xdsl-opt %examples/digits_mlp/model.h5 -p fold-batchnorm -t remarks | filecheck %s --check-prefix=MODEL
// RUN: xdsl-opt -f 'keras{input-type="fixed<8, 3>"}' %examples/digits_mlp/model.h5 | filecheck %s --check-prefix=TYPE
// RUN: cat %examples/digits_mlp/model.h5 | not xdsl-opt -f keras 2>&1 | filecheck %s --check-prefix=PIPE

!s4 = !qnn.fixed<4, 4, signed>
!s5 = !qnn.fixed<5, 5, signed>
!s6 = !qnn.fixed<6, 6, signed>
func.func @net(%x: tensor<2x!s4>) -> tensor<2x!s6> {
  %a = qnn.add %x, %x : tensor<2x!s4>, tensor<2x!s4> -> tensor<2x!s5>
  %b = qnn.add %x, %x : tensor<2x!s4>, tensor<2x!s4> -> tensor<2x!s5>
  %y = qnn.add %a, %b : tensor<2x!s5>, tensor<2x!s5> -> tensor<2x!s6>
  func.return %y : tensor<2x!s6>
}

// GENERIC: "qnn.add"(%a, %b) : (tensor<2x!qnn.fixed<5, 5, signed>>, tensor<2x!qnn.fixed<5, 5, signed>>)
// CHECK:      func.func @net(%x: tensor<2x!qnn.fixed<4, 4, signed>>) -> tensor<2x!qnn.fixed<6, 6, signed>> {
// CHECK-NEXT:   %a = qnn.add %x, %x
// CHECK-NEXT:   %y = qnn.add %a, %a
// CHECK-NEXT:   func.return %y

// MODEL: 'bn4': 15 thresholds per channel, monotone up to the quantizer 'relu4'
// TYPE:  %image_quantized = qnn.quantize %image {{.*}} -> tensor<64x!qnn.fixed<8, 3, signed>>
// PIPE:  QdialectError: -f keras: stdin: models are read from files, give the name of one
