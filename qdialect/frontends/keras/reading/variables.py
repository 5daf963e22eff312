"""The variables of layers: short names from Keras' paths, and Keras' order where files have no names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TypeVar

from qdialect.errors import QdialectError
from qdialect.frontends.keras.model.configuration import LayerEntry, LayerPath

T = TypeVar("T")
"""A variable: its array, or where a file has it."""

BATCH_NORM = ("gamma", "beta", "moving_mean", "moving_variance")

RECURRENT = ("kernel", "recurrent_kernel", "bias")

ORDER = {
    "BatchNormalization": BATCH_NORM,
    "QBatchNormalization": BATCH_NORM,
    "SyncBatchNormalization": BATCH_NORM,
    "DepthwiseConv1D": ("depthwise_kernel", "bias"),
    "DepthwiseConv2D": ("depthwise_kernel", "bias"),
    "QDepthwiseConv2D": ("depthwise_kernel", "bias"),
    "SeparableConv1D": ("depthwise_kernel", "pointwise_kernel", "bias"),
    "SeparableConv2D": ("depthwise_kernel", "pointwise_kernel", "bias"),
    "QSeparableConv1D": ("depthwise_kernel", "pointwise_kernel", "bias"),
    "QSeparableConv2D": ("depthwise_kernel", "pointwise_kernel", "bias"),
    "QDepthwiseConv2DBatchnorm": ("depthwise_kernel", "bias", "iteration"),
    "QConv2DBatchnorm": ("kernel", "bias", "iteration"),
    "QDenseBatchnorm": ("kernel", "bias", "iteration"),
    "Embedding": ("embeddings",),
    "Normalization": ("mean", "variance", "count"),
    "PReLU": ("alpha",),
    "QAdaptiveActivation": ("step", "ema_min", "ema_max"),
    **dict.fromkeys(("SimpleRNN", "LSTM", "GRU", "QSimpleRNN", "QLSTM", "QGRU"), RECURRENT),
}
"""Variables in the order in which layers create them; all other layers have a kernel and a bias."""

SWITCHES = {"bias": "use_bias", "gamma": "scale", "beta": "center"}
"""Options that leave a variable out."""


def creation_order(entry: LayerEntry, count: int) -> Sequence[str]:
    """Names for a layer's `count` variables, which a file has only numbered.

    Raises QdialectError if the layer should have another number of variables.
    """
    if count == 0:
        return ()
    names = [
        name
        for name in ORDER.get(entry.class_name, ("kernel", "bias"))
        if entry.config.get(SWITCHES.get(name, ""), True) or entry.class_name.endswith("2DBatchnorm")
    ]
    if len(names) == count + 1 and "iteration" in names:  # qkeras-v3 keeps it by name
        names.remove("iteration")
    if len(names) != count:
        raise QdialectError(
            f"layer '{entry.name}' ({entry.class_name}): the file has {count} variables for it, not {len(names)}"
            f" ({', '.join(names)})"
        )
    return names


def named_weights(variables: Sequence[tuple[str, T]]) -> dict[str, T]:
    """Variables by short name: `fc1/kernel:0` is `kernel`.

    Of a Bidirectional layer they are `forward_layer/kernel` and so on; other equal names keep their path.
    """
    paths = [name.partition(":")[0].split("/") for name, _ in variables]
    short = [_side(path) + path[-1] for path in paths]
    counts = Counter(short)
    keys = [s if counts[s] == 1 else "/".join(path[1:]) for s, path in zip(short, paths, strict=True)]
    return {key: variable for key, (_, variable) in zip(keys, variables, strict=True)}


def _side(path: list[str]) -> str:
    """The half of a Bidirectional layer that a variable belongs to."""
    for component in path[1:-1]:
        for side in ("forward", "backward"):
            if component.startswith(f"{side}_"):
                return f"{side}_layer/"
    return ""


def distributed(
    paths: Sequence[LayerPath], variables: Sequence[tuple[str, T]], where: str
) -> dict[LayerPath, dict[str, T]]:
    """The variables of a nested model, given to the layers `paths` by the names in their own paths.

    Raises QdialectError for a variable that belongs to none of the layers, or to more than one.
    """
    found: dict[LayerPath, list[tuple[str, T]]] = {}
    for name, variable in variables:
        components = name.replace("prune_low_magnitude_", "").split("/")
        matching = [path for path in paths if path[-1].replace("prune_low_magnitude_", "") in components[:-1]]
        best = max((_shared(path, components) for path in matching), default=0)
        owners = [path for path in matching if _shared(path, components) == best]
        if len(owners) != 1:
            raise QdialectError(f"{where}: weights '{name}' belong to {len(owners)} layers of model '{paths[0][0]}'")
        found.setdefault(owners[0], []).append((name, variable))
    return {path: named_weights(owned) for path, owned in found.items()}


def _shared(path: LayerPath, components: Sequence[str]) -> int:
    return sum(part in components for part in path)
