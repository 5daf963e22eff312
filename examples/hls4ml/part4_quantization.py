"""Part 4: quantization-aware training with QKeras, with pruning."""

import os

from jets import accuracy, load, train
from qkeras.qlayers import QActivation, QDense
from qkeras.quantizers import quantized_bits, quantized_relu
from tensorflow.keras.layers import Activation
from tensorflow.keras.models import Sequential
from tensorflow.keras.regularizers import l1
from tensorflow_model_optimization.python.core.sparsity.keras import prune, pruning_callbacks, pruning_schedule
from tensorflow_model_optimization.sparsity.keras import strip_pruning

x_train, x_test, y_train, y_test = load()


def dense(units: int, name: str, **options) -> QDense:
    return QDense(
        units,
        name=name,
        kernel_quantizer=quantized_bits(6, 0, alpha=1),
        bias_quantizer=quantized_bits(6, 0, alpha=1),
        kernel_initializer="lecun_uniform",
        kernel_regularizer=l1(0.0001),
        **options,
    )


model = Sequential(name="jets_quantized")
model.add(dense(64, "fc1", input_shape=(16,)))
model.add(QActivation(activation=quantized_relu(6), name="relu1"))
model.add(dense(32, "fc2"))
model.add(QActivation(activation=quantized_relu(6), name="relu2"))
model.add(dense(32, "fc3"))
model.add(QActivation(activation=quantized_relu(6), name="relu3"))
model.add(dense(5, "output"))
model.add(Activation(activation="softmax", name="softmax"))

schedule = pruning_schedule.ConstantSparsity(0.75, begin_step=20, frequency=10)
model = prune.prune_low_magnitude(model, pruning_schedule=schedule)
train(model, x_train, y_train, callbacks=(pruning_callbacks.UpdatePruningStep(),))
model = strip_pruning(model)
model.save("model_3.h5")
y_keras = model.predict(x_test, verbose=0)

import qdialect as hls4ml

config = hls4ml.utils.config_from_keras_model(model, granularity="name", backend="Vitis")
print(config)
hls_model = hls4ml.converters.convert_from_keras_model(
    model, hls_config=config, backend="Vitis", output_dir="model_3/hls4ml_prj", part="xcu250-figd2104-2L-e"
)
hls_model.compile()
y_hls = hls_model.predict(x_test)
print(f"Keras  accuracy: {accuracy(y_test, y_keras)}")
print(f"hls4ml accuracy: {accuracy(y_test, y_hls)}")

if "XILINX_VITIS" in os.environ:
    hls_model.build(csim=False)
    hls4ml.report.read_vivado_report("model_3/hls4ml_prj")
