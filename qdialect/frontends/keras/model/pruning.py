"""Pruned weights: masks of PruneLowMagnitude."""

from __future__ import annotations

from typing import Any

from qdialect.errors import QdialectError
from qdialect.frontends.keras.model.source import LayerWeights


def masked(weights: LayerWeights) -> LayerWeights:
    """The weights of a layer inside PruneLowMagnitude: each mask times the weights of its shape, as in training."""
    result: dict[str, Any] = {key: w for key, w in weights.items() if not _is_pruning_state(key)}
    unmasked = [key for key in result if result[key].ndim > 1]
    for key, mask in weights.items():
        if key.startswith("mask"):
            target = next((name for name in unmasked if result[name].shape == mask.shape), None)
            if target is None:
                raise QdialectError(f"pruning mask '{key}' of shape {list(mask.shape)} fits no weights of its layer")
            unmasked.remove(target)
            result[target] = result[target] * mask
    return result


def _is_pruning_state(key: str) -> bool:
    return key.startswith(("mask", "threshold", "pruning_step"))
