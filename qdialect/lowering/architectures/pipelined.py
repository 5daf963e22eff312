"""One pipeline: every element of every value is computed at once, in functions that are inlined into the top
function."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from xdsl.ir import SSAValue

from qdialect.dialects.hlscpp.builder import local
from qdialect.dialects.hlscpp.directives import array_partition, inline, pipeline
from qdialect.dialects.hlscpp.structure import FuncOp
from qdialect.dialects.hlscpp.types import ArrayType, PacketType, StreamType
from qdialect.dialects.hlscpp.values import Memory
from qdialect.lowering.architectures.parallel import Parallel
from qdialect.lowering.parts.nests import all_at_once


class Pipelined(Parallel):
    """The architecture `parallel` of a network that is one pipeline: a value is an array of wires."""

    packs = False
    """Packed words are wires wherever they are assembled, so tasks do not pack."""
    shares = True

    def __init__(self, interval: int):
        self.interval = interval
        """Cycles from a sample to the next."""

    def region(self) -> None:
        pipeline(ii=self.interval)

    def channel(self, name: str, value: SSAValue) -> Memory:
        array_ = local(name, self.type_of(value))
        array_partition(array_, dim=0)
        return array_

    @contextmanager
    def function(
        self, name: str, *arguments: tuple[str, ArrayType | StreamType | PacketType], comment: str
    ) -> Generator[tuple[FuncOp, tuple[Any, ...]]]:
        """A function that is unrolled, and becomes a part of the top function."""
        with all_at_once(), super().function(name, *arguments, comment=comment) as built:
            inline()
            yield built
