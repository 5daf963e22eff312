"""The architectures by name."""

from __future__ import annotations

from typing import TypeAlias

from qdialect.errors import QdialectError
from qdialect.lowering.architectures.parallel import Parallel
from qdialect.lowering.architectures.streaming import Streaming

Architecture: TypeAlias = Parallel | Streaming

ARCHITECTURES: dict[str, type[Architecture]] = {"parallel": Parallel, "stream": Streaming}


def architecture_of(name: str) -> Architecture:
    """Raises QdialectError for a name that is none of them."""
    if name not in ARCHITECTURES:
        raise QdialectError(f"architecture '{name}' is not one of {', '.join(ARCHITECTURES)}")
    return ARCHITECTURES[name]()
