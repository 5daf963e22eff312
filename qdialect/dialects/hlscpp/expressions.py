"""Expressions: values computed from values, and constants.

The result type of each follows from its operands by the growth rules of `ap_int`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar, Self

from xdsl.dialects.builtin import IndexType, IntAttr, StringAttr
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.irdl import IRDLOperation, irdl_op_definition, operand_def, prop_def, result_def, traits_def
from xdsl.parser import Parser
from xdsl.printer import Printer
from xdsl.traits import Commutative, ConstantLike, Pure
from xdsl.utils.exceptions import VerifyException

from qdialect.dialects.hlscpp.base import BinaryOp, Expression, HlsOp, UnaryOp, common_width, integers, listed
from qdialect.dialects.hlscpp.types import BIT, INDEX, IntType


class ArithmeticOp(BinaryOp, ABC):
    """Exact arithmetic on two integers, or on two indices giving an index."""

    @classmethod
    @abstractmethod
    def grow(cls, lhs: IntType, rhs: IntType) -> IntType: ...

    @classmethod
    def infer(cls, *types: Attribute) -> Attribute:
        return INDEX if types == (INDEX, INDEX) else cls.grow(*integers(cls, *types))


@irdl_op_definition
class AddOp(ArithmeticOp):
    """`lhs + rhs`: one bit more than the wider operand."""

    name = "hlscpp.add"
    traits = traits_def(Commutative())

    @classmethod
    def grow(cls, lhs: IntType, rhs: IntType) -> IntType:
        return IntType(common_width(lhs, rhs) + 1, lhs.signed or rhs.signed)


@irdl_op_definition
class SubOp(ArithmeticOp):
    """`lhs - rhs`: one bit more than the wider operand, always signed."""

    name = "hlscpp.sub"

    @classmethod
    def grow(cls, lhs: IntType, rhs: IntType) -> IntType:
        return IntType(common_width(lhs, rhs) + 1)


@irdl_op_definition
class MulOp(ArithmeticOp):
    """`lhs * rhs`: as many bits as both operands together."""

    name = "hlscpp.mul"
    traits = traits_def(Commutative())

    @classmethod
    def grow(cls, lhs: IntType, rhs: IntType) -> IntType:
        return IntType(lhs.bits + rhs.bits, lhs.signed or rhs.signed)


class BitwiseOp(BinaryOp, ABC):
    """Bit by bit on operands extended to a common width."""

    traits = traits_def(Commutative())

    @classmethod
    def infer(cls, *types: Attribute) -> Attribute:
        lhs, rhs = integers(cls, *types)
        return IntType(common_width(lhs, rhs), lhs.signed or rhs.signed)


@irdl_op_definition
class AndOp(BitwiseOp):
    """`lhs & rhs`"""

    name = "hlscpp.and"


@irdl_op_definition
class OrOp(BitwiseOp):
    """`lhs | rhs`"""

    name = "hlscpp.or"


@irdl_op_definition
class XorOp(BitwiseOp):
    """`lhs ^ rhs`"""

    name = "hlscpp.xor"


class ShiftOp(BinaryOp, ABC):
    """Shift by an unsigned integer or a non-negative index; the result has the type of the left operand."""

    @classmethod
    def infer(cls, *types: Attribute) -> Attribute:
        value, amount = types
        if amount != INDEX and not (isinstance(amount, IntType) and not amount.signed):
            raise VerifyException(f"{cls.name} takes an index or an unsigned amount, not {amount}")
        return integers(cls, value)[0]


@irdl_op_definition
class ShlOp(ShiftOp):
    """`lhs << rhs` in the width of `lhs`: cast to the width needed before shifting."""

    name = "hlscpp.shl"


@irdl_op_definition
class ShrOp(ShiftOp):
    """`lhs >> rhs`, the floor of `lhs / 2**rhs`: arithmetic for signed values."""

    name = "hlscpp.shr"


@irdl_op_definition
class BitOp(BinaryOp):
    """`lhs[rhs]`: the bit of an integer at an index within its width, 0 for the lowest."""

    name = "hlscpp.bit"

    @classmethod
    def infer(cls, *types: Attribute) -> Attribute:
        value, position = types
        if not isinstance(value, IntType) or position != INDEX:
            raise VerifyException(f"{cls.name} takes an integer and an index, not {listed(types)}")
        return BIT

    def verify_(self) -> None:
        super().verify_()
        position, type = self.rhs.owner, self.lhs.type
        if isinstance(position, ConstantOp) and isinstance(type, IntType) and not 0 <= position.value.data < type.bits:
            raise VerifyException(f"{self.name} {position.value.data} is outside of {type}")


@irdl_op_definition
class NegOp(UnaryOp):
    """`-operand`: one bit more, signed."""

    name = "hlscpp.neg"

    @classmethod
    def infer(cls, *types: Attribute) -> Attribute:
        return IntType(integers(cls, *types)[0].bits + 1)


@irdl_op_definition
class NotOp(UnaryOp):
    """`~operand`: every bit flipped, same type."""

    name = "hlscpp.not"

    @classmethod
    def infer(cls, *types: Attribute) -> Attribute:
        return integers(cls, *types)[0]


@irdl_op_definition
class PopcountOp(UnaryOp):
    """The number of one bits of an unsigned integer, as an unsigned integer just wide enough."""

    name = "hlscpp.popcount"

    @classmethod
    def infer(cls, *types: Attribute) -> Attribute:
        (operand,) = integers(cls, *types)
        if operand.signed:
            raise VerifyException(f"{cls.name} counts the bits of an unsigned integer, not {operand}")
        return IntType(operand.bits.bit_length(), signed=False)


@irdl_op_definition
class CastOp(UnaryOp):
    """An integer or index as another integer type, an unsigned integer as an index: `%r = hlscpp.cast %a : (A) -> R`.

    A narrowing cast states a proof that no value is lost; it never selects bits (use `and` for that).
    """

    name = "hlscpp.cast"

    def __init__(self, operand: SSAValue | Operation, type: IntType | IndexType):
        IRDLOperation.__init__(self, operands=[operand], result_types=[type])

    @classmethod
    def infer(cls, *types: Attribute) -> Attribute:
        return types[0]

    def verify_(self) -> None:
        if self.result.type == INDEX:
            (operand,) = integers(type(self), self.operand.type)
            if operand.signed or operand.bits > 31:
                raise VerifyException(f"{self.name} to an index takes unsigned integers to 31 bits, not {operand}")
            return
        if self.operand.type != INDEX:
            integers(type(self), self.operand.type)
        integers(type(self), self.result.type)


@irdl_op_definition
class CmpOp(BinaryOp):
    """`%r = hlscpp.cmp lt %a, %b : (A, B) -> !hlscpp.int<1, unsigned>` compares values of any width."""

    name = "hlscpp.cmp"
    predicate = prop_def(StringAttr)

    PREDICATES: ClassVar = ("eq", "ne", "lt", "le", "gt", "ge")

    def __init__(self, predicate: str, lhs: SSAValue | Operation, rhs: SSAValue | Operation):
        super().__init__(lhs, rhs)
        self.predicate = StringAttr(predicate)

    @classmethod
    def infer(cls, *types: Attribute) -> Attribute:
        if types != (INDEX, INDEX):
            integers(cls, *types)
        return BIT

    def verify_(self) -> None:
        super().verify_()
        if self.predicate.data not in self.PREDICATES:
            raise VerifyException(f"{self.name} is one of {', '.join(self.PREDICATES)}, not {self.predicate.data}")

    @classmethod
    def parse_properties(cls, parser: Parser) -> dict[str, Attribute]:
        return {"predicate": StringAttr(parser.parse_keyword_in(cls.PREDICATES))}

    def print_properties(self, printer: Printer) -> None:
        printer.print_string(f"{self.predicate.data} ")


@irdl_op_definition
class SelectOp(Expression):
    """`condition ? lhs : rhs`; both values have the same type."""

    name = "hlscpp.select"
    condition = operand_def(BIT)
    lhs = operand_def()
    rhs = operand_def()

    @classmethod
    def infer(cls, *types: Attribute) -> Attribute:
        _, lhs, rhs = types
        if lhs != rhs:
            raise VerifyException(f"{cls.name} chooses between values of one type, not {lhs} and {rhs}")
        return lhs


@irdl_op_definition
class ConstantOp(HlsOp):
    """`%r = hlscpp.constant -3 : !hlscpp.int<3, signed>`, an integer or index."""

    name = "hlscpp.constant"
    value = prop_def(IntAttr)
    result = result_def(IntType | IndexType)
    traits = traits_def(Pure(), ConstantLike())

    def __init__(self, value: int, type: IntType | IndexType):
        super().__init__(properties={"value": IntAttr(value)}, result_types=[type])

    def verify_(self) -> None:
        type, value = self.result.type, self.value.data
        low, high = (type.minimum, type.maximum) if isinstance(type, IntType) else (-(2**31), 2**31 - 1)
        if not low <= value <= high:
            raise VerifyException(f"{value} does not fit {type}")

    @classmethod
    def parse_form(cls, parser: Parser) -> Self:
        value = parser.parse_integer(allow_boolean=False)
        parser.parse_punctuation(":")
        return cls.create(properties={"value": IntAttr(value)}, result_types=[parser.parse_type()])

    def print_form(self, printer: Printer) -> None:
        printer.print_string(f"{self.value.data} : ")
        printer.print_attribute(self.result.type)
