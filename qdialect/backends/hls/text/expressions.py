"""C++ expressions over `ap_int` (AMD UG1399), with no more parentheses and conversions than they need."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from xdsl.ir import Operation, OpResult, SSAValue

from qdialect.backends.hls.text.counts import Counts
from qdialect.backends.hls.text.plan import Plan
from qdialect.backends.hls.text.spelling import c_literal, c_type, is_literal, wide_literal
from qdialect.dialects.hlscpp.base import BinaryOp
from qdialect.dialects.hlscpp.bits import BitsOp, CountOp
from qdialect.dialects.hlscpp.expressions import (
    AddOp,
    AndOp,
    BitOp,
    CastOp,
    CmpOp,
    ConstantOp,
    MulOp,
    NegOp,
    NotOp,
    OrOp,
    PopcountOp,
    SelectOp,
    ShlOp,
    ShrOp,
    SubOp,
    XorOp,
)
from qdialect.dialects.hlscpp.memory import AccessOp, LoadOp, RomOp, StoreOp
from qdialect.dialects.hlscpp.types import IntType

PRIMARY, UNARY, PRODUCT, SUM, SHIFT, COMPARISON, AND, XOR, OR, BOTH, EITHER, SELECTION = range(12)
"""How loosely a C++ expression binds."""


class Operator(NamedTuple):
    """A binary operator of C++: its binding, the loosest bindings on its left and right that go without parentheses,
    and whether a store of its result may be a compound assignment."""

    text: str
    binding: int
    left: int
    right: int
    compound: bool = False


BINARY: dict[type[Operation], Operator] = {
    MulOp: Operator("*", PRODUCT, PRODUCT, UNARY),
    AddOp: Operator("+", SUM, SUM, PRODUCT, compound=True),
    SubOp: Operator("-", SUM, SUM, PRODUCT, compound=True),
    ShlOp: Operator("<<", SHIFT, UNARY, UNARY),
    ShrOp: Operator(">>", SHIFT, UNARY, UNARY),
    AndOp: Operator("&", AND, UNARY, UNARY, compound=True),
    XorOp: Operator("^", XOR, UNARY, UNARY, compound=True),
    OrOp: Operator("|", OR, UNARY, UNARY, compound=True),
}

LOGICAL: dict[type[Operation], tuple[str, int]] = {AndOp: ("&&", BOTH), OrOp: ("||", EITHER)}
"""Between comparisons."""

COMPARISONS = {"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}


class Text(NamedTuple):
    """A C++ expression, how loosely it binds and whether it is a `bool` instead of an `ap_uint<1>`."""

    text: str
    binding: int = PRIMARY
    is_bool: bool = False


@dataclass
class ExpressionPrinter:
    """Prints the expressions of one function."""

    helpers: Counts
    plan: Plan = field(default_factory=Plan)
    identifiers: dict[SSAValue, str] = field(default_factory=dict[SSAValue, str])
    texts: dict[Operation, Text] = field(default_factory=dict[Operation, Text])
    """Of operations that have been printed: what stands around one asks for it more than once."""

    def element(self, op: AccessOp) -> str:
        return self.identifiers[op.memref] + "".join(f"[{self.expression(index).text}]" for index in op.indices)

    def is_sum(self, op: LoadOp) -> bool:
        """Whether a load reads a variable that is only added to: it becomes an integer there."""
        return op.memref.owner in self.plan.sums

    def expression(self, value: SSAValue) -> Text:
        """`value` by its name, or the expression that computes it."""
        if value in self.identifiers:
            return Text(self.identifiers[value])
        op = value.owner
        assert isinstance(op, Operation)
        if op not in self.texts:
            self.texts[op] = self.definition(op)
        return self.texts[op]

    def operand(self, value: SSAValue, loosest: int) -> str:
        """`value` as an operand: never a `bool`, in parentheses if it binds more loosely than `loosest`."""
        text, binding, is_bool = self.expression(value)
        if is_bool:
            return f"ap_uint<1>({text})"
        return text if binding <= loosest else f"({text})"

    def compared(self, value: SSAValue) -> str:
        """`value` as an operand of a comparison, for which the width of a constant does not matter."""
        constant = self.inlined_constant(value)
        return str(constant) if constant is not None and -(2**31) < constant < 2**31 else self.operand(value, SUM)

    def inlined_constant(self, value: SSAValue) -> int | None:
        """The number that stands for `value` in the text, if one does."""
        op = value.owner
        return op.value.data if isinstance(op, ConstantOp) and op in self.plan.inlined else None

    def assignment(self, op: StoreOp) -> str:
        """The store of a value, as `+=` and the like if it combines the old value with another."""
        target, value = self.element(op), op.value.owner
        if isinstance(value, CastOp) and value in self.plan.inlined:
            value = value.operand.owner
        if isinstance(value, BinaryOp) and value in self.plan.inlined:
            operator = BINARY.get(type(value))
            before = value.lhs.owner
            same = isinstance(before, LoadOp) and before in self.plan.inlined and self.element(before) == target
            if operator is not None and operator.compound and same:
                return f"{target} {operator.text}= {self.operand(value.rhs, SELECTION)}"
        return f"{target} = {self.assigned(op.value)}"

    def assigned(self, value: SSAValue) -> str:
        """`value` as a right-hand side, which converts to the type on the left by itself."""
        if value in self.identifiers:
            return self.identifiers[value]
        assert isinstance(value.owner, Operation)
        return self.initialiser(value.owner)

    def initialiser(self, op: Operation) -> str:
        """The right-hand side for the result of `op`."""
        match op:
            case ConstantOp() if is_literal(op.value.data):
                return c_literal(op.value.data)
            case LoadOp():
                return self.element(op)
            case CastOp():
                load = op.operand.owner
                if isinstance(load, LoadOp) and self.is_sum(load) and op.operand not in self.identifiers:
                    return self.element(load)
                return self.expression(op.operand).text
            case SelectOp():
                lhs, rhs = self.inlined_constant(op.lhs), self.inlined_constant(op.rhs)
                if lhs is not None and rhs is not None and is_literal(lhs) and is_literal(rhs):
                    return f"{self.condition(op)} ? {c_literal(lhs)} : {c_literal(rhs)}"
            case _:
                pass
        return self.definition(op).text

    def converted(self, value: SSAValue) -> str:
        """The operand of a conversion.

        g++ tries `(T(U(x[i][j])) ...` as a type, of functions of arrays `U x[i][j]`, and stops at j, which is no
        constant: of conversions of such an element the inner one is left out where it changes no value, or spelled out.
        """
        op = value.owner
        if value in self.identifiers:
            return self.identifiers[value]
        if isinstance(op, LoadOp) and (len(op.indices) > 1 or self.is_sum(op)):
            return self.element(op)
        if isinstance(op, CastOp) and isinstance(op.operand.owner, LoadOp) and op.operand not in self.identifiers:
            return f"static_cast<{c_type(op.result.type)}>({self.converted(op.operand)})"
        return self.expression(value).text

    def is_condition(self, value: SSAValue) -> bool:
        """Whether `value` prints as a comparison or a combination of comparisons."""
        return self.expression(value).binding in (COMPARISON, BOTH, EITHER)

    def condition(self, op: SelectOp) -> str:
        text, binding, _ = self.expression(op.condition)
        return f"({text})" if binding >= SELECTION else text

    def selection(self, op: SelectOp) -> Text:
        """One of two values, or of two comparisons."""
        sides = self.expression(op.lhs), self.expression(op.rhs)
        if all(side.binding == COMPARISON for side in sides):
            return Text(f"{self.condition(op)} ? {sides[0].text} : {sides[1].text}", SELECTION, is_bool=True)
        lhs, rhs = self.operand(op.lhs, OR), self.operand(op.rhs, OR)
        return Text(f"{self.condition(op)} ? {lhs} : {rhs}", SELECTION)

    def bits(self, op: BitsOp) -> str:
        """Some bits of a number, as another one."""
        type_, low = op.result.type, self.inlined_constant(op.rhs)
        assert isinstance(type_, IntType)
        first = self.expression(op.rhs).text if low is None else str(low)
        last = f"{first} + {type_.bits - 1}" if low is None else str(low + type_.bits - 1)
        return f"{c_type(type_)}({self.operand(op.lhs, PRIMARY)}.range({last}, {first}))"

    def count(self, op: CountOp | PopcountOp) -> str:
        """The call of the function that counts bits."""
        arguments = ", ".join(self.expression(operand).text for operand in op.operands)
        return f"{self.helpers.name(op)}({arguments})"

    def definition(self, op: Operation) -> Text:
        """The expression that computes the result of `op`."""
        match op:
            case ConstantOp(result=OpResult(type=IntType() as c)) if not is_literal(op.value.data):
                return Text(wide_literal(op.value.data, c), OR)
            case ConstantOp():
                text = c_literal(op.value.data)
                if isinstance(op.result.type, IntType):
                    return Text(f"{c_type(op.result.type)}({text})")
                return Text(text, UNARY if op.value.data < 0 else PRIMARY)
            case LoadOp():
                text, converts = self.element(op), isinstance(op.memref.owner, RomOp) or self.is_sum(op)
                return Text(f"{c_type(op.result.type)}({text})" if converts else text)
            case CastOp():
                return Text(f"{c_type(op.result.type)}({self.converted(op.operand)})")
            case CountOp() | PopcountOp():
                return Text(self.count(op))
            case BitOp():
                return Text(f"{self.operand(op.lhs, PRIMARY)}[{self.expression(op.rhs).text}]", is_bool=True)
            case BitsOp():
                return Text(self.bits(op))
            case NegOp():
                return Text(f"-{self.operand(op.operand, PRIMARY)}", UNARY)
            case NotOp():
                return Text(f"~{self.operand(op.operand, PRIMARY)}", UNARY)
            case CmpOp():
                lhs, rhs = self.compared(op.lhs), self.compared(op.rhs)
                return Text(f"{lhs} {COMPARISONS[op.predicate.data]} {rhs}", COMPARISON, is_bool=True)
            case SelectOp():
                return self.selection(op)
            case AndOp() | OrOp() if all(self.is_condition(side) for side in op.operands):
                operator, binding = LOGICAL[type(op)]
                sides = [self.expression(side) for side in op.operands]
                texts = [s.text if s.binding in (binding, COMPARISON) else f"({s.text})" for s in sides]
                return Text(f" {operator} ".join(texts), binding, is_bool=True)
            case BinaryOp():
                operator, lhs = BINARY[type(op)], self.expression(op.lhs)
                loosest = operator.binding if lhs.binding == operator.binding else operator.left
                sides = self.operand(op.lhs, loosest), self.operand(op.rhs, operator.right)
                return Text(f" {operator.text} ".join(sides), operator.binding)
            case _:
                raise ValueError(f"{op.name} has no C++ form")
