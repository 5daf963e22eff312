"""Wrong input gives one line that names the file, model or layer concerned, and what would work."""

import json
import re

import h5py
import numpy as np
import pytest
from trained import load_example

from qdialect.compiler.pipeline import lower
from qdialect.compiler.write_hls import write_hls
from qdialect.errors import QdialectError
from qdialect.frontends.keras.importer import from_keras
from qdialect.interpreter.simulate import simulate

CNN = load_example("digits_cnn").model


def refused(*said: str):
    """One line that says all of this."""
    return pytest.raises(QdialectError, match="".join(f"(?=.*{re.escape(words)})" for words in said) + r".*\Z")


def with_config(tmp_path, change) -> object:
    """A copy of the convolutional example whose architecture `change` has edited, layer by layer."""
    path = tmp_path / "edited.h5"
    path.write_bytes(CNN.read_bytes())
    with h5py.File(path, "r+") as file:
        model = json.loads(file.attrs["model_config"])
        for layer in model["config"]["layers"]:
            change(layer)
        file.attrs["model_config"] = json.dumps(model)
    return path


def edit(name: str, **options):
    """Change options of one layer."""

    def change(layer) -> None:
        if layer["config"]["name"] == name:
            layer["config"].update(options)

    return change


# --- files -----------------------------------------------------------------------------------------------------------


def test_missing_file(tmp_path):
    with refused("nothing.h5", "no such"):
        from_keras(tmp_path / "nothing.h5")


@pytest.mark.parametrize("content", [b"", b"hello", b"func.func @net()", b"\x89HDF\r\n\x1a"])
def test_not_hdf5(tmp_path, content):
    path = tmp_path / "text.h5"
    path.write_bytes(content)
    with refused("text.h5", "not a Keras model file", ".h5"):
        from_keras(path)


def test_hdf5_that_is_no_model(tmp_path):
    with h5py.File(tmp_path / "data.h5", "w") as file:
        file["data"] = np.zeros(3)
    with refused("data.h5", "model_config", "model.save()"):
        from_keras(tmp_path / "data.h5")


@pytest.mark.parametrize(
    "config",
    [
        "",
        "{",
        "[]",
        "3",
        "null",
        "{}",
        '{"class_name": "Sequential"}',
        '{"class_name": "Sequential", "config": {}}',
        '{"class_name": "Sequential", "config": {"layers": [3]}}',
        '{"class_name": "Functional", "config": {"layers": []}}',
    ],
)
def test_hdf5_with_a_broken_architecture(tmp_path, config):
    with h5py.File(tmp_path / "broken.h5", "w") as file:
        file.attrs["model_config"] = config
        file.create_group("model_weights")
    with refused("broken"):
        from_keras(tmp_path / "broken.h5")


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9, 0.99])
def test_truncated_file(tmp_path, part):
    whole = CNN.read_bytes()
    path = tmp_path / "truncated.h5"
    path.write_bytes(whole[: int(len(whole) * part)])
    with refused("truncated.h5", "damaged or incomplete"):
        from_keras(path)


def test_weights_of_a_layer_are_missing(tmp_path):
    path = with_config(tmp_path, lambda layer: None)
    with h5py.File(path, "r+") as file:
        del file["model_weights"]["conv2"]
    with refused("layer 'conv2' (QConv2D)", "no weights 'kernel'"):
        from_keras(path)


def test_weights_that_are_not_finite(tmp_path):
    path = with_config(tmp_path, lambda layer: None)
    with h5py.File(path, "r+") as file:
        file["model_weights"]["logits"]["logits"]["kernel:0"][3, 4] = np.nan
    with refused("layer 'logits' (QDense)", "'kernel' of channel 4 at [3, 4] is nan"):
        from_keras(path)


@pytest.mark.parametrize("thing", [3, None, object(), np.zeros(3)])
def test_not_a_model(thing):
    with refused(type(thing).__name__, "expected a Keras model or the path of one"):
        from_keras(thing)


# --- layers and options ----------------------------------------------------------------------------------------------


def test_unknown_layer_class(tmp_path):
    def change(layer) -> None:
        if layer["config"]["name"] == "conv2":
            layer["class_name"] = "MyConv"

    with refused("layer 'conv2' (MyConv)", "not supported", "Conv2D"):
        from_keras(with_config(tmp_path, change))


@pytest.mark.parametrize(
    ("name", "options", "said"),
    [
        (
            "conv2",
            {"kernel_quantizer": "quantized_bits(4,0,bits_per_day=3)"},
            ("kernel_quantizer", "bits_per_day", "known are"),
        ),
        (
            "conv2",
            {"kernel_quantizer": "quantised_bits(4,0)"},
            ("quantised_bits", "known are", "quantized_bits"),
        ),
        (
            "conv2",
            {"kernel_quantizer": "quantized_bits(4,"},
            ("kernel_quantizer", "or a call such as"),
        ),
        ("relu1", {"activation": "quantized_bits(4,0,alpha='auto')"}, ("alpha='auto'", "use a number")),
        ("relu1", {"activation": "quantized_relu(4,2,qnoise_factor=0.5)"}, ("qnoise_factor", "1.0")),
        ("conv1", {"data_format": "channels_first"}, ("data_format='channels_first'", "'channels_last'")),
        ("conv1", {"padding": "causal"}, ("padding='causal'", "'valid' or 'same'")),
        ("bn1", {"axis": [1, 2]}, ("axis=[1, 2]", "one axis")),
        ("conv1", {"surprise": 7}, ("surprise=7", "not supported")),
        ("conv1", {"dtype": "float16"}, ("dtype='float16'", "'float32'")),
        (
            "conv1",
            {"dtype": {"class_name": "Policy", "config": {"name": "mixed_bfloat16"}}},
            ("dtype='mixed_bfloat16'",),
        ),
    ],
)
def test_options_are_refused_by_name(tmp_path, name, options, said):
    with refused(f"layer '{name}'", *said):
        from_keras(with_config(tmp_path, edit(name, **options)))


def test_softmax_inside_the_network(tmp_path):
    with refused("layer 'maxpool' (MaxPooling2D)", "softmax of 'relu1'", "end the network before it"):
        from_keras(
            with_config(
                tmp_path,
                lambda layer: (
                    layer.update(class_name="Activation", config={"name": "relu1", "activation": "softmax"})
                    if layer["config"]["name"] == "relu1"
                    else None
                ),
            )
        )


def test_unquantized_input_into_a_layer(tmp_path):
    """Reals run in the interpreter, but have no hardware form."""
    path = with_config(tmp_path, edit("quantize_image", activation="linear"))
    module = from_keras(path)
    assert simulate(module, np.zeros((1, 8, 8, 1))).shape == (1, 10)
    with refused("input 'image' is not quantized first", "input_type='fixed<16, 6>'"):
        lower(module)
    assert simulate(from_keras(path, input_type="fixed<16, 6>"), np.zeros((1, 8, 8, 1))).shape == (1, 10)


@pytest.mark.parametrize("text", ["int8", "fixed<8>", "fixed<0, 0>", "fixed<8, 0, maybe>", ""])
def test_input_type(text):
    with refused(f"input type '{text}'", "fixed<16, 6>"):
        from_keras(CNN, input_type=text)


def live(*layers):
    keras = pytest.importorskip("tf_keras")
    return keras.Sequential([keras.layers.Input((3,), name="x"), *layers], name="plain")


@pytest.mark.filterwarnings("ignore")
def test_float_network_without_quantizers():
    keras = pytest.importorskip("tf_keras")
    for layer in (keras.layers.Dense(2, name="fc"), keras.layers.ReLU(name="relu")):
        with refused("model 'plain' has no quantizers", "QKeras", "input_type"):
            from_keras(live(layer))


@pytest.mark.filterwarnings("ignore")
def test_networks_without_a_hardware_form(tmp_path):
    """An input that is not quantized, into a quantized layer."""
    qkeras = pytest.importorskip("qkeras")
    module = from_keras(live(qkeras.QDense(2, kernel_quantizer="quantized_bits(4,0,alpha=1)", name="fc")))
    with refused("input 'x' is not quantized first", "input_type"):
        write_hls(module, tmp_path / "prj")
    assert not (tmp_path / "prj").exists()


@pytest.mark.filterwarnings("ignore")
def test_subclassed_model():
    keras = pytest.importorskip("tf_keras")

    class Mine(keras.Model):
        def call(self, x):
            return x

    with refused("model 'mine'"):
        from_keras(Mine(name="mine"))


# --- running ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(8, 8, 1), (5, 8, 8), (5, 8, 8, 2), (5, 64), ()])
def test_wrong_input_shape(shape):
    with refused("input 'image'", "[batch, 8, 8, 1]", str(list(shape))):
        simulate(from_keras(CNN), np.zeros(shape))


@pytest.mark.parametrize(
    ("pipeline", "said"),
    [("fold-batchnorms", "unknown pass"), ("size-accumulators{max=3}", "no option 'max'"), ("{", "")],
)
def test_unknown_pass_or_option(pipeline, said):
    with refused(pipeline.partition("{")[0], said):
        lower(from_keras(CNN), [pipeline])
