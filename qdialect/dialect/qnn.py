"""The `qnn` dialect: quantized networks at network and integer level."""

from __future__ import annotations

from xdsl.ir import Dialect

from qdialect.dialect.attributes import (
    BatchNormFormulaAttr,
    CountAttr,
    DeadZoneAttr,
    FormAttr,
    NearestPo2Attr,
    ProductAttr,
    RoundAttr,
    SignAttr,
)
from qdialect.dialect.bounds import LeakyReluOp, MaximumOp, MinimumOp
from qdialect.dialect.constant import ConstantOp
from qdialect.dialect.contractions import Conv2DOp, DenseOp, DepthwiseConv2DOp
from qdialect.dialect.elementwise import AddOp, MulOp, ReluOp, ShiftOp, SubOp
from qdialect.dialect.float_steps import BatchNormOp, DivideOp
from qdialect.dialect.functions import FunctionAttr, FunctionOp, LookupOp
from qdialect.dialect.moves import ConcatOp, DilateOp, RepeatOp, SliceOp, TransposeOp
from qdialect.dialect.packed import PackOp, PopcountConv2DOp, PopcountDenseOp, PopcountDepthwiseConv2DOp
from qdialect.dialect.packed_moves import PackedConcatOp, PackedFlattenOp, PackedMaxPool2DOp
from qdialect.dialect.padding import PadOp, ReshapeOp
from qdialect.dialect.pooling import MaxPool2DOp, SumPool2DOp
from qdialect.dialect.quantize import QuantizeOp, ThresholdOp
from qdialect.dialect.types import BinaryType, BitsType, FixedType, Po2Type, TernaryType

QNN = Dialect(
    "qnn",
    [
        AddOp,
        BatchNormOp,
        ConcatOp,
        ConstantOp,
        Conv2DOp,
        DenseOp,
        DepthwiseConv2DOp,
        DilateOp,
        DivideOp,
        FunctionOp,
        LeakyReluOp,
        LookupOp,
        MaxPool2DOp,
        MaximumOp,
        MinimumOp,
        MulOp,
        PackOp,
        PackedConcatOp,
        PackedFlattenOp,
        PackedMaxPool2DOp,
        PadOp,
        PopcountConv2DOp,
        PopcountDenseOp,
        PopcountDepthwiseConv2DOp,
        QuantizeOp,
        ReluOp,
        RepeatOp,
        ReshapeOp,
        ShiftOp,
        SliceOp,
        SubOp,
        SumPool2DOp,
        ThresholdOp,
        TransposeOp,
    ],
    [
        BatchNormFormulaAttr,
        FormAttr,
        BinaryType,
        BitsType,
        CountAttr,
        DeadZoneAttr,
        FixedType,
        FunctionAttr,
        NearestPo2Attr,
        Po2Type,
        ProductAttr,
        RoundAttr,
        SignAttr,
        TernaryType,
    ],
)
