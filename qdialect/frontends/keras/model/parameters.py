"""The parameters of every layer class: their names and shapes follow from the configuration and the input's shape, and
their numbers are finite.

Channels are the last axis of every parameter, unless `_channel` says otherwise.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from qdialect.frontends.keras.model.source import COUNTERS, TRAINING_ONLY, Layer
from qdialect.numerics import limits
from qdialect.numerics.exact import parts

Shape: TypeAlias = tuple[int, ...]
Shapes: TypeAlias = dict[str, Shape]
Rule: TypeAlias = Callable[[Layer, Shape], Shapes]
RULES: dict[str, Rule] = {}
WRAPPERS = ("TimeDistributed", "Bidirectional", "QBidirectional")
"""Wrappers, whose inner layers are checked on their own."""
STATE = (*COUNTERS, "step", "Variable", "seed_generator_state", "moving_stddev", "renorm_mean", "renorm_stddev")
"""Variables that count, draw or serve training (renorm), and compute nothing; "Variable" is the step of
QAdaptiveActivation, without a name."""


def has(*class_names: str) -> Callable[[Rule], Rule]:
    def register(rule: Rule) -> Rule:
        RULES.update(dict.fromkeys(class_names, rule))
        return rule

    return register


def check_parameters(layer: Layer, inputs: Sequence[Shape]) -> None:
    """Raise QdialectError, naming layer, parameter and channel, unless the weights of `layer` are those that its
    configuration asks for on `inputs` (shapes per sample), and all its numbers are finite."""
    _check_options(layer)
    if layer.class_name in WRAPPERS:
        return
    rule = RULES.get(layer.class_name)
    shapes = rule(layer, inputs[0]) if rule and inputs else {}
    for name in layer.weights:
        if name in STATE:
            continue
        values = layer.weight(name)
        if name not in shapes:
            known = ", ".join(shapes) or "none"
            raise layer.error(
                f"the file has '{name}' of shape {list(values.shape)} for it, but its configuration asks for {known}"
            )
        if values.shape != shapes[name]:
            raise layer.error(
                f"its configuration asks for '{name}' of shape {list(shapes[name])}, the file has {list(values.shape)}"
            )
        _check_numbers(layer, name, values)


def _check_numbers(layer: Layer, name: str, values: NDArray[np.float32]) -> None:
    largest = np.float32(limits.MAX_PARAMETER)
    if not all((np.abs(part) <= largest).all() for part in parts(values)):
        _refuse(layer, name, values, ~(np.abs(values) <= largest), "Keras computes inf or NaN from it; train again")
    if name.endswith("variance"):
        if (values < 0).any():
            _refuse(layer, name, values, values < 0, "a variance is not negative")
        epsilon = layer.number("epsilon", 1e-3) if layer.class_name != "Normalization" else 1
        if epsilon < 0:
            raise layer.error(f"epsilon={epsilon:g} is negative; Keras computes NaN with it")
        vanishing = values + np.float32(epsilon) == 0
        if vanishing.any():
            _refuse(layer, name, values, vanishing, "Keras divides by the root of it and epsilon; use a larger epsilon")


def _refuse(layer: Layer, name: str, values: NDArray[np.float32], bad: NDArray[np.bool_], reason: str) -> None:
    place = tuple(int(i) for i in np.argwhere(bad)[0])
    at = f" at {list(place)}" if len(place) > 1 else ""
    channel = _channel(name, layer, values.shape, place)
    raise layer.error(f"'{name}' of channel {channel}{at} is {values[place]:g}: {reason}")


def _channel(name: str, layer: Layer, shape: Shape, place: Shape) -> int:
    """The output channel that an element belongs to."""
    if name == "depthwise_kernel":
        return place[-2] * shape[-1] + place[-1]
    return place[-2 if "Transpose" in layer.class_name and name == "kernel" else -1]


def _check_options(layer: Layer) -> None:
    """Raise QdialectError for options that hold NaN, an infinity or a number beyond all use."""
    for key, value in layer.config.items():
        if key not in TRAINING_ONLY:
            for number in _numbers(value):
                if not abs(number) <= limits.MAX_PARAMETER:
                    raise layer.error(f"option {key} holds {number:.6g}, which is no number Keras can compute with")


def _numbers(value: Any) -> list[float]:
    match value:
        case bool():
            return []
        case int() | float():
            return [value]
        case Mapping():
            used = (item for key, item in value.items() if key not in TRAINING_ONLY)
            return [number for item in used for number in _numbers(item)]
        case list() | tuple():
            return [number for item in value for number in _numbers(item)]
        case _:
            return []


def _channels(layer: Layer, shape: Shape) -> int:
    layer.expect("data_format", "channels_last")
    return shape[-1] if shape else 1


def _with_bias(layer: Layer, shapes: Shapes, *bias: int) -> Shapes:
    return shapes | {"bias": bias} if layer.option("use_bias", True) else shapes


def _spatial(layer: Layer) -> int:
    return 1 if "1D" in layer.class_name else 2


@has("Dense", "QDense")
def _dense(layer: Layer, shape: Shape) -> Shapes:
    units = layer.size("units")
    return _with_bias(layer, {"kernel": (_channels(layer, shape), units)}, units)


@has("Conv1D", "QConv1D", "Conv2D", "QConv2D")
def _convolution(layer: Layer, shape: Shape) -> Shapes:
    filters, groups, channels = layer.size("filters"), layer.size("groups", 1), _channels(layer, shape)
    if channels % groups or filters % groups:
        raise layer.error(f"groups={groups} does not divide {channels} input channels and {filters} filters")
    size = layer.sizes("kernel_size", _spatial(layer))
    return _with_bias(layer, {"kernel": (*size, channels // groups, filters)}, filters)


@has("Conv1DTranspose", "Conv2DTranspose", "QConv2DTranspose")
def _transposed(layer: Layer, shape: Shape) -> Shapes:
    filters, size = layer.size("filters"), layer.sizes("kernel_size", _spatial(layer))
    return _with_bias(layer, {"kernel": (*size, filters, _channels(layer, shape))}, filters)


def _depthwise_kernel(layer: Layer, shape: Shape) -> Shape:
    multiplier = layer.size("depth_multiplier", 1)
    return (*layer.sizes("kernel_size", _spatial(layer)), _channels(layer, shape), multiplier)


@has("DepthwiseConv1D", "DepthwiseConv2D", "QDepthwiseConv2D")
def _depthwise(layer: Layer, shape: Shape) -> Shapes:
    kernel = _depthwise_kernel(layer, shape)
    return _with_bias(layer, {"depthwise_kernel": kernel}, math.prod(kernel[-2:]))


@has("SeparableConv1D", "SeparableConv2D", "QSeparableConv1D", "QSeparableConv2D")
def _separable(layer: Layer, shape: Shape) -> Shapes:
    kernel, filters = _depthwise_kernel(layer, shape), layer.size("filters")
    pointwise = (*[1] * _spatial(layer), math.prod(kernel[-2:]), filters)
    return _with_bias(layer, {"depthwise_kernel": kernel, "pointwise_kernel": pointwise}, filters)


@has("BatchNormalization", "SyncBatchNormalization", "QBatchNormalization")
def _batch_normalization(layer: Layer, shape: Shape) -> Shapes:
    layer.expect("virtual_batch_size", None)  # it has an axis of its own
    option = layer.option("axis", -1)
    axes = option if isinstance(option, list) else [option]
    sizes = (1, *shape)
    if not all(isinstance(axis, int) and -len(sizes) <= axis < len(sizes) for axis in axes):
        raise layer.error(f"axis={option!r} is no axis of a value with {len(shape)} axes per sample")
    if len(axes) != 1:
        raise layer.error(f"axis={option!r} is not supported, only one axis other than the batch axis")
    return _normalizing(layer, tuple(sizes[axis] for axis in axes))


def _normalizing(layer: Layer, shape: Shape) -> Shapes:
    names = ["moving_mean", "moving_variance"]
    names += ["gamma"] if layer.option("scale", True) else []
    names += ["beta"] if layer.option("center", True) else []
    return dict.fromkeys(names, shape)


@has("QConv2DBatchnorm", "QDenseBatchnorm", "QDepthwiseConv2DBatchnorm")
def _folded(layer: Layer, shape: Shape) -> Shapes:
    plain = {"QConv2DBatchnorm": _convolution, "QDenseBatchnorm": _dense}.get(layer.class_name, _depthwise)
    shapes = plain(layer, shape)
    kernel = next(iter(shapes.values()))
    channels = math.prod(kernel[-2:]) if plain is _depthwise else kernel[-1]
    return shapes | _normalizing(layer, (channels,))


@has("Embedding")
def _embedding(layer: Layer, shape: Shape) -> Shapes:
    return {"embeddings": (layer.size("input_dim"), layer.size("output_dim"))}


@has("Normalization")
def _normalization(layer: Layer, shape: Shape) -> Shapes:
    """Files have the statistics with the axes that are kept, whatever they were given as."""
    if layer.option("mean") is not None:
        return {}
    option = layer.option("axis", -1)
    axes = [] if option is None else option if isinstance(option, list | tuple) else [option]
    kept = sorted(int(axis) % (len(shape) + 1) for axis in axes)
    return dict.fromkeys(("mean", "variance"), tuple((1, *shape)[axis] for axis in kept))


@has("PReLU")
def _parametric_relu(layer: Layer, shape: Shape) -> Shapes:
    shared = layer.option("shared_axes") or []
    return {"alpha": tuple(1 if axis in shared else n for axis, n in enumerate(shape, 1))}


@has("QAdaptiveActivation")
def _adaptive(layer: Layer, shape: Shape) -> Shapes:
    averages = (_channels(layer, shape) if layer.option("per_channel", False) else 1,)
    return {"ema_min": averages, "ema_max": averages}


def _recurrent(gates: int) -> Rule:
    def rule(layer: Layer, shape: Shape) -> Shapes:
        units = layer.size("units")
        wide = gates * units
        rows = [2] if gates == 3 and layer.option("reset_after", False) else []
        shapes = {"kernel": (_channels(layer, shape), wide), "recurrent_kernel": (units, wide)}
        return _with_bias(layer, shapes, *rows, wide)

    return rule


has("SimpleRNN", "QSimpleRNN")(_recurrent(1))
has("LSTM", "QLSTM")(_recurrent(4))
has("GRU", "QGRU")(_recurrent(3))
