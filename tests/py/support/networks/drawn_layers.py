"""Layers, options and quantizers drawn from a seed, and inputs. Importing this needs Keras."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

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


class LayerDraw(Draw):
    """Layers with every option at random."""

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
