"""Sums of products of activations with constant weights, by the hardware of the product.

A `KernelReader` declares the ROMs of one contraction in the layout of its loops, and emits the loops over the
channels that add the products to an accumulator.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from operator import and_, xor

import numpy as np
from xdsl.ir import SSAValue

from qdialect.dialects.hlscpp.builder import select, variable, when
from qdialect.dialects.hlscpp.directives import unrolled
from qdialect.dialects.hlscpp.types import IntType
from qdialect.dialects.hlscpp.values import Value, Variable, constant
from qdialect.dialects.qnn.attributes import Product
from qdialect.dialects.qnn.ops.constant import ConstantOp
from qdialect.dialects.qnn.ops.contractions import ContractionOp, DepthwiseConv2DOp
from qdialect.dialects.qnn.schedule import box_of
from qdialect.dialects.qnn.storage import pack_words, word_count
from qdialect.dialects.qnn.types import PLANES, Po2Type, exact_format_of, is_po2, tensor_type
from qdialect.errors import QdialectError
from qdialect.lowering.parts.elements import Power, code_type, int_type, number, power, scaled, word_type
from qdialect.lowering.parts.sums import Box
from qdialect.lowering.parts.tables import number_table, power_tables
from qdialect.lowering.parts.tiled_roms import TiledRom, weight_table
from qdialect.numerics.arrays import IntArray
from qdialect.numerics.intervals import Interval
from qdialect.numerics.signed_digits import signed_digits

Activation = Callable[[Value], Value]
"""The stored activation of a channel, at the position that the surrounding loops have reached."""


def product_type(x: SSAValue, w: SSAValue) -> IntType:
    """The type for `x * w` from the types alone: it holds 0 and, if `w` has values of both signs, the negative of every
    product, so that a product may be computed first and negated after."""
    a, b = (Interval.of(exact_format_of(factor.type)) for factor in (x, w))
    return int_type((a * b).with_zero().format)


class KernelReader(ABC):
    """Weights [outputs, ..., channels] of a contraction with a kernel [..., channels, outputs].

    Of a depthwise convolution [C, M, rows, columns], [C, rows, columns] for M = 1: an output has one channel, so the
    columns take their place.
    """

    def __init__(self, op: ContractionOp):
        assert isinstance(op.kernel.owner, ConstantOp)
        self.op = op
        self.name = op.kernel.name_hint or "kernel"
        self.codes = np.moveaxis(op.kernel.owner.data, -1, 0)
        if isinstance(op, DepthwiseConv2DOp):
            self.codes = np.moveaxis(self.codes, -1, 0)
            self.codes = self.codes[:, 0] if self.codes.shape[1] == 1 else self.codes
        self.term_type = product_type(op.operand, op.kernel)
        self.box = box_of(op)
        self.declare()

    @property
    def outer(self) -> Sequence[int]:
        """The axes between the outputs and those that are added: several outputs of an input channel."""
        return self.codes.shape[1 : self.codes.ndim - len(self.box)]

    def table(self, name: str, codes: IntArray, element: IntType) -> TiledRom:
        """The ROM of weights, or of parts of them along further axes."""
        further = codes.shape[self.codes.ndim :]
        return weight_table(self.op, name, codes, element, (*self.outer, *self.box, *further))

    def number(self, stored: Value) -> Value:
        return number(stored, self.op.operand)

    def add(self, total: Variable, term: Value) -> None:
        total.set((total.get() + term).cast(code_type(self.op.result)))

    @abstractmethod
    def declare(self) -> None:
        """Create the ROMs."""

    @abstractmethod
    def accumulate(self, total: Variable, x: Activation, at: Sequence[Value], box: Box) -> None:
        """total += sum over the channels c in a box of x(c) * weight[at, c]; `at` is the output and the window
        position."""


class WeightPerChannel(KernelReader):
    """Weights that a loop over the channels reads one by one."""

    def accumulate(self, total: Variable, x: Activation, at: Sequence[Value], box: Box) -> None:
        with box.along(-1, "ci") as c:
            self.add(total, self.term(x(c), (*at, c)))

    @abstractmethod
    def term(self, x: Value, at: Sequence[Value]) -> Value:
        """The product of a stored activation with the weight at [output, window position, channel]."""


class Multiplied(WeightPerChannel):
    """Any weights: one multiplication each."""

    def declare(self) -> None:
        self.weights = number_table(self.name, self.codes, code_type(self.op.kernel), self.table)

    def term(self, x: Value, at: Sequence[Value]) -> Value:
        return self.number(x) * self.weights[tuple(at)]


class SignedDigits(WeightPerChannel):
    """Any weights: shift by each of its canonical signed digits, add or subtract."""

    def declare(self) -> None:
        digits = signed_digits(self.codes)
        self.digit, self.length = power_tables(self.name, digits, self.table), digits.shape[-1]
        largest = Interval(0, int(np.abs(digits).sum(axis=-1).max()), 0)
        bounds = Interval.of(exact_format_of(self.op.operand.type)) * Interval(-largest.high, largest.high, 0)
        self.partial_type = int_type(bounds.format)
        """Holds every sum of some digits of a product."""

    def term(self, x: Value, at: Sequence[Value]) -> Value:
        a, product = self.number(x).named("x"), variable("product", self.partial_type, 0)
        with unrolled(self.length, "digit") as digit:
            shifted_ = scaled(a, self.digit((*at, digit)), self.partial_type)
            product.set((product.get() + shifted_).cast(self.partial_type))
        return product.get().cast(self.term_type)


class Shifted(WeightPerChannel):
    """Powers of two: shift by the exponent, counted from the type's smallest, then negate by the sign."""

    def declare(self) -> None:
        self.weight = power_tables(self.name, self.codes, self.table)

    def term(self, x: Value, at: Sequence[Value]) -> Value:
        return scaled(self.number(x), self.weight(at), self.term_type)


class ShiftedOnes(Shifted):
    """Powers of two under activations that are powers of two: a one, shifted by the sum of the exponents."""

    def term(self, x: Value, at: Sequence[Value]) -> Value:
        a, b = power(x, self.op.operand), self.weight(at)
        product = Power(a.exponent + b.exponent, both(xor, a.negative, b.negative), both(and_, a.nonzero, b.nonzero))
        return scaled(constant(1, self.term_type), product, self.term_type)


def both(combine: Callable[[Value, Value], Value], a: Value | None, b: Value | None) -> Value | None:
    """Bits of two factors, where only one of them may have any."""
    if a is None or b is None:
        return a if b is None else b
    return combine(a, b)


class ShiftedByActivation(Multiplied):
    """Any weights under activations that are powers of two: the weight is shifted."""

    def term(self, x: Value, at: Sequence[Value]) -> Value:
        return scaled(self.weights[tuple(at)], power(x, self.op.operand), self.term_type)


class Signs(KernelReader):
    """Weights of {-1, 0, +1} in words of bits along the channels: add, subtract, or (zero) nothing."""

    def declare(self) -> None:
        self.lanes = self.box[-1]
        self.word = word_type(self.lanes)
        planes = PLANES[tensor_type(self.op.kernel.type).element_type]
        self.positive = self.words(self.name, self.codes > 0) if "positive" in planes else None
        self.nonzero = None
        if "nonzero" in planes:
            name = self.name if self.positive is None else f"{self.name}_nonzero"
            self.nonzero = self.words(name, self.codes != 0)

    def words(self, name: str, bits: IntArray) -> TiledRom:
        """The words [outputs, ..., steps of the channels if there are several, word]."""
        steps = () if self.codes.shape[-1] == self.lanes else (-1,)
        packed = pack_words(bits.reshape(*bits.shape[:-1], *steps, self.lanes))
        box = (*self.outer, *self.box[:-1], *(1 for _ in steps), packed.shape[-1])
        return weight_table(self.op, name, packed, self.word, box)

    def accumulate(self, total: Variable, x: Activation, at: Sequence[Value], box: Box) -> None:
        place = (*at,) if self.codes.shape[-1] == self.lanes else (*at, box.steps[-1])
        with unrolled(word_count(self.lanes), "word") as word:
            positive = None if self.positive is None else self.positive[(*place, word)].named("positive")
            nonzero = None if self.nonzero is None else self.nonzero[(*place, word)].named("nonzero")
            with unrolled(self.word.bits, "bit") as bit:
                lane = word * self.word.bits + bit
                with when(lane < self.lanes) if self.lanes % self.word.bits else nullcontext():
                    term = a = self.number(x(box.at(-1, lane))).cast(self.term_type).named("x")
                    if positive is not None:
                        term = select(positive.bit(bit), a, (-a).cast(self.term_type))
                    if nonzero is not None:
                        term = select(nonzero.bit(bit), term, constant(0, self.term_type))
                    self.add(total, term)


class SelectedBySign(WeightPerChannel):
    """Multi-bit weights under activations of {-1, 0, +1}: add, subtract, or (zero) nothing."""

    def declare(self) -> None:
        self.weights = self.table(self.name, self.codes, code_type(self.op.kernel))

    def term(self, x: Value, at: Sequence[Value]) -> Value:
        return signed_by(x, self.op.operand, self.weights[tuple(at)].cast(self.term_type).named("w"))


def signed_by(sign: Value, source: SSAValue, w: Value) -> Value:
    """`w` times a stored element of `source`, one of {-1, 0, +1}; the type of `w` holds its negative."""
    assert isinstance(w.type, IntType)
    planes = PLANES[tensor_type(source.type).element_type]
    if "positive" not in planes:
        return select(sign, w, constant(0, w.type))
    if "nonzero" not in planes:
        return select(sign, w, (-w).cast(w.type))
    return select(sign > 0, w, select(sign < 0, (-w).cast(w.type), constant(0, w.type)))


def kernel_reader(op: ContractionOp) -> KernelReader:
    """How `op`'s products are computed, as its `product` attribute says.

    Raises QdialectError for kernels that are no constants.
    """
    if not isinstance(op.kernel.owner, ConstantOp):
        raise QdialectError(f"'{op.result.name_hint}': a kernel that is no constant has no hardware form yet")

    def kernel_is(*types: type) -> bool:
        return isinstance(tensor_type(op.kernel.type).element_type, types)

    match op.product.data:
        case Product.MULTIPLY:
            return Multiplied(op)
        case Product.SIGNED_DIGITS:
            return SignedDigits(op)
        case Product.SHIFT if kernel_is(Po2Type):
            return ShiftedOnes(op) if is_po2(op.operand) else Shifted(op)
        case Product.SHIFT:
            return ShiftedByActivation(op)
        case Product.ADD_SUB if tensor_type(op.kernel.type).element_type in PLANES:
            return Signs(op)
        case Product.ADD_SUB:
            return SelectedBySign(op)
        case written:
            raise QdialectError(f"'{op.result.name_hint}': products by '{written}' have no loops over weights")
