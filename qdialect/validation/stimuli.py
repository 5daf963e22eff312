"""Inputs that distinguish two functions: codes at the ends and ties of their types, and random ones."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import FuncOp, ReturnOp
from xdsl.interpreter import Interpreter
from xdsl.ir import Operation, OpResult, SSAValue

from qdialect.analysis.code_range import Range
from qdialect.analysis.ranges import ranges
from qdialect.dialects.qnn.indices import index_limits
from qdialect.dialects.qnn.network import argument_quantizer, network
from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.constant import ConstantOp, constant_of
from qdialect.dialects.qnn.ops.functions import LookupOp
from qdialect.dialects.qnn.ops.quantize import QuantizeOp
from qdialect.dialects.qnn.ops.threshold import ThresholdOp
from qdialect.dialects.qnn.types import BitsType, FixedType, format_of, tensor_type
from qdialect.interpreter.simulate import interpreter_for
from qdialect.interpreter.values import to_argument
from qdialect.numerics.arrays import Array, IntArray
from qdialect.numerics.exact import FLOAT64_SCALES, LEAST_EXPONENT, integers, nearest_reals
from qdialect.numerics.formats import FixedFormat, Format

RANDOM_ROWS = 24
SWEEP = 2048  # ranges up to so many codes are tried code by code
MOST_LISTED = 1 << 20  # codes per value that are tried on purpose, over all channels


def is_cut(value: SSAValue) -> bool:
    """Values whose codes can be fed in: quantized, not packed."""
    return not isinstance(tensor_type(value.type).element_type, BitsType) and format_of(value.type) is not None


@dataclass
class View:
    """A module prepared for comparison; `named` leaves out names that two values share (IR written by hand)."""

    module: ModuleOp
    interpreter: Interpreter
    named: dict[str, OpResult]
    known: dict[SSAValue, Range]
    last: tuple[list[Array], dict[SSAValue, Array]] | None = None
    """The inputs that the whole network has run on, and all its values."""

    @staticmethod
    def of(module: ModuleOp) -> View:
        results = [
            result for op in network(module).body.block.ops if not isinstance(op, ConstantOp) for result in op.results
        ]
        count = Counter(result.name_hint for result in results)
        named = {r.name_hint: r for r in results if r.name_hint and count[r.name_hint] == 1}
        return View(module, interpreter_for(module), named, ranges(module))

    def segment(self, value: OpResult, cuts: Mapping[str, OpResult]) -> tuple[list[Operation], list[str]] | None:
        """The operations that compute `value` from values in `cuts`, in order, and the names of these.

        None if an argument of the function takes part.
        """
        order: list[Operation] = []
        leaves: dict[str, None] = {}
        names: dict[SSAValue, str] = {result: name for name, result in cuts.items()}

        def visit(v: SSAValue) -> bool:
            if v is not value and v in names:
                leaves[names[v]] = None
                return True
            if not isinstance(v, OpResult):
                return False
            if v.op not in order:
                if not all([visit(operand) for operand in v.op.operands]):
                    return False
                order.append(v.op)
            return True

        return (order, list(leaves)) if visit(value) else None

    def on(self, inputs: list[Array]) -> dict[SSAValue, Array]:
        """All values of the network for inputs [samples, ...] of its arguments."""
        if self.last is None or not all(map(np.array_equal, self.last[0], inputs)):
            function = network(self.module)
            arguments: dict[SSAValue, Array] = {
                argument: to_argument(function, i, x)
                for i, (argument, x) in enumerate(zip(function.args, inputs, strict=True))
            }
            self.last = inputs, self.compute(function.body.block.ops, arguments)
        return self.last[1]

    def compute(self, ops: Iterable[Operation], values: dict[SSAValue, Array]) -> dict[SSAValue, Array]:
        """Run `ops` on top of known `values`."""
        for op in ops:
            if not isinstance(op, ReturnOp):
                (values[op.results[0]],) = self.interpreter.run_op(op, tuple(values[v] for v in op.operands))
        return values


def sample_codes(
    leaf: str, views: tuple[View, View], segments: tuple[list[Operation], list[Operation]], rng: np.random.Generator
) -> IntArray:
    """Codes [rows, ...] for a named value, within its proven range in both modules."""
    values = [view.named[leaf] for view in views]
    both = [view.known[value] for view, value in zip(views, values, strict=True)]
    low, high = np.maximum(both[0].low, both[1].low), np.minimum(both[0].high, both[1].high)
    shape = low.shape
    channels = shape[-1] if shape else 1
    first, last = int(low.min()), int(high.max())
    whole = last - first < SWEEP
    interesting = [np.arange(first, last + 1) if whole else _integers(rng, first, last, (SWEEP,))]
    columns = [np.repeat(codes[:, np.newaxis], channels, axis=1) for codes in interesting]
    for op in (op for segment in segments for op in segment):
        if isinstance(op, ThresholdOp) and op.operand in values:
            levels = np.broadcast_to(np.asarray(constant_of(op.thresholds)).T, (shape_of(op.thresholds)[1], channels))
            columns += [levels - 1, levels, levels + 1]
        if isinstance(op, LookupOp) and op.operand in values and not whole:
            entries = op.first.value.data + np.arange(shape_of(op.table)[1])
            columns.append(np.repeat(entries[:, np.newaxis], channels, axis=1))
    listed = np.concatenate(columns).astype(object if last.bit_length() > 62 else np.int64)
    if listed.size > MOST_LISTED:  # tables of thousands of thresholds in many channels: a part of them
        listed = rng.choice(listed, MOST_LISTED // channels)
    positions = max(int(np.prod(shape[:-1])), 1)
    rows = -(-len(listed) // positions)
    tiled = np.resize(listed, (rows * positions, channels)).reshape(rows, *shape)
    ends = np.stack([np.broadcast_to(low, shape), np.broadcast_to(high, shape)])
    random = _integers(rng, first, last, (RANDOM_ROWS, *shape))
    codes = np.concatenate([tiled, ends, random]).clip(low, high)
    return _on_grid(codes, values[0], rng, first, last).clip(low, high)


def _on_grid(codes: IntArray, value: SSAValue, rng: np.random.Generator, low: int, high: int) -> IntArray:
    """Codes between those of a type with gaps (binary, powers of two) move to random ones of it in [low, high]."""
    fmt = format_of(value.type)
    assert fmt is not None
    if isinstance(tensor_type(value.type).element_type, FixedType):
        return codes
    within = [code for code in fmt.codes() if low <= code <= high]
    allowed = np.array(within, object if fmt.max_code.bit_length() > 62 else np.int64)
    return np.where(np.isin(codes, allowed), codes, rng.choice(allowed, codes.shape))


def _integers(rng: np.random.Generator, low: int, high: int, shape: tuple[int, ...]) -> IntArray:
    if high.bit_length() <= 62 and low.bit_length() <= 62:
        return rng.integers(low, high, shape, endpoint=True)
    fractions = rng.integers(0, 1 << 53, shape, endpoint=True)
    return low + (fractions.astype(object) * (high - low) >> 53)


def _wide_reals(fmt: Format, rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Numbers of a format beyond float64 that float64 holds; 0 if there are none."""
    if isinstance(fmt, FixedFormat):
        bits = min(fmt.max_code.bit_length(), 53)
        mantissas = rng.integers(-fmt.signed << bits, 1 << bits, shape).astype(np.float64)
        first, last = max(fmt.lsb, LEAST_EXPONENT), min(fmt.lsb + fmt.max_code.bit_length(), 1024) - bits
        return np.ldexp(mantissas * (first <= last), rng.integers(first, max(first, last), shape, endpoint=True))
    reals = nearest_reals(np.array(fmt.codes(), object), fmt.lsb)
    held = reals[np.isfinite(reals) & ((reals != 0) | (0 in fmt))]
    return rng.choice(held if held.size else np.zeros(1), shape)


def sample_inputs(function: FuncOp, rng: np.random.Generator, rows: int = 4 * RANDOM_ROWS) -> list[Array]:
    """Reals [rows, ...] for each argument: codes of the type that it is quantized to and, where a quantizer stands
    between, ties between codes and values beyond the ends."""
    return [sample_reals(function, index, rng, rows) for index in range(len(function.args))]


def sample_reals(function: FuncOp, index: int, rng: np.random.Generator, rows: int) -> Array:
    """Reals [rows, ...] for one argument; indices are drawn from those that exist."""
    reals, limits = _of_type(function, index, rng, rows), index_limits(function, index)
    if limits is None:
        return reals
    fmt = _target(function, index)
    step = 1 if fmt is None else 2 ** max(fmt.lsb, 0)
    drawn = np.floor(rng.random(reals.shape) * limits) // step * step
    for row, end in zip(range(rows), (np.zeros_like(limits), (limits - 1) // step * step), strict=False):
        drawn[row] = end
    highest = np.inf if fmt is None else np.floor(np.ldexp(float(fmt.max_code), fmt.lsb))
    return np.where(limits > 0, drawn.clip(max=highest), reals)


def _of_type(function: FuncOp, index: int, rng: np.random.Generator, rows: int) -> Array:
    """Reals [rows, ...] for one argument, whatever they mean."""
    argument, target = function.args[index], _target(function, index)
    shape = (rows, *shape_of(argument))
    if target is None:
        return rng.normal(size=shape) * 2
    if max(target.max_code.bit_length(), abs(target.lsb)) > FLOAT64_SCALES:
        return _wide_reals(target, rng, shape)
    low, high = target.min_code, target.max_code
    span = high - low + 1
    codes = low + np.floor(rng.random(shape) * span)
    if format_of(argument.type) is not None and argument_quantizer(function, index) is None:
        for row, end in zip(range(rows), (low, high), strict=False):
            codes[row] = end
        highest = float(high) if int(float(high)) <= high else np.nextafter(float(high), 0)
        within = integers(codes.clip(float(low), highest), span)
        return nearest_reals(_on_grid(within, argument, rng, low, high), target.lsb)
    codes[: rows // 4] += rng.integers(-1, 1, (rows // 4, *shape[1:]), endpoint=True) / 2
    for row, end in zip(range(rows), (low, high, low - span, high + span), strict=False):
        codes[row] = end
    return np.ldexp(codes, target.lsb)


def every_input(function: FuncOp, most: int) -> list[Array] | None:
    """All inputs of a network whose arguments have types, as reals [rows, ...] for each; None for more than `most`."""
    formats = [format_of(argument.type) for argument in function.args]
    if any(fmt is None or index_limits(function, i) is not None for i, fmt in enumerate(formats)):
        return None
    counts = [fmt.count for fmt, x in zip(formats, function.args, strict=True) if fmt for _ in range(_size(x))]
    if sum(map(math.log2, counts)) > math.log2(max(most, 1)):
        return None
    digits = np.unravel_index(np.arange(math.prod(counts)), counts) if counts else ()
    inputs: list[Array] = []
    for fmt, argument in zip(formats, function.args, strict=True):
        assert fmt is not None, "as found"
        reals = nearest_reals(np.array(fmt.codes(), object), fmt.lsb)
        mine, digits = digits[: _size(argument)], digits[_size(argument) :]
        inputs.append(np.stack([reals[d] for d in mine], axis=1).reshape(-1, *shape_of(argument)))
    return inputs


def _size(value: SSAValue) -> int:
    return math.prod(shape_of(value))


def _target(function: FuncOp, index: int) -> Format | None:
    """The type that an argument has or is quantized to first."""
    argument = function.args[index]
    quantizers = [use.operation for use in argument.uses if isinstance(use.operation, QuantizeOp)]
    return format_of(argument.type) or (format_of(quantizers[0].result.type) if quantizers else None)
