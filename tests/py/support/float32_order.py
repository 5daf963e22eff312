"""Sums of products in the order in which TensorFlow 2.21 rounds them: its kernels for dense layers and convolutions
on x86 with AVX-512 add one fused product after the other to zero, in the order of the kernel's inputs, and the bias
last."""

from typing import Any

import numpy as np
import tensorflow as tf
import tf_keras as keras

from qdialect.numerics.float32 import BatchNormFormula, batch_norm, fma


def chain(x: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """x [.., inputs] @ kernel [inputs, outputs], a rounding per product."""
    total = np.zeros((*x.shape[:-1], kernel.shape[1]), np.float32)
    for values, weights in zip(np.moveaxis(x, -1, 0), kernel, strict=True):
        total = fma(*np.broadcast_arrays(values[..., np.newaxis], weights), total)
    return total


def convolution(x: np.ndarray, kernel: np.ndarray, groups: int) -> np.ndarray:
    """'valid', without strides: rows, columns and channels of the kernel, the last fastest."""
    windows = np.lib.stride_tricks.sliding_window_view(x, kernel.shape[:2], axis=(1, 2))
    channels = np.split(np.moveaxis(windows, 3, -1), groups, axis=-1)
    kernels = np.split(kernel, groups, axis=-1)
    parts = [
        chain(patch.reshape(*patch.shape[:3], -1), part.reshape(-1, part.shape[-1]))
        for patch, part in zip(channels, kernels, strict=True)
    ]
    return np.concatenate(parts, axis=-1)


def used(layer: Any, name: str) -> np.ndarray:
    """The weights that `predict` computes with."""
    values, quantizer = getattr(layer, name), getattr(layer, f"{name}_quantizer_internal", None)
    return (values if quantizer is None else tf.function(lambda variable: quantizer(variable))(values)).numpy()


def results(model: Any, x: np.ndarray) -> np.ndarray:
    """Of a sequence of layers on inputs `x`."""
    for layer in model.layers[1:]:
        match layer:
            case keras.layers.Dense():
                x = chain(x, used(layer, "kernel")) + used(layer, "bias")
            case keras.layers.Conv2D():
                x = convolution(x, used(layer, "kernel"), layer.groups) + used(layer, "bias")
            case keras.layers.BatchNormalization():
                values = [np.asarray(w) for w in layer.weights]
                x = batch_norm(x, *values, epsilon=layer.epsilon, formula=BatchNormFormula.SCALE_OFFSET)
            case _:
                x = keras.Model(layer.input, layer.output).predict(x, verbose=0)
    return x
