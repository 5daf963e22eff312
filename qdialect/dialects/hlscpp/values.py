"""The values of kernels: integers and indices, arrays of them, variables, queues of beats.

A Python integer in an expression is a constant of the narrowest type that holds it, or an index beside an index; adding
0 to an index or multiplying it by 1 leaves no operation. Ill-typed expressions raise `VerifyException`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from operator import index as as_int
from typing import SupportsIndex, TypeAlias

from xdsl.dialects.builtin import IndexType
from xdsl.ir import Attribute, OpResult, SSAValue

from qdialect.dialects.hlscpp.bits import BitsOp
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
    ShlOp,
    ShrOp,
    SubOp,
    XorOp,
)
from qdialect.dialects.hlscpp.memory import LoadOp, StoreOp
from qdialect.dialects.hlscpp.streams import ReadOp, ReceiveOp, SendOp, WriteOp
from qdialect.dialects.hlscpp.types import INDEX, ArrayType, IntType, StreamType, array_type, stream_type

ValueLike: TypeAlias = "Value | SupportsIndex"
"""What an operator accepts as its other operand: a value, or a Python integer."""


def hinted(value: SSAValue, hint: str) -> SSAValue:
    """Name `value`; a final `_1` becomes `.1`, because xDSL drops it. The printer makes C++ names of both."""
    value.name_hint = re.sub(r"_(\d+)$", r".\1", re.sub(r"^(?=\d|$)|[^A-Za-z0-9_.]", "_", hint))
    return value


@dataclass(frozen=True, eq=False)
class Value:
    """An integer or index with the operators of the dialect; compare for equality with `eq` and `ne`."""

    ssa: SSAValue

    @property
    def type(self) -> Attribute:
        return self.ssa.type

    def _term(self, other: ValueLike) -> SSAValue:
        if isinstance(other, Value):
            return other.ssa
        number = as_int(other)
        return ConstantOp(number, INDEX if self.type == INDEX else IntType.of_range(number, number)).result

    def _beside(self, other: ValueLike, neutral: int) -> Value | None:
        """The index that a sum (neutral 0) or product (neutral 1) reduces to without an operation."""
        if self.type != INDEX:
            return None
        if neutral == 1 and 0 in (_known(self), _known(other)):
            return index(0)
        if _known(other) == neutral:
            return self
        return index(other) if _known(self) == neutral else None

    def __add__(self, other: ValueLike) -> Value:
        beside = self._beside(other, 0)
        return Value(AddOp(self.ssa, self._term(other)).result) if beside is None else beside

    def __radd__(self, other: ValueLike) -> Value:
        beside = self._beside(other, 0)
        return Value(AddOp(self._term(other), self.ssa).result) if beside is None else beside

    def __sub__(self, other: ValueLike) -> Value:
        if self.type == INDEX and _known(other) == 0:
            return self
        return Value(SubOp(self.ssa, self._term(other)).result)

    def __rsub__(self, other: ValueLike) -> Value:
        return Value(SubOp(self._term(other), self.ssa).result)

    def __mul__(self, other: ValueLike) -> Value:
        beside = self._beside(other, 1)
        return Value(MulOp(self.ssa, self._term(other)).result) if beside is None else beside

    def __rmul__(self, other: ValueLike) -> Value:
        beside = self._beside(other, 1)
        return Value(MulOp(self._term(other), self.ssa).result) if beside is None else beside

    def __and__(self, other: ValueLike) -> Value:
        return Value(AndOp(self.ssa, self._term(other)).result)

    def __or__(self, other: ValueLike) -> Value:
        return Value(OrOp(self.ssa, self._term(other)).result)

    def __xor__(self, other: ValueLike) -> Value:
        return Value(XorOp(self.ssa, self._term(other)).result)

    __rand__, __ror__, __rxor__ = __and__, __or__, __xor__

    def __lshift__(self, amount: ValueLike) -> Value:
        return Value(ShlOp(self.ssa, index(amount).ssa).result)

    def __rshift__(self, amount: ValueLike) -> Value:
        return Value(ShrOp(self.ssa, index(amount).ssa).result)

    def __neg__(self) -> Value:
        return Value(NegOp(self.ssa).result)

    def __invert__(self) -> Value:
        return Value(NotOp(self.ssa).result)

    def __lt__(self, other: ValueLike) -> Value:
        return self._compare("lt", other)

    def __le__(self, other: ValueLike) -> Value:
        return self._compare("le", other)

    def __gt__(self, other: ValueLike) -> Value:
        return self._compare("gt", other)

    def __ge__(self, other: ValueLike) -> Value:
        return self._compare("ge", other)

    def eq(self, other: ValueLike) -> Value:
        return self._compare("eq", other)

    def ne(self, other: ValueLike) -> Value:
        return self._compare("ne", other)

    def _compare(self, predicate: str, other: ValueLike) -> Value:
        left, right = self._comparable(), Value(self._term(other))._comparable()
        return Value(CmpOp(predicate, left.ssa, right.ssa).result)

    def _comparable(self) -> Value:
        """The vendor's `ap_int` compares unsigned numbers of 32 bits and more with negative ones wrongly: make these
        signed."""
        if isinstance(self.type, IntType) and not self.type.signed and self.type.bits >= 32:
            return self.cast(IntType(self.type.bits + 1))
        return self

    def __bool__(self) -> bool:
        raise TypeError("a value of the kernel is not known in Python: use when() or select()")

    def bit(self, position: ValueLike) -> Value:
        """The bit at a position, 0 for the lowest."""
        return Value(BitOp(self.ssa, index(position).ssa).result)

    def bits(self, low: ValueLike, type: IntType) -> Value:
        """The bits from a position on, as many as `type` has, read as a number of it."""
        return Value(BitsOp(self.ssa, index(low).ssa, type).result)

    def cast(self, type: IntType | IndexType) -> Value:
        """The value in another type, which must hold it: a narrowing cast is a proof that it does."""
        return self if type == self.type else Value(CastOp(self.ssa, type).result)

    def named(self, name: str) -> Value:
        """The same value, printed as a constant of this name at its place; a loop counter keeps its own."""
        if isinstance(self.ssa, OpResult):
            hinted(self.ssa, name)
        return self


@dataclass(frozen=True, eq=False)
class Memory:
    """An array: `a[i, j]` loads an element, `a[i, j] = v` stores one (a Python integer in the element type)."""

    ssa: SSAValue

    @property
    def type(self) -> ArrayType:
        return array_type(self.ssa)

    def __getitem__(self, at: ValueLike | tuple[ValueLike, ...]) -> Value:
        return Value(LoadOp(self.ssa, _indices(at)).result)

    def __setitem__(self, at: ValueLike | tuple[ValueLike, ...], value: ValueLike) -> None:
        indices = _indices(at)
        StoreOp(_element(value, self.type), self.ssa, indices)


@dataclass(frozen=True, eq=False)
class Variable:
    """A variable of one integer type."""

    ssa: SSAValue

    def get(self) -> Value:
        return Value(LoadOp(self.ssa).result)

    def set(self, value: ValueLike) -> None:
        StoreOp(_element(value, array_type(self.ssa)), self.ssa)


@dataclass(frozen=True, eq=False)
class Stream:
    """A queue of beats."""

    ssa: SSAValue

    @property
    def type(self) -> StreamType:
        return stream_type(self.ssa)

    def read(self, name: str) -> Memory:
        """The next beat."""
        return Memory(hinted(ReadOp(self.ssa).beat, name))

    def write(self, beat: Memory) -> None:
        WriteOp(beat.ssa, self.ssa)


@dataclass(frozen=True, eq=False)
class Packets:
    """An AXI4-Stream port."""

    ssa: SSAValue

    def receive(self, name: str) -> Value:
        """The next word."""
        return Value(hinted(ReceiveOp(self.ssa).word, name))

    def send(self, word: Value, last: Value) -> None:
        SendOp(word.ssa, last.ssa, self.ssa)


def _known(term: ValueLike) -> int | None:
    """The number that an index is known to be."""
    if not isinstance(term, Value):
        return as_int(term)
    return term.ssa.owner.value.data if isinstance(term.ssa.owner, ConstantOp) else None


def _indices(at: ValueLike | tuple[ValueLike, ...]) -> Sequence[SSAValue]:
    return [index(term).ssa for term in (at if isinstance(at, tuple) else (at,))]


def _element(value: ValueLike, type: ArrayType) -> SSAValue:
    return value.ssa if isinstance(value, Value) else constant(as_int(value), type.element_type).ssa


def constant(value: SupportsIndex, type: IntType) -> Value:
    return Value(ConstantOp(as_int(value), type).result)


def index(value: ValueLike) -> Value:
    """`value` itself, or a Python integer as an index."""
    return value if isinstance(value, Value) else Value(ConstantOp(as_int(value), INDEX).result)
