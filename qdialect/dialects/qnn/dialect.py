"""The `qnn` dialect: quantized networks at network and integer level."""

from __future__ import annotations

from xdsl.ir import Dialect

from qdialect.dialects.qnn.attributes import (
    BatchNormFormulaAttr,
    CountAttr,
    DeadZoneAttr,
    FormAttr,
    NearestPo2Attr,
    ProductAttr,
    RoundAttr,
    RoundEachAttr,
    SignAttr,
)
from qdialect.dialects.qnn.ops.comparisons import LeakyReluOp, MaximumOp, MinimumOp
from qdialect.dialects.qnn.ops.constant import ConstantOp
from qdialect.dialects.qnn.ops.contractions import Conv2DOp, DenseOp, DepthwiseConv2DOp
from qdialect.dialects.qnn.ops.elementwise import AddOp, MulOp, ReluOp, ShiftOp, SubOp
from qdialect.dialects.qnn.ops.float_steps import BatchNormOp, DivideOp
from qdialect.dialects.qnn.ops.functions import FunctionAttr, FunctionOp, LookupOp
from qdialect.dialects.qnn.ops.moves import ConcatOp, DilateOp, RepeatOp, SliceOp, TransposeOp
from qdialect.dialects.qnn.ops.packed import PackOp, PopcountConv2DOp, PopcountDenseOp, PopcountDepthwiseConv2DOp
from qdialect.dialects.qnn.ops.packed_moves import PackedConcatOp, PackedFlattenOp, PackedMaxPool2DOp
from qdialect.dialects.qnn.ops.pooling import MaxPool2DOp, SumPool2DOp
from qdialect.dialects.qnn.ops.quantize import QuantizeOp
from qdialect.dialects.qnn.ops.shapes import PadOp, ReshapeOp
from qdialect.dialects.qnn.ops.threshold import ThresholdOp
from qdialect.dialects.qnn.sticky import StickyAttr
from qdialect.dialects.qnn.types import BinaryType, BitsType, FixedType, Po2Type, TernaryType

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
        RoundEachAttr,
        SignAttr,
        StickyAttr,
        TernaryType,
    ],
)
