"""Write `hlscpp` kernels as they read on paper.

    with function("fc1", ("x", array(t_in, 64)), ("y", array(t_out, 16))) as (f, (x, y)):
        w = rom("fc1_kernel", codes, IntType(6))
        array_partition(w, dim=0)
        with loop("OUT", 16) as j:
            pipeline(ii=1)
            acc = variable("acc", t_acc, 0)
            with loop("IN", 64) as i:
                unroll()
                acc.set((acc.get() + x[i] * w[j, i]).cast(t_acc))
            y[j] = acc.get().cast(t_out)

Operations go to the current xDSL `ImplicitBuilder`, so `function` stands inside `with ImplicitBuilder(module.body):`
(outside of one, the function is created on its own). A Python integer in an expression is a constant of the
narrowest type that holds it, or an index beside an index; adding 0 to an index or multiplying it by 1 leaves no
operation. Ill-typed expressions raise `VerifyException`.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from operator import index as as_int
from typing import TYPE_CHECKING, Any, SupportsIndex, TypeAlias

from xdsl.builder import ImplicitBuilder
from xdsl.dialects.builtin import IndexType, MemRefType
from xdsl.ir import Attribute, OpResult, SSAValue

from qdialect.loops.expressions import (
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
from qdialect.loops.memory import LoadOp, LocalOp, RomOp, StoreOp
from qdialect.loops.streams import BeatOp, FifoOp, ReadOp, WriteOp
from qdialect.loops.structure import CallOp, ForOp, FuncOp, IfOp
from qdialect.loops.types import INDEX, ArrayType, IntType, StreamType, array_type, stream_type

if TYPE_CHECKING:
    import numpy as np

Term: TypeAlias = "Value | SupportsIndex"
"""What an operator accepts beside a value: another value, or a Python integer."""


def _name(value: SSAValue, hint: str) -> SSAValue:
    """Names `value`; a final `_1` becomes `.1`, because xDSL drops it. The printer makes C++ names of both."""
    value.name_hint = re.sub(r"_(\d+)$", r".\1", re.sub(r"^(?=\d)|[^A-Za-z0-9_.]", "_", hint))
    return value


@dataclass(frozen=True, eq=False)
class Value:
    """An integer or index with the operators of the dialect; compare for equality with `eq` and `ne`."""

    ssa: SSAValue

    @property
    def type(self) -> Attribute:
        return self.ssa.type

    def _term(self, other: Term) -> SSAValue:
        if isinstance(other, Value):
            return other.ssa
        number = as_int(other)
        return ConstantOp(number, INDEX if self.type == INDEX else IntType.of_range(number, number)).result

    def _beside(self, other: Term, neutral: int) -> Value | None:
        """The index that a sum (neutral 0) or product (neutral 1) comes to without an operation."""
        if self.type != INDEX:
            return None
        if neutral == 1 and 0 in (_known(self), _known(other)):
            return index(0)
        if _known(other) == neutral:
            return self
        return index(other) if _known(self) == neutral else None

    def __add__(self, other: Term) -> Value:
        beside = self._beside(other, 0)
        return Value(AddOp(self.ssa, self._term(other)).result) if beside is None else beside

    def __radd__(self, other: Term) -> Value:
        beside = self._beside(other, 0)
        return Value(AddOp(self._term(other), self.ssa).result) if beside is None else beside

    def __sub__(self, other: Term) -> Value:
        if self.type == INDEX and _known(other) == 0:
            return self
        return Value(SubOp(self.ssa, self._term(other)).result)

    def __rsub__(self, other: Term) -> Value:
        return Value(SubOp(self._term(other), self.ssa).result)

    def __mul__(self, other: Term) -> Value:
        beside = self._beside(other, 1)
        return Value(MulOp(self.ssa, self._term(other)).result) if beside is None else beside

    def __rmul__(self, other: Term) -> Value:
        beside = self._beside(other, 1)
        return Value(MulOp(self._term(other), self.ssa).result) if beside is None else beside

    def __and__(self, other: Term) -> Value:
        return Value(AndOp(self.ssa, self._term(other)).result)

    def __or__(self, other: Term) -> Value:
        return Value(OrOp(self.ssa, self._term(other)).result)

    def __xor__(self, other: Term) -> Value:
        return Value(XorOp(self.ssa, self._term(other)).result)

    __rand__, __ror__, __rxor__ = __and__, __or__, __xor__

    def __lshift__(self, amount: Term) -> Value:
        return Value(ShlOp(self.ssa, index(amount).ssa).result)

    def __rshift__(self, amount: Term) -> Value:
        return Value(ShrOp(self.ssa, index(amount).ssa).result)

    def __neg__(self) -> Value:
        return Value(NegOp(self.ssa).result)

    def __invert__(self) -> Value:
        return Value(NotOp(self.ssa).result)

    def __lt__(self, other: Term) -> Value:
        return self._compare("lt", other)

    def __le__(self, other: Term) -> Value:
        return self._compare("le", other)

    def __gt__(self, other: Term) -> Value:
        return self._compare("gt", other)

    def __ge__(self, other: Term) -> Value:
        return self._compare("ge", other)

    def eq(self, other: Term) -> Value:
        return self._compare("eq", other)

    def ne(self, other: Term) -> Value:
        return self._compare("ne", other)

    def _compare(self, predicate: str, other: Term) -> Value:
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

    def bit(self, position: Term) -> Value:
        """The bit at a position, 0 for the lowest."""
        return Value(BitOp(self.ssa, index(position).ssa).result)

    def cast(self, type: IntType | IndexType) -> Value:
        """The value in another type, which must hold it: a narrowing cast is a proof that it does."""
        return self if type == self.type else Value(CastOp(self.ssa, type).result)

    def named(self, name: str) -> Value:
        """The same value, printed as a constant of this name at its place; a loop counter keeps its own."""
        if isinstance(self.ssa, OpResult):
            _name(self.ssa, name)
        return self


@dataclass(frozen=True, eq=False)
class Array:
    """An array: `a[i, j]` loads an element, `a[i, j] = v` stores one (a Python integer in the element type)."""

    ssa: SSAValue

    @property
    def type(self) -> ArrayType:
        return array_type(self.ssa)

    def __getitem__(self, at: Term | tuple[Term, ...]) -> Value:
        return Value(LoadOp(self.ssa, _indices(at)).result)

    def __setitem__(self, at: Term | tuple[Term, ...], value: Term) -> None:
        indices = _indices(at)
        StoreOp(_element(value, self.type), self.ssa, indices)


@dataclass(frozen=True, eq=False)
class Variable:
    """A variable of one integer type."""

    ssa: SSAValue

    def get(self) -> Value:
        return Value(LoadOp(self.ssa).result)

    def set(self, value: Term) -> None:
        StoreOp(_element(value, array_type(self.ssa)), self.ssa)


@dataclass(frozen=True, eq=False)
class Stream:
    """A queue of beats."""

    ssa: SSAValue

    @property
    def type(self) -> StreamType:
        return stream_type(self.ssa)

    def read(self, name: str) -> Array:
        """The next beat."""
        return Array(_name(ReadOp(self.ssa).beat, name))

    def write(self, beat: Array) -> None:
        WriteOp(beat.ssa, self.ssa)


def _known(term: Term) -> int | None:
    """The number that an index is known to be."""
    if not isinstance(term, Value):
        return as_int(term)
    return term.ssa.owner.value.data if isinstance(term.ssa.owner, ConstantOp) else None


def _indices(at: Term | tuple[Term, ...]) -> Sequence[SSAValue]:
    return [index(term).ssa for term in (at if isinstance(at, tuple) else (at,))]


def _element(value: Term, type: ArrayType) -> SSAValue:
    return value.ssa if isinstance(value, Value) else constant(as_int(value), type.element_type).ssa


# --- Types and values ---------------------------------------------------------------------------------------


def array(element_type: IntType, *shape: int) -> ArrayType:
    """The type of an array; without a shape that of a variable."""
    return MemRefType(element_type, [as_int(size) for size in shape])


def constant(value: SupportsIndex, type: IntType) -> Value:
    return Value(ConstantOp(as_int(value), type).result)


def index(value: Term) -> Value:
    """`value` itself, or a Python integer as an index."""
    return value if isinstance(value, Value) else Value(ConstantOp(as_int(value), INDEX).result)


def select(condition: Value, then: Value, otherwise: Value) -> Value:
    """`then` where the condition is one, `otherwise` elsewhere; both have the same type."""
    return Value(SelectOp(condition.ssa, then.ssa, otherwise.ssa).result)


def popcount(value: Value) -> Value:
    """The number of one bits of an unsigned value."""
    return Value(PopcountOp(value.ssa).result)


def rom(name: str, codes: np.ndarray, element_type: IntType) -> Array:
    """A constant array of integers. Raises `ValueError` if the codes are no integers or do not fit."""
    return Array(_name(RomOp.from_array(codes, element_type).memref, name))


def local(name: str, type: ArrayType) -> Array:
    """A local array of undefined contents."""
    return Array(_name(LocalOp(type).memref, name))


def beat(name: str, type: ArrayType) -> Array:
    """A beat to be filled, then written to a stream."""
    return Array(_name(BeatOp(type).memref, name))


def fifo(name: str, type: StreamType) -> Stream:
    """A local stream."""
    return Stream(_name(FifoOp(type).stream, name))


def variable(name: str, type: IntType, initial: Term | None = None) -> Variable:
    """A variable, undefined without an initial value."""
    result = Variable(_name(LocalOp(array(type)).memref, name))
    if initial is not None:
        result.set(initial)
    return result


# --- Structure ----------------------------------------------------------------------------------------------


@contextmanager
def function(
    name: str, *arguments: tuple[str, ArrayType | StreamType], top: bool = False, comment: str | None = None
) -> Generator[tuple[FuncOp, tuple[Any, ...]]]:
    """A function over arrays and streams, given by name and type; yields an `Array` or `Stream` for each."""
    op = FuncOp(name, [type for _, type in arguments], top, comment)
    parameters = tuple(
        (Stream if isinstance(arg.type, StreamType) else Array)(_name(arg, hint))
        for arg, (hint, _) in zip(op.args, arguments, strict=True)
    )
    with ImplicitBuilder(op.body):
        yield op, parameters


@contextmanager
def loop(label: str | None, start: int, stop: int | None = None, *, name: str | None = None) -> Generator[Value]:
    """`loop("ROW", 8)` counts from 0 to 7 and `loop("ROW", 1, 8)` from 1; `name` is that of the counter."""
    op = ForOp(*((0, as_int(start)) if stop is None else (as_int(start), as_int(stop))), label)
    if name is not None:
        _name(op.counter, name)
    with ImplicitBuilder(op.body):
        yield Value(op.counter)


@contextmanager
def when(condition: Value) -> Generator[None]:
    """The operations within run if the condition is one."""
    with ImplicitBuilder(IfOp(condition.ssa).body):
        yield


def call(callee: FuncOp | str, *arguments: Array | Stream) -> None:
    symbol = callee if isinstance(callee, str) else callee.sym_name.data
    CallOp(symbol, [argument.ssa for argument in arguments])
