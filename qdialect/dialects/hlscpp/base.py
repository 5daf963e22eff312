"""What the operations of the `hlscpp` dialect share: their syntax, and how expressions are typed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import lru_cache
from typing import Self, TypeGuard

from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.irdl import IRDLOperation, operand_def, result_def, traits_def
from xdsl.parser import Parser
from xdsl.printer import Printer
from xdsl.traits import Pure
from xdsl.utils.exceptions import VerifyException

from qdialect.dialects.hlscpp.types import IntType


class HlsOp(IRDLOperation, ABC):
    """Base of the operations: an attribute dictionary may follow the operation's own syntax."""

    @classmethod
    @abstractmethod
    def parse_form(cls, parser: Parser) -> Self: ...

    @abstractmethod
    def print_form(self, printer: Printer) -> None: ...

    @classmethod
    def parse(cls, parser: Parser) -> Self:
        op = cls.parse_form(parser)
        op.attributes |= parser.parse_optional_attr_dict()
        return op

    def print(self, printer: Printer) -> None:
        printer.print_string(" ")
        self.print_form(printer)
        printer.print_op_attributes(self.attributes)


class Expression(HlsOp, ABC):
    """A value computed from its operands alone: `%r = hlscpp.add %a, %b : (A, B) -> R`.

    The constructor infers `R`; the verifier compares it. Raises `VerifyException` for operands that the
    operation does not take.
    """

    result = result_def()
    traits = traits_def(Pure())

    def __init__(self, *operands: SSAValue | Operation):
        values = [SSAValue.get(operand) for operand in operands]
        result = inferred(type(self), *(value.type for value in values))
        # every operand is one value: there is nothing for IRDL's constructor to sort out
        Operation.__init__(self, operands=values, result_types=[result])

    @classmethod
    @abstractmethod
    def infer(cls, *types: Attribute) -> Attribute:
        """The result type that follows from the operand types."""

    def verify_(self) -> None:
        if self.result.type != (expected := inferred(type(self), *self.operand_types)):
            operands = listed(self.operand_types)
            raise VerifyException(f"{self.name} of {operands} is {expected}, not {self.result.type}")

    @classmethod
    def parse_properties(cls, parser: Parser) -> dict[str, Attribute]:
        return {}

    def print_properties(self, printer: Printer) -> None:
        pass

    @classmethod
    def parse_form(cls, parser: Parser) -> Self:
        properties = cls.parse_properties(parser)
        operands = parser.parse_comma_separated_list(parser.Delimiter.NONE, parser.parse_unresolved_operand)
        parser.parse_punctuation(":")
        position = parser.pos
        signature = parser.parse_function_type()
        return cls.create(
            operands=parser.resolve_operands(operands, signature.inputs.data, position),
            result_types=signature.outputs.data,
            properties=properties,
        )

    def print_form(self, printer: Printer) -> None:
        self.print_properties(printer)
        printer.print_list(self.operands, printer.print_ssa_value)
        printer.print_string(" : ")
        printer.print_function_type(self.operand_types, self.result_types)


@lru_cache(maxsize=1 << 16)
def inferred(op: type[Expression], *types: Attribute) -> Attribute:
    """The result type of an expression: written out, a network has thousands of additions of a few types."""
    return op.infer(*types)


def listed(types: Sequence[Attribute]) -> str:
    return " and ".join(map(str, types))


def _are_integers(types: tuple[Attribute, ...]) -> TypeGuard[tuple[IntType, ...]]:
    return all(isinstance(type_, IntType) for type_ in types)


def integers(op: type[Expression], *types: Attribute) -> Sequence[IntType]:
    if not _are_integers(types):
        raise VerifyException(f"{op.name} does not take {listed(types)}")
    return types


def common_width(lhs: IntType, rhs: IntType) -> int:
    """Width that holds either operand: an unsigned one beside a signed one needs a sign bit."""
    return max(lhs.bits + (rhs.signed and not lhs.signed), rhs.bits + (lhs.signed and not rhs.signed))


class UnaryOp(Expression, ABC):
    operand = operand_def()


class BinaryOp(Expression, ABC):
    lhs = operand_def()
    rhs = operand_def()
