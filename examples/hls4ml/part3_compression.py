"""Part 3: pruning by TensorFlow's model optimization toolkit; zeros cost nothing in hardware."""

import os

import numpy as np
from jets import accuracy, load, train
from tensorflow.keras.layers import Activation, Dense
from tensorflow.keras.models import Sequential
from tensorflow_model_optimization.python.core.sparsity.keras import prune, pruning_callbacks, pruning_schedule
from tensorflow_model_optimization.sparsity.keras import strip_pruning

x_train, x_test, y_train, y_test = load()

model = Sequential(name="jets_pruned")
for number, units in enumerate((64, 32, 32), start=1):
    model.add(Dense(units, input_shape=(16,), name=f"fc{number}", kernel_initializer="lecun_uniform"))
    model.add(Activation(activation="relu", name=f"relu{number}"))
model.add(Dense(5, name="output", kernel_initializer="lecun_uniform"))
model.add(Activation(activation="softmax", name="softmax"))

schedule = pruning_schedule.ConstantSparsity(0.75, begin_step=20, frequency=10)
model = prune.prune_low_magnitude(model, pruning_schedule=schedule)
train(model, x_train, y_train, callbacks=(pruning_callbacks.UpdatePruningStep(),))
model = strip_pruning(model)
print("share of zeros in fc1:", np.mean(model.layers[0].get_weights()[0] == 0))
y_keras = model.predict(x_test, verbose=0)

import qdialect as hls4ml

config = hls4ml.utils.config_from_keras_model(model, granularity="model", backend="Vitis")
hls_model = hls4ml.converters.convert_from_keras_model(
    model, hls_config=config, backend="Vitis", output_dir="model_2/hls4ml_prj", part="xcu250-figd2104-2L-e"
)
hls_model.compile()
y_hls = hls_model.predict(x_test)
print(f"Keras  accuracy: {accuracy(y_test, y_keras)}")
print(f"hls4ml accuracy: {accuracy(y_test, y_hls)}")

if "XILINX_VITIS" in os.environ:
    hls_model.build(csim=False)
    hls4ml.report.read_vivado_report("model_2/hls4ml_prj/")
