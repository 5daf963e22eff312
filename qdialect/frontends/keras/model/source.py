"""A Keras model as plain configuration and plain arrays, whatever it is read from."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qdialect.errors import shown
from qdialect.frontends.building.owner import Owner
from qdialect.frontends.keras.model.configuration import qualified
from qdialect.numerics import limits

QKERAS, QKERAS_V3 = "qkeras 0.9.0", "qkeras-v3"
"""Whose results are meant: QKeras on tf_keras, or its successor on Keras 3 (PyPI `qkeras-v3`), whose averages differ
(`layers_pool.py`) and whose files number variables otherwise."""

LayerWeights = Mapping[str, NDArray[np.float32]]

TRAINING_ONLY = frozenset(
    "name trainable dtype batch_input_shape batch_shape input_shape sparse ragged optional build_config "
    "kernel_initializer bias_initializer kernel_regularizer bias_regularizer activity_regularizer "
    "kernel_constraint bias_constraint beta_initializer gamma_initializer moving_mean_initializer "
    "moving_variance_initializer beta_regularizer gamma_regularizer beta_constraint gamma_constraint momentum "
    "kernel_range bias_range beta_range gamma_range synchronized renorm depthwise_initializer "
    "depthwise_regularizer depthwise_constraint renorm_momentum renorm_clipping alpha_initializer "
    "alpha_regularizer alpha_constraint embeddings_initializer embeddings_regularizer embeddings_constraint "
    "depthwise_range pointwise_initializer pointwise_regularizer pointwise_constraint recurrent_initializer "
    "recurrent_regularizer recurrent_constraint unit_forget_bias unroll i_decay_speed".split()
)
"""Options that cannot change what a layer computes at inference; `dtype` is float32 (`Layer.check_all_read`)."""

COUNTERS = ("count", "iteration")
"""Weights that count samples or training steps and compute nothing."""


def without_leading_ones(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """The same numbers without the axes in front over which they broadcast."""
    while values.ndim > 1 and len(values) == 1:
        values = values[0]
    return values


def _is_of_training(name: str, values: NDArray[np.float32]) -> bool:
    """Whether a variable without a name of its own is a format of a quantizer, or a cost or phase of training."""
    *parts, number = name.split("/")
    return number.isdigit() and (not values.ndim or any(part.endswith("quantizer") for part in parts))


@dataclass
class Layer(Owner):
    """One layer: its Keras class, its options, its weights by their short names (`kernel`, `moving_mean`, ...).

    Options that no handler has read are refused by `check_all_read`.
    """

    class_name: str
    name: str
    config: Mapping[str, Any]
    weights: LayerWeights
    reference: str = QKERAS
    _read: set[str] = field(default_factory=set)

    @property
    def where(self) -> str:
        return f"layer '{self.name}' ({self.class_name})"

    @property
    def options(self) -> Mapping[str, Any]:
        return self.config

    @property
    def parameters(self) -> int:
        """The number of parameters of the layer, without counters of training steps and variables of quantizers."""
        return sum(w.size for name, w in self.weights.items() if name not in COUNTERS and not _is_of_training(name, w))

    @property
    def _dtype(self) -> str:
        """The name of the type, or of the policy, that the layer computes in."""
        match self.config.get("dtype"):
            case {"config": {"name": str(name)}} | str(name):
                return name
            case None:
                return "float32"
            case other:
                return str(other)

    def inner(self, key: str = "layer") -> tuple[str, Mapping[str, Any]]:
        """The class and the configuration of a layer that this one wraps."""
        match self.option(key):
            case {"class_name": str(class_name), "config": dict(config)} as entry:
                return qualified(entry, class_name), config
            case other:
                expected = "{'class_name': ..., 'config': {...}}"
                raise self.error(f"{key}={shown(other)} is no layer; expected {expected}")

    def number(self, key: str, default: float) -> float:
        """An option that is a finite number."""
        value = self.option(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise self.error(f"{key}={value!r:.60} is not supported; use a finite number")
        return float(value)

    def whole(self, key: str, default: int) -> int:
        """An option that is an integer."""
        value = self.number(key, default)
        if value != int(value):
            raise self.error(f"{key}={value:g} is not supported; use an integer")
        return int(value)

    def size(self, key: str, default: int | None = None, least: int = 1) -> int:
        """An option that counts: an integer from `least` to limits.MAX_SIZE."""
        return self.count(key, self.option(key, default), least)

    def sizes(self, key: str, axes: int, default: int | None = None, least: int = 1) -> tuple[int, ...]:
        """An option that counts along `axes` axes, given as one number or one for each."""
        value = self.option(key, default)
        values = value if isinstance(value, list | tuple) else [value] * axes
        if len(values) != axes:
            raise self.error(f"{key}={value!r:.60} is not supported; use one integer, or {axes}")
        return tuple(self.count(key, one, least) for one in values)

    def count(self, key: str, value: Any, least: int = 1) -> int:
        """`value`, an integer of the option `key`."""
        whole = isinstance(value, int | float) and not isinstance(value, bool) and value == value // 1
        if not whole or not least <= value <= limits.MAX_SIZE:
            raise self.error(f"{key}={value!r:.60} is not supported; use an integer from {least} to {limits.MAX_SIZE}")
        return int(value)

    def weight(self, key: str) -> NDArray[np.float32]:
        if key not in self.weights:
            raise self.error(f"the file has no weights '{key}' for it, only {', '.join(self.weights) or 'none'}")
        return self.weights[key]

    def check_all_read(self) -> None:
        """Raise QdialectError for options that no handler has read, and for layers that compute in another type than
        float32."""
        if self._dtype != "float32" and "dtype" not in self._read:
            raise self.error(f"dtype={self._dtype!r} is not supported, only 'float32'")
        for key, value in self.config.items():
            if key not in self._read and key not in TRAINING_ONLY and value is not None:
                raise self.error(f"option {key}={value!r:.60} is not supported")


@dataclass(frozen=True)
class ModelSource:
    """A model as Keras serializes it: class name, configuration, and the weights of each layer by its path."""

    name: str
    class_name: str
    config: Any
    weights: Mapping[tuple[str, ...], LayerWeights]
    reference: str = QKERAS
    remarks: Sequence[str] = ()
    """Remarks for users on how the model was read."""
