"""Keras itself: loading models from files, their predictions, and their last activation on given logits."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from qdialect.errors import QdialectError
from qdialect.frontends.keras.keras_run.environment import quietly, use_onednn
from qdialect.frontends.keras.reading.files import parts
from qdialect.interpreter.blocks import blocks, joined
from qdialect.numerics.arrays import Array

Finish = Callable[[str, Array], Array]
"""Applies the activation of a name to logits, as float32."""


def load_keras(model: Any) -> Any:
    """A live model as it is; the Keras model of a file, of a directory with one, or of a pair (JSON, weights), through
    QKeras and TensorFlow.

    Raises QdialectError that says why Keras does not load it.
    """
    if hasattr(model, "predict"):
        return model
    whole, *weights = [Path(part) for part in model] if isinstance(model, tuple | list) else parts(Path(model))
    if find_spec("tensorflow") is None or find_spec("qkeras") is None:
        raise QdialectError("TensorFlow and QKeras are not installed")
    if find_spec("tf_keras") is not None:
        os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
    use_onednn()
    with quietly():
        from qkeras.utils import load_qmodel, quantized_model_from_json  # pyright: ignore[reportMissingImports]
    try:
        with quietly():
            if not weights:
                return load_qmodel(str(whole), compile=False)
            keras = quantized_model_from_json(whole.read_text())
            keras.load_weights(str(*weights))
            return keras
    except Exception as error:  # whatever Keras, h5py or pickled code in a file of another version raises
        raise QdialectError(f"Keras cannot load {whole} ({summary(error)})") from None


def keras_outputs(model: Any, inputs: Sequence[Array], each: int = 1) -> list[Array]:
    """`model.predict` in blocks of samples that take `each` bytes.

    A batch could hold one more sample: of a batch of static size TensorFlow's graph optimizer adds the parts of
    straight-through sums x + (q - x) that meet in an `Add` or `Average` in another order, and rounds.
    Raises QdialectError where Keras does not run the model.
    """

    def of_block(block: Sequence[Array]) -> list[Array]:
        fed = list(block) if len(block) > 1 else block[0]
        try:
            outputs = model.predict(fed, batch_size=len(block[0]) + 1, verbose=0)
        except Exception as error:  # layers of QKeras call what TensorFlow has moved since
            raise QdialectError(f"Keras cannot run model '{model.name}' ({summary(error)})") from None
        return [np.asarray(y) for y in (outputs if isinstance(outputs, list | tuple) else [outputs])]

    return joined([of_block(block) for block in blocks(inputs, each)])


def finish_of(model: Any) -> Finish:
    """The last activations of the package that made a live model: for the same logits the same bits as in `predict`."""
    layers: Any = sys.modules[type(model).__module__.partition(".")[0]].layers

    def finish(name: str, logits: Array) -> Array:
        return np.asarray(layers.Activation(name)(logits.astype(np.float32)))

    return finish


def summary(error: BaseException) -> str:
    """The first sentence of a foreign error, with its class."""
    text = next((line.strip() for line in str(error).splitlines() if line.strip()), "")
    return f"{type(error).__name__}: {text[:160]}" if text else type(error).__name__
