// RUN: qopt %s -p 'lower-to-loops{architecture=stream}' --verify-each --split-input-file | filecheck %s

!s4 = !qnn.fixed<4, 4, signed>
!u3 = !qnn.fixed<3, 3, unsigned>

// Processes on streams. The input is cloned; the reshape is only another name of the stream.
func.func @branches(%x: tensor<2x2x!s4>) -> (tensor<4x!u3>, tensor<2x2x!s4>) {
  %relu = qnn.relu %x : tensor<2x2x!s4> -> tensor<2x2x!u3>
  %flat = qnn.reshape %relu : tensor<2x2x!u3> -> tensor<4x!u3>
  func.return %flat, %x : tensor<4x!u3>, tensor<2x2x!s4>
}

// CHECK:        hlscpp.func @relu(%in_x: !hlscpp.stream<2 of !hlscpp.int<4, signed>>,
// CHECK-SAME:     %out_relu: !hlscpp.stream<2 of !hlscpp.int<3, unsigned>>) comment {{.*}} {
// CHECK-NEXT:     %x = hlscpp.local : memref<2x!hlscpp.int<4, signed>>
// CHECK-NEXT:     hlscpp.array_partition %x kind = complete, dim = 0 : memref<2x!hlscpp.int<4, signed>>
// CHECK-NEXT:     hlscpp.for %i = 0 to 2 label "OUTPUT" {
// CHECK-NEXT:       %{{[0-9]+}} = hlscpp.constant 0 : index
// CHECK-NEXT:       %{{[0-9]+}} = hlscpp.constant 0 : index
// CHECK-NEXT:       hlscpp.pipeline ii = 1, style = flp
// CHECK-NEXT:       %{{[0-9]+}} = hlscpp.constant 0 : index
// CHECK-NEXT:       %{{[0-9]+}} = hlscpp.cmp ge %i, %{{[0-9]+}} : (index, index) -> !hlscpp.int<1, unsigned>
// CHECK-NEXT:       %{{[0-9]+}} = hlscpp.constant 2 : index
// CHECK-NEXT:       %{{[0-9]+}} = hlscpp.cmp lt %i, %{{[0-9]+}} : (index, index) -> !hlscpp.int<1, unsigned>
// CHECK-NEXT:       %{{[0-9]+}} = hlscpp.constant 0 : index
// CHECK-NEXT:       %{{[0-9]+}} = hlscpp.cmp ge %{{[0-9]+}}, %{{[0-9]+}} : (index, index) -> !hlscpp.int<1, unsigned>
// CHECK-NEXT:       %next = hlscpp.read %in_x : !hlscpp.stream<2 of !hlscpp.int<4, signed>>
// CHECK-NEXT:       hlscpp.for %lane = 0 to 2 {
// CHECK-NEXT:         hlscpp.unroll
// CHECK-NEXT:         %{{[0-9]+}} = hlscpp.load %next[%lane] : memref<2x!hlscpp.int<4, signed>>
// CHECK-NEXT:         hlscpp.store %{{[0-9]+}}, %x[%lane] : memref<2x!hlscpp.int<4, signed>>
// CHECK-NEXT:       }
// CHECK-NEXT:       %result = hlscpp.beat : memref<2x!hlscpp.int<3, unsigned>>
// CHECK-NEXT:       hlscpp.for %c = 0 to 2 {
// CHECK-NEXT:         hlscpp.unroll
// CHECK-NEXT:         %{{[0-9]+}} = hlscpp.constant 0 : index
// CHECK-NEXT:         %relu_in = hlscpp.load %x[%c] : memref<2x!hlscpp.int<4, signed>>
// CHECK-NEXT:         %{{[0-9]+}} = hlscpp.constant 0 : !hlscpp.int<1, unsigned>
// CHECK-NEXT:         %{{[0-9]+}} = hlscpp.cmp lt %relu_in, %{{[0-9]+}}
// CHECK-SAME:           : (!hlscpp.int<4, signed>, !hlscpp.int<1, unsigned>) -> !hlscpp.int<1, unsigned>
// CHECK-NEXT:         %{{[0-9]+}} = hlscpp.constant 0 : !hlscpp.int<4, signed>
// CHECK-NEXT:         %{{[0-9]+}} = hlscpp.select %{{[0-9]+}}, %{{[0-9]+}}, %relu_in
// CHECK-SAME:           : (!hlscpp.int<1, unsigned>, !hlscpp.int<4, signed>, !hlscpp.int<4, signed>)
// CHECK-SAME:           -> !hlscpp.int<4, signed>
// CHECK-NEXT:         %{{[0-9]+}} = hlscpp.cast %{{[0-9]+}} : (!hlscpp.int<4, signed>) -> !hlscpp.int<3, unsigned>
// CHECK-NEXT:         hlscpp.store %{{[0-9]+}}, %result[%c] : memref<2x!hlscpp.int<3, unsigned>>
// CHECK-NEXT:       }
// CHECK-NEXT:       hlscpp.write %result, %out_relu : !hlscpp.stream<2 of !hlscpp.int<3, unsigned>>
// CHECK-NEXT:     }
// CHECK-NEXT:   }

// CHECK:        hlscpp.func @clone_x(%x: !hlscpp.stream<2 of !hlscpp.int<4, signed>>,
// CHECK-SAME:     %y0: !hlscpp.stream<2 of !hlscpp.int<4, signed>>,
// CHECK-SAME:     %y1: !hlscpp.stream<2 of !hlscpp.int<4, signed>>) comment {{.*}} {
// CHECK-NEXT:     hlscpp.for %i = 0 to 2 label "OUTPUT" {
// CHECK-NEXT:       %{{[0-9]+}} = hlscpp.constant 0 : index
// CHECK-NEXT:       hlscpp.pipeline ii = 1, style = flp
// CHECK-NEXT:       %next = hlscpp.read %x : !hlscpp.stream<2 of !hlscpp.int<4, signed>>
// CHECK-NEXT:       hlscpp.write %next, %y0 : !hlscpp.stream<2 of !hlscpp.int<4, signed>>
// CHECK-NEXT:       hlscpp.write %next, %y1 : !hlscpp.stream<2 of !hlscpp.int<4, signed>>
// CHECK-NEXT:     }
// CHECK-NEXT:   }

// CHECK:        hlscpp.func @branches(%x: !hlscpp.stream<2 of !hlscpp.int<4, signed>>,
// CHECK-SAME:     %flat_out: !hlscpp.stream<2 of !hlscpp.int<3, unsigned>>,
// CHECK-SAME:     %x_out: !hlscpp.stream<2 of !hlscpp.int<4, signed>>) top comment {{.*}} {
// CHECK-NEXT:     hlscpp.interface %x mode = axis : !hlscpp.stream<2 of !hlscpp.int<4, signed>>
// CHECK-NEXT:     hlscpp.interface %flat_out mode = axis : !hlscpp.stream<2 of !hlscpp.int<3, unsigned>>
// CHECK-NEXT:     hlscpp.interface %x_out mode = axis : !hlscpp.stream<2 of !hlscpp.int<4, signed>>
// CHECK-NEXT:     hlscpp.dataflow
// CHECK-NEXT:     %x_1 = hlscpp.fifo : !hlscpp.stream<2 of !hlscpp.int<4, signed>>
// CHECK-NEXT:     hlscpp.call @clone_x(%x, %x_1, %x_out)
// CHECK-SAME:       : !hlscpp.stream<2 of !hlscpp.int<4, signed>>, !hlscpp.stream<2 of !hlscpp.int<4, signed>>,
// CHECK-SAME:       !hlscpp.stream<2 of !hlscpp.int<4, signed>>
// CHECK-NEXT:     hlscpp.call @relu(%x_1, %flat_out)
// CHECK-SAME:       : !hlscpp.stream<2 of !hlscpp.int<4, signed>>, !hlscpp.stream<2 of !hlscpp.int<3, unsigned>>
// CHECK-NEXT:   }
