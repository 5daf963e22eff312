"""Part 6: convolutional networks on streams of pixels, converted from a dictionary of all settings."""

import os

os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")  # QKeras 0.9 needs Keras 2; read at the import of TensorFlow

import numpy as np
from jets import accuracy, train
from qkeras import QActivation, QConv2D, QDense
from sklearn.datasets import load_digits
from tensorflow.keras.layers import Activation, BatchNormalization, Flatten, MaxPooling2D
from tensorflow.keras.models import Sequential

images, digits = load_digits(return_X_y=True)
x = (images / 16).astype(np.float32).reshape(-1, 8, 8, 1)
y = np.eye(10, dtype=np.float32)[digits]
x_train, x_test, y_train, y_test = x[:1500], x[1500:], y[:1500], y[1500:]


def convolution(filters: int, number: int, **options) -> list:
    """A convolution with batch normalization, as the tutorial's blocks are."""
    quantizers = {"kernel_quantizer": "quantized_bits(6,0,alpha=1)", "use_bias": False}
    return [
        QConv2D(filters, 3, name=f"conv_{number}", **quantizers, **options),
        BatchNormalization(name=f"bn_conv_{number}"),
        QActivation("quantized_relu(6)", name=f"conv_act_{number}"),
    ]


model = Sequential(
    [
        *convolution(8, 0, padding="same", input_shape=(8, 8, 1)),
        MaxPooling2D(2, name="pool_0"),
        *convolution(12, 1),
        Flatten(name="flatten"),
        QDense(24, name="dense_0", kernel_quantizer="quantized_bits(6,0,alpha=1)", use_bias=False),
        BatchNormalization(name="bn_dense_0"),
        QActivation("quantized_relu(6)", name="dense_act_0"),
        QDense(
            10, name="output_dense", kernel_quantizer="quantized_bits(6,0,alpha=1)", bias_quantizer="quantized_bits(6)"
        ),
        Activation("softmax", name="output_softmax"),
    ],
    name="digits",
)
train(model, x_train, y_train, epochs=40)
y_keras = model.predict(x_test, verbose=0)

import qdialect as hls4ml
from qdialect.model.profiling import numerical

hls_config = hls4ml.utils.config_from_keras_model(model, granularity="name")
hls_config["Model"]["ReuseFactor"] = 1
for layer in hls_config["LayerName"]:
    hls_config["LayerName"][layer]["Strategy"] = "Latency"
    hls_config["LayerName"][layer]["ReuseFactor"] = 1
hls_config["LayerName"]["output_softmax"]["Strategy"] = "Stable"

cfg = hls4ml.converters.create_config(backend="Vivado")
cfg["IOType"] = "io_stream"
cfg["HLSConfig"] = hls_config
cfg["KerasModel"] = model
cfg["OutputDir"] = "quantized_cnn/"
cfg["XilinxPart"] = "xcu250-figd2104-2L-e"

hls_model = hls4ml.converters.keras_to_hls(cfg)
hls_model.compile()
hls4ml.utils.plot_model(hls_model, show_shapes=True, show_precision=True, to_file=None)
numerical(model=model, hls_model=hls_model)
y_hls = hls_model.predict(np.ascontiguousarray(x_test))
print(f"Keras  accuracy: {accuracy(y_test, y_keras)}")
print(f"hls4ml accuracy: {accuracy(y_test, y_hls)}")

if "XILINX_VITIS" in os.environ:
    hls_model.build(csim=False, synth=True)
