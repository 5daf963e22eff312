"""Operations on packed binary data: {-1, +1} values as bits of one vector."""

from __future__ import annotations

import math
from collections.abc import Sequence

from xdsl.dialects.builtin import DenseArrayBase, TensorType, i64
from xdsl.ir import Attribute, SSAValue
from xdsl.irdl import irdl_op_definition, operand_def, prop_def, result_def, traits_def
from xdsl.traits import Pure
from xdsl.utils.exceptions import VerifyException

from qdialect.dialect.base import QnnOp, shape_of
from qdialect.dialect.geometry import ints, values_of, verify_fits, verify_pair, windows
from qdialect.dialect.types import BinaryType, BitsType, bits_of, tensor, tensor_type
from qdialect.numerics.formats import FixedFormat, Format


@irdl_op_definition
class PackOp(QnnOp):
    """The last axis of a binary tensor as one vector of bits: [..., N] to [...] of `!qnn.bits<N>`."""

    name = "qnn.pack"
    operand = operand_def(TensorType)
    result = result_def(TensorType)
    traits = traits_def(Pure())

    def __init__(self, operand: SSAValue):
        super().__init__(operands=[operand], result_types=[self._infer(operand)])

    @staticmethod
    def _infer(operand: SSAValue) -> TensorType:
        shape = shape_of(operand)
        if tensor_type(operand.type).element_type != BinaryType() or not shape:
            raise VerifyException(f"expected a tensor of !qnn.binary, got {operand.type}")
        return tensor(shape[:-1], BitsType(shape[-1]))

    def inferred(self) -> tuple[tuple[int, ...], Format | None]:
        return shape_of(self._infer(self.operand)), None

    def verify_(self) -> None:
        if self.result.type != self._infer(self.operand):
            raise VerifyException(f"result must be {self._infer(self.operand)}, got {self.result.type}")


class PopcountOp(QnnOp):
    """A count of equal bits: `popcount(xnor(...))` of packed activations with a packed kernel.

    With s equal bits among N the bipolar dot product is 2*s - N.
    """

    operand = operand_def(TensorType)
    kernel = operand_def(TensorType)
    result = result_def(TensorType)

    @property
    def fan_in(self) -> int:
        """Bits that are compared per output, N."""
        return bits_of(self.kernel.type) * math.prod(shape_of(self.kernel)[:-1])


@irdl_op_definition
class PopcountDenseOp(PopcountOp):
    """`result[..., j]` = in how many bits operand[...] and kernel[j] are equal."""

    name = "qnn.popcount_dense"
    traits = traits_def(Pure())

    def __init__(self, operand: SSAValue, kernel: SSAValue):
        shape = (*shape_of(operand), *shape_of(kernel))
        super().__init__(operands=[operand, kernel], result_types=[tensor(shape, self._infer(operand, kernel))])

    @staticmethod
    def _infer(operand: SSAValue, kernel: SSAValue) -> FixedFormat:
        count = bits_of(operand.type)
        if bits_of(kernel.type) != count or len(shape_of(kernel)) != 1:
            raise VerifyException(f"{operand.type} does not fit kernel {kernel.type}")
        return FixedFormat.holding(0, count, 0)

    def inferred(self) -> tuple[tuple[int, ...], Format | None]:
        return (*shape_of(self.operand), *shape_of(self.kernel)), self._infer(self.operand, self.kernel)


@irdl_op_definition
class PopcountConv2DOp(PopcountOp):
    """The same over windows: operand [H, W], kernel [KH, KW, F], both of `!qnn.bits<C>`.

    Rows and columns are extended by `low` and `high` positions that do not count: zero padding is neither -1 nor +1.
    """

    name = "qnn.popcount_conv2d"
    strides = prop_def(DenseArrayBase.constr(i64))
    dilations = prop_def(DenseArrayBase.constr(i64))
    low = prop_def(DenseArrayBase.constr(i64))
    high = prop_def(DenseArrayBase.constr(i64))
    traits = traits_def(Pure())

    def __init__(
        self,
        operand: SSAValue,
        kernel: SSAValue,
        strides: Sequence[int],
        dilations: Sequence[int],
        low: Sequence[int],
        high: Sequence[int],
    ):
        geometry = (strides, dilations, low, high)
        names = ("strides", "dilations", "low", "high")
        super().__init__(
            operands=[operand, kernel],
            properties={name: ints(*values) for name, values in zip(names, geometry, strict=True)},
            result_types=[tensor(*self._infer(operand, kernel, *geometry))],
        )

    @classmethod
    def default_properties(cls) -> dict[str, Attribute]:
        return {"strides": ints(1, 1), "dilations": ints(1, 1), "low": ints(0, 0), "high": ints(0, 0)}

    @staticmethod
    def _infer(
        operand: SSAValue,
        kernel: SSAValue,
        strides: Sequence[int],
        dilations: Sequence[int],
        low: Sequence[int],
        high: Sequence[int],
    ) -> tuple[tuple[int, ...], FixedFormat]:
        x, k, bits = shape_of(operand), shape_of(kernel), bits_of(operand.type)
        if len(x) != 2 or len(k) != 3 or bits_of(kernel.type) != bits:
            raise VerifyException(f"{operand.type} does not fit kernel {kernel.type}")
        for name, values, smallest in (
            ("strides", strides, 1),
            ("dilations", dilations, 1),
            ("low", low, 0),
            ("high", high, 0),
        ):
            verify_pair(name, values, smallest)
        rows, columns = (windows(x[a] + low[a] + high[a], k[a], strides[a], dilations[a]) for a in (0, 1))
        verify_fits("the kernel", (rows, columns), operand)
        return (rows, columns, k[2]), FixedFormat.holding(0, bits * k[0] * k[1], 0)

    def geometry(self) -> tuple[tuple[int, ...], ...]:
        """strides, dilations, low, high as [rows, columns]."""
        return tuple(values_of(a) for a in (self.strides, self.dilations, self.low, self.high))

    def inferred(self) -> tuple[tuple[int, ...], Format | None]:
        strides, dilations, low, high = self.geometry()
        return self._infer(self.operand, self.kernel, strides, dilations, low, high)
