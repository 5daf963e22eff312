"""Where information is lost: `qnn.quantize`, and its integer form `qnn.threshold`."""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.dialects.builtin import (
    I64,
    DenseArrayBase,
    IntegerAttr,
    TensorType,
    i64,
)
from xdsl.interfaces import HasCanonicalizationPatternsInterface, HasFolderInterface
from xdsl.ir import Attribute, SSAValue
from xdsl.irdl import (
    base,
    irdl_op_definition,
    operand_def,
    opt_operand_def,
    opt_prop_def,
    prop_def,
    result_def,
    traits_def,
)
from xdsl.pattern_rewriter import RewritePattern
from xdsl.traits import Pure
from xdsl.utils.exceptions import VerifyException

from qdialect.dialect.attributes import (
    DeadZoneAttr,
    Form,
    FormAttr,
    NearestPo2Attr,
    QuantizerMode,
    RoundAttr,
    SignAttr,
)
from qdialect.dialect.base import QnnOp, shape_of
from qdialect.dialect.types import BinaryType, FixedType, Po2Type, TernaryType, format_of, tensor, tensor_type
from qdialect.numerics.formats import Format
from qdialect.numerics.rounding import Overflow

RESULT_OF_MODE = {
    RoundAttr: FixedType,
    SignAttr: BinaryType,
    DeadZoneAttr: TernaryType,
    NearestPo2Attr: Po2Type,
}


@irdl_op_definition
class QuantizeOp(QnnOp, HasFolderInterface, HasCanonicalizationPatternsInterface):
    """The only op that loses information: to the result's element type, in the way the mode says.

    `#qnn.round` gives fixed point, `#qnn.sign` binary (or one unsigned bit), `#qnn.dead_zone` ternary,
    `#qnn.nearest_po2` powers of two.
    """

    name = "qnn.quantize"
    operand = operand_def(TensorType)
    mode = prop_def(base(RoundAttr) | base(SignAttr) | base(DeadZoneAttr) | base(NearestPo2Attr))
    result = result_def(TensorType)
    traits = traits_def(Pure())

    def __init__(self, operand: SSAValue, mode: QuantizerMode, fmt: Format):
        result = tensor(shape_of(operand), fmt)
        super().__init__(operands=[operand], properties={"mode": mode}, result_types=[result])

    def inferred(self) -> tuple[tuple[int, ...], Format | None]:
        return shape_of(self.operand), format_of(self.result.type)

    def verify_(self) -> None:
        format_of(self.operand.type)
        expected = RESULT_OF_MODE[type(self.mode)]
        element = tensor_type(self.result.type).element_type
        one_bit = isinstance(self.mode, SignAttr) and element == FixedType(1, 1, signed=False)
        if not isinstance(element, expected) and not one_bit:
            raise VerifyException(f"mode {self.mode} gives {expected.name} elements, the result has {element}")
        super().verify_()

    def fold(self) -> Sequence[SSAValue | Attribute] | None:
        """Rounding to the type that the value already has is the identity, unless it clamps symmetrically."""
        identity = tensor_type(self.result.type).element_type == BinaryType() or (
            isinstance(self.mode, RoundAttr) and self.mode.data.overflow is Overflow.SATURATE
        )
        return (self.operand,) if identity and self.operand.type == self.result.type else None

    @classmethod
    def get_canonicalization_patterns(cls) -> tuple[RewritePattern, ...]:
        from qdialect.dialect.canonicalization import QuantizeOfQuantize, SignOfAffine

        return (QuantizeOfQuantize(), SignOfAffine())


@irdl_op_definition
class ThresholdOp(QnnOp, HasCanonicalizationPatternsInterface):
    """A monotone step function on integers, per channel: how many thresholds does the operand reach?

    result = the (`first` + count)-th code of the result type in ascending order, where
    count = #{k : direction * operand >= direction * thresholds[channel, k]}.
    `thresholds` is [channels, levels] in the operand's step (channels = 1 is shared), `direction` [channels] is
    {-1, +1}; without it all channels ascend. `form` says how hardware counts. `uncertified` lists the channels of
    thresholds for which TensorFlow's own float32 formulas disagree, once per threshold.
    """

    name = "qnn.threshold"
    operand = operand_def(TensorType)
    thresholds = operand_def(TensorType)
    direction = opt_operand_def(TensorType)
    first = prop_def(IntegerAttr[I64])
    uncertified = opt_prop_def(DenseArrayBase.constr(i64))
    form = prop_def(FormAttr)
    result = result_def(TensorType)
    traits = traits_def(Pure())

    def __init__(
        self,
        operand: SSAValue,
        thresholds: SSAValue,
        direction: SSAValue | None,
        fmt: Format,
        first: int = 0,
        uncertified: Sequence[int] = (),
        form: Form = Form.COMPARE,
    ):
        super().__init__(
            operands=[operand, thresholds, [] if direction is None else [direction]],
            properties={
                "first": IntegerAttr(first, i64),
                "uncertified": DenseArrayBase.from_list(i64, list(uncertified)) if uncertified else None,
                "form": FormAttr(form),
            },
            result_types=[tensor(shape_of(operand), fmt)],
        )

    @classmethod
    def default_properties(cls) -> dict[str, Attribute]:
        return {"form": FormAttr(Form.COMPARE)}

    def inferred(self) -> tuple[tuple[int, ...], Format | None]:
        return shape_of(self.operand), format_of(self.result.type)

    def verify_(self) -> None:
        operand, table = format_of(self.operand.type), format_of(self.thresholds.type)
        if operand is None or table is None or operand.lsb != table.lsb:
            raise VerifyException("operand and thresholds must be quantized with the same step")
        if not shape_of(self.operand):
            raise VerifyException(f"expected an operand with a channel axis, got {self.operand.type}")
        shape = shape_of(self.thresholds)
        channels = shape_of(self.operand)[-1]
        if len(shape) != 2 or shape[0] not in (1, channels):
            raise VerifyException(f"thresholds must be [{channels} or 1, levels], got {self.thresholds.type}")
        if self.direction is not None:
            if tensor_type(self.direction.type).element_type != BinaryType():
                raise VerifyException(f"direction must be !qnn.binary, got {self.direction.type}")
            if shape_of(self.direction) != shape[:1]:
                raise VerifyException(f"direction must have shape {shape[0]}, got {self.direction.type}")
        super().verify_()
        result = format_of(self.result.type)
        if result is None or self.first.value.data < 0 or self.first.value.data + shape[1] >= result.count:
            raise VerifyException(f"{shape[1]} thresholds from code {self.first.value.data} leave {self.result.type}")

    @classmethod
    def get_canonicalization_patterns(cls) -> tuple[RewritePattern, ...]:
        from qdialect.dialect.canonicalization import ThresholdOfAdd, ThresholdOfMul, ThresholdOfShift

        return (ThresholdOfAdd(), ThresholdOfMul(), ThresholdOfShift())
