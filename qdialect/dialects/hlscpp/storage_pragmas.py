"""The pragmas of the `hlscpp` dialect about local arrays and streams: how they are split, stored and accessed."""

from __future__ import annotations

from abc import ABC
from typing import ClassVar

from xdsl.dialects.builtin import IntAttr, MemRefType, StringAttr
from xdsl.ir import BlockArgument, Operation, SSAValue
from xdsl.irdl import irdl_op_definition, operand_def, opt_prop_def, prop_def
from xdsl.utils.exceptions import VerifyException

from qdialect.dialects.hlscpp.pragmas import Pragma, is_top
from qdialect.dialects.hlscpp.types import StreamType

PARTITION_KINDS = ("complete", "block", "cyclic")

ROM_TYPES = ("rom_1p", "rom_2p", "rom_np")

RAM_TYPES = ("fifo", "ram_1p", "ram_1wnr", "ram_2p", "ram_s2p", "ram_t2p")

STORAGE_IMPLS = ("auto", "bram", "lutram", "uram", "srl")


class PartitionPragma(Pragma, ABC):
    """Split dimension `dim` (1 is the outermost, 0 means all) into `factor` parts, or completely."""

    SINGLE: ClassVar = False
    memref = operand_def(MemRefType)
    kind = prop_def(StringAttr)
    factor = opt_prop_def(IntAttr)
    dim = prop_def(IntAttr)

    def __init__(self, memref: SSAValue, kind: str = "complete", dim: int = 0, factor: int | None = None):
        super().__init__(memref, kind=kind, dim=dim, factor=factor)

    def verify_(self) -> None:
        super().verify_()
        self.verify_word(self.kind, PARTITION_KINDS)
        assert isinstance(self.memref.type, MemRefType)
        shape, dim = self.memref.type.get_shape(), self.dim.data
        if not shape or not 0 <= dim <= len(shape):
            raise VerifyException(f"{self.name} dim {dim} is not a dimension of {self.memref.type}")
        if (self.kind.data == "complete") != (self.factor is None):
            raise VerifyException(f"{self.name} takes a factor for block and cyclic, none for complete")
        self.verify_at_least(self.factor, 2, "factor")
        for size in shape[dim - 1 : dim] if dim else shape:
            if self.factor is not None and size % self.factor.data:
                raise VerifyException(f"{self.name} factor {self.factor.data} does not divide the size {size}")
        for other in {use.operation for use in self.memref.uses} - {self}:
            if isinstance(other, PartitionPragma) and (dim == other.dim.data or not dim * other.dim.data):
                raise VerifyException(f"{self.name} splits a dimension that {other.name} splits")


@irdl_op_definition
class ArrayPartitionOp(PartitionPragma):
    """Split an array into separate memories."""

    name = "hlscpp.array_partition"


@irdl_op_definition
class ArrayReshapeOp(PartitionPragma):
    """Put the parts of an array side by side in wider words of one memory."""

    name = "hlscpp.array_reshape"


@irdl_op_definition
class BindStorageOp(Pragma):
    """The kind of memory that holds a local or constant array."""

    name = "hlscpp.bind_storage"
    SINGLE: ClassVar = False
    memref = operand_def(MemRefType)
    type = prop_def(StringAttr)
    impl = prop_def(StringAttr)

    def __init__(self, memref: SSAValue, type: str, impl: str = "auto"):
        super().__init__(memref, type=type, impl=impl)

    def verify_(self) -> None:
        super().verify_()
        owner = self.memref.owner
        if isinstance(self.memref, BlockArgument) and is_top(self.memref.block.parent_op()):
            raise VerifyException(f"{self.name} is not for arguments of the top function")
        constant = isinstance(owner, Operation) and owner.name == "hlscpp.rom"
        self.verify_word(self.type, ROM_TYPES if constant else RAM_TYPES)
        self.verify_word(self.impl, STORAGE_IMPLS)


@irdl_op_definition
class DependenceOp(Pragma):
    """An element that an iteration stores is loaded `distance` iterations later, not before."""

    name = "hlscpp.dependence"
    SINGLE: ClassVar = False
    memref = operand_def(MemRefType)
    distance = prop_def(IntAttr)

    def __init__(self, memref: SSAValue, distance: int):
        super().__init__(memref, distance=distance)

    def verify_(self) -> None:
        super().verify_()
        self.verify_at_least(self.distance, 1, "distance")


@irdl_op_definition
class StreamOp(Pragma):
    """How many beats a stream holds."""

    name = "hlscpp.stream"
    SINGLE: ClassVar = False
    stream = operand_def(StreamType)
    depth = prop_def(IntAttr)

    def __init__(self, stream: SSAValue, depth: int):
        super().__init__(stream, depth=depth)

    def verify_(self) -> None:
        super().verify_()
        self.verify_at_least(self.depth, 1, "depth")
        if isinstance(self.stream, BlockArgument):
            raise VerifyException(f"{self.name} is about a local stream, not an argument")
        if sum(isinstance(use.operation, StreamOp) for use in self.stream.uses) > 1:
            raise VerifyException(f"{self.name} given twice for one stream")
