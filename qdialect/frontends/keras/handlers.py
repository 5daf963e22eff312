"""The registry of layer handlers. A handler is one function per layer class, registered by name:

@handles("Flatten")
def flatten(b: Builder, layer: Layer, x: SSAValue) -> SSAValue: ...
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias, TypeVar

from xdsl.ir import SSAValue

from qdialect.dialects.qnn.heads import Head
from qdialect.frontends.keras.model.source import Layer

Handler: TypeAlias = Callable[..., SSAValue | Sequence[SSAValue]]
"""The result of a layer, or its results in their order."""

H = TypeVar("H", bound=Handler)

HANDLERS: dict[str, Handler] = {}


def handles(*class_names: str) -> Callable[[H], H]:
    """Register a handler for Keras layer classes. Raises ValueError for a class that has another one.

    A module whose import was interrupted registers the same handlers when it is imported again.
    """

    def register(handler: H) -> H:
        for name in class_names:
            known = HANDLERS.setdefault(name, handler)
            if (known.__module__, known.__qualname__) != (handler.__module__, handler.__qualname__):
                raise ValueError(f"layer {name} has a handler, {known.__module__}")
            HANDLERS[name] = handler
        return handler

    return register


def only_result(layer: Layer, results: SSAValue | Sequence[SSAValue]) -> SSAValue:
    """The result of an inner layer. Raises QdialectError for a layer with several."""
    if isinstance(results, SSAValue):
        return results
    raise layer.error(f"gives {len(results)} results, where only one is supported")


class HeadReached(Exception):
    """Raised by a handler for a softmax that ends the network: the network returns the `logits` before it.

    A sigmoid at the end is left to the host in the same way; elsewhere it is a function.
    """

    def __init__(self, head: Head, logits: SSAValue):
        super().__init__(head)
        self.head, self.logits = head, logits
