"""What a front end builds operations for: a layer of a Keras model, a node of an ONNX graph."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from qdialect.errors import QdialectError, shown


class Owner(ABC):
    """Who owns operations, and is named in messages.

    Its options are read through `option`, which keeps track: what no handler has read can be refused.
    """

    name: str
    _read: set[str]

    @property
    @abstractmethod
    def where(self) -> str:
        """The owner in a message."""

    @property
    @abstractmethod
    def options(self) -> Mapping[str, Any]:
        """All options by their names."""

    def error(self, message: str) -> QdialectError:
        """The user error that names the owner."""
        return QdialectError(f"{self.where}: {message}")

    def option(self, key: str, default: Any = None) -> Any:
        """The value of an option; `default` where the owner lacks it."""
        self._read.add(key)
        return self.options.get(key, default)

    def expect(self, key: str, *allowed: Any) -> None:
        """Raise QdialectError unless the option is absent or has one of the `allowed` values."""
        value = self.option(key, allowed[0])
        if value not in allowed:
            raise self.error(f"{key}={shown(value)} is not supported, only {' or '.join(map(repr, allowed))}")
