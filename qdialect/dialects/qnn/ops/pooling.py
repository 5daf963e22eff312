"""Pooling windows over [rows, columns, channels]."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

from xdsl.dialects.builtin import DenseArrayBase, TensorType, f32, i64
from xdsl.ir import Attribute, SSAValue
from xdsl.irdl import irdl_op_definition, operand_def, prop_def, result_def, traits_def
from xdsl.traits import Pure
from xdsl.utils.exceptions import VerifyException

from qdialect.dialects.qnn.geometry import ints, values_of, verify_fits, verify_pair, windows
from qdialect.dialects.qnn.op import QnnOp, shape_of
from qdialect.dialects.qnn.traits import Accumulates, Linear, PerChannel, Selects
from qdialect.dialects.qnn.types import format_of, tensor
from qdialect.numerics.formats import Format
from qdialect.numerics.intervals import Interval


class Pool2DOp(QnnOp):
    """A window moved over [H, W, C]. `low` and `high` extend rows and columns by elements that do not count."""

    operand = operand_def(TensorType)
    pool = prop_def(DenseArrayBase.constr(i64))
    strides = prop_def(DenseArrayBase.constr(i64))
    low = prop_def(DenseArrayBase.constr(i64))
    high = prop_def(DenseArrayBase.constr(i64))
    result = result_def(TensorType)
    traits = traits_def(PerChannel())

    def __init__(
        self,
        operand: SSAValue,
        pool: Sequence[int],
        strides: Sequence[int],
        low: Sequence[int] = (0, 0),
        high: Sequence[int] = (0, 0),
    ):
        fmt = self.result_format(operand, pool[0] * pool[1])
        shape = self._shape(operand, pool, strides, low, high)
        super().__init__(
            operands=[operand],
            properties={
                "pool": ints(*pool),
                "strides": ints(*strides),
                "low": ints(*low),
                "high": ints(*high),
            },
            result_types=[tensor(shape, f32 if fmt is None else fmt)],
        )

    @classmethod
    def default_properties(cls) -> dict[str, Attribute]:
        return {"low": ints(0, 0), "high": ints(0, 0)}

    @staticmethod
    @abstractmethod
    def result_format(operand: SSAValue, window: int) -> Format | None:
        """The format that holds every result of a window of so many elements."""

    @staticmethod
    def _shape(
        operand: SSAValue,
        pool: Sequence[int],
        strides: Sequence[int],
        low: Sequence[int],
        high: Sequence[int],
    ) -> tuple[int, ...]:
        x = shape_of(operand)
        if len(x) != 3:
            raise VerifyException(f"expected [rows, columns, channels], got {operand.type}")
        verify_pair("pool", pool)
        verify_pair("strides", strides)
        verify_pair("low", low, 0)
        verify_pair("high", high, 0)
        rows, columns = (windows(x[a] + low[a] + high[a], pool[a], strides[a]) for a in (0, 1))
        verify_fits("the window", (rows, columns), operand)
        return (rows, columns, x[2])

    def geometry(self) -> tuple[tuple[int, ...], ...]:
        """pool, strides, low, high as [rows, columns]."""
        return tuple(values_of(a) for a in (self.pool, self.strides, self.low, self.high))

    def inferred(self) -> tuple[tuple[int, ...], Format | None]:
        pool, strides, low, high = self.geometry()
        shape = self._shape(self.operand, pool, strides, low, high)
        return shape, self.result_format(self.operand, pool[0] * pool[1])


@irdl_op_definition
class MaxPool2DOp(Pool2DOp):
    """The largest element of each window."""

    name = "qnn.max_pool2d"
    traits = traits_def(Pure(), Selects())

    @staticmethod
    def result_format(operand: SSAValue, window: int) -> Format | None:
        return format_of(operand.type)


@irdl_op_definition
class SumPool2DOp(Pool2DOp):
    """The sum of each window, exact unless the operand is float; the division of an average is an op of its own."""

    name = "qnn.sum_pool2d"
    traits = traits_def(Pure(), Linear(), Accumulates())

    @staticmethod
    def result_format(operand: SSAValue, window: int) -> Format | None:
        fmt = format_of(operand.type)
        return None if fmt is None else Interval.of(fmt).summed(window).format
