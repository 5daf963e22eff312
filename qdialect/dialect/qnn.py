"""The `qnn` dialect: quantized networks at network and integer level."""

from __future__ import annotations

from xdsl.ir import Dialect

from qdialect.dialect.attributes import (
    BatchNormFormulaAttr,
    DeadZoneAttr,
    NearestPo2Attr,
    ProductAttr,
    RoundAttr,
    SignAttr,
)
from qdialect.dialect.bounds import LeakyReluOp, MaximumOp, MinimumOp
from qdialect.dialect.constant import ConstantOp
from qdialect.dialect.elementwise import (
    AddOp,
    BatchNormOp,
    DivideOp,
    MulOp,
    QuantizeOp,
    ReluOp,
    ShiftOp,
    ThresholdOp,
)
from qdialect.dialect.functions import FunctionAttr, FunctionOp, LookupOp
from qdialect.dialect.layers import Conv2DOp, DenseOp, MaxPool2DOp, PadOp, ReshapeOp, SumPool2DOp
from qdialect.dialect.packed import PackOp, PopcountDenseOp
from qdialect.dialect.types import BinaryType, BitsType, FixedType, Po2Type, TernaryType

QNN = Dialect(
    "qnn",
    [
        AddOp,
        BatchNormOp,
        ConstantOp,
        Conv2DOp,
        DenseOp,
        DivideOp,
        FunctionOp,
        LeakyReluOp,
        LookupOp,
        MaxPool2DOp,
        MaximumOp,
        MinimumOp,
        MulOp,
        PackOp,
        PadOp,
        PopcountDenseOp,
        QuantizeOp,
        ReluOp,
        ReshapeOp,
        ShiftOp,
        SumPool2DOp,
        ThresholdOp,
    ],
    [
        BatchNormFormulaAttr,
        BinaryType,
        BitsType,
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
