"""Does a pass preserve the function? The interpreter runs the module before and after it, and compares for equality.

A name denotes one mathematical value: a pass keeps a value's name only if the value stays the same. So the values
that carry the same name in both modules are compared, not only the outputs; and each is computed again from the
named values before it, fed with adversarial codes: the ends of their proven ranges, the neighbours of thresholds,
every code or (of wide types) random ones. A threshold that is wrong by one in a deep layer has nowhere to hide.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import FuncOp, ReturnOp
from xdsl.interpreter import Interpreter
from xdsl.ir import Operation, OpResult, SSAValue

from qdialect.dialect.base import shape_of
from qdialect.dialect.constant import ConstantOp, constant_of
from qdialect.dialect.functions import LookupOp
from qdialect.dialect.quantize import QuantizeOp, ThresholdOp
from qdialect.dialect.types import BitsType, FixedType, format_of, tensor_type
from qdialect.errors import QdialectError
from qdialect.interpreter.blocks import blocks, bytes_of
from qdialect.interpreter.simulate import (
    argument_quantizer,
    interpreter_for,
    network,
    results_of,
    to_argument,
    to_reals,
)
from qdialect.numerics import exact
from qdialect.numerics.exact import FLOAT64_SCALES, LEAST_EXPONENT, IntArray, integers, nearest_reals
from qdialect.numerics.formats import FixedFormat, Format
from qdialect.ranges import Range, ranges

Array = NDArray[Any]

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

    def compute(self, ops: Iterable[Operation], values: dict[SSAValue, Array]) -> dict[SSAValue, Array]:
        """Run `ops` on top of known `values`."""
        for op in ops:
            if not isinstance(op, ReturnOp):
                (values[op.results[0]],) = self.interpreter.run_op(op, tuple(values[v] for v in op.operands))
        return values


def check_equivalent(before: ModuleOp, after: ModuleOp, pass_name: str, other_results: bool = False) -> None:
    """Raise QdialectError at the first named value that differs, naming operation, channel and input, then at the
    first whose type does not hold its proven range. `other_results`: the pass is meant to change the outputs."""
    old, new = View.of(before), View.of(after)
    rng = np.random.default_rng(0)
    shared = [name for name, value in new.named.items() if name in old.named and _same_kind(old.named[name], value)]
    _compare_whole(old, new, shared, pass_name, rng, other_results)
    cuts = [name for name in shared if is_cut(new.named[name])]
    for name in shared:
        _compare_segment(old, new, name, cuts, pass_name, rng)
    _expect_held_by_types(new, pass_name)


def _expect_held_by_types(view: View, pass_name: str) -> None:
    """The interpreter computes beyond types; hardware does not."""
    for value, known in view.known.items():
        fmt = format_of(value.type) if is_cut(value) else None
        if fmt is None or not known.low.size:
            continue
        low, high = known.hull
        if low < fmt.min_code or high > fmt.max_code:
            raise QdialectError(
                f"pass '{pass_name}' makes value '{value.name_hint}' too narrow: "
                f"{tensor_type(value.type).element_type} does not hold its codes [{low}, {high}]"
            )


def _same_kind(a: OpResult, b: OpResult) -> bool:
    float_a, float_b = (format_of(v.type) is None if is_cut(v) else None for v in (a, b))
    return shape_of(a) == shape_of(b) and float_a == float_b


def _compare_whole(
    old: View, new: View, shared: list[str], pass_name: str, rng: np.random.Generator, other_results: bool
) -> None:
    """The whole network on sampled inputs: all shared values, and the results if they are to be the same."""
    function, other = network(old.module), network(new.module)
    pairs: list[tuple[SSAValue, SSAValue]] = [(old.named[name], new.named[name]) for name in shared]
    if not other_results:
        pairs += zip(results_of(function), results_of(other), strict=True)
    each = sum(bytes_of(f.body.block.ops, f.args) for f in (function, other))
    for inputs in blocks(sample_inputs(function, rng), each):
        a = old.compute(function.body.block.ops, _arguments(function, inputs))
        b = new.compute(other.body.block.ops, _arguments(other, inputs))
        for x, y in pairs:
            _expect_equal(pass_name, x, y, a, b, {})


def _arguments(function: Any, inputs: list[Array]) -> dict[SSAValue, Array]:
    return {function.args[i]: to_argument(function, i, x) for i, x in enumerate(inputs)}


def _compare_segment(
    old: View, new: View, name: str, cuts: list[str], pass_name: str, rng: np.random.Generator
) -> None:
    """One shared value from the shared values before it."""
    earlier, later = (view.segment(view.named[name], {cut: view.named[cut] for cut in cuts}) for view in (old, new))
    if earlier is None or later is None or set(earlier[1]) != set(later[1]):
        return
    (old_ops, leaves), (new_ops, _) = earlier, later
    samples = {leaf: sample_codes(leaf, (old, new), (old_ops, new_ops), rng) for leaf in leaves}
    rows = max((len(codes) for codes in samples.values()), default=1)
    tried = [np.resize(codes, (rows, *codes.shape[1:])) for codes in samples.values()]
    each = bytes_of([*old_ops, *new_ops], [view.named[leaf] for view in (old, new) for leaf in leaves])
    for part in blocks(tried, each):
        a, b = (
            view.compute(ops, {view.named[leaf]: codes for leaf, codes in zip(leaves, part, strict=True)})
            for view, ops in ((old, old_ops), (new, new_ops))
        )
        inputs = {leaf: to_reals(codes, old.named[leaf].type) for leaf, codes in zip(leaves, part, strict=True)}
        _expect_equal(pass_name, old.named[name], new.named[name], a, b, inputs)


def _expect_equal(
    pass_name: str,
    old: SSAValue,
    new: SSAValue,
    a: Mapping[SSAValue, Array],
    b: Mapping[SSAValue, Array],
    inputs: Mapping[str, Array],
) -> None:
    x, y = np.broadcast_arrays(to_reals(a[old], old.type), to_reals(b[new], new.type))
    different = x != y
    if is_cut(old) and is_cut(new):  # codes are exact where reals are rounded to float64
        c, d = (format_of(value.type) for value in (old, new))
        assert c is not None
        assert d is not None
        left, right, _ = exact.align(a[old], c.lsb, b[new], d.lsb)
        different = left != right
    if not different.any():
        return
    where = tuple(int(i) for i in np.argwhere(different)[0])
    sample, *position = where
    at = [
        f"{leaf} = {reals[where] if reals.shape == x.shape else reals[sample].reshape(-1)[:8].tolist()}"
        for leaf, reals in inputs.items()
    ]
    op = new.owner.name if isinstance(new.owner, Operation) else "argument"
    raise QdialectError(
        f"pass '{pass_name}' changes value '{new.name_hint}' ({op}), channel {(position or [0])[-1]}, "
        f"position {position}: {x[where]} before, {y[where]} after, "
        f"for {'; '.join(at) or f'sampled input {sample}'}"
    )


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
    """Of a format beyond float64, numbers that float64 holds; 0 if there is none."""
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
    """Reals [rows, ...] for one argument."""
    argument = function.args[index]
    quantizers = [use.operation for use in argument.uses if isinstance(use.operation, QuantizeOp)]
    target = format_of(argument.type) or (format_of(quantizers[0].result.type) if quantizers else None)
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
