// RUN: qopt %s --split-input-file --verify-diagnostics | filecheck %s

// CHECK: qnn.constant 'c': storage of tensor<2x!qnn.fixed<8, 8, unsigned>> must be tensor<2xi16>, got tensor<2xi8>
func.func @storage_width() -> () {
  %c = qnn.constant dense<1> : tensor<2xi8> as tensor<2x!qnn.fixed<8, 8, unsigned>>
  func.return
}

// -----

// CHECK: qnn.constant 'c': storage of tensor<9x!qnn.binary> must be tensor<2xi8>, got tensor<9xi8>
func.func @storage_shape() -> () {
  %c = qnn.constant dense<1> : tensor<9xi8> as tensor<9x!qnn.binary>
  func.return
}

// -----

// CHECK: qnn.constant 'c': storage does not fit tensor<2x!qnn.fixed<4, 4, signed>>: it has values from -9 to 7,
// CHECK-SAME: outside [-8, 7]
func.func @codes() -> () {
  %c = qnn.constant dense<[-9, 7]> : tensor<2xi8> as tensor<2x!qnn.fixed<4, 4, signed>>
  func.return
}

// -----

// CHECK: qnn.constant 'c': storage does not fit tensor<2x!qnn.fixed<4, 4, unsigned>>: it has values from -1 to 15,
// CHECK-SAME: outside [0, 15]
func.func @unsigned_codes() -> () {
  %c = qnn.constant dense<[-1, 15]> : tensor<2xi8> as tensor<2x!qnn.fixed<4, 4, unsigned>>
  func.return
}

// -----

// CHECK: qnn.constant 'c': storage does not fit tensor<2x!qnn.po2<-1, 0, signed>>: it has values from 0 to 4,
// CHECK-SAME: outside [0, 3]
func.func @exponents() -> () {
  %c = qnn.constant dense<[0, 4]> : tensor<2xi8> as tensor<2x!qnn.po2<-1, 0, signed>>
  func.return
}

// -----

// CHECK: qnn.constant 'c': storage does not fit tensor<1x!qnn.po2<-1, 0, unsigned>>: it has negative powers of two
func.func @negative_power() -> () {
  %c = qnn.constant dense<1> : tensor<1xi8> as tensor<1x!qnn.po2<-1, 0, unsigned>>
  func.return
}

// -----

// CHECK: qnn.constant 'c': storage does not fit tensor<3x!qnn.binary>: it has bits after the last of 3 elements
func.func @binary_tail() -> () {
  %c = qnn.constant dense<8> : tensor<1xi8> as tensor<3x!qnn.binary>
  func.return
}

// -----

// CHECK: qnn.constant 'c': storage does not fit tensor<3x!qnn.ternary>: elements of it are both zero and positive
func.func @positive_zero() -> () {
  %c = qnn.constant dense<[[1], [2]]> : tensor<2x1xi8> as tensor<3x!qnn.ternary>
  func.return
}

// -----

// CHECK: qnn.constant 'c': storage does not fit tensor<1x!qnn.bits<65>>: it has bits after the last of 65
func.func @bits_tail() -> () {
  %c = qnn.constant dense<[[0, 2]]> : tensor<1x2xi64> as tensor<1x!qnn.bits<65>>
  func.return
}

// -----

// CHECK: qnn.constant 'c': constants of !qnn.binary are packed along the last axis, tensor<!qnn.binary> has none
func.func @packed_scalar() -> () {
  %c = qnn.constant dense<1> : tensor<1xi8> as tensor<!qnn.binary>
  func.return
}

// -----

// CHECK: qnn.constant 'c': storage of tensor<1x!qnn.fixed<65, 65, signed>> must be tensor<1x2xi64> or tensor<1xf32>,
// CHECK-SAME: got tensor<1xi64>
func.func @wide() -> () {
  %c = qnn.constant dense<1> : tensor<1xi64> as tensor<1x!qnn.fixed<65, 65, signed>>
  func.return
}

// -----

// CHECK: qnn.constant 'c': storage does not fit tensor<1x!qnn.bits<2,
// CHECK-SAME: !qnn.ternary>>: elements of it are both zero and positive
func.func @zero_and_positive() -> () {
  %c = qnn.constant dense<[[1, 2]]> : tensor<1x2xi64> as tensor<1x!qnn.bits<2, !qnn.ternary>>
  func.return
}
