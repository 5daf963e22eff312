"""Scalar forms of step functions: thresholds and tables.

Thresholds are compared at once and the hits counted, or searched, one bit of the position per comparison. Stored
elements are in the order of the values, so the position is the stored element but for a constant.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from xdsl.ir import SSAValue

from qdialect.dialects.hlscpp.builder import rom, select, variable
from qdialect.dialects.hlscpp.directives import unrolled
from qdialect.dialects.hlscpp.types import INDEX, IntType
from qdialect.dialects.hlscpp.values import Value, ValueLike, constant
from qdialect.dialects.qnn.attributes import Form
from qdialect.dialects.qnn.float_values import without_table
from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.constant import constant_of
from qdialect.dialects.qnn.ops.functions import FunctionOp, LookupOp
from qdialect.dialects.qnn.ops.threshold import ThresholdOp
from qdialect.dialects.qnn.types import exact_format_of, is_binary
from qdialect.lowering.parts.elements import Arrays, Scalar, code_type, number, stored_type, to_stored
from qdialect.lowering.parts.tables import number_table, reader
from qdialect.numerics.arrays import IntArray


def stored_codes(name: str, result: SSAValue, codes: IntArray) -> Callable[[tuple[ValueLike, ...]], Value]:
    """A ROM of codes of `result`, as they are stored."""
    entries = rom(name, to_stored(codes, exact_format_of(result.type)), stored_type(result))
    return lambda at: entries[at]


def no_table(op: FunctionOp, arrays: Arrays) -> Scalar:
    """Raise QdialectError: a function that `fold-batchnorm` has left in place has no hardware form."""
    raise without_table(op)


def lookup(op: LookupOp, arrays: Arrays) -> Scalar:
    """A ROM, read at the distance of the code from the first."""
    codes = constant_of(op.table)
    assert codes is not None, "tables are constants"
    read = stored_codes(op.table.name_hint or "table", op.result, codes)
    entry = IntType.of_range(0, codes.shape[1] - 1)

    def scalar(x: Value, at: Sequence[Value]) -> Value:
        distance = (number(x, op.operand) - op.first.value.data).cast(entry)
        index = distance.cast(INDEX).named(f"{op.result.name_hint}_entry")
        return read((at[-1] if len(codes) > 1 else 0, index))

    return scalar


def threshold(op: ThresholdOp, arrays: Arrays) -> Scalar:
    """The first code plus one for every threshold that is reached, or the code at that position."""
    fmt = exact_format_of(op.result.type)
    first = fmt.codes()[op.first.value.data]
    base = int(to_stored(np.array([first], object), fmt)[0])
    position = (search if op.form.data is Form.SEARCH else count)(op, arrays, base)
    if is_binary(op.result):
        return position
    return lambda x, at: position(x, at).cast(stored_type(op.result))


def count(op: ThresholdOp, arrays: Arrays, base: int) -> Scalar:
    """`base` plus how many thresholds are reached: all are compared."""
    levels = shape_of(op.thresholds)[1]
    read_level = reader(op.thresholds, arrays)
    read_direction = None if op.direction is None else reader(op.direction, arrays)

    def reached(a: Value, channel: Value, k: Value) -> Value:
        level = read_level((channel, k))
        if read_direction is None:
            return a >= level
        level = level.named("threshold")
        return select(read_direction((channel,)), a >= level, a <= level)

    def scalar(x: Value, at: Sequence[Value]) -> Value:
        a, channel = number(x, op.operand).named(f"{op.result.name_hint}_in"), at[-1]
        if levels == 1:
            hit = reached(a, channel, channel)
            return hit + base if base and not is_binary(op.result) else hit
        level_type = IntType.of_range(min(base, 0), base + levels)
        total = variable(f"{op.result.name_hint}_level", level_type, base)
        with unrolled(levels, "k") as k:
            hit = reached(a, channel, k)
            if read_direction is not None:
                hit = hit.named("reached")
            total.set((total.get() + hit).cast(level_type))
        return total.get()

    return scalar


def search(op: ThresholdOp, arrays: Arrays, base: int) -> Scalar:
    """`base` plus how many thresholds are reached, found from the highest bit of that number down.

    The thresholds are filled up to 2**bits - 1 with ones that no operand reaches.
    """
    levels, operand = constant_of(op.thresholds), code_type(op.operand)
    assert levels is not None, "thresholds are constants"
    bits = levels.shape[1].bit_length()
    directions = None if op.direction is None else constant_of(op.direction)
    beyond = max(int(levels.max()), operand.maximum) + 1, min(int(levels.min()), operand.minimum) - 1
    falling = np.zeros(len(levels), int) if directions is None else (directions <= 0).astype(int)
    unreached = np.array(beyond, object)[falling]
    filling = np.repeat(unreached[:, np.newaxis], (1 << bits) - 1 - levels.shape[1], axis=1)
    filled = np.concatenate([levels, filling], axis=1)
    type_ = IntType.of_range(int(filled.min()), int(filled.max()))
    thresholds = number_table(op.thresholds.name_hint or "thresholds", filled, type_)
    read_direction = None if op.direction is None else reader(op.direction, arrays)
    position_type = IntType(bits, signed=False)

    def scalar(x: Value, at: Sequence[Value]) -> Value:
        a, channel, name = number(x, op.operand).named(f"{op.result.name_hint}_in"), at[-1], op.result.name_hint
        position = constant(0, position_type)
        for bit in reversed(range(bits)):
            before = (position | constant((1 << bit) - 1, position_type)).cast(INDEX)
            level = thresholds[channel if len(filled) > 1 else 0, before].named("threshold")
            hit = a >= level
            if read_direction is not None:
                hit = select(read_direction((channel,)), hit, a <= level)
            position = select(hit, position | constant(1 << bit, position_type), position).named(f"{name}_level")
        return position + base if base else position

    return scalar
