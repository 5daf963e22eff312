"""What a front end builds operations for: a layer of a Keras model, a node of an ONNX graph."""

from __future__ import annotations

from typing import Protocol

from qdialect.errors import QdialectError


class Owner(Protocol):
    """Who owns operations, and is named in messages."""

    @property
    def name(self) -> str: ...

    @property
    def where(self) -> str:
        """The owner in a message."""
        ...

    def error(self, message: str) -> QdialectError:
        """The user error that names the owner."""
        ...
