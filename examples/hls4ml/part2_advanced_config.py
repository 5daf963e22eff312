"""Part 2: layers by name, their values beside Keras', reuse of multipliers."""

import os

from jets import accuracy, load, train
from tensorflow.keras.layers import Activation, Dense
from tensorflow.keras.models import Sequential, load_model

x_train, x_test, y_train, y_test = load()

if not os.path.exists("model_1.h5"):
    network = Sequential(name="jets")
    for number, units in enumerate((64, 32, 32), start=1):
        network.add(Dense(units, input_shape=(16,), name=f"fc{number}", kernel_initializer="lecun_uniform"))
        network.add(Activation(activation="relu", name=f"relu{number}"))
    network.add(Dense(5, name="output", kernel_initializer="lecun_uniform"))
    network.add(Activation(activation="softmax", name="softmax"))
    train(network, x_train, y_train).save("model_1.h5")
model = load_model("model_1.h5")
y_keras = model.predict(x_test, verbose=0)

import qdialect as hls4ml
from qdialect.model.profiling import compare, get_ymodel_keras, numerical

config = hls4ml.utils.config_from_keras_model(model, granularity="name", backend="Vitis")
config["LayerName"]["fc1_input"]["Precision"]["result"] = "ap_fixed<12,4>"
for layer in config["LayerName"]:
    config["LayerName"][layer]["Trace"] = True
hls_model = hls4ml.converters.convert_from_keras_model(
    model, hls_config=config, output_dir="model_1/hls4ml_prj_2", part="xcu250-figd2104-2L-e"
)
numerical(model=model, hls_model=hls_model, X=x_test[:100])
numerical(model=model, hls_model=hls_model)
hls4ml.utils.plot_model(hls_model, show_shapes=True, show_precision=True, to_file=None)

hls_model.compile()
hls4ml_pred, hls4ml_trace = hls_model.trace(x_test)
keras_trace = get_ymodel_keras(model, x_test)
compare(model, hls_model, x_test[:100])
y_hls = hls_model.predict(x_test)
print("Keras layer 'fc1', first sample:", keras_trace["fc1"][0][:4])
print("hls4ml layer 'fc1', first sample:", hls4ml_trace["fc1"][0][:4])
print(f"Keras  accuracy: {accuracy(y_test, y_keras)}")
print(f"hls4ml accuracy: {accuracy(y_test, y_hls)}")

config = hls4ml.utils.config_from_keras_model(model, granularity="Model", backend="Vitis")
config["Model"]["ReuseFactor"] = 2
hls_model = hls4ml.converters.convert_from_keras_model(
    model, hls_config=config, backend="vitis", output_dir="model_1/hls4ml_prj_2", part="xcu250-figd2104-2L-e"
)
hls_model.compile()
y_reused = hls_model.predict(x_test)
print(f"hls4ml accuracy, reuse factor 2: {accuracy(y_test, y_reused)}")

if "XILINX_VITIS" in os.environ:
    hls_model.build(csim=False)
    hls4ml.report.read_vivado_report("model_1/hls4ml_prj_2")
