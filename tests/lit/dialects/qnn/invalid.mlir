// RUN: qopt %s --split-input-file --verify-diagnostics | filecheck %s

!s4 = !qnn.fixed<4, 4, signed>

// What the types of the operands give, the result must have.

// CHECK: qnn.dense 'y': result has shape 3, but the operands give 2
func.func @shape(%x: tensor<4x!s4>) -> () {
  %k = qnn.constant dense<1> : tensor<4x2xi8> as tensor<4x2x!s4>
  %y = qnn.dense %x, %k : tensor<4x!s4>, tensor<4x2x!s4>
      -> tensor<3x!qnn.fixed<10, 10, signed>>
  func.return
}

// -----

!s4 = !qnn.fixed<4, 4, signed>
!s4_3 = !qnn.fixed<4, 3, signed>

// CHECK: qnn.add 'y': result has step 2^0, but the operands give step 2^-1
func.func @step(%a: tensor<!s4>, %b: tensor<!s4_3>) -> () {
  %y = qnn.add %a, %b : tensor<!s4>, tensor<!s4_3> -> tensor<!qnn.fixed<6, 6, signed>>
  func.return
}

// -----

// CHECK: qnn.relu 'y': result must have quantized elements, got tensor<4xf32>
func.func @float_result(%x: tensor<4x!qnn.fixed<4, 4, signed>>) -> () {
  %y = qnn.relu %x : tensor<4x!qnn.fixed<4, 4, signed>> -> tensor<4xf32>
  func.return
}

// -----

// CHECK: qnn.relu 'y': result must have f32 elements, got tensor<4x!qnn.fixed<4, 4, signed>>
func.func @quantized_result(%x: tensor<4xf32>) -> () {
  %y = qnn.relu %x : tensor<4xf32> -> tensor<4x!qnn.fixed<4, 4, signed>>
  func.return
}

// -----

// CHECK: qnn.relu 'y': expected elements of a !qnn type or f32, got i8
func.func @element(%x: tensor<4xi8>) -> () {
  %y = qnn.relu %x : tensor<4xi8> -> tensor<4xi8>
  func.return
}

// -----

// CHECK: qnn.relu 'y': expected a tensor of constant, non-empty shape, got tensor<?x!qnn.fixed<4, 4, signed>>
func.func @dynamic(%x: tensor<?x!qnn.fixed<4, 4, signed>>) -> () {
  %y = qnn.relu %x : tensor<?x!qnn.fixed<4, 4, signed>> -> tensor<?x!qnn.fixed<3, 3, unsigned>>
  func.return
}

// -----

// CHECK: qnn.relu 'y': operand 'operand' at position 0 does not verify: f32 should be of base attribute tensor
func.func @no_tensor(%x: f32) -> () {
  %y = qnn.relu %x : f32 -> tensor<f32>
  func.return
}

// -----

// Quantizers

// CHECK: qnn.quantize 'y': mode #qnn.sign gives qnn.binary elements, the result has !qnn.ternary
func.func @mode(%x: tensor<4xf32>) -> () {
  %y = qnn.quantize %x {mode = #qnn.sign} : tensor<4xf32> -> tensor<4x!qnn.ternary>
  func.return
}

// -----

// CHECK: qnn.quantize 'y': result has shape scalar, but the operands give 4
func.func @quantize_shape(%x: tensor<4xf32>) -> () {
  %y = qnn.quantize %x {mode = #qnn.sign} : tensor<4xf32> -> tensor<!qnn.binary>
  func.return
}

// -----

// CHECK: qnn.quantize 'y': formats of shape [3] do not broadcast to [4]
func.func @formats(%x: tensor<4xf32>) -> () {
  %y = qnn.quantize %x {mode = #qnn.round_each<floor, wrap, steps = dense<0> : tensor<3xi16>,
      widths = dense<2> : tensor<3xi16>, signs = dense<1> : tensor<3xi16>>} : tensor<4xf32>
      -> tensor<4x!qnn.fixed<2, 2, signed>>
  func.return
}

// -----

// CHECK: qnn.quantize 'y': the result has !qnn.fixed<2, 2, signed> elements, the formats need !qnn.fixed<3, 3, signed>
func.func @hull(%x: tensor<2xf32>) -> () {
  %y = qnn.quantize %x {mode = #qnn.round_each<floor, wrap, steps = dense<0> : tensor<2xi16>,
      widths = dense<[2, 3]> : tensor<2xi16>, signs = dense<1> : tensor<2xi16>>} : tensor<2xf32>
      -> tensor<2x!qnn.fixed<2, 2, signed>>
  func.return
}

// -----

// CHECK: qnn.quantize 'y': property 'mode' expected in operation 'qnn.quantize'
func.func @no_mode(%x: tensor<4xf32>) -> () {
  %y = qnn.quantize %x : tensor<4xf32> -> tensor<4x!qnn.binary>
  func.return
}

// -----

// Arithmetic

// CHECK: qnn.add 'y': shapes do not broadcast: tensor<4x!qnn.binary> and tensor<3x!qnn.binary>
func.func @broadcast(%a: tensor<4x!qnn.binary>, %b: tensor<3x!qnn.binary>) -> () {
  %y = qnn.add %a, %b : tensor<4x!qnn.binary>, tensor<3x!qnn.binary> -> tensor<4x!qnn.fixed<3, 3, signed>>
  func.return
}

// -----

!s4 = !qnn.fixed<4, 4, signed>

// CHECK: qnn.mul 'y': product 'shift' is not possible between !qnn.fixed<4, 4, signed> and !qnn.fixed<4, 4, signed>
func.func @mul_shift(%a: tensor<4x!s4>) -> () {
  %y = qnn.mul %a, %a {product = #qnn.product<shift>} : tensor<4x!s4>, tensor<4x!s4>
      -> tensor<4x!qnn.fixed<8, 8, signed>>
  func.return
}

// -----

!s4 = !qnn.fixed<4, 4, signed>

// CHECK: qnn.dense 'y': product 'add_sub' is not possible between !qnn.fixed<4, 4, signed> and !qnn.po2<0, 1, signed>
func.func @dense_add_sub(%x: tensor<4x!s4>, %k: tensor<4x2x!qnn.po2<0, 1, signed>>) -> () {
  %y = qnn.dense %x, %k {product = #qnn.product<add_sub>} : tensor<4x!s4>, tensor<4x2x!qnn.po2<0, 1, signed>>
      -> tensor<2x!qnn.fixed<8, 8, signed>>
  func.return
}

// -----

// CHECK: qnn.batch_norm 'y': parameters must be f32, got tensor<4x!qnn.binary>
func.func @bn_quantized(%x: tensor<4xf32>, %p: tensor<4x!qnn.binary>) -> () {
  %y = qnn.batch_norm %x, %p, %x, %x, %x {epsilon = 1.0 : f64, formula = #qnn.formula<scale_offset>}
      : tensor<4xf32>, tensor<4x!qnn.binary>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32> -> tensor<4xf32>
  func.return
}

// -----

// CHECK: qnn.batch_norm 'y': parameters must have shape 4, got tensor<1xf32>
func.func @bn_channels(%x: tensor<4xf32>, %p: tensor<1xf32>) -> () {
  %y = qnn.batch_norm %x, %x, %x, %x, %p {epsilon = 1.0 : f64, formula = #qnn.formula<scale_offset>}
      : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<1xf32> -> tensor<4xf32>
  func.return
}

// -----

// CHECK: qnn.batch_norm 'y': expected an operand with a channel axis, got tensor<f32>
func.func @bn_scalar(%x: tensor<f32>) -> () {
  %y = qnn.batch_norm %x, %x, %x, %x, %x {epsilon = 1.0 : f64, formula = #qnn.formula<scale_offset>}
      : tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32> -> tensor<f32>
  func.return
}

// -----

// CHECK: qnn.divide 'y': parameters must be f32, got tensor<!qnn.binary>
func.func @divisor(%x: tensor<4xf32>, %d: tensor<!qnn.binary>) -> () {
  %y = qnn.divide %x, %d : tensor<4xf32>, tensor<!qnn.binary> -> tensor<4xf32>
  func.return
}

// -----

!s4 = !qnn.fixed<4, 4, signed>
!s4_3 = !qnn.fixed<4, 3, signed>

// Thresholds

// CHECK: qnn.threshold 'y': operand and thresholds must be quantized with the same step
func.func @threshold_step(%x: tensor<4x!s4>, %t: tensor<1x1x!s4_3>) -> () {
  %y = qnn.threshold %x, %t {first = 0 : i64} : tensor<4x!s4>, tensor<1x1x!s4_3> -> tensor<4x!qnn.binary>
  func.return
}

// -----

!s4 = !qnn.fixed<4, 4, signed>

// CHECK: qnn.threshold 'y': operand and thresholds must be quantized with the same step
func.func @threshold_float(%x: tensor<4xf32>, %t: tensor<1x1x!s4>) -> () {
  %y = qnn.threshold %x, %t {first = 0 : i64} : tensor<4xf32>, tensor<1x1x!s4> -> tensor<4x!qnn.binary>
  func.return
}

// -----

!s4 = !qnn.fixed<4, 4, signed>

// CHECK: qnn.threshold 'y': thresholds must be [4 or 1, levels], got tensor<3x1x!qnn.fixed<4, 4, signed>>
func.func @threshold_rows(%x: tensor<4x!s4>, %t: tensor<3x1x!s4>) -> () {
  %y = qnn.threshold %x, %t {first = 0 : i64} : tensor<4x!s4>, tensor<3x1x!s4> -> tensor<4x!qnn.binary>
  func.return
}

// -----

!s4 = !qnn.fixed<4, 4, signed>

// CHECK: qnn.threshold 'y': direction must be !qnn.binary, got tensor<1x!qnn.ternary>
func.func @direction_type(%x: tensor<4x!s4>, %t: tensor<1x1x!s4>, %d: tensor<1x!qnn.ternary>) -> () {
  %y = qnn.threshold %x, %t, %d {first = 0 : i64} : tensor<4x!s4>, tensor<1x1x!s4>, tensor<1x!qnn.ternary>
      -> tensor<4x!qnn.binary>
  func.return
}

// -----

!s4 = !qnn.fixed<4, 4, signed>

// CHECK: qnn.threshold 'y': direction must have shape 1, got tensor<4x!qnn.binary>
func.func @direction_shape(%x: tensor<4x!s4>, %t: tensor<1x1x!s4>, %d: tensor<4x!qnn.binary>) -> () {
  %y = qnn.threshold %x, %t, %d {first = 0 : i64} : tensor<4x!s4>, tensor<1x1x!s4>, tensor<4x!qnn.binary>
      -> tensor<4x!qnn.binary>
  func.return
}

// -----

!s4 = !qnn.fixed<4, 4, signed>

// From the middle code on, two thresholds need a fourth one.
// CHECK: qnn.threshold 'y': 2 thresholds from code 1 leave tensor<4x!qnn.ternary>
func.func @threshold_codes(%x: tensor<4x!s4>, %t: tensor<1x2x!s4>) -> () {
  %y = qnn.threshold %x, %t {first = 1 : i64} : tensor<4x!s4>, tensor<1x2x!s4> -> tensor<4x!qnn.ternary>
  func.return
}

// -----

!s4 = !qnn.fixed<4, 4, signed>

// CHECK: qnn.threshold 'y': 1 thresholds from code -1 leave tensor<4x!qnn.binary>
func.func @threshold_first(%x: tensor<4x!s4>, %t: tensor<1x1x!s4>) -> () {
  %y = qnn.threshold %x, %t {first = -1 : i64} : tensor<4x!s4>, tensor<1x1x!s4> -> tensor<4x!qnn.binary>
  func.return
}

// -----

!s4 = !qnn.fixed<4, 4, signed>

// CHECK: qnn.threshold 'y': expected an operand with a channel axis, got tensor<!qnn.fixed<4, 4, signed>>
func.func @threshold_scalar(%x: tensor<!s4>, %t: tensor<1x1x!s4>) -> () {
  %y = qnn.threshold %x, %t {first = 0 : i64} : tensor<!s4>, tensor<1x1x!s4> -> tensor<!qnn.binary>
  func.return
}

// -----

// Layers

// CHECK: qnn.dense 'y': tensor<3x!qnn.binary> does not fit kernel tensor<4x2x!qnn.binary>
func.func @dense(%x: tensor<3x!qnn.binary>, %k: tensor<4x2x!qnn.binary>) -> () {
  %y = qnn.dense %x, %k : tensor<3x!qnn.binary>, tensor<4x2x!qnn.binary>
      -> tensor<2x!qnn.fixed<4, 4, signed>>
  func.return
}

// -----

// CHECK: qnn.dense 'y': expected quantized elements, got f32
func.func @float_kernel(%x: tensor<4xf32>, %k: tensor<4x2xf32>) -> () {
  %y = qnn.dense %x, %k : tensor<4xf32>, tensor<4x2xf32> -> tensor<2xf32>
  func.return
}

// -----

// CHECK: qnn.conv2d 'y': tensor<4x4x2x!qnn.binary> does not fit kernel tensor<2x2x1x1x!qnn.binary>
func.func @conv_channels(%x: tensor<4x4x2x!qnn.binary>, %k: tensor<2x2x1x1x!qnn.binary>) -> () {
  %y = qnn.conv2d %x, %k : tensor<4x4x2x!qnn.binary>, tensor<2x2x1x1x!qnn.binary>
      -> tensor<3x3x1x!qnn.fixed<4, 4, signed>>
  func.return
}

// -----

// CHECK: qnn.conv2d 'y': strides must be [rows, columns] of at least 1, got [0, 1]
func.func @conv_strides(%x: tensor<4x4x1x!qnn.binary>, %k: tensor<2x2x1x1x!qnn.binary>) -> () {
  %y = qnn.conv2d %x, %k {strides = array<i64: 0, 1>}
      : tensor<4x4x1x!qnn.binary>, tensor<2x2x1x1x!qnn.binary> -> tensor<3x3x1x!qnn.fixed<4, 4, signed>>
  func.return
}

// -----

// CHECK: qnn.conv2d 'y': dilations must be [rows, columns] of at least 1, got [2]
func.func @conv_dilations(%x: tensor<4x4x1x!qnn.binary>, %k: tensor<2x2x1x1x!qnn.binary>) -> () {
  %y = qnn.conv2d %x, %k {dilations = array<i64: 2>}
      : tensor<4x4x1x!qnn.binary>, tensor<2x2x1x1x!qnn.binary> -> tensor<3x3x1x!qnn.fixed<4, 4, signed>>
  func.return
}

// -----

// CHECK: qnn.conv2d 'y': the kernel is larger than tensor<4x4x1x!qnn.binary>
func.func @conv_size(%x: tensor<4x4x1x!qnn.binary>, %k: tensor<2x2x1x1x!qnn.binary>) -> () {
  %y = qnn.conv2d %x, %k {dilations = array<i64: 1, 4>}
      : tensor<4x4x1x!qnn.binary>, tensor<2x2x1x1x!qnn.binary> -> tensor<3x1x1x!qnn.fixed<4, 4, signed>>
  func.return
}

// -----

// CHECK: qnn.pad 'y': padding needs 2 non-negative counts on either side
func.func @pad(%x: tensor<4x4x!qnn.ternary>) -> () {
  %y = qnn.pad %x {low = array<i64: 0, 1>, high = array<i64: 0, -1>} : tensor<4x4x!qnn.ternary>
      -> tensor<4x4x!qnn.ternary>
  func.return
}

// -----

// Binary has no zero to pad with, so the result is wider.
// CHECK: qnn.pad 'y': result has !qnn.binary elements, but the operands give !qnn.fixed<2, 2, signed>
func.func @pad_binary(%x: tensor<4x4x!qnn.binary>) -> () {
  %y = qnn.pad %x {low = array<i64: 0, 1>, high = array<i64: 0, 1>} : tensor<4x4x!qnn.binary> -> tensor<4x6x!qnn.binary>
  func.return
}

// -----

// Moved binary values stay bits.
// CHECK: qnn.reshape 'y': result has !qnn.fixed<2, 2, signed> elements, but the operands give !qnn.binary
func.func @retyped(%x: tensor<4x4x!qnn.binary>) -> () {
  %y = qnn.reshape %x : tensor<4x4x!qnn.binary> -> tensor<16x!qnn.fixed<2, 2, signed>>
  func.return
}

// -----

// CHECK: qnn.max_pool2d 'y': expected [rows, columns, channels], got tensor<4x4x!qnn.binary>
func.func @pool_rank(%x: tensor<4x4x!qnn.binary>) -> () {
  %y = qnn.max_pool2d %x {pool = array<i64: 2, 2>, strides = array<i64: 2, 2>} : tensor<4x4x!qnn.binary>
      -> tensor<2x2x!qnn.binary>
  func.return
}

// -----

// CHECK: qnn.sum_pool2d 'y': pool must be [rows, columns] of at least 1, got [2, 0]
func.func @pool(%x: tensor<4x4x1x!qnn.binary>) -> () {
  %y = qnn.sum_pool2d %x {pool = array<i64: 2, 0>, strides = array<i64: 2, 2>} : tensor<4x4x1x!qnn.binary>
      -> tensor<2x2x1x!qnn.fixed<4, 4, signed>>
  func.return
}

// -----

// CHECK: qnn.max_pool2d 'y': the window is larger than tensor<4x4x1x!qnn.binary>
func.func @pool_size(%x: tensor<4x4x1x!qnn.binary>) -> () {
  %y = qnn.max_pool2d %x {pool = array<i64: 2, 6>, strides = array<i64: 2, 2>, low = array<i64: 0, 1>}
      : tensor<4x4x1x!qnn.binary> -> tensor<2x1x1x!qnn.binary>
  func.return
}

// -----

// CHECK: qnn.max_pool2d 'y': low must be [rows, columns] of at least 0, got [-1, 0]
func.func @pool_low(%x: tensor<4x4x1x!qnn.binary>) -> () {
  %y = qnn.max_pool2d %x {pool = array<i64: 2, 2>, strides = array<i64: 2, 2>, low = array<i64: -1, 0>}
      : tensor<4x4x1x!qnn.binary> -> tensor<1x2x1x!qnn.binary>
  func.return
}

// -----

// CHECK: qnn.sum_pool2d 'y': result must have f32 elements, got tensor<2x2x1x!qnn.fixed<8, 8, signed>>
func.func @sum_pool_float(%x: tensor<4x4x1xf32>) -> () {
  %y = qnn.sum_pool2d %x {pool = array<i64: 2, 2>, strides = array<i64: 2, 2>} : tensor<4x4x1xf32>
      -> tensor<2x2x1x!qnn.fixed<8, 8, signed>>
  func.return
}

// -----

// CHECK: qnn.reshape 'y': tensor<4x4x!qnn.binary> and tensor<15x!qnn.binary> differ in size
func.func @reshape(%x: tensor<4x4x!qnn.binary>) -> () {
  %y = qnn.reshape %x : tensor<4x4x!qnn.binary> -> tensor<15x!qnn.binary>
  func.return
}

// -----

// Packed bits

// CHECK: qnn.pack 'y': expected elements of !qnn.binary, !qnn.fixed<1, 1, unsigned>, !qnn.ternary,
// CHECK-SAME: got tensor<4x!qnn.fixed<2, 2, signed>>
func.func @pack(%x: tensor<4x!qnn.fixed<2, 2, signed>>) -> () {
  %y = qnn.pack %x : tensor<4x!qnn.fixed<2, 2, signed>> -> tensor<!qnn.bits<4>>
  func.return
}

// -----

// CHECK: qnn.pack 'y': result must be tensor<!qnn.bits<4>>, got tensor<!qnn.bits<5>>
func.func @pack_count(%x: tensor<4x!qnn.binary>) -> () {
  %y = qnn.pack %x : tensor<4x!qnn.binary> -> tensor<!qnn.bits<5>>
  func.return
}

// -----

// CHECK: qnn.popcount_dense 'y': tensor<!qnn.bits<4>> does not fit kernel tensor<2x!qnn.bits<5>>
func.func @popcount(%x: tensor<!qnn.bits<4>>, %k: tensor<2x!qnn.bits<5>>) -> () {
  %y = qnn.popcount_dense %x, %k : tensor<!qnn.bits<4>>, tensor<2x!qnn.bits<5>> -> tensor<2x!qnn.fixed<3, 3, unsigned>>
  func.return
}

// -----

// CHECK: qnn.popcount_dense 'y': expected packed elements (!qnn.bits), got !qnn.binary
func.func @popcount_unpacked(%x: tensor<!qnn.binary>, %k: tensor<2x!qnn.bits<1>>) -> () {
  %y = qnn.popcount_dense %x, %k : tensor<!qnn.binary>, tensor<2x!qnn.bits<1>> -> tensor<2x!qnn.fixed<1, 1, unsigned>>
  func.return
}

// -----

// CHECK: qnn.popcount_conv2d 'y': tensor<3x3x!qnn.bits<9>> does not fit kernel tensor<2x2x1x!qnn.bits<8>>
func.func @popcount_conv(%x: tensor<3x3x!qnn.bits<9>>, %k: tensor<2x2x1x!qnn.bits<8>>) -> () {
  %y = qnn.popcount_conv2d %x, %k : tensor<3x3x!qnn.bits<9>>, tensor<2x2x1x!qnn.bits<8>>
      -> tensor<2x2x1x!qnn.fixed<6, 6, unsigned>>
  func.return
}

// -----

// CHECK: qnn.popcount_conv2d 'y': strides must be [rows, columns] of at least 1, got [1, 0]
func.func @popcount_strides(%x: tensor<3x3x!qnn.bits<9>>, %k: tensor<2x2x1x!qnn.bits<9>>) -> () {
  %y = qnn.popcount_conv2d %x, %k {strides = array<i64: 1, 0>}
      : tensor<3x3x!qnn.bits<9>>, tensor<2x2x1x!qnn.bits<9>> -> tensor<2x2x1x!qnn.fixed<6, 6, unsigned>>
  func.return
}

// -----

// Moves and joins

// CHECK: qnn.transpose 'y': [0, 0] is no permutation of 2 axes
func.func @transpose(%x: tensor<2x3x!qnn.binary>) -> () {
  %y = qnn.transpose %x {permutation = array<i64: 0, 0>} : tensor<2x3x!qnn.binary> -> tensor<2x2x!qnn.binary>
  func.return
}

// -----

// CHECK: qnn.transpose 'y': permutation needs 2 numbers, got [0]
func.func @transpose_rank(%x: tensor<2x3x!qnn.binary>) -> () {
  %y = qnn.transpose %x {permutation = array<i64: 0>} : tensor<2x3x!qnn.binary> -> tensor<2x3x!qnn.binary>
  func.return
}

// -----

// CHECK: qnn.slice 'y': 2 elements from 2 on leave an axis of 3
func.func @slice(%x: tensor<2x3x!qnn.binary>) -> () {
  %y = qnn.slice %x {offsets = array<i64: 0, 2>, sizes = array<i64: 2, 2>} : tensor<2x3x!qnn.binary>
      -> tensor<2x2x!qnn.binary>
  func.return
}

// -----

// CHECK: qnn.repeat 'y': repeats must be at least 1, got [1, 0]
func.func @repeat(%x: tensor<2x3x!qnn.binary>) -> () {
  %y = qnn.repeat %x {repeats = array<i64: 1, 0>} : tensor<2x3x!qnn.binary> -> tensor<2x3x!qnn.binary>
  func.return
}

// -----

// CHECK: qnn.dilate 'y': steps must be at least 1, got [0, 1]
func.func @dilate(%x: tensor<2x3x!qnn.ternary>) -> () {
  %y = qnn.dilate %x {steps = array<i64: 0, 1>} : tensor<2x3x!qnn.ternary> -> tensor<2x3x!qnn.ternary>
  func.return
}

// -----

// CHECK: qnn.concat 'y': no axis 2 in tensor<2x3x!qnn.binary>, tensor<2x3x!qnn.binary>
func.func @concat_axis(%x: tensor<2x3x!qnn.binary>) -> () {
  %y = qnn.concat %x, %x {axis = 2 : i64} : tensor<2x3x!qnn.binary>, tensor<2x3x!qnn.binary> -> tensor<2x6x!qnn.binary>
  func.return
}

// -----

// CHECK: qnn.concat 'y': shapes differ beside axis 1: tensor<2x3x!qnn.binary>, tensor<1x3x!qnn.binary>
func.func @concat_shape(%x: tensor<2x3x!qnn.binary>, %z: tensor<1x3x!qnn.binary>) -> () {
  %y = qnn.concat %x, %z {axis = 1 : i64} : tensor<2x3x!qnn.binary>, tensor<1x3x!qnn.binary> -> tensor<2x6x!qnn.binary>
  func.return
}

// -----

// Tables

// CHECK: qnn.lookup 'y': table must be [4 or 1, codes] with at most 65536 codes, got tensor<3x2x!qnn.ternary>
func.func @lookup_rows(%x: tensor<4x!qnn.binary>, %t: tensor<3x2x!qnn.ternary>) -> () {
  %y = qnn.lookup %x, %t {first = 0 : i64} : tensor<4x!qnn.binary>, tensor<3x2x!qnn.ternary> -> tensor<4x!qnn.ternary>
  func.return
}

// -----

// CHECK: qnn.lookup 'y': powers of two are too far apart for a table over all codes; use qnn.threshold
func.func @lookup_powers(%x: tensor<4x!qnn.po2<0, 3, signed>>, %t: tensor<1x2x!qnn.ternary>) -> () {
  %y = qnn.lookup %x, %t {first = 0 : i64} : tensor<4x!qnn.po2<0, 3, signed>>, tensor<1x2x!qnn.ternary>
      -> tensor<4x!qnn.ternary>
  func.return
}

// -----

// Constants

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

// Types

// CHECK: width must be at least 1 bit, got 0
func.func @width(%x: tensor<1x!qnn.fixed<0, 0, signed>>) -> () { func.return }

// -----

// CHECK: expected 'signed' or 'unsigned', got 'signless'
func.func @sign(%x: tensor<1x!qnn.fixed<4, 4, signless>>) -> () { func.return }

// -----

// CHECK: expected 'signed' or 'unsigned', got 'negative'
func.func @po2_sign(%x: tensor<1x!qnn.po2<0, 1, negative>>) -> () { func.return }

// -----

// CHECK: empty exponent range [1, 0]
func.func @exponent_range(%x: tensor<1x!qnn.po2<1, 0, signed>>) -> () { func.return }

// -----

// CHECK: a packed vector has 1 to 134217728 elements, got 0
func.func @bits(%x: tensor<1x!qnn.bits<0>>) -> () { func.return }

// -----

// CHECK: qnn.constant 'c': storage of tensor<1x!qnn.fixed<65, 65, signed>> must be tensor<1x2xi64> or tensor<1xf32>,
// CHECK-SAME: got tensor<1xi64>
func.func @wide() -> () {
  %c = qnn.constant dense<1> : tensor<1xi64> as tensor<1x!qnn.fixed<65, 65, signed>>
  func.return
}

// -----

// CHECK: !qnn.fixed<2, 2, signed> does not pack into bits, only !qnn.binary, !qnn.fixed<1, 1, unsigned>,
// CHECK-SAME: !qnn.ternary do
func.func @bits_of_two(%x: tensor<1x!qnn.bits<3, !qnn.fixed<2, 2, signed>>>) -> () { func.return }

// -----

// CHECK: qnn.constant 'c': storage does not fit tensor<1x!qnn.bits<2,
// CHECK-SAME: !qnn.ternary>>: elements of it are both zero and positive
func.func @zero_and_positive() -> () {
  %c = qnn.constant dense<[[1, 2]]> : tensor<1x2xi64> as tensor<1x!qnn.bits<2, !qnn.ternary>>
  func.return
}

// -----

// CHECK: qnn.popcount_depthwise_conv2d 'y': tensor<3x3x2x!qnn.binary> does not fit kernel tensor<3x1x2x!qnn.bits<2>>
func.func @popcount_depthwise(%x: tensor<3x3x2x!qnn.binary>, %k: tensor<3x1x2x!qnn.bits<2>>) -> () {
  %y = qnn.popcount_depthwise_conv2d %x, %k : tensor<3x3x2x!qnn.binary>, tensor<3x1x2x!qnn.bits<2>>
      -> tensor<2x2x2x!qnn.fixed<3, 3, unsigned>>
  func.return
}

// -----

// CHECK: qnn.packed_flatten 'y': no 3 axes to flatten in tensor<2x3x!qnn.bits<5>>
func.func @packed_axes(%x: tensor<2x3x!qnn.bits<5>>) -> () {
  %y = qnn.packed_flatten %x {axes = 3 : i64} : tensor<2x3x!qnn.bits<5>> -> tensor<!qnn.bits<30>>
  func.return
}

// -----

// CHECK: qnn.packed_flatten 'y': result must be tensor<2x!qnn.bits<15>>, got tensor<2x!qnn.bits<16>>
func.func @packed_count(%x: tensor<2x3x!qnn.bits<5>>) -> () {
  %y = qnn.packed_flatten %x {axes = 1 : i64} : tensor<2x3x!qnn.bits<5>> -> tensor<2x!qnn.bits<16>>
  func.return
}

// -----

// CHECK: qnn.packed_concat 'z': parts differ beside the count: tensor<2x!qnn.bits<5>>,
// CHECK-SAME: tensor<2x!qnn.bits<5, !qnn.ternary>>
func.func @packed_parts(%x: tensor<2x!qnn.bits<5>>, %y: tensor<2x!qnn.bits<5, !qnn.ternary>>) -> () {
  %z = qnn.packed_concat %x, %y : tensor<2x!qnn.bits<5>>, tensor<2x!qnn.bits<5, !qnn.ternary>>
      -> tensor<2x!qnn.bits<10>>
  func.return
}

// -----

// CHECK: qnn.packed_max_pool2d 'y': expected [rows, columns] of packed channels, got tensor<2x!qnn.bits<5>>
func.func @packed_image(%x: tensor<2x!qnn.bits<5>>) -> () {
  %y = qnn.packed_max_pool2d %x {pool = array<i64: 2, 1>, strides = array<i64: 2, 1>} : tensor<2x!qnn.bits<5>>
      -> tensor<1x!qnn.bits<5>>
  func.return
}

// -----

// CHECK: qnn.packed_max_pool2d 'y': strides must be [rows, columns] of at least 1, got [0, 1]
func.func @packed_strides(%x: tensor<2x2x!qnn.bits<5>>) -> () {
  %y = qnn.packed_max_pool2d %x {pool = array<i64: 2, 1>, strides = array<i64: 0, 1>} : tensor<2x2x!qnn.bits<5>>
      -> tensor<1x2x!qnn.bits<5>>
  func.return
}

// -----

!s4 = !qnn.fixed<4, 4, signed>

// CHECK: qnn.dense 'y': product 'signed_digits' needs a fixed-point kernel, got tensor<2x2x!qnn.ternary>
func.func @digits_of_ternary(%x: tensor<2x!s4>, %k: tensor<2x2x!qnn.ternary>) -> () {
  %y = qnn.dense %x, %k {product = #qnn.product<signed_digits>} : tensor<2x!s4>, tensor<2x2x!qnn.ternary>
      -> tensor<2x!qnn.fixed<6, 6, signed>>
  func.return
}

// -----

!s4 = !qnn.fixed<4, 4, signed>

// CHECK: qnn.mul 'y': product 'adder_graph' is not possible between !qnn.fixed<4, 4, signed> and !qnn.fixed<4, 4,
// CHECK-SAME: signed>
func.func @graph_of_scale(%x: tensor<2x!s4>) -> () {
  %y = qnn.mul %x, %x {product = #qnn.product<adder_graph>} : tensor<2x!s4>, tensor<2x!s4>
      -> tensor<2x!qnn.fixed<8, 8, signed>>
  func.return
}
