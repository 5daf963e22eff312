"""Random binary, ternary and power-of-two layers: the bits of `model.predict` after every pass and in compiled C++,
and no product of a weight with an activation left.

`QDIALECT_DRAWS=500 pytest tests/py/end_to_end/test_multiplier_free_networks.py` draws more of them.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from drawn import at_uncertified_thresholds
from drawn_layers import Draw
from xdsl.dialects.builtin import ModuleOp

from qdialect.compiler.pipeline import lower
from qdialect.compiler.write_hls import write_hls
from qdialect.dialects.qnn.attributes import Product
from qdialect.dialects.qnn.ops.contractions import ContractionOp
from qdialect.frontends.keras.importer import from_keras
from qdialect.interpreter.simulate import simulate

keras = pytest.importorskip("tf_keras")
qkeras = pytest.importorskip("qkeras")

DRAWS = int(os.environ.get("QDIALECT_DRAWS", "15"))
COMPILED_EVERY = 5  # g++ takes longer than all else
KINDS = ("dense", "conv1d", "conv2d", "depthwise", "separable1d", "separable2d")


class LayerDraw(Draw):
    """One layer of a kind whose products need no multiplier, a quantizer before it, and what follows sums."""

    def __init__(self, seed: int):
        super().__init__(seed)
        self.kind = KINDS[seed % len(KINDS)]

    def kernel(self):
        """`alpha` None becomes 'auto_po2' in a layer: a power of two per channel."""
        alpha = self.choice(None, 1, 0.5, 0.75, "auto_po2")
        return self.choice(
            qkeras.binary(alpha=alpha),
            qkeras.binary(use_01=True, alpha=alpha),
            qkeras.ternary(alpha=alpha),
            qkeras.quantized_po2(4),
            qkeras.quantized_po2(3, 1),
        )

    def source(self) -> str:
        return self.choice(
            "binary()",
            "binary(alpha=1)",
            "binary(alpha=0.5)",
            "binary(use_01=True,alpha=1)",
            "ternary()",
            "ternary(alpha=1,threshold=0.25)",
            "quantized_bits(4,1,alpha=1)",
            "quantized_relu(3,1)",
        )

    def bias(self) -> dict:
        quantizer = self.choice(None, "quantized_bits(5,1,alpha=1)", "quantized_po2(4)", "binary(alpha=1)")
        return {"use_bias": quantizer is not None, "bias_quantizer": quantizer}

    def window(self, spatial_axes: int) -> dict:
        """Steps of more than one and dilation exclude each other in Keras; a depthwise step is equal in both axes."""
        strides, dilation = self.choice((1, 1), (2, 1), (3, 1), (1, 2))
        return {
            "kernel_size": self.choice(1, 2, 3, *([(2, 3), (3, 1)] if spatial_axes == 2 else [])),
            "strides": strides,
            "dilation_rate": dilation,
            "padding": self.choice("same", "valid", *(["causal"] if self.kind == "conv1d" else [])),
        }

    def layer(self):
        filters, name = int(self.rng.integers(1, 6)), self.name(self.kind)
        match self.kind:
            case "dense":
                return qkeras.QDense(filters, kernel_quantizer=self.kernel(), name=name, **self.bias())
            case "conv1d" | "conv2d":
                axes, class_ = (1, qkeras.QConv1D) if self.kind == "conv1d" else (2, qkeras.QConv2D)
                kernel = {"kernel_quantizer": self.kernel()}
                return class_(filters, name=name, **self.window(axes), **kernel, **self.bias())
            case "depthwise":
                kernel = {"depthwise_quantizer": self.kernel()}
                return qkeras.QDepthwiseConv2D(name=name, **self.window(2), **kernel, **self.bias())
            case _:
                axes, class_ = (
                    (1, qkeras.QSeparableConv1D) if self.kind == "separable1d" else (2, qkeras.QSeparableConv2D)
                )
                kernels = {"depthwise_quantizer": self.kernel(), "pointwise_quantizer": self.kernel()}
                return class_(filters, name=name, **self.window(axes), **kernels, **self.bias())

    def single(self):
        """Input [n], [length, n] or [rows, columns, n] with odd n, and n of more than a word."""
        channels = int(self.choice(1, 2, 3, 7, self.rng.integers(4, 20), 66))
        axes = {"dense": 0, "conv1d": 1, "separable1d": 1}.get(self.kind, 2)
        shape = (*(int(n) for n in self.rng.integers(5, 9, axes)), channels)
        layers = [keras.layers.Input(shape, name="x"), qkeras.QActivation(self.source(), name="before")]
        layers.append(self.layer())
        normalized = self.rng.random() < 0.7
        if normalized:
            layers.append(keras.layers.BatchNormalization(name="bn"))
        if normalized or self.rng.random() < 0.5:  # what a normalization returns is rounded to float32 by Keras alone
            layers.append(qkeras.QActivation(self.source(), name="after"))
        model = keras.Sequential(layers, name="net")
        for layer in model.layers:
            self.set_weights(layer)
        return model


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("seed", range(DRAWS))
def test_multiplier_free_layer(seed: int, tmp_path: Path) -> None:
    draw = LayerDraw(seed)
    model = draw.single()
    x = draw.inputs(model)
    expected = model.predict(x, verbose=0).astype(np.float64)

    module = from_keras(model)
    stages: dict[str, ModuleOp] = {"imported": module}
    lowered = lower(module, verify=True, after=lambda pass_, now: stages.update({pass_.name: now.clone()}))
    determined = np.ones(expected.shape, bool)
    for elements in at_uncertified_thresholds(lowered, x):  # the quantizer at the end is the only one
        determined &= ~elements.reshape(expected.shape)
    assert determined.sum() > determined.size / 2
    for name, stage in stages.items():
        assert np.array_equal(simulate(stage, x, check_ranges=True)[determined], expected[determined]), name

    sums = [op for op in lowered.walk() if isinstance(op, ContractionOp)]
    assert not [op for op in sums if op.product.data is Product.MULTIPLY]
    if seed % COMPILED_EVERY == 0:
        project = write_hls(lowered, tmp_path / "prj").compile()
        assert np.array_equal(project.predict(x), simulate(lowered, x))
