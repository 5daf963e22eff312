"""Handlers of HGQ2's layers, registered beside those of Keras' and QKeras' under the names that HGQ2 gives them.

@handles_hgq("QDense")
def dense(b: Builder, layer: Layer, x: SSAValue) -> SSAValue: ...
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from qdialect.frontends.keras.handlers import H, handles
from qdialect.frontends.keras.model.configuration import HGQ2
from qdialect.frontends.keras.model.parameters import Shape, Shapes, has
from qdialect.frontends.keras.model.source import Layer
from qdialect.numerics.arrays import Float32Array

TRAINING = ("enable_ebops", "ebops_factor", "beta0", "parallelization_factor")
"""Options of costs in training."""


def handles_hgq(*class_names: str) -> Callable[[H], H]:
    """Register a handler for layers of HGQ2."""
    names = [HGQ2 + name for name in class_names]
    has(*names)(shapes_as_stored)

    def register(handler: H) -> H:
        return handles(*names)(handler)

    return register


def shapes_as_stored(layer: Layer, shape: Shape) -> Shapes:
    """Variables have numbers for names, and handlers see whether their shapes fit."""
    for key in TRAINING:
        layer.option(key)
    return {name: layer.weight(name).shape for name in layer.weights}


def variables(layer: Layer, *names: str) -> Sequence[Float32Array]:
    """The layer's own variables of these names, in the order of their creation: trainable ones first. Counters and
    costs of training are scalars, and not among them.

    Raises QdialectError where the file has another number of them.
    """
    own = [layer.weight(name) for name in layer.weights if name.isdigit()]
    found = [values for values in own if values.ndim]
    if len(found) != len(names):
        raise layer.error(f"the file has {len(found)} variables for it, not {len(names)} ({', '.join(names)})")
    return found


def ebops(layer: Layer) -> float | None:
    """What HGQ2 has recorded as the layer's effective bit operations in its last step of training."""
    scalars = [layer.weight(name) for name in layer.weights if name.isdigit() and not layer.weight(name).ndim]
    return float(scalars[1]) if len(scalars) > 1 else None
