"""As QKeras users meet hls4ml: a small network with a quantizer of each kind, converted, its layers compared."""

import os

os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")  # QKeras 0.9 needs Keras 2; read at the import of TensorFlow

import numpy as np
from qkeras import QActivation, QDense, binary, quantized_bits, quantized_po2, quantized_relu, ternary
from tensorflow.keras.layers import Activation, BatchNormalization, Input
from tensorflow.keras.models import Model
from tensorflow.keras.utils import set_random_seed

set_random_seed(3)
x = x_in = Input((16,), name="features")
x = QActivation(quantized_bits(8, 2, alpha=1), name="quantize")(x)
x = QDense(32, kernel_quantizer=quantized_bits(6, 0, alpha=1), bias_quantizer=quantized_bits(6, 0, alpha=1), name="d0")(
    x
)
x = QActivation(quantized_relu(6, 2), name="relu0")(x)
x = QDense(24, kernel_quantizer=ternary(alpha=1), use_bias=False, name="d1")(x)
x = BatchNormalization(name="bn1")(x)
x = QActivation(binary(alpha=1), name="sign1")(x)
x = QDense(16, kernel_quantizer=binary(alpha=1), use_bias=False, name="d2")(x)
x = QActivation(quantized_relu(4, 3), name="relu2")(x)
x = QDense(5, kernel_quantizer=quantized_po2(4), bias_quantizer=quantized_bits(6, 2, alpha=1), name="d3")(x)
x = Activation("softmax", name="softmax")(x)
model = Model(x_in, x, name="qkeras_page")
features = np.random.default_rng(0).normal(0, 1.5, (1000, 16)).astype(np.float32)
y_keras = model.predict(features, verbose=0)

import qdialect as hls4ml
from qdialect.model.profiling import get_ymodel_keras

config = hls4ml.utils.config_from_keras_model(model, granularity="name")
hls_model = hls4ml.converters.convert_from_keras_model(
    model, hls_config=config, output_dir="qkeras_prj", namespace="tagger"
)
hls_model.compile()
y_hls = hls_model.predict(features)
print("argmax equal to Keras:", np.mean(y_hls.argmax(axis=1) == y_keras.argmax(axis=1)))

hls4ml_pred, hls4ml_trace = hls_model.trace(features)
keras_trace = get_ymodel_keras(model, features)
for name, values in keras_trace.items():
    print(f"{name:10} {np.mean(hls4ml_trace[name] == values):8.2%} of {values.size} values equal")
