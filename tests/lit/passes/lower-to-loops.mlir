// RUN: qopt %s -p lower-to-loops --verify-each --split-input-file | filecheck %s

!s4 = !qnn.fixed<4, 4, signed>
!s2 = !qnn.fixed<2, 2, signed>
!s3 = !qnn.fixed<3, 3, signed>
!u2 = !qnn.fixed<2, 2, unsigned>

// One function per layer with the element-wise steps after it, a top function that calls them. Every array has one
// writer and one reader, so the layers overlap.
func.func @chain(%x: tensor<3x!qnn.binary>) -> tensor<1x!s4> {
  %k1 = qnn.constant dense<[[1, -1], [1, 0], [-2, 1]]> : tensor<3x2xi8> as tensor<3x2x!s2>
  %k2 = qnn.constant dense<[[3], [-4]]> : tensor<2x1xi8> as tensor<2x1x!s3>
  %levels = qnn.constant dense<[[0], [1]]> : tensor<2x1xi8> as tensor<2x1x!u2>
  %fc1 = qnn.dense %x, %k1 {product = #qnn.product<add_sub>} : tensor<3x!qnn.binary>, tensor<3x2x!s2> -> tensor<2x!s4>
  %sign = qnn.threshold %fc1, %levels {first = 0 : i64} : tensor<2x!s4>, tensor<2x1x!u2> -> tensor<2x!qnn.binary>
  %fc2 = qnn.dense %sign, %k2 {product = #qnn.product<add_sub>} : tensor<2x!qnn.binary>, tensor<2x1x!s3>
      -> tensor<1x!s4>
  func.return %fc2 : tensor<1x!s4>
}

// CHECK:       hlscpp.func @fc1(%in_x: memref<3x!hlscpp.int<1, unsigned>>,
// CHECK-SAME:    %out_sign: memref<2x!hlscpp.int<1, unsigned>>) comment {{.*}}
// CHECK-NEXT:    %k1 = hlscpp.rom dense<{{\[\[}}1, 1, -2], [-1, 0, 1]]>
// CHECK-SAME:      : tensor<2x3xi8> as memref<2x3x!hlscpp.int<2, signed>>
// CHECK-NEXT:    hlscpp.array_reshape %k1 kind = complete, dim = 2 : memref<2x3x!hlscpp.int<2, signed>>
// CHECK-NEXT:    %levels = hlscpp.rom dense<{{\[\[}}0], [1]]> : tensor<2x1xi8> as memref<2x1x!hlscpp.int<2, unsigned>>
// CHECK-NEXT:    hlscpp.for %i = 0 to 2 label "OUTPUT" {
// CHECK-NEXT:      hlscpp.pipeline ii = 1
// CHECK-NEXT:      %fc1_acc = hlscpp.local : memref<!hlscpp.int<4, signed>>
// CHECK-NEXT:      [[V0:%[0-9]+]] = hlscpp.constant 0 : !hlscpp.int<4, signed>
// CHECK-NEXT:      hlscpp.store [[V0]], %fc1_acc[] : memref<!hlscpp.int<4, signed>>
// CHECK-NEXT:      hlscpp.for %ci = 0 to 3 {
// CHECK-NEXT:        hlscpp.unroll
// CHECK-NEXT:        [[V1:%[0-9]+]] = hlscpp.load %in_x[%ci] : memref<3x!hlscpp.int<1, unsigned>>
// CHECK-NEXT:        [[V2:%[0-9]+]] = hlscpp.load %k1[%i, %ci] : memref<2x3x!hlscpp.int<2, signed>>
// CHECK-NEXT:        %w = hlscpp.cast [[V2]] : (!hlscpp.int<2, signed>) -> !hlscpp.int<3, signed>
// CHECK-NEXT:        [[V3:%[0-9]+]] = hlscpp.neg %w : (!hlscpp.int<3, signed>) -> !hlscpp.int<4, signed>
// CHECK-NEXT:        [[V4:%[0-9]+]] = hlscpp.cast [[V3]] : (!hlscpp.int<4, signed>) -> !hlscpp.int<3, signed>
// CHECK-NEXT:        [[V5:%[0-9]+]] = hlscpp.select [[V1]], %w, [[V4]]
// CHECK-SAME:          : (!hlscpp.int<1, unsigned>, !hlscpp.int<3, signed>, !hlscpp.int<3, signed>)
// CHECK-SAME:          -> !hlscpp.int<3, signed>
// CHECK-NEXT:        [[V6:%[0-9]+]] = hlscpp.load %fc1_acc[] : memref<!hlscpp.int<4, signed>>
// CHECK-NEXT:        [[V7:%[0-9]+]] = hlscpp.add [[V6]], [[V5]] : (!hlscpp.int<4, signed>, !hlscpp.int<3, signed>)
// CHECK-SAME:          -> !hlscpp.int<5, signed>
// CHECK-NEXT:        [[V8:%[0-9]+]] = hlscpp.cast [[V7]] : (!hlscpp.int<5, signed>) -> !hlscpp.int<4, signed>
// CHECK-NEXT:        hlscpp.store [[V8]], %fc1_acc[] : memref<!hlscpp.int<4, signed>>
// CHECK-NEXT:      }
// CHECK-NEXT:      %sign_in = hlscpp.load %fc1_acc[] : memref<!hlscpp.int<4, signed>>
// CHECK-NEXT:      [[V9:%[0-9]+]] = hlscpp.constant 0 : index
// CHECK-NEXT:      [[V10:%[0-9]+]] = hlscpp.load %levels[%i, [[V9]]] : memref<2x1x!hlscpp.int<2, unsigned>>
// CHECK-NEXT:      [[V11:%[0-9]+]] = hlscpp.cmp ge %sign_in, [[V10]]
// CHECK-SAME:        : (!hlscpp.int<4, signed>, !hlscpp.int<2, unsigned>) -> !hlscpp.int<1, unsigned>
// CHECK-NEXT:      hlscpp.store [[V11]], %out_sign[%i] : memref<2x!hlscpp.int<1, unsigned>>
// CHECK-NEXT:    }
// CHECK-NEXT:  }

// CHECK:       hlscpp.func @fc2(%in_sign: memref<2x!hlscpp.int<1, unsigned>>,
// CHECK-SAME:    %out_fc2: memref<1x!hlscpp.int<4, signed>>) comment {{.*}}
// CHECK-NEXT:    %k2 = hlscpp.rom dense<{{\[\[}}3, -4]]> : tensor<1x2xi8> as memref<1x2x!hlscpp.int<3, signed>>
// CHECK-NEXT:    hlscpp.array_reshape %k2 kind = complete, dim = 2 : memref<1x2x!hlscpp.int<3, signed>>
// CHECK-NEXT:    hlscpp.for %i = 0 to 1 label "OUTPUT" {
// CHECK-NEXT:      hlscpp.pipeline ii = 1
// CHECK-NEXT:      %fc2_acc = hlscpp.local : memref<!hlscpp.int<4, signed>>
// CHECK-NEXT:      [[V0:%[0-9]+]] = hlscpp.constant 0 : !hlscpp.int<4, signed>
// CHECK-NEXT:      hlscpp.store [[V0]], %fc2_acc[] : memref<!hlscpp.int<4, signed>>
// CHECK-NEXT:      hlscpp.for %ci = 0 to 2 {
// CHECK-NEXT:        hlscpp.unroll
// CHECK-NEXT:        [[V1:%[0-9]+]] = hlscpp.load %in_sign[%ci] : memref<2x!hlscpp.int<1, unsigned>>
// CHECK-NEXT:        [[V2:%[0-9]+]] = hlscpp.load %k2[%i, %ci] : memref<1x2x!hlscpp.int<3, signed>>
// CHECK-NEXT:        %w = hlscpp.cast [[V2]] : (!hlscpp.int<3, signed>) -> !hlscpp.int<4, signed>
// CHECK-NEXT:        [[V3:%[0-9]+]] = hlscpp.neg %w : (!hlscpp.int<4, signed>) -> !hlscpp.int<5, signed>
// CHECK-NEXT:        [[V4:%[0-9]+]] = hlscpp.cast [[V3]] : (!hlscpp.int<5, signed>) -> !hlscpp.int<4, signed>
// CHECK-NEXT:        [[V5:%[0-9]+]] = hlscpp.select [[V1]], %w, [[V4]]
// CHECK-SAME:          : (!hlscpp.int<1, unsigned>, !hlscpp.int<4, signed>, !hlscpp.int<4, signed>)
// CHECK-SAME:          -> !hlscpp.int<4, signed>
// CHECK-NEXT:        [[V6:%[0-9]+]] = hlscpp.load %fc2_acc[] : memref<!hlscpp.int<4, signed>>
// CHECK-NEXT:        [[V7:%[0-9]+]] = hlscpp.add [[V6]], [[V5]] : (!hlscpp.int<4, signed>, !hlscpp.int<4, signed>)
// CHECK-SAME:          -> !hlscpp.int<5, signed>
// CHECK-NEXT:        [[V8:%[0-9]+]] = hlscpp.cast [[V7]] : (!hlscpp.int<5, signed>) -> !hlscpp.int<4, signed>
// CHECK-NEXT:        hlscpp.store [[V8]], %fc2_acc[] : memref<!hlscpp.int<4, signed>>
// CHECK-NEXT:      }
// CHECK-NEXT:      [[V9:%[0-9]+]] = hlscpp.load %fc2_acc[] : memref<!hlscpp.int<4, signed>>
// CHECK-NEXT:      hlscpp.store [[V9]], %out_fc2[%i] : memref<1x!hlscpp.int<4, signed>>
// CHECK-NEXT:    }
// CHECK-NEXT:  }

// CHECK:       hlscpp.func @chain(%x: memref<3x!hlscpp.int<1, unsigned>>,
// CHECK-SAME:    %fc2_out: memref<1x!hlscpp.int<4, signed>>) top comment {{.*}}
// CHECK-NEXT:    hlscpp.interface %x mode = ap_none : memref<3x!hlscpp.int<1, unsigned>>
// CHECK-NEXT:    hlscpp.array_partition %x kind = complete, dim = 0 : memref<3x!hlscpp.int<1, unsigned>>
// CHECK-NEXT:    hlscpp.interface %fc2_out mode = ap_vld : memref<1x!hlscpp.int<4, signed>>
// CHECK-NEXT:    hlscpp.array_partition %fc2_out kind = complete, dim = 0 : memref<1x!hlscpp.int<4, signed>>
// CHECK-NEXT:    hlscpp.dataflow
// CHECK-NEXT:    %sign = hlscpp.local : memref<2x!hlscpp.int<1, unsigned>>
// CHECK-NEXT:    hlscpp.array_partition %sign kind = complete, dim = 0 : memref<2x!hlscpp.int<1, unsigned>>
// CHECK-NEXT:    hlscpp.call @fc1(%x, %sign) : memref<3x!hlscpp.int<1, unsigned>>, memref<2x!hlscpp.int<1, unsigned>>
// CHECK-NEXT:    hlscpp.call @fc2(%sign, %fc2_out)
// CHECK-SAME:      : memref<2x!hlscpp.int<1, unsigned>>, memref<1x!hlscpp.int<4, signed>>
// CHECK-NEXT:  }

// -----

!s4 = !qnn.fixed<4, 4, signed>
!u4 = !qnn.fixed<4, 4, unsigned>
!u3 = !qnn.fixed<3, 3, unsigned>

// A channel has one reader: the input is cloned for the layer and for the output.
func.func @residual(%x: tensor<2x!s4>) -> (tensor<2x!s4>, tensor<2x!u4>) {
  %relu = qnn.relu %x : tensor<2x!s4> -> tensor<2x!u3>
  %twice = qnn.add %relu, %relu : tensor<2x!u3>, tensor<2x!u3> -> tensor<2x!u4>
  func.return %x, %twice : tensor<2x!s4>, tensor<2x!u4>
}

// CHECK:        hlscpp.func @relu(%in_x: memref<2x!hlscpp.int<4, signed>>,
// CHECK-SAME:     %out_relu: memref<2x!hlscpp.int<3, unsigned>>) comment {{.*}} {
// CHECK-NEXT:     hlscpp.for %i = 0 to 2 label "OUTPUT" {
// CHECK-NEXT:       hlscpp.pipeline ii = 1
// CHECK-NEXT:       %relu_in = hlscpp.load %in_x[%i] : memref<2x!hlscpp.int<4, signed>>
// CHECK-NEXT:       %{{[0-9]+}} = hlscpp.constant 0 : !hlscpp.int<1, unsigned>
// CHECK-NEXT:       %{{[0-9]+}} = hlscpp.cmp lt %relu_in, %{{[0-9]+}}
// CHECK-SAME:         : (!hlscpp.int<4, signed>, !hlscpp.int<1, unsigned>) -> !hlscpp.int<1, unsigned>
// CHECK-NEXT:       %{{[0-9]+}} = hlscpp.constant 0 : !hlscpp.int<4, signed>
// CHECK-NEXT:       %{{[0-9]+}} = hlscpp.select %{{[0-9]+}}, %{{[0-9]+}}, %relu_in
// CHECK-SAME:         : (!hlscpp.int<1, unsigned>, !hlscpp.int<4, signed>, !hlscpp.int<4, signed>)
// CHECK-SAME:         -> !hlscpp.int<4, signed>
// CHECK-NEXT:       %{{[0-9]+}} = hlscpp.cast %{{[0-9]+}} : (!hlscpp.int<4, signed>) -> !hlscpp.int<3, unsigned>
// CHECK-NEXT:       hlscpp.store %{{[0-9]+}}, %out_relu[%i] : memref<2x!hlscpp.int<3, unsigned>>
// CHECK-NEXT:     }
// CHECK-NEXT:   }

// CHECK:        hlscpp.func @twice(%in_relu: memref<2x!hlscpp.int<3, unsigned>>,
// CHECK-SAME:     %out_twice: memref<2x!hlscpp.int<4, unsigned>>) comment {{.*}} {
// CHECK-NEXT:     hlscpp.for %i = 0 to 2 label "OUTPUT" {
// CHECK-NEXT:       hlscpp.pipeline ii = 1
// CHECK-NEXT:       %{{[0-9]+}} = hlscpp.load %in_relu[%i] : memref<2x!hlscpp.int<3, unsigned>>
// CHECK-NEXT:       %{{[0-9]+}} = hlscpp.load %in_relu[%i] : memref<2x!hlscpp.int<3, unsigned>>
// CHECK-NEXT:       %{{[0-9]+}} = hlscpp.add %{{[0-9]+}}, %{{[0-9]+}}
// CHECK-SAME:         : (!hlscpp.int<3, unsigned>, !hlscpp.int<3, unsigned>) -> !hlscpp.int<4, unsigned>
// CHECK-NEXT:       hlscpp.store %{{[0-9]+}}, %out_twice[%i] : memref<2x!hlscpp.int<4, unsigned>>
// CHECK-NEXT:     }
// CHECK-NEXT:   }

// CHECK:        hlscpp.func @clone_x(%x: memref<2x!hlscpp.int<4, signed>>, %y0: memref<2x!hlscpp.int<4, signed>>,
// CHECK-SAME:     %y1: memref<2x!hlscpp.int<4, signed>>) comment {{.*}} {
// CHECK-NEXT:     hlscpp.for %i = 0 to 2 label "OUTPUT" {
// CHECK-NEXT:       hlscpp.pipeline ii = 1
// CHECK-NEXT:       %{{[0-9]+}} = hlscpp.load %x[%i] : memref<2x!hlscpp.int<4, signed>>
// CHECK-NEXT:       hlscpp.store %{{[0-9]+}}, %y0[%i] : memref<2x!hlscpp.int<4, signed>>
// CHECK-NEXT:       %{{[0-9]+}} = hlscpp.load %x[%i] : memref<2x!hlscpp.int<4, signed>>
// CHECK-NEXT:       hlscpp.store %{{[0-9]+}}, %y1[%i] : memref<2x!hlscpp.int<4, signed>>
// CHECK-NEXT:     }
// CHECK-NEXT:   }

// CHECK:        hlscpp.func @residual(%x: memref<2x!hlscpp.int<4, signed>>, %x_out: memref<2x!hlscpp.int<4, signed>>,
// CHECK-SAME:     %twice_out: memref<2x!hlscpp.int<4, unsigned>>) top comment {{.*}} {
// CHECK-NEXT:     hlscpp.interface %x mode = ap_none : memref<2x!hlscpp.int<4, signed>>
// CHECK-NEXT:     hlscpp.array_partition %x kind = complete, dim = 0 : memref<2x!hlscpp.int<4, signed>>
// CHECK-NEXT:     hlscpp.interface %x_out mode = ap_vld : memref<2x!hlscpp.int<4, signed>>
// CHECK-NEXT:     hlscpp.array_partition %x_out kind = complete, dim = 0 : memref<2x!hlscpp.int<4, signed>>
// CHECK-NEXT:     hlscpp.interface %twice_out mode = ap_vld : memref<2x!hlscpp.int<4, unsigned>>
// CHECK-NEXT:     hlscpp.array_partition %twice_out kind = complete, dim = 0 : memref<2x!hlscpp.int<4, unsigned>>
// CHECK-NEXT:     hlscpp.dataflow
// CHECK-NEXT:     %x_1 = hlscpp.local : memref<2x!hlscpp.int<4, signed>>
// CHECK-NEXT:     hlscpp.array_partition %x_1 kind = complete, dim = 0 : memref<2x!hlscpp.int<4, signed>>
// CHECK-NEXT:     %relu_out = hlscpp.local : memref<2x!hlscpp.int<3, unsigned>>
// CHECK-NEXT:     hlscpp.array_partition %relu_out kind = complete, dim = 0 : memref<2x!hlscpp.int<3, unsigned>>
// CHECK-NEXT:     hlscpp.call @clone_x(%x, %x_1, %x_out)
// CHECK-SAME:       : memref<2x!hlscpp.int<4, signed>>, memref<2x!hlscpp.int<4, signed>>,
// CHECK-SAME:       memref<2x!hlscpp.int<4, signed>>
// CHECK-NEXT:     hlscpp.call @relu(%x_1, %relu_out)
// CHECK-SAME:       : memref<2x!hlscpp.int<4, signed>>, memref<2x!hlscpp.int<3, unsigned>>
// CHECK-NEXT:     hlscpp.call @twice(%relu_out, %twice_out)
// CHECK-SAME:       : memref<2x!hlscpp.int<3, unsigned>>, memref<2x!hlscpp.int<4, unsigned>>
// CHECK-NEXT:   }
