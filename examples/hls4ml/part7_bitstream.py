"""Part 7: a block with AXI4-Streams for a board, its multipliers shared, its inputs and outputs kept for the board."""

import os

import numpy as np
from jets import load, train
from qkeras.qlayers import QActivation, QDense
from qkeras.utils import _add_supported_quantized_objects
from tensorflow.keras.layers import Activation
from tensorflow.keras.models import Sequential, load_model

x_train, x_test, y_train, y_test = load()
custom_objects: dict = {}
_add_supported_quantized_objects(custom_objects)

if not os.path.exists("model_3.h5"):
    quantizers = {
        "kernel_quantizer": "quantized_bits(6,0,alpha=1)",
        "bias_quantizer": "quantized_bits(6,0,alpha=1)",
    }
    network = Sequential(name="jets_quantized")
    for number, units in enumerate((64, 32, 32), start=1):
        network.add(QDense(units, input_shape=(16,), name=f"fc{number}", **quantizers))
        network.add(QActivation("quantized_relu(6)", name=f"relu{number}"))
    network.add(QDense(5, name="output", **quantizers))
    network.add(Activation(activation="softmax", name="softmax"))
    train(network, x_train, y_train).save("model_3.h5")
model = load_model("model_3.h5", custom_objects=custom_objects)
y_keras = model.predict(x_test, verbose=0)

import qdialect as hls4ml

config = hls4ml.utils.config_from_keras_model(model, granularity="name")
config["Model"]["ReuseFactor"] = 64
hls_model = hls4ml.converters.convert_from_keras_model(
    model, hls_config=config, output_dir="model_3/hls4ml_prj_pynq", backend="VivadoAccelerator", board="pynq-z2"
)
hls_model.compile()
y_hls = hls_model.predict(np.ascontiguousarray(x_test))
np.save("y_hls.npy", y_hls)

if "XILINX_VITIS" in os.environ:
    hls_model.build(csim=False, export=True)
