"""The `hlscpp` dialect: loop nests over arrays of integers, one step above HLS C++ text.

It knows bits only. A value is an `!hlscpp.int<W, signed|unsigned>` or a loop counter (`index`); an array is
a `memref` of such integers, and a memref of rank 0 is a variable. A
`stream` passes beats of several integers from process to process. The result type of an expression follows
from its operands by the growth rules of `ap_int` (AMD UG1399, "Arbitrary Precision Integer Data Types"): the
printed C++ means exactly what the IR means, no sum or product wraps, and only `cast` makes a value narrower.
Types, expressions, memory, streams, structure (loops and functions) and pragmas have a module each.
"""

from __future__ import annotations

from xdsl.ir import Dialect

from qdialect.dialects.hlscpp.bits import BitsOp, CountOp
from qdialect.dialects.hlscpp.expressions import (
    AddOp,
    AndOp,
    BitOp,
    CastOp,
    CmpOp,
    ConstantOp,
    MulOp,
    NegOp,
    NotOp,
    OrOp,
    PopcountOp,
    SelectOp,
    ShlOp,
    ShrOp,
    SubOp,
    XorOp,
)
from qdialect.dialects.hlscpp.memory import LoadOp, LocalOp, RomOp, StoreOp
from qdialect.dialects.hlscpp.pragmas import DataflowOp, InlineOp, InterfaceOp, LoopFlattenOp, PipelineOp, UnrollOp
from qdialect.dialects.hlscpp.storage_pragmas import (
    ArrayPartitionOp,
    ArrayReshapeOp,
    BindStorageOp,
    DependenceOp,
    StreamOp,
)
from qdialect.dialects.hlscpp.streams import BeatOp, FifoOp, ReadOp, ReceiveOp, SendOp, WriteOp
from qdialect.dialects.hlscpp.structure import CallOp, ForOp, FuncOp, IfOp
from qdialect.dialects.hlscpp.types import IntType, PacketType, StreamType

Hlscpp = Dialect(
    "hlscpp",
    [
        AddOp,
        AndOp,
        ArrayPartitionOp,
        ArrayReshapeOp,
        BindStorageOp,
        BeatOp,
        BitOp,
        BitsOp,
        CountOp,
        CallOp,
        CastOp,
        CmpOp,
        ConstantOp,
        DataflowOp,
        DependenceOp,
        FifoOp,
        ForOp,
        FuncOp,
        IfOp,
        InlineOp,
        InterfaceOp,
        LoadOp,
        LocalOp,
        LoopFlattenOp,
        MulOp,
        NegOp,
        NotOp,
        OrOp,
        PipelineOp,
        PopcountOp,
        ReadOp,
        ReceiveOp,
        RomOp,
        SendOp,
        SelectOp,
        ShlOp,
        ShrOp,
        StoreOp,
        StreamOp,
        SubOp,
        UnrollOp,
        WriteOp,
        XorOp,
    ],
    [IntType, PacketType, StreamType],
)
