"""Operations that move or compare values of {-1, 0, +1} while they stay packed, word by word."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Sequence

from xdsl.dialects.builtin import I64, DenseArrayBase, IntegerAttr, TensorType, i64
from xdsl.ir import Attribute, SSAValue
from xdsl.irdl import irdl_op_definition, operand_def, prop_def, result_def, traits_def, var_operand_def
from xdsl.traits import Pure
from xdsl.utils.exceptions import VerifyException

from qdialect.dialects.qnn.geometry import ints, values_of, verify_fits, verify_pair, windows
from qdialect.dialects.qnn.op import QnnOp, shape_of
from qdialect.dialects.qnn.types import BitsType, packed_type, tensor
from qdialect.numerics.formats import Format


class PackedMoveOp(QnnOp):
    """Packed vectors of one element type from packed vectors of the same."""

    result = result_def(TensorType)

    @abstractmethod
    def result_type(self) -> TensorType[Attribute]:
        """The type of the result. Raises VerifyException where the operands do not fit."""

    def inferred(self) -> tuple[tuple[int, ...], Format | None]:
        return shape_of(self.result_type()), None

    def verify_(self) -> None:
        if self.result.type != self.result_type():
            raise VerifyException(f"result must be {self.result_type()}, got {self.result.type}")


@irdl_op_definition
class PackedFlattenOp(PackedMoveOp):
    """The last axes and the packed values on them as one vector: [..., A, B] of `!qnn.bits<N>` to [...] of
    `!qnn.bits<A*B*N>`, in row-major order. `axes` says how many."""

    name = "qnn.packed_flatten"
    operand = operand_def(TensorType)
    axes = prop_def(IntegerAttr[I64])
    traits = traits_def(Pure())

    def __init__(self, operand: SSAValue, axes: int):
        super().__init__(
            operands=[operand],
            properties={"axes": IntegerAttr(axes, i64)},
            result_types=[self.flattened(operand, axes)],
        )

    @staticmethod
    def flattened(operand: SSAValue, axes: int) -> TensorType[Attribute]:
        shape, packed = shape_of(operand), packed_type(operand.type)
        if not 1 <= axes <= len(shape):
            raise VerifyException(f"no {axes} axes to flatten in {operand.type}")
        kept = len(shape) - axes
        return tensor(shape[:kept], BitsType(packed.count.data * math.prod(shape[kept:]), packed.element))

    def result_type(self) -> TensorType[Attribute]:
        return self.flattened(self.operand, self.axes.value.data)


@irdl_op_definition
class PackedConcatOp(PackedMoveOp):
    """Packed vectors of several operands one after the other as one vector: concatenation along the packed axis."""

    name = "qnn.packed_concat"
    parts = var_operand_def(TensorType)
    traits = traits_def(Pure())

    def __init__(self, parts: Sequence[SSAValue]):
        super().__init__(operands=[parts], result_types=[self.joined(parts)])

    @staticmethod
    def joined(parts: Sequence[SSAValue]) -> TensorType[Attribute]:
        types = [packed_type(part.type) for part in parts]
        if len({(shape_of(part), type_.element) for part, type_ in zip(parts, types, strict=True)}) != 1:
            raise VerifyException(f"parts differ beside the count: {', '.join(str(part.type) for part in parts)}")
        return tensor(shape_of(parts[0]), BitsType(sum(type_.count.data for type_ in types), types[0].element))

    def result_type(self) -> TensorType[Attribute]:
        return self.joined(self.parts)


@irdl_op_definition
class PackedMaxPool2DOp(PackedMoveOp):
    """The largest element of each window over [H, W] of packed channels, for all channels at once.

    Rows and columns are extended by `low` and `high` elements that do not count.
    """

    name = "qnn.packed_max_pool2d"
    operand = operand_def(TensorType)
    pool = prop_def(DenseArrayBase.constr(i64))
    strides = prop_def(DenseArrayBase.constr(i64))
    low = prop_def(DenseArrayBase.constr(i64))
    high = prop_def(DenseArrayBase.constr(i64))
    traits = traits_def(Pure())

    def __init__(self, operand: SSAValue, *geometry: Sequence[int]):
        """`geometry` is pool, strides, low, high as [rows, columns]."""
        names = ("pool", "strides", "low", "high")
        super().__init__(
            operands=[operand],
            properties={name: ints(*values) for name, values in zip(names, geometry, strict=True)},
            result_types=[self.pooled(operand, *geometry)],
        )

    @classmethod
    def default_properties(cls) -> dict[str, Attribute]:
        return {"low": ints(0, 0), "high": ints(0, 0)}

    @staticmethod
    def pooled(operand: SSAValue, *geometry: Sequence[int]) -> TensorType[Attribute]:
        shape, packed = shape_of(operand), packed_type(operand.type)
        if len(shape) != 2:
            raise VerifyException(f"expected [rows, columns] of packed channels, got {operand.type}")
        for name, values, least in zip(("pool", "strides", "low", "high"), geometry, (1, 1, 0, 0), strict=True):
            verify_pair(name, values, least)
        pool, strides, low, high = geometry
        positions = [windows(shape[a] + low[a] + high[a], pool[a], strides[a]) for a in (0, 1)]
        verify_fits("the window", positions, operand)
        return tensor(positions, packed)

    def geometry(self) -> tuple[tuple[int, ...], ...]:
        """pool, strides, low, high as [rows, columns]."""
        return tuple(values_of(a) for a in (self.pool, self.strides, self.low, self.high))

    def result_type(self) -> TensorType[Attribute]:
        return self.pooled(self.operand, *self.geometry())
