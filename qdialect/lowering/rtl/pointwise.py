"""Operations on each element alone: at one position, one function per operation, for all channels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
from xdsl.ir import Operation, SSAValue

from qdialect.dialects.qnn.attributes import DeadZoneAttr, QuantizerMode, RoundAttr, RoundEachAttr, SignAttr
from qdialect.dialects.qnn.network import keras_name
from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.comparisons import LeakyReluOp, MaximumOp, MinimumOp
from qdialect.dialects.qnn.ops.constant import constant_of
from qdialect.dialects.qnn.ops.elementwise import AddOp, BinaryOp, MulOp, ReluOp, ShiftOp, SubOp
from qdialect.dialects.qnn.ops.functions import MAX_TABLE, LookupOp
from qdialect.dialects.qnn.ops.packed import PackOp
from qdialect.dialects.qnn.ops.quantize import QuantizeOp
from qdialect.dialects.qnn.ops.threshold import ThresholdOp
from qdialect.dialects.qnn.traits import RowPerChannel
from qdialect.dialects.qnn.types import exact_format_of
from qdialect.errors import QdialectError
from qdialect.lowering.rtl import words
from qdialect.lowering.rtl.affine import Affine, constant, materialized, of_wire, reached
from qdialect.lowering.rtl.matrices.trees import terms
from qdialect.lowering.rtl.netlist import Netlist, Wire
from qdialect.lowering.rtl.steps import clamped, dead_zone, lookup, rounded, sign, threshold
from qdialect.lowering.rtl.sums import total
from qdialect.numerics.arrays import IntArray
from qdialect.numerics.formats import FixedFormat
from qdialect.numerics.quantizers import Round

Pixel: TypeAlias = Sequence[Affine]
"""The channels of a value at one position, as codes."""


def in_step(x: Affine, value: SSAValue, lsb: int) -> Affine:
    """A code of `value` in units of 2**lsb."""
    return x.scaled(exact_format_of(value.type).lsb - lsb)


def aligned(op: BinaryOp, operands: Sequence[Pixel]) -> list[tuple[Affine, Affine]]:
    """Both operands of each channel in the step of the result."""
    lsb = exact_format_of(op.result.type).lsb
    pairs = zip(*operands, strict=True)
    return [(in_step(a, op.lhs, lsb), in_step(b, op.rhs, lsb)) for a, b in pairs]


def add(net: Netlist, op: AddOp, operands: Sequence[Pixel]) -> Pixel:
    return [total(net, pair) for pair in aligned(op, operands)]


def sub(net: Netlist, op: SubOp, operands: Sequence[Pixel]) -> Pixel:
    return [total(net, (a, b.negated())) for a, b in aligned(op, operands)]


def mul(net: Netlist, op: MulOp, operands: Sequence[Pixel]) -> Pixel:
    return [product(net, a, b) for a, b in zip(*operands, strict=True)]


def product(net: Netlist, a: Affine, b: Affine) -> Affine:
    """`a * b`; a constant factor is a sum of shifts."""
    if a.wire is None:
        a, b = b, a
    if a.wire is None:
        return constant(a.offset * b.offset)
    if b.wire is None:
        scaled = total(net, terms([a.wire], [a.coefficient * b.offset]))
        return scaled.plus(a.offset * b.offset)
    return of_wire(words.multiply(net, materialized(net, a), materialized(net, b)))


def shift(net: Netlist, op: ShiftOp | PackOp, operands: Sequence[Pixel]) -> Pixel:
    """The codes stay."""
    return operands[0]


def relu(net: Netlist, op: ReluOp, operands: Sequence[Pixel]) -> Pixel:
    return [clamped(net, x, 0, max(x.interval[1], 0)) for x in operands[0]]


def compared(choice: Callable[[Netlist, Wire, Wire], Wire], first: Callable[[int, int], int]) -> Any:
    """`max` and `min`: a variable against a constant is clamped, two variables are compared."""

    def lowered(net: Netlist, op: BinaryOp, operands: Sequence[Pixel]) -> Pixel:
        return [chosen(net, a, b) for a, b in aligned(op, operands)]

    def chosen(net: Netlist, a: Affine, b: Affine) -> Affine:
        if a.wire is None:
            a, b = b, a
        if b.wire is None and a.wire is not None:
            low, high = a.interval
            return clamped(
                net, a, *((b.offset, max(high, b.offset)) if first is max else (min(low, b.offset), b.offset))
            )
        return of_wire(choice(net, materialized(net, a), materialized(net, b)))

    return lowered


def leaky_relu(net: Netlist, op: LeakyReluOp, operands: Sequence[Pixel]) -> Pixel:
    exponent = op.slope_exponent.value.data

    def of(x: Affine) -> Affine:
        above, below = x.scaled(max(-exponent, 0)), x.scaled(max(exponent, 0))
        positive = reached(net, x, 1)
        if positive.is_constant:
            return above if positive.data else below
        return of_wire(words.choose(net, positive, materialized(net, above), materialized(net, below)))

    return [of(x) for x in operands[0]]


def mode_at(op: QuantizeOp, position: int) -> QuantizerMode:
    """What a quantizer does to the channels of a position, counted row by row."""
    if not isinstance(op.mode, RoundEachAttr):
        return op.mode
    channels = (shape_of(op.result) or (1,))[-1]
    each = op.mode.data.of_sample(shape_of(op.result) or (1,))
    return RoundEachAttr(each.mapped(lambda values: values.reshape(-1, channels)[position]))


def rounds(op: Operation) -> bool:
    """Whether an operation is a quantizer that rounds."""
    return isinstance(op, QuantizeOp) and isinstance(op.mode, RoundAttr | RoundEachAttr)


def quantize(
    net: Netlist, op: QuantizeOp, operands: Sequence[Pixel], position: int = 0, rectified: bool = False
) -> Pixel:
    """`rectified`: of the larger of each operand and 0, which those that round take."""
    source, result = exact_format_of(op.operand.type), exact_format_of(op.result.type)
    ends, mode = (result.min_code, result.max_code), mode_at(op, position)
    match mode:
        case RoundEachAttr(data=each):
            pairs = zip(operands[0], each.format_list(), strict=True)
            return [rounded_to(net, x, fmt, source.lsb, result.lsb, each.round, rectified) for x, fmt in pairs]
        case RoundAttr():
            return [rounded(net, x, result.lsb - source.lsb, mode.data, ends, rectified) for x in operands[0]]
        case SignAttr():
            return [sign(net, x, mode.data, ends) for x in operands[0]]
        case DeadZoneAttr():
            return [dead_zone(net, x, mode.data, source.lsb) for x in operands[0]]
        case _:
            return [tabulated(net, op, x) for x in operands[0]]


def rounded_to(
    net: Netlist, x: Affine, fmt: FixedFormat | None, lsb: int, result: int, mode: Round, rectified: bool
) -> Affine:
    """A code in steps of 2**lsb in a format of its own, then in steps of 2**result; without a format zero."""
    if fmt is None:
        return constant(0)
    return rounded(net, x, fmt.lsb - lsb, mode, (fmt.min_code, fmt.max_code), rectified).scaled(fmt.lsb - result)


def tabulated(net: Netlist, op: QuantizeOp, x: Affine) -> Affine:
    """Another quantizer, as a table over the codes of its operand."""
    low, high = x.interval
    expect_table(op.result, high - low + 1)
    codes = op.mode.data.codes(
        np.arange(low, high + 1), exact_format_of(op.operand.type).lsb, exact_format_of(op.result.type)
    )
    return lookup(net, x, [int(code) for code in codes], low)


def expect_table(value: SSAValue, codes: int) -> None:
    """Raise QdialectError for a table that is too large for logic."""
    if codes > MAX_TABLE:
        raise QdialectError(
            f"'{keras_name(value)}': a table of {codes} codes is too large for logic, which holds {MAX_TABLE}; "
            "quantize the values before it to fewer bits"
        )


def parameter_of(op: Operation, value: SSAValue) -> IntArray:
    """A constant operand. Raises QdialectError for other ones."""
    data = constant_of(value)
    if data is None:
        raise QdialectError(f"'{keras_name(op.results[0])}': {op.name} of two variables has no RTL form")
    return data


def thresholds(net: Netlist, op: ThresholdOp, operands: Sequence[Pixel]) -> Pixel:
    """A falling channel counts how many negated thresholds its negated operand reaches."""
    rows = parameter_of(op, op.thresholds)
    directions = None if op.direction is None else parameter_of(op, op.direction)
    codes = exact_format_of(op.result.type).codes()[op.first.value.data :]

    def of(channel: int, x: Affine) -> Affine:
        row = channel if len(rows) > 1 else 0
        bounds = [int(bound) for bound in rows[row]]
        if directions is not None and directions[row] < 0:
            x, bounds = x.negated(), [-bound for bound in bounds]
        return threshold(net, x, bounds, codes)

    return [of(channel, x) for channel, x in enumerate(operands[0])]


def lookups(net: Netlist, op: LookupOp, operands: Sequence[Pixel]) -> Pixel:
    rows = parameter_of(op, op.table)
    tables, first = rows.tolist(), op.first.value.data
    for x in operands[0]:
        low, high = x.interval
        expect_table(op.result, high - low + 1)
    return [lookup(net, x, tables[c if len(tables) > 1 else 0], first) for c, x in enumerate(operands[0])]


POINTWISE: dict[type[Operation], Callable[[Netlist, Any, Sequence[Pixel]], Pixel]] = {
    AddOp: add,
    LeakyReluOp: leaky_relu,
    LookupOp: lookups,
    MaximumOp: compared(words.maximum, max),
    MinimumOp: compared(words.minimum, min),
    MulOp: mul,
    PackOp: shift,
    QuantizeOp: quantize,
    ReluOp: relu,
    ShiftOp: shift,
    SubOp: sub,
    ThresholdOp: thresholds,
}
"""What computes the channels of a result from those of the operands that are no parameters."""


def position_operands(op: Operation) -> Sequence[SSAValue]:
    """The operands that an operation takes at each position."""
    return op.operands[:1] if op.has_trait(RowPerChannel) else op.operands
