"""The values of a live model as Keras computes them, before each activation.

Uses the model's public API: outputs of its layers, called by the package that made it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import numpy as np

from qdialect.errors import QdialectError
from qdialect.frontends.keras.quantizers.spellings import read_quantizer
from qdialect.interpreter.blocks import WORD, blocks
from qdialect.interpreter.values import as_inputs, expect_samples
from qdialect.numerics.arrays import Array
from qdialect.numerics.formats import Format

ACTIVATIONS = ("Activation", "QActivation", "ReLU", "LeakyReLU")
"""Layers that consist of an activation alone."""


def trace_live(model: Any, x: Any) -> Iterator[tuple[str, str, Array, Format | None]]:
    """Name, kind, values and type: 'weights' against their quantizer, if they have one; for blocks of samples 'before'
    an activation that quantizes, against what it gives; 'activations' for layers without.

    Raises QdialectError for models that are not Sequential or Functional, and for shared layers.
    """
    if not getattr(model, "inputs", None) or not hasattr(model, "layers"):
        raise QdialectError(f"expected a built Sequential or Functional model, got {type(model).__name__}")
    expect_no_shared_layer(model)
    layers = [layer for layer in model.layers if type(layer).__name__ != "InputLayer"]
    for layer in layers:
        yield from weights_of(layer)
    keras = import_module(type(model).__module__.partition(".")[0])
    formats = [activation_format(layer) for layer in layers]
    ends = [layer.output if fmt is None else layer.input for layer, fmt in zip(layers, formats, strict=True)]
    inner: Any = keras.Model(model.inputs, ends)
    inputs = expect_samples(as_inputs(x, [tensor.name for tensor in model.inputs]))
    for block in blocks(inputs, elements(ends) * WORD):
        traced = inner.predict(block if len(block) > 1 else block[0], verbose=0)
        for layer, fmt, values in zip(layers, formats, traced if len(layers) > 1 else [traced], strict=True):
            if fmt is not None and type(layer).__name__ not in ACTIVATIONS:
                values = without_activation(layer, values)
            yield layer.name, "activations" if fmt is None else "before", flat(values), fmt


def elements(tensors: Any) -> int:
    """Of a symbolic tensor per sample, or of several (states, nested models)."""
    if isinstance(tensors, list | tuple):
        return sum(map(elements, tensors))
    return math.prod(size or 1 for size in tensors.shape[1:])


def activation_format(layer: Any) -> Format | None:
    """The type that the activation at the end of the layer quantizes to; recurrent layers have theirs inside."""
    return None if hasattr(layer, "cell") else quantizer_format(layer, "activation")


def flat(values: Any) -> Array:
    """The elements of an array, or of several (states, nested models)."""
    return np.concatenate([flat(part) for part in values]) if isinstance(values, list) else np.ravel(values)


def expect_no_shared_layer(model: Any) -> None:
    for entry in model.get_config()["layers"]:
        if len(entry.get("inbound_nodes", ())) > 1:
            raise QdialectError(
                f"layer '{entry['name']}' is applied several times: profile the imported module,"
                " qdialect.profile(qdialect.from_keras(model), x)"
            )


def without_activation(layer: Any, values: Any) -> Array:
    """The result of the layer for `values` before its activation."""
    activation, layer.activation = layer.activation, None
    try:
        return np.asarray(layer(values))
    finally:
        layer.activation = activation


def weights_of(layer: Any) -> Iterator[tuple[str, str, Array, Format | None]]:
    for variable in layer.weights:
        short = getattr(variable, "path", variable.name).rpartition("/")[2].partition(":")[0]
        yield f"{layer.name}_{short}", "weights", np.asarray(variable), quantizer_format(layer, f"{short}_quantizer")


def quantizer_format(layer: Any, option: str) -> Format | None:
    """The type that a quantizer of the layer gives; None for floats."""
    quantizer = read_quantizer(getattr(layer, option, None), f"layer '{layer.name}' {option}")
    return getattr(quantizer, "format", None)
