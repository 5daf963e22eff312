// RUN: qopt %s | qopt | filecheck %s
// RUN: qopt %s --print-op-generic | qopt | filecheck %s
// RUN: qopt %s --print-op-generic | filecheck %s --check-prefix=GENERIC

!x4 = tensor<4x!qnn.fixed<8, 3, signed>>

// The generic form has everything as properties, defaults included.
// GENERIC: "qnn.quantize"(%x) <{mode = #qnn.round<half_even, saturate>}> : (tensor<4xf32>) -> tensor<4x!qnn.fixed<4, 2, unsigned>>
// CHECK:      func.func @quantize(%x: tensor<4xf32>, %y: tensor<4x!qnn.fixed<8, 3, signed>>) {
func.func @quantize(%x: tensor<4xf32>, %y: !x4) -> () {
  // CHECK-NEXT: %a = qnn.quantize %x {mode = #qnn.round<half_even, saturate>} : tensor<4xf32> -> tensor<4x!qnn.fixed<4, 2, unsigned>>
  %a = qnn.quantize %x {mode = #qnn.round<half_even, saturate>} : tensor<4xf32> -> tensor<4x!qnn.fixed<4, 2, unsigned>>
  // CHECK-NEXT: %b = qnn.quantize %y {mode = #qnn.round<half_away, saturate_symmetric>} : tensor<4x!qnn.fixed<8, 3, signed>> -> tensor<4x!qnn.fixed<4, 2, signed>>
  %b = qnn.quantize %y {mode = #qnn.round<half_away, saturate_symmetric>} : !x4 -> tensor<4x!qnn.fixed<4, 2, signed>>
  // CHECK-NEXT: %c = qnn.quantize %y {mode = #qnn.round<floor, saturate>} : tensor<4x!qnn.fixed<8, 3, signed>> -> tensor<4x!qnn.fixed<3, -2, signed>>
  %c = qnn.quantize %y {mode = #qnn.round<floor, saturate>} : !x4 -> tensor<4x!qnn.fixed<3, -2, signed>>
  // CHECK-NEXT: %d = qnn.quantize %x {mode = #qnn.sign} : tensor<4xf32> -> tensor<4x!qnn.binary>
  %d = qnn.quantize %x {mode = #qnn.sign} : tensor<4xf32> -> tensor<4x!qnn.binary>
  // CHECK-NEXT: %e = qnn.quantize %x {mode = #qnn.dead_zone<0.33000001311302185>} : tensor<4xf32> -> tensor<4x!qnn.ternary>
  %e = qnn.quantize %x {mode = #qnn.dead_zone<0.33000001311302185>} : tensor<4xf32> -> tensor<4x!qnn.ternary>
  // CHECK-NEXT: %f = qnn.quantize %x {mode = #qnn.nearest_po2} : tensor<4xf32> -> tensor<4x!qnn.po2<-4, 3, signed>>
  %f = qnn.quantize %x {mode = #qnn.nearest_po2} : tensor<4xf32> -> tensor<4x!qnn.po2<-4, 3, signed>>
  // CHECK-NEXT: %g = qnn.quantize %y {mode = #qnn.nearest_po2<ceiling = 4.0, floor>} : tensor<4x!qnn.fixed<8, 3, signed>> -> tensor<4x!qnn.po2<-4, 2, unsigned>>
  %g = qnn.quantize %y {mode = #qnn.nearest_po2<ceiling = 4.0, floor>} : !x4 -> tensor<4x!qnn.po2<-4, 2, unsigned>>
  // CHECK-NEXT: %h = qnn.quantize %x {mode = #qnn.nearest_po2<quadratic, tiny = -8>} : tensor<4xf32> -> tensor<4x!qnn.po2<-8, 2, signed>>
  %h = qnn.quantize %x {mode = #qnn.nearest_po2<quadratic, tiny = -8>} : tensor<4xf32> -> tensor<4x!qnn.po2<-8, 2, signed>>
  // CHECK-NEXT: func.return
  func.return
}

// GENERIC: %raw8 = "qnn.constant"() <{value = dense<[-128, 127]> : tensor<2xi8>}> : () -> tensor<2x!qnn.fixed<8, 3, signed>>
// CHECK:      func.func @constants() {
func.func @constants() -> () {
  // Fixed point: the smallest signed storage that holds every code, so 8 unsigned bits take 16.
  // CHECK-NEXT: %raw8 = qnn.constant dense<[-128, 127]> : tensor<2xi8> as tensor<2x!qnn.fixed<8, 3, signed>>
  %raw8 = qnn.constant dense<[-128, 127]> : tensor<2xi8> as tensor<2x!qnn.fixed<8, 3, signed>>
  // CHECK-NEXT: %raw16 = qnn.constant dense<255> : tensor<2xi16> as tensor<2x!qnn.fixed<8, 10, unsigned>>
  %raw16 = qnn.constant dense<255> : tensor<2xi16> as tensor<2x!qnn.fixed<8, 10, unsigned>>
  // CHECK-NEXT: %raw32 = qnn.constant dense<-65536> : tensor<1xi32> as tensor<1x!qnn.fixed<17, 1, signed>>
  %raw32 = qnn.constant dense<-65536> : tensor<1xi32> as tensor<1x!qnn.fixed<17, 1, signed>>
  // CHECK-NEXT: %raw64 = qnn.constant dense<-4294967296> : tensor<i64> as tensor<!qnn.fixed<33, 1, signed>>
  %raw64 = qnn.constant dense<-4294967296> : tensor<i64> as tensor<!qnn.fixed<33, 1, signed>>
  // Binary: one bit each along the last axis, low bit first; here +1, -1, +1.
  // CHECK-NEXT: %signs = qnn.constant dense<{{\[\[}}5], [2]]> : tensor<2x1xi8> as tensor<2x3x!qnn.binary>
  %signs = qnn.constant dense<[[5], [2]]> : tensor<2x1xi8> as tensor<2x3x!qnn.binary>
  // Ternary: the non-zero plane, then the positive plane; here +1, 0, -1.
  // CHECK-NEXT: %ternary = qnn.constant dense<{{\[\[}}5], [1]]> : tensor<2x1xi8> as tensor<3x!qnn.ternary>
  %ternary = qnn.constant dense<[[5], [1]]> : tensor<2x1xi8> as tensor<3x!qnn.ternary>
  // Powers of two: twice the exponent above the smallest, plus one if negative; here 0.25 and -1.
  // CHECK-NEXT: %powers = qnn.constant dense<[0, 5]> : tensor<2xi8> as tensor<2x!qnn.po2<-2, 0, signed>>
  %powers = qnn.constant dense<[0, 5]> : tensor<2xi8> as tensor<2x!qnn.po2<-2, 0, signed>>
  // CHECK-NEXT: %wide_powers = qnn.constant dense<[0, 128]> : tensor<2xi16> as tensor<2x!qnn.po2<-32, 32, unsigned>>
  %wide_powers = qnn.constant dense<[0, 128]> : tensor<2xi16> as tensor<2x!qnn.po2<-32, 32, unsigned>>
  // CHECK-NEXT: %words = qnn.constant dense<{{\[\[}}5, 1]]> : tensor<1x2xi64> as tensor<1x!qnn.bits<65>>
  %words = qnn.constant dense<[[5, 1]]> : tensor<1x2xi64> as tensor<1x!qnn.bits<65>>
  // CHECK-NEXT: %floats = qnn.constant dense<[1.500000e+00, -2.000000e+00]> : tensor<2xf32> as tensor<2xf32>
  %floats = qnn.constant dense<[1.500000e+00, -2.000000e+00]> : tensor<2xf32> as tensor<2xf32>
  // CHECK-NEXT: func.return
  func.return
}

// GENERIC: "qnn.shift"(%x) <{by = -3 : i64}>
// GENERIC: "qnn.threshold"(%x, %levels) <{form = #qnn.form<compare>, first = 1 : i64}> : (tensor<4x!qnn.fixed<8, 3, signed>>, tensor<1x2x!qnn.fixed<8, 3, signed>>) -> tensor<4x!qnn.fixed<4, 4, unsigned>>
// GENERIC: "qnn.threshold"(%x, %rows, %direction) <{form = #qnn.form<search>, first = 0 : i64, uncertified = array<i64: 0, 0, 3>}>
// CHECK:      func.func @elementwise(%x: tensor<4x!qnn.fixed<8, 3, signed>>, %f: tensor<4xf32>, %rows: tensor<4x3x!qnn.fixed<9, 4, signed>>, %direction: tensor<4x!qnn.binary>, %table: tensor<1x3x!qnn.fixed<4, 1, signed>>) {
func.func @elementwise(%x: !x4, %f: tensor<4xf32>, %rows: tensor<4x3x!qnn.fixed<9, 4, signed>>, %direction: tensor<4x!qnn.binary>, %table: tensor<1x3x!qnn.fixed<4, 1, signed>>) -> () {
  // CHECK-NEXT: %scale = qnn.constant dense<2> : tensor<4xi8> as tensor<4x!qnn.po2<0, 3, unsigned>>
  %scale = qnn.constant dense<2> : tensor<4xi8> as tensor<4x!qnn.po2<0, 3, unsigned>>
  // CHECK-NEXT: %levels = qnn.constant dense<{{\[\[}}0, 7]]> : tensor<1x2xi8> as tensor<1x2x!qnn.fixed<8, 3, signed>>
  %levels = qnn.constant dense<[[0, 7]]> : tensor<1x2xi8> as tensor<1x2x!qnn.fixed<8, 3, signed>>
  // CHECK-NEXT: %add = qnn.add %x, %x : tensor<4x!qnn.fixed<8, 3, signed>>, tensor<4x!qnn.fixed<8, 3, signed>> -> tensor<4x!qnn.fixed<9, 4, signed>>
  %add = qnn.add %x, %x : !x4, !x4 -> tensor<4x!qnn.fixed<9, 4, signed>>
  // CHECK-NEXT: %add_float = qnn.add %x, %f : tensor<4x!qnn.fixed<8, 3, signed>>, tensor<4xf32> -> tensor<4xf32>
  %add_float = qnn.add %x, %f : !x4, tensor<4xf32> -> tensor<4xf32>
  // CHECK-NEXT: %sub = qnn.sub %x, %scale : tensor<4x!qnn.fixed<8, 3, signed>>, tensor<4x!qnn.po2<0, 3, unsigned>> -> tensor<4x!qnn.fixed<10, 5, signed>>
  %sub = qnn.sub %x, %scale : !x4, tensor<4x!qnn.po2<0, 3, unsigned>> -> tensor<4x!qnn.fixed<10, 5, signed>>
  // CHECK-NEXT: %maximum = qnn.maximum %x, %scale : tensor<4x!qnn.fixed<8, 3, signed>>, tensor<4x!qnn.po2<0, 3, unsigned>> -> tensor<4x!qnn.fixed<9, 4, unsigned>>
  %maximum = qnn.maximum %x, %scale : !x4, tensor<4x!qnn.po2<0, 3, unsigned>> -> tensor<4x!qnn.fixed<9, 4, unsigned>>
  // CHECK-NEXT: %minimum = qnn.minimum %x, %x : tensor<4x!qnn.fixed<8, 3, signed>>, tensor<4x!qnn.fixed<8, 3, signed>> -> tensor<4x!qnn.fixed<8, 3, signed>>
  %minimum = qnn.minimum %x, %x : !x4, !x4 -> !x4
  // CHECK-NEXT: %leaky = qnn.leaky_relu %x {slope_exponent = -2 : i64} : tensor<4x!qnn.fixed<8, 3, signed>> -> tensor<4x!qnn.fixed<10, 3, signed>>
  %leaky = qnn.leaky_relu %x {slope_exponent = -2 : i64} : !x4 -> tensor<4x!qnn.fixed<10, 3, signed>>
  // CHECK-NEXT: %tanh = qnn.function %x {function = #qnn.function<tanh>} : tensor<4x!qnn.fixed<8, 3, signed>> -> tensor<4xf32>
  %tanh = qnn.function %x {function = #qnn.function<tanh>} : !x4 -> tensor<4xf32>
  // CHECK-NEXT: %clipped = qnn.function %f {function = #qnn.function<leaky_relu, 0.3>} : tensor<4xf32> -> tensor<4xf32>
  %clipped = qnn.function %f {function = #qnn.function<leaky_relu, 0.3>} : tensor<4xf32> -> tensor<4xf32>
  // CHECK-NEXT: %lookup = qnn.lookup %direction, %table {first = -1 : i64} : tensor<4x!qnn.binary>, tensor<1x3x!qnn.fixed<4, 1, signed>> -> tensor<4x!qnn.fixed<4, 1, signed>>
  %lookup = qnn.lookup %direction, %table {first = -1 : i64} : tensor<4x!qnn.binary>, tensor<1x3x!qnn.fixed<4, 1, signed>> -> tensor<4x!qnn.fixed<4, 1, signed>>
  // CHECK-NEXT: %doubtful = qnn.lookup %direction, %table {first = -1 : i64, uncertified = array<i64: 2>} : tensor<4x!qnn.binary>, tensor<1x3x!qnn.fixed<4, 1, signed>> -> tensor<4x!qnn.fixed<4, 1, signed>>
  %doubtful = qnn.lookup %direction, %table {first = -1 : i64, uncertified = array<i64: 2>} : tensor<4x!qnn.binary>, tensor<1x3x!qnn.fixed<4, 1, signed>> -> tensor<4x!qnn.fixed<4, 1, signed>>
  // CHECK-NEXT: %mul = qnn.mul %x, %scale {product = #qnn.product<shift>} : tensor<4x!qnn.fixed<8, 3, signed>>, tensor<4x!qnn.po2<0, 3, unsigned>> -> tensor<4x!qnn.fixed<11, 6, signed>>
  %mul = qnn.mul %x, %scale {product = #qnn.product<shift>} : !x4, tensor<4x!qnn.po2<0, 3, unsigned>> -> tensor<4x!qnn.fixed<11, 6, signed>>
  // CHECK-NEXT: %shift = qnn.shift %x {by = -3 : i64} : tensor<4x!qnn.fixed<8, 3, signed>> -> tensor<4x!qnn.fixed<8, 0, signed>>
  %shift = qnn.shift %x {by = -3 : i64} : !x4 -> tensor<4x!qnn.fixed<8, 0, signed>>
  // CHECK-NEXT: %relu = qnn.relu %x : tensor<4x!qnn.fixed<8, 3, signed>> -> tensor<4x!qnn.fixed<7, 2, unsigned>>
  %relu = qnn.relu %x : !x4 -> tensor<4x!qnn.fixed<7, 2, unsigned>>
  // CHECK-NEXT: %relu_float = qnn.relu %f : tensor<4xf32> -> tensor<4xf32>
  %relu_float = qnn.relu %f : tensor<4xf32> -> tensor<4xf32>
  // CHECK-NEXT: %bn = qnn.batch_norm %x, %f, %f, %f, %f {epsilon = 1.000000e-03 : f64, formula = #qnn.formula<scale_offset>} : tensor<4x!qnn.fixed<8, 3, signed>>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32> -> tensor<4xf32>
  %bn = qnn.batch_norm %x, %f, %f, %f, %f {epsilon = 1.000000e-03 : f64, formula = #qnn.formula<scale_offset>} : !x4, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32> -> tensor<4xf32>
  // CHECK-NEXT: %bn_fma = qnn.batch_norm %f, %f, %f, %f, %f {epsilon = 1.000000e-03 : f64, formula = #qnn.formula<fused_fma>} : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32> -> tensor<4xf32>
  %bn_fma = qnn.batch_norm %f, %f, %f, %f, %f {epsilon = 1.000000e-03 : f64, formula = #qnn.formula<fused_fma>} : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32> -> tensor<4xf32>
  // CHECK-NEXT: %bn_scale = qnn.batch_norm %f, %f, %f, %f, %f {epsilon = 1.000000e-03 : f64, formula = #qnn.formula<fused_scale>} : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32> -> tensor<4xf32>
  %bn_scale = qnn.batch_norm %f, %f, %f, %f, %f {epsilon = 1.000000e-03 : f64, formula = #qnn.formula<fused_scale>} : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32> -> tensor<4xf32>
  // CHECK-NEXT: %average = qnn.divide %x, %f : tensor<4x!qnn.fixed<8, 3, signed>>, tensor<4xf32> -> tensor<4xf32>
  %average = qnn.divide %x, %f : !x4, tensor<4xf32> -> tensor<4xf32>
  // CHECK-NEXT: %steps = qnn.threshold %x, %levels {first = 1 : i64} : tensor<4x!qnn.fixed<8, 3, signed>>, tensor<1x2x!qnn.fixed<8, 3, signed>> -> tensor<4x!qnn.fixed<4, 4, unsigned>>
  %steps = qnn.threshold %x, %levels {first = 1 : i64} : !x4, tensor<1x2x!qnn.fixed<8, 3, signed>> -> tensor<4x!qnn.fixed<4, 4, unsigned>>
  // CHECK-NEXT: %uncertified = qnn.threshold %x, %rows, %direction {first = 0 : i64, uncertified = array<i64: 0, 0, 3>, form = #qnn.form<search>} : tensor<4x!qnn.fixed<8, 3, signed>>, tensor<4x3x!qnn.fixed<9, 4, signed>>, tensor<4x!qnn.binary> -> tensor<4x!qnn.fixed<2, 2, unsigned>>
  %uncertified = qnn.threshold %x, %rows, %direction {form = #qnn.form<search>, first = 0 : i64, uncertified = array<i64: 0, 0, 3>} : !x4, tensor<4x3x!qnn.fixed<9, 4, signed>>, tensor<4x!qnn.binary> -> tensor<4x!qnn.fixed<2, 2, unsigned>>
  // CHECK-NEXT: func.return
  func.return
}

// GENERIC: "qnn.conv2d"(%x, %kernel) <{strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, product = #qnn.product<multiply>}>
// GENERIC: "qnn.max_pool2d"(%x) <{low = array<i64: 0, 0>, high = array<i64: 0, 0>, pool = array<i64: 2, 2>, strides = array<i64: 1, 2>}>
// CHECK:      func.func @layers(%v: tensor<2x4x!qnn.fixed<4, 4, signed>>, %x: tensor<5x6x2x!qnn.fixed<4, 4, signed>>, %w: tensor<4x3x!qnn.ternary>, %w2: tensor<2x1x!qnn.fixed<4, 3, signed>>) {
func.func @layers(%v: tensor<2x4x!qnn.fixed<4, 4, signed>>, %x: tensor<5x6x2x!qnn.fixed<4, 4, signed>>, %w: tensor<4x3x!qnn.ternary>, %w2: tensor<2x1x!qnn.fixed<4, 3, signed>>) -> () {
  // CHECK-NEXT: %kernel = qnn.constant dense<0> : tensor<2x2x2x3xi8> as tensor<2x2x2x3x!qnn.fixed<4, 1, signed>>
  %kernel = qnn.constant dense<0> : tensor<2x2x2x3xi8> as tensor<2x2x2x3x!qnn.fixed<4, 1, signed>>
  // CHECK-NEXT: %dense = qnn.dense %v, %w {product = #qnn.product<add_sub>} : tensor<2x4x!qnn.fixed<4, 4, signed>>, tensor<4x3x!qnn.ternary> -> tensor<2x3x!qnn.fixed<7, 7, signed>>
  %dense = qnn.dense %v, %w {product = #qnn.product<add_sub>} : tensor<2x4x!qnn.fixed<4, 4, signed>>, tensor<4x3x!qnn.ternary> -> tensor<2x3x!qnn.fixed<7, 7, signed>>
  // CHECK-NEXT: %conv = qnn.conv2d %x, %kernel {product = #qnn.product<multiply>} : tensor<5x6x2x!qnn.fixed<4, 4, signed>>, tensor<2x2x2x3x!qnn.fixed<4, 1, signed>> -> tensor<4x5x3x!qnn.fixed<11, 8, signed>>
  %conv = qnn.conv2d %x, %kernel {product = #qnn.product<multiply>} : tensor<5x6x2x!qnn.fixed<4, 4, signed>>, tensor<2x2x2x3x!qnn.fixed<4, 1, signed>> -> tensor<4x5x3x!qnn.fixed<11, 8, signed>>
  // CHECK-NEXT: %strided = qnn.conv2d %x, %kernel {strides = array<i64: 2, 3>, dilations = array<i64: 2, 1>, product = #qnn.product<multiply>} : tensor<5x6x2x!qnn.fixed<4, 4, signed>>, tensor<2x2x2x3x!qnn.fixed<4, 1, signed>> -> tensor<2x2x3x!qnn.fixed<11, 8, signed>>
  %strided = qnn.conv2d %x, %kernel {strides = array<i64: 2, 3>, dilations = array<i64: 2, 1>, product = #qnn.product<multiply>} : tensor<5x6x2x!qnn.fixed<4, 4, signed>>, tensor<2x2x2x3x!qnn.fixed<4, 1, signed>> -> tensor<2x2x3x!qnn.fixed<11, 8, signed>>
  // CHECK-NEXT: %max = qnn.max_pool2d %x {pool = array<i64: 2, 2>, strides = array<i64: 1, 2>} : tensor<5x6x2x!qnn.fixed<4, 4, signed>> -> tensor<4x3x2x!qnn.fixed<4, 4, signed>>
  %max = qnn.max_pool2d %x {pool = array<i64: 2, 2>, strides = array<i64: 1, 2>} : tensor<5x6x2x!qnn.fixed<4, 4, signed>> -> tensor<4x3x2x!qnn.fixed<4, 4, signed>>
  // CHECK-NEXT: %same = qnn.max_pool2d %x {pool = array<i64: 2, 2>, strides = array<i64: 2, 2>, high = array<i64: 1, 0>} : tensor<5x6x2x!qnn.fixed<4, 4, signed>> -> tensor<3x3x2x!qnn.fixed<4, 4, signed>>
  %same = qnn.max_pool2d %x {low = array<i64: 0, 0>, high = array<i64: 1, 0>, pool = array<i64: 2, 2>, strides = array<i64: 2, 2>} : tensor<5x6x2x!qnn.fixed<4, 4, signed>> -> tensor<3x3x2x!qnn.fixed<4, 4, signed>>
  // CHECK-NEXT: %sum = qnn.sum_pool2d %x {pool = array<i64: 5, 6>, strides = array<i64: 1, 1>} : tensor<5x6x2x!qnn.fixed<4, 4, signed>> -> tensor<1x1x2x!qnn.fixed<9, 9, signed>>
  %sum = qnn.sum_pool2d %x {pool = array<i64: 5, 6>, strides = array<i64: 1, 1>} : tensor<5x6x2x!qnn.fixed<4, 4, signed>> -> tensor<1x1x2x!qnn.fixed<9, 9, signed>>
  // CHECK-NEXT: %pad = qnn.pad %x {low = array<i64: 1, 0, 0>, high = array<i64: 1, 2, 0>} : tensor<5x6x2x!qnn.fixed<4, 4, signed>> -> tensor<7x8x2x!qnn.fixed<4, 4, signed>>
  %pad = qnn.pad %x {low = array<i64: 1, 0, 0>, high = array<i64: 1, 2, 0>} : tensor<5x6x2x!qnn.fixed<4, 4, signed>> -> tensor<7x8x2x!qnn.fixed<4, 4, signed>>
  // CHECK-NEXT: %depthwise = qnn.depthwise_conv2d %x, %kernel {product = #qnn.product<multiply>} : tensor<5x6x2x!qnn.fixed<4, 4, signed>>, tensor<2x2x2x3x!qnn.fixed<4, 1, signed>> -> tensor<4x5x6x!qnn.fixed<10, 7, signed>>
  %depthwise = qnn.depthwise_conv2d %x, %kernel {product = #qnn.product<multiply>} : tensor<5x6x2x!qnn.fixed<4, 4, signed>>, tensor<2x2x2x3x!qnn.fixed<4, 1, signed>> -> tensor<4x5x6x!qnn.fixed<10, 7, signed>>
  // CHECK-NEXT: %transposed = qnn.transpose %x {permutation = array<i64: 2, 0, 1>} : tensor<5x6x2x!qnn.fixed<4, 4, signed>> -> tensor<2x5x6x!qnn.fixed<4, 4, signed>>
  %transposed = qnn.transpose %x {permutation = array<i64: 2, 0, 1>} : tensor<5x6x2x!qnn.fixed<4, 4, signed>> -> tensor<2x5x6x!qnn.fixed<4, 4, signed>>
  // CHECK-NEXT: %part = qnn.slice %x {offsets = array<i64: 1, 0, 1>, sizes = array<i64: 3, 6, 1>} : tensor<5x6x2x!qnn.fixed<4, 4, signed>> -> tensor<3x6x1x!qnn.fixed<4, 4, signed>>
  %part = qnn.slice %x {offsets = array<i64: 1, 0, 1>, sizes = array<i64: 3, 6, 1>} : tensor<5x6x2x!qnn.fixed<4, 4, signed>> -> tensor<3x6x1x!qnn.fixed<4, 4, signed>>
  // CHECK-NEXT: %upsampled = qnn.repeat %x {repeats = array<i64: 2, 2, 1>} : tensor<5x6x2x!qnn.fixed<4, 4, signed>> -> tensor<10x12x2x!qnn.fixed<4, 4, signed>>
  %upsampled = qnn.repeat %x {repeats = array<i64: 2, 2, 1>} : tensor<5x6x2x!qnn.fixed<4, 4, signed>> -> tensor<10x12x2x!qnn.fixed<4, 4, signed>>
  // CHECK-NEXT: %dilated = qnn.dilate %x {steps = array<i64: 2, 1, 1>} : tensor<5x6x2x!qnn.fixed<4, 4, signed>> -> tensor<9x6x2x!qnn.fixed<4, 4, signed>>
  %dilated = qnn.dilate %x {steps = array<i64: 2, 1, 1>} : tensor<5x6x2x!qnn.fixed<4, 4, signed>> -> tensor<9x6x2x!qnn.fixed<4, 4, signed>>
  // CHECK-NEXT: %joined = qnn.concat %v, %w2 {axis = 1 : i64} : tensor<2x4x!qnn.fixed<4, 4, signed>>, tensor<2x1x!qnn.fixed<4, 3, signed>> -> tensor<2x5x!qnn.fixed<5, 4, signed>>
  %joined = qnn.concat %v, %w2 {axis = 1 : i64} : tensor<2x4x!qnn.fixed<4, 4, signed>>, tensor<2x1x!qnn.fixed<4, 3, signed>> -> tensor<2x5x!qnn.fixed<5, 4, signed>>
  // CHECK-NEXT: %flat = qnn.reshape %v : tensor<2x4x!qnn.fixed<4, 4, signed>> -> tensor<8x!qnn.fixed<4, 4, signed>>
  %flat = qnn.reshape %v : tensor<2x4x!qnn.fixed<4, 4, signed>> -> tensor<8x!qnn.fixed<4, 4, signed>>
  // CHECK-NEXT: func.return
  func.return
}

// CHECK:      func.func @packed(%x: tensor<2x9x!qnn.binary>, %w: tensor<3x!qnn.bits<9>>, %image: tensor<3x3x9x!qnn.binary>, %k: tensor<2x2x1x!qnn.bits<9>>, %d: tensor<9x2x2x!qnn.bits<3, !qnn.fixed<1, 1, unsigned>>>) {
func.func @packed(%x: tensor<2x9x!qnn.binary>, %w: tensor<3x!qnn.bits<9>>, %image: tensor<3x3x9x!qnn.binary>, %k: tensor<2x2x1x!qnn.bits<9>>, %d: tensor<9x2x2x!qnn.bits<3, !qnn.fixed<1, 1, unsigned>>>) -> () {
  // CHECK-NEXT: %bits = qnn.pack %x : tensor<2x9x!qnn.binary> -> tensor<2x!qnn.bits<9>>
  %bits = qnn.pack %x : tensor<2x9x!qnn.binary> -> tensor<2x!qnn.bits<9>>
  // CHECK-NEXT: %window = qnn.pack %image : tensor<3x3x9x!qnn.binary> -> tensor<3x3x!qnn.bits<9>>
  %window = qnn.pack %image : tensor<3x3x9x!qnn.binary> -> tensor<3x3x!qnn.bits<9>>
  // CHECK-NEXT: %counts = qnn.popcount_conv2d %window, %k : tensor<3x3x!qnn.bits<9>>, tensor<2x2x1x!qnn.bits<9>> -> tensor<2x2x1x!qnn.fixed<6, 6, unsigned>>
  %counts = qnn.popcount_conv2d %window, %k : tensor<3x3x!qnn.bits<9>>, tensor<2x2x1x!qnn.bits<9>> -> tensor<2x2x1x!qnn.fixed<6, 6, unsigned>>
  // CHECK-NEXT: %same = qnn.popcount_conv2d %window, %k {strides = array<i64: 2, 1>, dilations = array<i64: 1, 2>, low = array<i64: 0, 1>, high = array<i64: 1, 1>} : tensor<3x3x!qnn.bits<9>>, tensor<2x2x1x!qnn.bits<9>> -> tensor<2x3x1x!qnn.fixed<6, 6, unsigned>>
  %same = qnn.popcount_conv2d %window, %k {strides = array<i64: 2, 1>, dilations = array<i64: 1, 2>, low = array<i64: 0, 1>, high = array<i64: 1, 1>} : tensor<3x3x!qnn.bits<9>>, tensor<2x2x1x!qnn.bits<9>> -> tensor<2x3x1x!qnn.fixed<6, 6, unsigned>>
  // CHECK-NEXT: %depthwise = qnn.popcount_depthwise_conv2d %image, %d {high = array<i64: 1, 0>, count = #qnn.count<balance>} : tensor<3x3x9x!qnn.binary>, tensor<9x2x2x!qnn.bits<3, !qnn.fixed<1, 1, unsigned>>> -> tensor<3x1x18x!qnn.fixed<4, 4, signed>>
  %depthwise = qnn.popcount_depthwise_conv2d %image, %d {count = #qnn.count<balance>, high = array<i64: 1, 0>} : tensor<3x3x9x!qnn.binary>, tensor<9x2x2x!qnn.bits<3, !qnn.fixed<1, 1, unsigned>>> -> tensor<3x1x18x!qnn.fixed<4, 4, signed>>
  // CHECK-NEXT: %count = qnn.popcount_dense %bits, %w : tensor<2x!qnn.bits<9>>, tensor<3x!qnn.bits<9>> -> tensor<2x3x!qnn.fixed<4, 4, unsigned>>
  %count = qnn.popcount_dense %bits, %w : tensor<2x!qnn.bits<9>>, tensor<3x!qnn.bits<9>> -> tensor<2x3x!qnn.fixed<4, 4, unsigned>>
  // CHECK-NEXT: func.return
  func.return
}

// CHECK:      func.func @powers_of_two_with_zero(
func.func @powers_of_two_with_zero(%x: tensor<2x!qnn.po2<-1, 2, unsigned>>) -> () {
  // CHECK-NEXT: %w = qnn.constant dense<[-1, 3]> : tensor<2xi8> as tensor<2x!qnn.po2<0, 1, signed, zero>>
  %w = qnn.constant dense<[-1, 3]> : tensor<2xi8> as tensor<2x!qnn.po2<0, 1, signed, zero>>
  // CHECK-NEXT: %y = qnn.pad %x {low = array<i64: 1>, high = array<i64: 0>} : tensor<2x!qnn.po2<-1, 2, unsigned>> -> tensor<3x!qnn.po2<-1, 2, unsigned, zero>>
  %y = qnn.pad %x {low = array<i64: 1>, high = array<i64: 0>} : tensor<2x!qnn.po2<-1, 2, unsigned>> -> tensor<3x!qnn.po2<-1, 2, unsigned, zero>>
  func.return
}

// CHECK:      func.func @packed_moves(
func.func @packed_moves(%x: tensor<4x3x!qnn.bits<70, !qnn.ternary>>, %y: tensor<4x3x!qnn.bits<2, !qnn.ternary>>) -> () {
  // CHECK-NEXT: %pooled = qnn.packed_max_pool2d %x {pool = array<i64: 2, 1>, strides = array<i64: 2, 1>, high = array<i64: 0, 1>} : tensor<4x3x!qnn.bits<70, !qnn.ternary>> -> tensor<2x4x!qnn.bits<70, !qnn.ternary>>
  %pooled = qnn.packed_max_pool2d %x {pool = array<i64: 2, 1>, strides = array<i64: 2, 1>, high = array<i64: 0, 1>} : tensor<4x3x!qnn.bits<70, !qnn.ternary>> -> tensor<2x4x!qnn.bits<70, !qnn.ternary>>
  // CHECK-NEXT: %rows = qnn.packed_flatten %x {axes = 1 : i64} : tensor<4x3x!qnn.bits<70, !qnn.ternary>> -> tensor<4x!qnn.bits<210, !qnn.ternary>>
  %rows = qnn.packed_flatten %x {axes = 1 : i64} : tensor<4x3x!qnn.bits<70, !qnn.ternary>> -> tensor<4x!qnn.bits<210, !qnn.ternary>>
  // CHECK-NEXT: %both = qnn.packed_concat %x, %y : tensor<4x3x!qnn.bits<70, !qnn.ternary>>, tensor<4x3x!qnn.bits<2, !qnn.ternary>> -> tensor<4x3x!qnn.bits<72, !qnn.ternary>>
  %both = qnn.packed_concat %x, %y : tensor<4x3x!qnn.bits<70, !qnn.ternary>>, tensor<4x3x!qnn.bits<2, !qnn.ternary>> -> tensor<4x3x!qnn.bits<72, !qnn.ternary>>
  func.return
}
