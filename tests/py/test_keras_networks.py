"""Random QKeras networks: the bits of `model.predict`, of the IR at every level, and of the compiled C++.

`QDIALECT_DRAWS=200 pytest tests/py/test_keras_networks.py` draws more of them.
"""

import os

import numpy as np
import pytest

from qdialect import from_keras, lower, simulate, write_hls
from qdialect.dialect.constant import constant_of
from qdialect.dialect.quantize import ThresholdOp
from qdialect.interpreter.simulate import interpreter_for, network, to_argument

keras = pytest.importorskip("tf_keras")
qkeras = pytest.importorskip("qkeras")

DRAWS = int(os.environ.get("QDIALECT_DRAWS", "25"))
SEEDS = sorted({*range(DRAWS), 78})  # 78: the network ends in a binary product without bias
SAMPLES = 24


class Draw:
    """A network drawn from a seed: small layers, all weights random, gamma of both signs."""

    def __init__(self, seed: int):
        self.rng = np.random.default_rng(seed)
        self.count = 0

    def choice(self, *options):
        return options[self.rng.integers(len(options))]

    def name(self, kind: str) -> str:
        self.count += 1
        return f"{kind}_{self.count}"

    def kernel_quantizer(self) -> str:
        bits = self.choice(2, 3, 4, 5)
        return self.choice(
            f"quantized_bits({bits},{self.choice(0, 1)},alpha=1)",
            f"quantized_bits({bits},0,1,alpha=1)",
            f"quantized_bits({bits},0)",  # a kernel quantizer without alpha takes 'auto_po2'
            f"quantized_bits({bits},0,alpha='auto_po2')",
            "binary(alpha=1)",
            "binary(alpha='auto_po2')",
            "ternary(alpha=1)",
            "ternary(alpha='auto_po2')",
            "quantized_po2(4)",
            "quantized_po2(3,1)",
        )

    def activation(self, po2: bool = True) -> str:
        bits = int(self.rng.integers(2, 6))
        integer = int(self.rng.integers(0, 3))
        kinds = [
            f"quantized_bits({bits},{min(integer, bits - 1)},alpha=1)",
            f"quantized_bits({bits},0,1,alpha=1)",
            f"quantized_relu({bits},{integer})",
            f"quantized_relu({bits},{integer})",
            "binary()",
            "binary(alpha=1)",
            "ternary()",
            "quantized_bits(1,0,alpha=1)",
        ]
        if po2 and self.rng.random() < 0.1:
            return f"quantized_po2({self.choice(3, 4)})"
        return self.choice(*kinds)

    def weighted_options(self) -> dict:
        options = {"kernel_quantizer": self.kernel_quantizer(), "use_bias": bool(self.rng.integers(2))}
        if options["use_bias"]:
            options["bias_quantizer"] = self.choice("quantized_bits(5,1,alpha=1)", "quantized_bits(4,0,alpha=1)")
        if self.rng.random() < 0.2:
            options["activation"] = self.activation(po2=False)
        return options

    def after_sums(self, spatial: bool) -> list:
        """Batch normalization, relu and pooling in some order, then a quantizer."""
        layers = []
        if self.rng.random() < 0.7:
            layers.append(keras.layers.BatchNormalization(name=self.name("bn"), scale=self.rng.random() < 0.9))
        if self.rng.random() < 0.2:
            layers.append(self.choice(keras.layers.ReLU(name="relu"), keras.layers.Activation("relu", name="act")))
            layers[-1]._name = self.name("relu")
        if spatial and self.rng.random() < 0.3:
            layers.append(self.pooling(keras.layers.MaxPooling2D))
        layers.append(qkeras.QActivation(self.activation(), name=self.name("q")))
        if spatial and self.rng.random() < 0.3:
            layers.append(self.pooling(self.choice(keras.layers.MaxPooling2D, keras.layers.AveragePooling2D)))
            layers.append(qkeras.QActivation(self.activation(po2=False), name=self.name("q")))
        return layers

    def pooling(self, layer):
        return layer(self.choice(2, (1, 2), 3), strides=self.choice(None, 1, 2), padding="same", name=self.name("pool"))

    def features(self, spatial: bool) -> list:
        layers = [qkeras.QActivation(self.activation(), name="quantize_input")]
        if not spatial:
            for _ in range(self.rng.integers(0, 3)):
                units = int(self.rng.integers(2, 10))
                layers.append(qkeras.QDense(units, name=self.name("fc"), **self.weighted_options()))
                layers += self.after_sums(spatial=False)
            return layers
        for _ in range(self.rng.integers(1, 3)):
            layers.append(
                qkeras.QConv2D(
                    int(self.rng.integers(2, 7)),
                    self.choice(1, 2, (2, 3), 3),
                    strides=self.choice(1, 1, 2),
                    padding=self.choice("same", "same", "valid") if len(layers) == 1 else "same",
                    name=self.name("conv"),
                    **self.weighted_options(),
                )
            )
            layers += self.after_sums(spatial=True)
        return [*layers, keras.layers.Flatten(name="flatten")]

    def head(self) -> list:
        logits = qkeras.QDense(int(self.rng.integers(1, 5)), name=self.name("logits"), **self.weighted_options())
        softmax = [keras.layers.Activation("softmax", name=self.name("softmax"))] if self.rng.random() < 0.3 else []
        return [logits, *softmax]

    def network(self):
        """The model, and the same model without its softmax heads."""
        spatial = bool(self.rng.integers(2))
        shape = tuple(int(n) for n in (*self.rng.integers(4, 7, 2), self.rng.integers(1, 4)))
        shape = shape if spatial else (int(self.rng.integers(3, 20)),)
        features = self.features(spatial)
        if self.rng.integers(2):
            model = keras.Sequential([keras.layers.Input(shape, name="x"), *features, *self.head()], name="net")
        else:
            x = y = keras.layers.Input(shape, name="x")
            for layer in features:
                y = layer(y)
            heads = [self.head() for _ in range(self.choice(1, 1, 2))]
            model = keras.Model(x, [_apply(head, y) for head in heads], name="net")
        for layer in model.layers:
            self.set_weights(layer)
        ends = [
            model.get_layer(tensor._keras_history.layer.name).input if "softmax" in tensor.name else tensor
            for tensor in model.outputs
        ]
        return model, keras.Model(model.inputs, ends)

    def set_weights(self, layer) -> None:
        def drawn(name: str, shape):
            match name:
                case "gamma":
                    return self.rng.normal(size=shape) + 0.3
                case "moving_variance":
                    return self.rng.uniform(0.01, 8, shape)
                case _:
                    return self.rng.normal(size=shape) * self.choice(0.4, 1.0)

        layer.set_weights([drawn(w.name.split("/")[-1].split(":")[0], w.shape) for w in layer.weights])

    def inputs(self, model) -> np.ndarray:
        """Random values, ties between codes, zeros, ends, and values far beyond them."""
        x = self.rng.normal(size=(SAMPLES, *model.input_shape[1:])) * 2
        x[8:16] = self.rng.integers(-40, 41, x[8:16].shape) / 16
        x[16] = 0
        x[17] = -0.0
        # beyond 2^24 steps QKeras' straight-through sum loses the value; 2^-5 is the smallest step drawn
        x[18:22] = self.rng.choice([-1, 1], x[18:22].shape) * 2.0 ** self.rng.integers(2, 18, x[18:22].shape)
        return x.astype(np.float32)


def _apply(layers: list, x):
    for layer in layers:
        x = layer(x)
    return x


def as_list(value) -> list:
    return value if isinstance(value, list) else [value]


def at_uncertified_thresholds(lowered, x: np.ndarray) -> list[np.ndarray]:
    """The elements of operands that stand right at or right before a threshold that its op lists as uncertified, for
    every op with such thresholds: the only ones for which Keras' result is not determined."""
    function, interpreter = network(lowered), interpreter_for(lowered)
    values = {function.args[0]: to_argument(function, 0, x)}
    found = []
    for op in function.body.block.ops:
        if not op.results:
            continue
        (values[op.results[0]],) = interpreter.run_op(op, tuple(values[v] for v in op.operands))
        if isinstance(op, ThresholdOp) and op.uncertified is not None:
            source, levels = values[op.operand], constant_of(op.thresholds)
            directions = np.ones(len(levels), int) if op.direction is None else constant_of(op.direction)
            found.append(np.zeros(source.shape, bool))
            for channel in set(op.uncertified.get_values()):
                row = channel if len(levels) > 1 else 0
                touched = [*levels[row], *(levels[row] - directions[row])]
                found[-1][..., channel] = np.isin(source[..., channel], touched)
    return found


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("seed", SEEDS)
def test_random_network(seed, tmp_path):
    draw = Draw(seed)
    model, logits = draw.network()
    x = draw.inputs(model)
    expected = [y.astype(np.float64) for y in as_list(logits.predict(x, verbose=0))]

    module = from_keras(model)
    model.save(tmp_path / "net.h5")
    assert str(from_keras(tmp_path / "net.h5")) == str(module)

    lowered = lower(module, verify=True)
    simulated = as_list(simulate(lowered, x, check_ranges=True))
    for a, b in zip(as_list(simulate(module, x, check_ranges=True)), simulated, strict=True):
        assert np.array_equal(a, b)
    undetermined = [elements.reshape(len(x), -1).any(axis=1) for elements in at_uncertified_thresholds(lowered, x)]
    determined = ~np.any([np.zeros(len(x), bool), *undetermined], axis=0)
    assert determined.sum() > SAMPLES / 2
    for ours, keras_ in zip(simulated, expected, strict=True):
        assert np.array_equal(ours[determined], keras_[determined])

    project = write_hls(lowered, tmp_path / "prj").compile()
    for cpp, ours in zip(as_list(project.predict(x)), simulated, strict=True):
        assert np.array_equal(cpp, ours)
