"""Operations on packed binary data: {-1, +1} values as bits of one vector."""

from __future__ import annotations

from xdsl.dialects.builtin import TensorType
from xdsl.ir import SSAValue
from xdsl.irdl import irdl_op_definition, operand_def, result_def, traits_def
from xdsl.traits import Pure
from xdsl.utils.exceptions import VerifyException

from qdialect.dialect.base import QnnOp, shape_of
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


@irdl_op_definition
class PopcountDenseOp(QnnOp):
    """`result[..., j] = popcount(xnor(operand[...], kernel[j]))`: in how many of the N bits the two agree.

    With s agreements the bipolar dot product is 2*s - N.
    """

    name = "qnn.popcount_dense"
    operand = operand_def(TensorType)
    kernel = operand_def(TensorType)
    result = result_def(TensorType)
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
