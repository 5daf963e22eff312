"""Part 1: a Keras network without quantizers, from training to hardware."""

import os

from jets import accuracy, load, train
from tensorflow.keras.layers import Activation, Dense
from tensorflow.keras.models import Sequential

x_train, x_test, y_train, y_test = load()

model = Sequential(name="jets")
model.add(Dense(64, input_shape=(16,), name="fc1", kernel_initializer="lecun_uniform"))
model.add(Activation(activation="relu", name="relu1"))
model.add(Dense(32, name="fc2", kernel_initializer="lecun_uniform"))
model.add(Activation(activation="relu", name="relu2"))
model.add(Dense(32, name="fc3", kernel_initializer="lecun_uniform"))
model.add(Activation(activation="relu", name="relu3"))
model.add(Dense(5, name="output", kernel_initializer="lecun_uniform"))
model.add(Activation(activation="softmax", name="softmax"))
train(model, x_train, y_train)
model.save("model_1.h5")
y_keras = model.predict(x_test, verbose=0)

import qdialect as hls4ml

config = hls4ml.utils.config_from_keras_model(model, granularity="model", backend="Vitis")
print(config)
hls_model = hls4ml.converters.convert_from_keras_model(
    model, hls_config=config, backend="Vitis", output_dir="model_1/hls4ml_prj", part="xcu250-figd2104-2L-e"
)
hls4ml.utils.plot_model(hls_model, show_shapes=True, show_precision=True, to_file=None)

hls_model.compile()
y_hls = hls_model.predict(x_test)
print(f"Keras  accuracy: {accuracy(y_test, y_keras)}")
print(f"hls4ml accuracy: {accuracy(y_test, y_hls)}")

if "XILINX_VITIS" in os.environ:
    hls_model.build(csim=False)
    hls4ml.report.read_vivado_report("model_1/hls4ml_prj/")
