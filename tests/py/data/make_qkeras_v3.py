"""Writes tests/py/data/qkeras_v3: small models of PyPI `qkeras-v3` (1.2.1, Keras 3) and what they predict.

Needs an environment of its own, as the package is called `qkeras` too: pip install qkeras-v3 tensorflow.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

os.environ["KERAS_BACKEND"] = "tensorflow"

import keras
import numpy as np
import qkeras

K = keras.layers
FOLDER = Path(__file__).parent / "qkeras_v3"
IN, OUT = "quantized_bits(8,3,alpha=1)", "quantized_relu(5,2)"


def bits(width: int = 4, integer: int = 1) -> Any:
    return qkeras.quantized_bits(width, integer, alpha=1)


def dense(class_: Any = qkeras.QDense, **options: Any) -> Any:
    return class_(4, kernel_quantizer=bits(), bias_quantizer=bits(6, 2), **options)


def conv(class_: Any = qkeras.QConv2D) -> Any:
    return class_(4, 3, kernel_quantizer=bits(), bias_quantizer=bits(6, 2))


def linear_dense(alpha: Any, **options: Any) -> Any:
    kernel = qkeras.quantized_linear(5, 1, alpha=alpha, **options)
    return qkeras.QDense(5, kernel_quantizer=kernel, bias_quantizer=qkeras.quantized_linear(6, 2))


def average(class_: Any, *arguments: Any, **options: Any) -> Any:
    return class_(*arguments, average_quantizer=bits(8, 0), **options)


MODELS: dict[str, tuple[tuple[int, ...], list[Any]]] = {
    "hidden_scale": ((8,), [qkeras.QDense(6, kernel_quantizer="quantized_bits(4,0)"), dense()]),
    "normalized": ((6, 6, 2), [conv(), K.BatchNormalization(), qkeras.QActivation(OUT), K.MaxPooling2D(2)]),
    "quantized_normalization": ((6,), [dense(), qkeras.QBatchNormalization()]),
    "folded_convolution": ((5, 5, 2), [conv(qkeras.QConv2DBatchnorm)]),
    "folded_dense": ((6,), [dense(qkeras.QDenseBatchnorm)]),
    "averages": ((5, 5, 2), [average(qkeras.QAveragePooling2D, 3, 2, padding="same"), qkeras.QActivation(IN)]),
    "global_average": ((5, 5, 2), [average(qkeras.QGlobalAveragePooling2D)]),
    "recurrent": (
        (3, 2),
        [
            qkeras.QLSTM(
                2,
                activation="quantized_tanh(4)",
                recurrent_activation="quantized_sigmoid(4)",
                **{f"{name}_quantizer": bits() for name in ("kernel", "recurrent", "bias", "state")},
            )
        ],
    ),
    "negative_integer": ((6,), [qkeras.QDense(6, kernel_quantizer=bits(5, -1), bias_quantizer=bits(4, -2)), dense()]),
    "linear": ((6,), [linear_dense(2.0), qkeras.QActivation("quantized_linear(5,1,0)"), linear_dense(0.25)]),
    "linear_po2": ((6,), [linear_dense(None), qkeras.QActivation(IN), linear_dense("auto_po2")]),
    "linear_auto": ((6,), [linear_dense("auto"), qkeras.QActivation(IN)]),
    "linear_unsigned": ((6,), [linear_dense("auto_po2", keep_negative=False)]),
}


def weight(variable: Any, rng: np.random.Generator) -> Any:
    if variable.dtype != "float32":
        return variable.numpy()
    values = rng.normal(size=variable.shape)
    return (np.abs(values) + 0.2 if "variance" in variable.path else values * 0.7).astype(np.float32)


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    rng = np.random.default_rng(0)
    for name, (shape, stack) in MODELS.items():
        model = keras.Sequential([K.Input(shape), qkeras.QActivation(IN), *stack, qkeras.QActivation(OUT)], name=name)
        model.set_weights([weight(variable, rng) for variable in model.weights])
        x = rng.integers(-80, 81, (24, *shape)).astype(np.int16)
        model.save(FOLDER / f"{name}.keras")
        np.savez_compressed(FOLDER / f"{name}.npz", sixteenths=x, outputs=model.predict(x / np.float32(16), verbose=0))


if __name__ == "__main__":
    main()
