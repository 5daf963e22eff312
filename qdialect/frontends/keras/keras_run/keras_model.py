"""Keras itself: models loaded from files, and the outputs that they predict."""

from __future__ import annotations

import os
from typing import Any

from xdsl.dialects.builtin import ModuleOp

from qdialect.dialects.qnn.network import network
from qdialect.interpreter.values import as_list
from qdialect.numerics.arrays import Array


def load_keras(path: str | os.PathLike[str]) -> Any:
    """The Keras model in a file, through QKeras and TensorFlow."""
    os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from qkeras.utils import load_qmodel  # pyright: ignore[reportMissingImports]

    return load_qmodel(str(path), compile=False)


def keras_outputs(model: Any, module: ModuleOp, inputs: list[Array]) -> list[Array]:
    """`model.predict` in one batch; before the softmax or sigmoid where the module leaves it to the host.

    The batch could hold one more sample: of a batch of static size TensorFlow's graph optimizer adds the parts of
    straight-through sums x + (q - x) that meet in an `Add` or `Average` in another order, and rounds.
    """
    import tf_keras  # pyright: ignore[reportMissingImports]

    outputs: list[Any] = list(model.outputs)
    heads = [y for y in outputs if _is_head(y.node.layer)] if "qnn.head" in network(module).attributes else []
    alone = {id(y) for y in heads if not y.node.layer.weights}
    inside = [y.node.layer for y in heads if y.node.layer.weights]  # the activation of a dense layer
    activations = [layer.activation for layer in inside]
    fed = inputs if len(inputs) > 1 else inputs[0]
    if not heads:
        return as_list(model.predict(fed, batch_size=len(inputs[0]) + 1, verbose=0))
    try:
        for layer in inside:
            layer.activation = tf_keras.activations.linear
        cut: Any = tf_keras.Model(model.inputs, [y.node.layer.input if id(y) in alone else y for y in outputs])
        return as_list(cut.predict(fed, batch_size=len(inputs[0]) + 1, verbose=0))
    finally:
        for layer, activation in zip(inside, activations, strict=True):
            layer.activation = activation


def _is_head(layer: Any) -> bool:
    return layer.get_config().get("activation") in ("softmax", "sigmoid") or type(layer).__name__ == "Softmax"
