"""The architectures by name."""

from __future__ import annotations

from typing import TypeAlias

from xdsl.dialects.func import FuncOp

from qdialect.dialects.qnn.schedule import initiation_interval
from qdialect.errors import QdialectError
from qdialect.lowering.architectures.parallel import Parallel
from qdialect.lowering.architectures.pipelined import Pipelined
from qdialect.lowering.architectures.streaming import Streaming

Architecture: TypeAlias = Parallel | Streaming

ARCHITECTURES: dict[str, type[Architecture]] = {"parallel": Parallel, "stream": Streaming}


def architecture_of(name: str, network: FuncOp) -> Architecture:
    """How a network is built: arrays of one that is a pipeline are wires.

    Raises QdialectError for a name that is none of ARCHITECTURES.
    """
    if name not in ARCHITECTURES:
        raise QdialectError(f"architecture '{name}' is not one of {', '.join(ARCHITECTURES)}")
    interval = initiation_interval(network)
    return Pipelined(interval) if name == "parallel" and interval is not None else ARCHITECTURES[name]()
