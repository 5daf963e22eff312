// The trained example networks through the passes, and to C++.

// RUN: qopt %examples/digits_mlp/model.h5 -p fold-batchnorm,binary-to-xnor,po2-to-shift,size-accumulators \
// RUN:   --verify-each --elide | filecheck %s --check-prefix=MLP
// RUN: qopt %examples/digits_cnn/model.h5 -p fold-batchnorm,binary-to-xnor,po2-to-shift,size-accumulators \
// RUN:   --verify-each --elide | filecheck %s --check-prefix=CNN

// Text between two runs of qopt loses nothing: the C++ is the same, down to the last weight.
// RUN: qopt %examples/digits_mlp/model.h5 -p fold-batchnorm,binary-to-xnor,po2-to-shift,size-accumulators -o %t.mlir
// RUN: qopt %t.mlir -t hls -o %t.text.cpp
// RUN: qopt %examples/digits_mlp/model.h5 \
// RUN:   -p fold-batchnorm,binary-to-xnor,po2-to-shift,size-accumulators -t hls -o %t.direct.cpp
// RUN: diff %t.text.cpp %t.direct.cpp
// RUN: filecheck %s --check-prefix=CPP --input-file %t.direct.cpp

// Inputs of several bits against binary weights: no multiplication but additions.
// MLP:      %fc1 = qnn.dense %{{.*}} {product = #qnn.product<add_sub>, qnn.layer = "fc1"}
// MLP-SAME:   : {{.*}}, tensor<64x128x!qnn.binary>
// MLP:      %sign1 = qnn.threshold %fc1
// Binary against binary: XNOR and popcount on 128 packed bits.
// MLP-NOT:  qnn.dense
// MLP:      %fc2_bits = qnn.pack %sign1 {qnn.layer = "fc2"} : tensor<128x!qnn.binary> -> tensor<!qnn.bits<128>>
// MLP:      %fc2_agreements = qnn.popcount_dense %fc2_bits, %fc2_kernel {qnn.layer = "fc2"}
// MLP-SAME:   : tensor<!qnn.bits<128>>, tensor<128x!qnn.bits<128>> -> tensor<128x!qnn.fixed<8, 8, unsigned>>
// MLP-NOT:  qnn.dense
// MLP:      %fc2 = qnn.add %fc2_doubled, %fc2_minus_n {{.*}} -> tensor<128x!qnn.fixed<9, 9, signed>>
// Binary against ternary: a second plane of the weights gates the count.
// MLP:      %fc3_agreements = qnn.popcount_dense %fc3_bits, %fc3_kernel {qnn.layer = "fc3"}
// MLP-SAME:   : tensor<!qnn.bits<128>>, tensor<64x!qnn.bits<128, !qnn.ternary>>
// Powers of two: shifts.
// MLP:      %fc4_sum = qnn.dense %relu3, %fc4_kernel {product = #qnn.product<shift>, qnn.layer = "fc4"}
// MLP-SAME:   : {{.*}}, tensor<64x64x!qnn.po2<-8, 0, signed>>
// The one layer with weights of several bits multiplies.
// MLP:      = qnn.dense {{%[^{]*}} {qnn.layer = {{.*}} tensor<64x10x!qnn.fixed<6, 1, signed>>
// MLP-NOT:  qnn.dense
// MLP-NOT:  f32

// The quantizer in front of the max pooling comes before it: thresholds on the accumulator, then a maximum of 4 bits.
// CNN-NOT:  qnn.batch_norm
// CNN:      %relu1 = qnn.threshold %conv1{{.*}} -> tensor<8x8x8x!qnn.fixed<4, 2, unsigned>>
// CNN-NEXT: %maxpool = qnn.max_pool2d %relu1 {{.*}} -> tensor<4x4x8x!qnn.fixed<4, 2, unsigned>>
// CNN:      %conv2 = qnn.mul %conv2_sum, %conv2_scale {product = #qnn.product<shift>, qnn.layer = "conv2"}
// CNN:      %avgpool_sum = qnn.sum_pool2d %relu3
// CNN-SAME:   {pool = array<i64: 2, 2>, strides = array<i64: 2, 2>, qnn.layer = "avgpool"}
// CNN-SAME:   : {{.*}} -> tensor<1x1x16x!qnn.fixed<5, 3, unsigned>>
// CNN-NEXT: %avgpool = qnn.shift %avgpool_sum {by = -2 : i64, qnn.layer = "avgpool"}
// CNN-NOT:  qnn.batch_norm

// CPP:      void digits_mlp(const ap_uint<5> image[64], ap_int<15> logits_out[10]);
// CPP:      static void fc2_pack(const ap_uint<1> in_sign1[128], ap_uint<64> out_fc2_bits[2]) {
// CPP:      static void fc2_popcount_dense(const ap_uint<64> in_fc2_bits[2],
// CPP-SAME:   ap_uint<{{.*}}> out_fc2_agreements_classes[
// CPP:      const ap_uint<{{.*}}> count0 = 
// CPP-NOT:  {{\) \* }}
// CPP:      static void fc2_dense(
// CPP:      static void fc3_popcount_dense(
// CPP:      static void fc4_dense(
// CPP-NOT:  {{\) \* }}
// CPP:      const ap_{{.*}} sum0 = 
// CPP-NOT:  {{\) \* }}
// CPP:      static void logits(
// One pipeline that takes a sample every cycle.
// CPP:      void digits_mlp(
// CPP:      #pragma HLS PIPELINE II=1
