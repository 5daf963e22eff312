"""Parts of words, numbers side by side in wider ones, and counts of single bits."""

from __future__ import annotations

from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.irdl import IRDLOperation, irdl_op_definition, var_operand_def
from xdsl.utils.exceptions import VerifyException

from qdialect.dialects.hlscpp.base import BinaryOp, Expression, integers, listed
from qdialect.dialects.hlscpp.expressions import ConstantOp
from qdialect.dialects.hlscpp.types import BIT, INDEX, IntType


@irdl_op_definition
class BitsOp(BinaryOp):
    """`%r = hlscpp.bits %a, %low : (A, index) -> R`: the bits of `%a` from position `%low` on, as many as `R` has, read
    as a number of `R`."""

    name = "hlscpp.bits"

    def __init__(self, lhs: SSAValue | Operation, rhs: SSAValue | Operation, type: IntType):
        IRDLOperation.__init__(self, operands=[lhs, rhs], result_types=[type])

    @classmethod
    def infer(cls, *types: Attribute) -> Attribute:
        return types[0]

    def verify_(self) -> None:
        (operand, result), low = integers(type(self), self.lhs.type, self.result.type), self.rhs.owner
        if self.rhs.type != INDEX:
            raise VerifyException(f"{self.name} begins at an index, not {self.rhs.type}")
        first = low.value.data if isinstance(low, ConstantOp) else 0
        if not 0 <= first <= operand.bits - result.bits:
            raise VerifyException(f"{self.name} from {first} of {operand} does not give {result}")


@irdl_op_definition
class CountOp(Expression):
    """`%r = hlscpp.count %a, %b, %c : (bit, bit, bit) -> R`: how many of two or more bits are one, in an unsigned
    integer just wide enough."""

    name = "hlscpp.count"
    bits = var_operand_def(BIT)

    def __init__(self, *bits: SSAValue | Operation):
        values = [SSAValue.get(bit) for bit in bits]
        IRDLOperation.__init__(self, operands=[values], result_types=[self.infer(*(v.type for v in values))])

    @classmethod
    def infer(cls, *types: Attribute) -> Attribute:
        if len(types) < 2 or set(types) != {BIT}:
            raise VerifyException(f"{cls.name} takes two bits or more, not {listed(types)}")
        return IntType(len(types).bit_length(), signed=False)
