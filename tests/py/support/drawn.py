"""Networks drawn from a seed, and inputs for them: layers, options, quantizers and topologies at random.

A network grows from its inputs: each step applies a layer that fits to one of the newest tensors, joins two of them, or
applies a layer or a nested model once more. Importing this needs Keras.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from qdialect.dialects.qnn.network import network
from qdialect.dialects.qnn.ops.constant import constant_of
from qdialect.dialects.qnn.ops.threshold import ThresholdOp
from qdialect.interpreter.simulate import interpreter_for
from qdialect.interpreter.values import to_argument

keras = pytest.importorskip("tf_keras")
qkeras = pytest.importorskip("qkeras")
layers = keras.layers

SAMPLES = 24
LARGEST = 400
"""Numbers per sample beyond which no layer makes a tensor larger."""


class Draw:
    """Choices from a seed, and what all drawn networks have in common."""

    def __init__(self, seed: int):
        self.rng = np.random.default_rng(seed)
        self.count = 0

    def choice(self, *options: Any) -> Any:
        return options[self.rng.integers(len(options))]

    def chance(self, probability: float) -> bool:
        return bool(self.rng.random() < probability)

    def integer(self, low: int, high: int) -> int:
        """Both ends included."""
        return int(self.rng.integers(low, high + 1))

    def name(self, kind: str) -> str:
        self.count += 1
        return f"{kind}_{self.count}"

    def set_weights(self, layer: Any) -> None:
        def drawn(name: str, shape: Any) -> np.ndarray:
            match name:
                case "gamma":
                    return self.rng.normal(size=shape) + 0.3
                case "moving_variance":
                    return self.rng.uniform(0.01, 8, shape)
                case "iteration":
                    return np.array(7)
                case _:
                    return self.weights(shape)

        layer.set_weights([drawn(w.name.split("/")[-1].split(":")[0], w.shape) for w in layer.weights])

    def weights(self, shape: Any) -> np.ndarray:
        """Normal ones; some at ties of coarse grids, some zero, some far beyond the format."""
        values = self.rng.normal(size=shape) * self.choice(0.4, 1.0)
        kind = self.rng.random(values.shape)
        values = np.where(kind < 0.15, np.round(values * 16) / 16, values)
        return np.where(kind > 0.97, 0 if self.chance(0.5) else values * 30, values)

    def values(self, shape: Any) -> np.ndarray:
        """Random inputs, ties between codes, zeros, ends, and values far beyond them."""
        x = self.rng.normal(size=(SAMPLES, *shape)) * 2
        x[8:16] = self.rng.integers(-40, 41, x[8:16].shape) / 16
        x[16] = 0
        x[17] = -0.0
        # beyond 2^24 steps QKeras' straight-through sum loses the value; 2^-5 is the smallest step drawn
        x[18:22] = self.rng.choice([-1, 1], x[18:22].shape) * 2.0 ** self.rng.integers(2, 18, x[18:22].shape)
        return x.astype(np.float32)

    def inputs(self, model: Any) -> Any:
        """One array, or one per input of the model."""
        drawn = [self.values(x.shape[1:]) for x in model.inputs]
        return drawn if len(drawn) > 1 else drawn[0]


class Network(Draw):
    """A graph of layers with every option at random."""

    def kernel(self) -> Any:
        bits = self.integer(2, 5)
        alpha = self.choice(None, 1, 1, 1, 0.5, 2, 0.3, "'auto'", "'auto_po2'")
        return self.choice(
            f"quantized_bits({bits},{self.choice(0, 0, 1)},{self.choice(0, 1)},alpha={alpha})",
            f"quantized_bits({bits},{self.choice(0, 0, 1)},{self.choice(0, 1)},alpha={alpha})",
            f"quantized_bits({bits},{self.choice(0, 0, 1)},alpha=1)",
            f"quantized_bits({bits},0,0,False,alpha=1)",
            "quantized_bits(1,0,alpha=1)",
            f"binary(alpha={alpha})",
            f"binary({self.choice(True, False)},alpha={alpha})",
            f"ternary(alpha={alpha})",
            f"ternary(alpha=1,threshold={self.choice(0.25, 0.5)})",
            "stochastic_ternary(alpha=1)",
            "stochastic_binary(alpha=1)",
            f"quantized_po2({self.choice(3, 4)})",
            f"quantized_po2({self.choice(3, 4)},{self.choice(1, 2)})",
            "quantized_po2(4,quadratic_approximation=True)",
        ).replace("alpha=None", "alpha=1" if self.chance(0.5) else "use_stochastic_rounding=False")

    def weighted(self, *kernels: str) -> dict[str, Any]:
        """The options of a layer with weights; one kernel in twelve, one bias in five stays float."""
        options: dict[str, Any] = {f"{name}_quantizer": self.kernel() for name in kernels or ("kernel",)}
        if self.chance(1 / 12):
            options = dict.fromkeys(options)
        options["use_bias"] = self.chance(0.6)
        if options["use_bias"]:
            options["bias_quantizer"] = self.choice(
                None,
                "quantized_bits(5,1,alpha=1)",
                "quantized_bits(4,0,alpha=1)",
                "quantized_po2(4)",
                "quantized_bits(4)",
            )
        if self.chance(0.2):
            options["activation"] = self.fixed()
        return options

    def fixed(self) -> str:
        """A quantizer to few codes."""
        bits, integer = self.integer(2, 6), self.integer(0, 2)
        return self.choice(
            f"quantized_bits({bits},{min(integer, bits - 1)},alpha=1)",
            f"quantized_bits({bits},0,1,alpha={self.choice(1, 2, 0.5)})",
            f"quantized_bits({bits},{integer},0,False,alpha=1)",
            "quantized_bits(1,0,alpha=1)",
            f"quantized_relu({bits},{integer})",
            f"quantized_relu({bits},{integer})",
            f"quantized_relu({self.integer(4, 6)},{integer},0,{self.choice(0.25, 0.5)})",
            f"quantized_relu({self.integer(3, 6)},{integer},1)",
            f"quantized_tanh({bits})",
            f"quantized_tanh({bits},symmetric=True)",
            f"quantized_sigmoid({bits})",
            f"quantized_sigmoid({bits},symmetric=True)",
            "binary()",
            "binary(alpha=1)",
            "binary(use_01=True)",
            "ternary()",
            f"ternary(threshold={self.choice(0.25, 1.0)})",
            "stochastic_ternary()",
        )

    def activation(self) -> Any:
        """A quantizer of any kind."""
        if self.chance(0.75):
            return self.fixed()
        bits = self.integer(3, 6)
        return self.choice(
            f"quantized_tanh({bits},use_real_tanh=True)",
            f"quantized_sigmoid({bits},use_real_sigmoid=True)",
            f"quantized_hswish({bits},1)",
            f"quantized_po2({self.choice(3, 4)})",
            f"quantized_po2(4,{self.choice(1, 2)},quadratic_approximation=True)",
            f"quantized_relu_po2({self.choice(3, 4)})",
            f"quantized_relu_po2({self.choice(3, 4)},{self.choice(2, 4)},{self.choice(0.25, 0.5)})",
            f"quantized_bits({bits},1,alpha=0.3)",
            "hard_tanh",
            "binary_tanh",
            "binary_sigmoid",
        )

    def quantized(self, x: Any) -> Any:
        return qkeras.QActivation(self.activation(), name=self.name("q"))(x)

    def float_function(self) -> Any:
        return self.choice(
            lambda: layers.ReLU(name=self.name("relu")),
            lambda: layers.ReLU(*self.choice((6.0, 0.25, 0.0), (2.0,), (None, 0.125, 0.5)), name=self.name("relu")),
            lambda: layers.LeakyReLU(self.choice(0.25, 0.3), name=self.name("leaky")),
            lambda: layers.PReLU(name=self.name("prelu")),
            lambda: layers.Activation(self.choice("relu", "tanh", "sigmoid", "softplus", "elu"), name=self.name("act")),
            lambda: layers.Dropout(0.5, name=self.name("drop")),
        )()

    def normalization(self) -> Any:
        if self.chance(0.2):
            options = dict.fromkeys(("gamma_quantizer", "variance_quantizer"), "quantized_relu_po2(6,4)")
            return qkeras.QBatchNormalization(name=self.name("qbn"), **(options if self.chance(0.5) else {}))
        options = {"scale": self.chance(0.9), "center": self.chance(0.9), "epsilon": self.choice(1e-3, 1e-5)}
        return layers.BatchNormalization(name=self.name("bn"), **options)

    def vector_layer(self, n: int) -> Any:
        units = self.integer(2, 9)
        return self.choice(
            lambda: qkeras.QDense(units, name=self.name("fc"), **self.weighted()),
            lambda: qkeras.QDense(units, name=self.name("fc"), **self.weighted()),
            lambda: layers.Dense(units, name=self.name("dense")),
            lambda: layers.RepeatVector(self.integer(2, 3), name=self.name("repeat")),
            lambda: layers.Reshape(self.choice((n, 1), (1, n), (1, n, 1)), name=self.name("reshape")),
        )()

    def sequence_layer(self, steps: int) -> Any:
        size, filters = self.integer(1, min(3, steps)), self.integer(1, 5)
        conv = {"padding": self.choice("same", "valid", "causal"), **self.choice({"strides": 2}, {"dilation_rate": 1})}
        pool = {"pool_size": size, "strides": self.choice(None, 1, 2), "padding": self.choice("same", "valid")}
        return self.choice(
            lambda: qkeras.QConv1D(filters, size, name=self.name("conv1d"), **conv, **self.weighted()),
            lambda: qkeras.QConv1D(filters, size, name=self.name("conv1d"), **conv, **self.weighted()),
            lambda: layers.TimeDistributed(
                qkeras.QDense(filters, name=self.name("fc"), **self.weighted()), name=self.name("per_step")
            ),
            lambda: layers.MaxPooling1D(name=self.name("pool"), **pool),
            lambda: layers.AveragePooling1D(name=self.name("pool"), **pool),
            lambda: self.choice(layers.GlobalMaxPooling1D, layers.GlobalAveragePooling1D)(name=self.name("global")),
            lambda: layers.ZeroPadding1D(self.choice(1, (0, 2)), name=self.name("pad")),
            lambda: layers.UpSampling1D(2, name=self.name("up")),
            lambda: layers.Permute((2, 1), name=self.name("permute")),
            lambda: layers.Flatten(name=self.name("flatten")),
            lambda: self.lstm(),
        )()

    def lstm(self) -> Any:
        quantizer = "quantized_bits(4,1,alpha=1)"
        names = ("kernel", "recurrent", "bias", "state")
        return qkeras.QLSTM(
            self.integer(1, 3),
            activation=self.choice("quantized_tanh(4)", "quantized_bits(4,0,alpha=1)"),
            recurrent_activation=self.choice("quantized_sigmoid(4)", "hard_sigmoid"),
            return_sequences=self.chance(0.5),
            name=self.name("lstm"),
            **{f"{name}_quantizer": quantizer for name in names},
        )

    def image_layer(self, rows: int, columns: int) -> Any:
        size = (self.integer(1, min(3, rows)), self.integer(1, min(3, columns)))
        filters, stride = self.integer(1, 5), self.choice(1, 1, 2)
        conv = {"strides": stride, "padding": self.choice("same", "valid")}
        pool = {"pool_size": size, "strides": self.choice(None, 1, (1, 2)), "padding": self.choice("same", "valid")}
        average = {"average_quantizer": "quantized_bits(6,0,1,alpha=1)", "activation": self.choice(None, self.fixed())}
        depthwise = {"depth_multiplier": self.choice(1, 2)}
        return self.choice(
            lambda: qkeras.QConv2D(filters, size, name=self.name("conv"), **conv, **self.weighted()),
            lambda: qkeras.QConv2D(filters, size, name=self.name("conv"), **conv, **self.weighted()),
            lambda: qkeras.QDepthwiseConv2D(
                size, name=self.name("depthwise"), **conv, **depthwise, **self.weighted("depthwise")
            ),
            lambda: qkeras.QSeparableConv2D(
                filters, size, name=self.name("separable"), **conv, **self.weighted("depthwise", "pointwise")
            ),
            lambda: qkeras.QConv2DBatchnorm(
                filters,
                size,
                kernel_quantizer=self.choice(None, "quantized_bits(4,0,alpha=1)", "quantized_bits(4,0)"),
                bias_quantizer=self.choice(None, "quantized_bits(5,1,alpha=1)"),
                name=self.name("folded"),
                **conv,
            ),
            lambda: layers.Conv2D(filters, size, name=self.name("float_conv"), **conv),
            lambda: layers.MaxPooling2D(name=self.name("pool"), **pool),
            lambda: layers.AveragePooling2D(name=self.name("pool"), **pool),
            lambda: qkeras.QAveragePooling2D(name=self.name("qpool"), **pool, **average),
            lambda: qkeras.QGlobalAveragePooling2D(name=self.name("qglobal"), **average),
            lambda: self.choice(layers.GlobalMaxPooling2D, layers.GlobalAveragePooling2D)(name=self.name("global")),
            lambda: layers.ZeroPadding2D(self.choice(1, ((0, 1), (2, 0))), name=self.name("pad")),
            lambda: layers.UpSampling2D(self.choice(2, (1, 2)), name=self.name("up")),
            lambda: layers.Permute(self.choice((2, 1, 3), (3, 1, 2)), name=self.name("permute")),
            lambda: layers.Flatten(name=self.name("flatten")),
            lambda: layers.Reshape((rows * columns, -1), name=self.name("reshape")),
        )()

    def any_layer(self, x: Any) -> Any:
        """A layer that fits the shape of `x`."""
        shape = x.shape[1:]
        if self.chance(0.25):
            return self.choice(self.normalization, self.float_function)()
        return (self.vector_layer, self.sequence_layer, self.image_layer)[len(shape) - 1](
            *shape[: max(len(shape) - 1, 1)]
        )

    def nested(self, shape: Any) -> Any:
        """A model as a layer: from `shape` to some shape."""
        x = layers.Input(shape, name=self.name("inner_x"))
        y = self.quantized(self.any_layer(x)(x))
        if self.chance(0.5):
            return keras.Model(x, y, name=self.name("inner"))
        return keras.Model(x, [y, self.quantized(y)] if self.chance(0.3) else y, name=self.name("inner"))

    def joined(self, x: Any, y: Any) -> Any:
        """Two tensors of one shape."""
        layer = self.choice("Add", "Subtract", "Multiply", "Maximum", "Minimum", "Average", "Concatenate")
        if layer == "Concatenate" and self.chance(0.5):
            return layers.Concatenate(axis=self.choice(1, -1), name=self.name("concat"))([x, y, x])
        inputs = [x, y] if layer == "Subtract" or self.chance(0.7) else [x, y, x]
        return getattr(layers, layer)(name=self.name(layer.lower()))(inputs)

    def graph(self) -> Any:
        """The whole model."""
        shapes = [(self.integer(3, 12),), (self.integer(3, 6), self.integer(1, 4))]
        shapes.append((self.integer(3, 6), self.integer(3, 6), self.integer(1, 3)))
        shape = self.choice(*shapes)
        inputs = [layers.Input(shape, name=f"x{i}") for i in range(self.choice(1, 1, 1, 2))]
        tensors = [qkeras.QActivation(self.fixed(), name=self.name("quantize"))(x) for x in inputs]
        made: list[tuple[Any, Any]] = []  # layers and the shapes that they take
        for _ in range(self.integer(1, 6)):
            tensors += self.grown(tensors, made)
        ends = tensors[-1:] if self.chance(0.7) else [tensors[-1], tensors[self.integer(0, len(tensors) - 1)]]
        ends = [qkeras.QActivation("quantized_bits(8,3,alpha=1)", name=self.name("out"))(y) for y in ends]
        if self.chance(0.15):
            ends[0] = layers.Activation("softmax", name=self.name("softmax"))(ends[0])
        model = keras.Model([x for x in inputs if _reaches(x, ends)], ends, name="net")
        self.set_weights(model)
        return model

    def grown(self, tensors: list[Any], made: list[tuple[Any, Any]]) -> list[Any]:
        """The next tensors."""
        x = tensors[-1 if self.chance(0.7) else self.integer(0, len(tensors) - 1)]
        same = [y for y in tensors if y.shape == x.shape and y is not x]
        again = [layer for layer, shape in made if shape == x.shape]
        if same and self.chance(0.35):
            y = self.joined(x, self.choice(*same))
            return [self.quantized(y)]
        if again and self.chance(0.3):
            layer = self.choice(*again)
        elif self.chance(0.12):
            layer = self.nested(x.shape[1:])
        else:
            layer = self.any_layer(x)
        made.append((layer, x.shape))
        results = layer(x)
        results = results if isinstance(results, list) else [results]
        if any(np.prod(y.shape[1:]) > LARGEST for y in results):
            return []
        return [self.quantized(y) if self.chance(0.8) else y for y in results]


def _reaches(x: Any, ends: list[Any]) -> bool:
    """Whether one of `ends` depends on `x`."""
    seen, todo = set(), list(ends)
    while todo:
        tensor = todo.pop()
        if tensor is x:
            return True
        if id(tensor) not in seen:
            seen.add(id(tensor))
            node = tensor.node
            todo += node.keras_inputs
    return False


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
