"""Weights as QKeras itself quantizes them, where it is installed, with TensorFlow's decisions at ties on this
machine."""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qdialect.frontends.keras.keras_run.environment import quietly, use_onednn


def is_available() -> bool:
    """Whether TensorFlow, its legacy Keras and QKeras are installed."""
    return all(find_spec(name) is not None for name in ("tensorflow", "tf_keras", "qkeras"))


def keras_weights(spec: Any, w: NDArray[np.float32], trainable: bool) -> NDArray[np.float32]:
    """The weights that `model.predict` computes with: the quantizer that `spec` spells in graph mode.

    `trainable` says whether a layer turns its alpha=None into 'auto_po2'.
    """
    os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
    use_onednn()
    with quietly():
        import tensorflow as tf  # pyright: ignore[reportMissingImports]
        from qkeras import get_quantizer, quantizers  # pyright: ignore[reportMissingImports]

    if isinstance(spec, Mapping):
        spec = getattr(quantizers, spec["class_name"].rpartition(">")[2])(**spec["config"])
    quantizer: Any = get_quantizer(spec)
    if trainable and hasattr(quantizer, "_set_trainable_parameter"):
        quantizer._set_trainable_parameter()
    library: Any = tf
    return np.asarray(library.function(quantizer)(library.constant(w)), np.float32)
