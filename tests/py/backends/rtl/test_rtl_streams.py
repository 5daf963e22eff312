"""RTL on streams: a pixel in each cycle, equal to the interpreter with bubbles and back-pressure, at its interval."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from sequences import K, conv, dense, keras, network_of, q, qkeras, relu

import qdialect
from qdialect.compiler.write_rtl import write_rtl
from qdialect.errors import QdialectError

needs_verilator = pytest.mark.skipif(shutil.which("verilator") is None, reason="verilator is not installed")
KERNEL = "quantized_bits(3,0,alpha=1)"


def sequence(shape, *layers):
    return network_of(shape, *layers)[0]


def branches():
    """A sum, channels side by side, a depthwise and a dilated convolution, a global pooling."""
    x = K.Input((7, 6, 2), name="x")
    y = q()(x)
    wide = relu()(qkeras.QConv2D(3, 3, padding="same", kernel_quantizer=KERNEL, use_bias=False)(y))
    narrow = relu()(qkeras.QConv2D(3, 1, kernel_quantizer=KERNEL, use_bias=False)(y))
    z = relu()(K.Add()([wide, narrow]))
    each = relu()(qkeras.QDepthwiseConv2D(3, padding="same", depthwise_quantizer=KERNEL, use_bias=False)(z))
    joined = K.Concatenate()([each, z, y])
    far = relu()(qkeras.QConv2D(2, 2, dilation_rate=(2, 1), kernel_quantizer=KERNEL, use_bias=False)(joined))
    return keras.Model(x, dense(3)(q("quantized_bits(6,2,alpha=1)")(K.GlobalAveragePooling2D()(far))), name="net")


def two_results():
    """Images in the pitch of a stride, side by side."""
    x = K.Input((6, 8, 1), name="x")
    y = q()(x)
    strided = relu()(qkeras.QConv2D(2, 3, strides=2, padding="same", kernel_quantizer=KERNEL, use_bias=False)(y))
    after = relu()(qkeras.QConv2D(2, 3, padding="same", kernel_quantizer=KERNEL, use_bias=False)(strided))
    return keras.Model(x, [relu()(K.Add()([strided, after])), K.Concatenate()([strided, after])], name="net")


def binary():
    """Beyond the edges nothing counts."""
    layers = [qkeras.QActivation("binary(alpha=1)")]
    for filters in (3, 4):
        kernel = qkeras.QConv2D(filters, 3, padding="same", kernel_quantizer="binary(alpha=1)", use_bias=False)
        layers += [kernel, K.BatchNormalization(), qkeras.QActivation("binary(alpha=1)")]
    return sequence((5, 6, 2), *layers, K.MaxPooling2D(2, padding="same"), K.Flatten(), dense(3))


def cut_and_padded():
    """Strides that differ, zeros around an image that was cut."""
    steps = (K.Cropping2D(((1, 0), (1, 1))), qkeras.QConv2D(2, 2, padding="same", kernel_quantizer=KERNEL))
    padded = K.ZeroPadding2D(((1, 2), (0, 1)))
    strided = qkeras.QConv2D(2, 5, strides=(3, 2), padding="same", kernel_quantizer=KERNEL)
    pool = K.AveragePooling2D(2, strides=1)
    return sequence((13, 11, 1), q(), padded, strided, relu(), pool, relu(), *steps, relu(), K.Flatten(), dense(2))


def image(shape):
    """The usual network."""
    layers = [(conv(4), relu(), K.MaxPooling2D(2)) for _ in range(3)]
    return sequence(shape, q(), *(step for block in layers for step in block), K.Flatten(), dense(5))


def expanded():
    """What was pooled comes back to the size that it had: pixels written again, and a strided one transposed."""
    x = K.Input((7, 9, 1), name="x")
    y = relu()(conv(2)(q()(x)))
    small = relu()(qkeras.QConv2D(2, 2, padding="same", kernel_quantizer=KERNEL)(K.MaxPooling2D(2)(y)))
    transposed = K.Conv2DTranspose(2, 3, 2, padding="same", use_bias=False, kernel_initializer=quarters)(small)
    joined = K.Concatenate()([y, K.UpSampling2D(2)(small), relu()(transposed)])
    return keras.Model(x, conv(1)(joined), name="net")


def quarters(shape, dtype=None):
    return (np.arange(np.prod(shape), dtype=np.float32).reshape(shape) % 7 - 3) / 4


def in_time():
    causal = qkeras.QConv1D(2, 3, padding="causal", dilation_rate=2, kernel_quantizer=KERNEL)
    return sequence((20, 2), q(), causal, relu(), K.MaxPooling1D(3, strides=2, padding="same"), K.Flatten(), dense(2))


NETWORKS: dict[str, tuple[Callable[[], object], int]] = {
    "branches": (branches, 42),
    "two results": (two_results, 48),
    "binary": (binary, 30),
    "cut and padded": (cut_and_padded, 176),
    "expanded": (expanded, 63),
    "in time": (in_time, 20),
    "28x28": (lambda: image((28, 28, 1)), 784),
    "32x32x3": (lambda: image((32, 32, 3)), 1024),
}
"""Networks with the interval of a sample: its pixels, or more where the steps of a stride end after them."""
ALL = "QDIALECT_LONG" in os.environ


def lowered(model):
    return qdialect.lower(qdialect.from_keras(model, input_type="fixed<8, 4>"))


def inputs_of(model, count: int):
    return (np.random.default_rng(0).integers(-32, 33, (count, *model.input_shape[1:])) / 16).astype(np.float32)


@needs_verilator
@pytest.mark.parametrize("name", NETWORKS if ALL else ["branches", "binary", "cut and padded", "expanded"])
def test_streams_equal_the_interpreter(name: str, tmp_path: Path) -> None:
    make, interval = NETWORKS[name]
    model = make()
    project = write_rtl(lowered(model), tmp_path / "net", {"io_type": "io_stream"}, inputs_of(model, 4))
    assert project.interval == interval
    assert f"PASS: 4 samples, one each {interval} cycles" in project.make("sim")
    project.make("lint")


def test_larger_images_are_not_gathered(tmp_path: Path) -> None:
    write_rtl(lowered(expanded()), tmp_path / "net", {"io_type": "io_stream"})
    modules = {path.stem.split("_")[0] for path in (tmp_path / "net" / "rtl").iterdir()}
    assert "line" in modules
    assert "gather" not in modules


@needs_verilator
def test_predict_on_streams(tmp_path: Path) -> None:
    """An input without an axis of channels comes pixel by pixel too, where it is only reshaped."""
    model = sequence((30,), q(), K.Reshape((5, 6, 1)), conv(2), relu())
    module, x = lowered(model), inputs_of(model, 3)
    project = write_rtl(module, tmp_path / "net", {"io_type": "io_stream", "registers": {"levels": 2}}).compile()
    np.testing.assert_array_equal(project.predict(x), qdialect.simulate(module, x))
    samples = len((tmp_path / "net/tb/data" / f"{project.top}_in.dat").read_text().splitlines())
    assert f"PASS: {samples} samples" in project.make("sim-axis")


@pytest.mark.parametrize(
    ("shape", "last", "message"),
    [
        ((6, 6, 1), K.ZeroPadding2D(1, name="around"), "'around': rows of 8 pixels come every 6 ticks"),
        ((64, 64, 2), K.Permute((2, 1, 3), name="turned"), "'turned': needs 65536 bits of an image at once"),
    ],
)
def test_networks_without_a_streaming_form_are_refused(shape, last, message: str, tmp_path: Path) -> None:
    module = lowered(sequence(shape, q(), last))
    with pytest.raises(QdialectError, match=re.escape(message)):
        write_rtl(module, tmp_path / "net", {"io_type": "io_stream"})
