"""size-accumulators: give every sum the narrowest type that provably holds it.

From the types alone a dot product of n terms needs ceil(log2 n) bits more than a product. From the actual weights
and the intervals of the inputs (`qdialect.analysis.ranges`) the interval of every partial sum is known, and

    width = bits of [low, high],  unsigned where low >= 0

Values that are only moved (reshape, pooling, padding, shifted binary points) follow their operands. The types of
quantizers and thresholds say what they saturate to, and stay; where the elements of a quantizer have formats of their
own, each gets the smallest that holds its proven range, and the type is their hull.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Attribute, Operation, OpResult, SSAValue
from xdsl.passes import ModulePass
from xdsl.rewriter import InsertPoint, Rewriter

from qdialect.analysis.code_range import Range
from qdialect.analysis.observations import load_array, observed
from qdialect.analysis.ranges import ranges
from qdialect.dialects.qnn.attributes import RoundAttr, RoundEachAttr
from qdialect.dialects.qnn.network import network
from qdialect.dialects.qnn.op import QnnOp, shape_of
from qdialect.dialects.qnn.ops.elementwise import ShiftOp
from qdialect.dialects.qnn.ops.quantize import QuantizeOp
from qdialect.dialects.qnn.owner import hand_on
from qdialect.dialects.qnn.remarks import add_remarks
from qdialect.dialects.qnn.traits import Accumulates, Arithmetic, Selects
from qdialect.dialects.qnn.types import exact_format_of, format_of, tensor
from qdialect.errors import QdialectError
from qdialect.numerics.formats import FixedFormat
from qdialect.numerics.quantizers import Round
from qdialect.numerics.round_each import RoundEach


def sized_type(op: Operation, known: Range | None) -> Attribute | None:
    """The type that `op`'s result gets; None where it stays."""
    if not isinstance(op, QnnOp):
        return None
    result = op.results[0].type
    if (formats := formats_of(op)) is not None:
        return tensor(shape_of(result), formats.hull_from(exact_format_of(result).lsb))
    if op.has_trait(Arithmetic) and known is not None and format_of(result) is not None:
        return tensor(shape_of(result), FixedFormat.holding(*known.hull, exact_format_of(result).lsb))
    if op.has_trait(Selects) or isinstance(op, ShiftOp):
        shape, fmt = op.inferred()
        return result if fmt is None else tensor(shape, fmt)
    return None


def formats_of(op: Operation) -> RoundEach | None:
    """The formats of elements that a quantizer of integers gives them, if each has its own."""
    if isinstance(op, QuantizeOp) and isinstance(op.mode, RoundEachAttr) and format_of(op.operand.type) is not None:
        return op.mode.data
    return None


def narrow_formats(op: Operation, known: Range) -> None:
    """Give elements with formats of their own the smallest that hold what they are proven to become."""
    if (formats := formats_of(op)) is not None:
        narrower = formats.narrowed(known.low, known.high, exact_format_of(op.results[0].type).lsb)
        op.properties["mode"] = RoundEachAttr(narrower)


def narrow(module: ModuleOp) -> dict[SSAValue, Range]:
    """Give every result the type of its proven range, and return the ranges of all values."""
    known = ranges(module)
    for op in network(module).body.block.ops:
        for result in op.results:
            if result in known:
                narrow_formats(op, known[result])
            type_ = sized_type(op, known.get(result))
            if type_ is not None and type_ != result.type:
                known[Rewriter.replace_value_with_new_type(result, type_)] = known[result]
    return known


def accumulators(module: ModuleOp) -> list[OpResult]:
    """The results of sums and counts."""
    sums = (op.results[0] for op in network(module).body.block.ops if op.has_trait(Accumulates))
    return [result for result in sums if format_of(result.type) is not None]


def bits_of(low: int, high: int) -> int:
    return FixedFormat.holding(low, high, 0).width


def saturate(value: OpResult, width: int, seen: tuple[int, int]) -> None:
    """Clamp `value` to `width` bits before all that uses it. Raises QdialectError if what was seen needs more."""
    fmt, name = exact_format_of(value.type), value.name_hint or "value"
    narrower = FixedFormat(width, width + fmt.lsb, fmt.min_code < 0)
    if not all(code in narrower for code in seen):
        raise QdialectError(f"'{name}' is {list(seen)} on the data, beyond max-width={width}")
    clamped = QuantizeOp(value, RoundAttr(Round()), narrower)
    hand_on(value.op, [clamped])
    Rewriter.insert_op(clamped, InsertPoint.after(value.op))
    value.replace_uses_with_if(clamped.result, lambda use: use.operation is not clamped)
    clamped.result.name_hint = f"{name}_saturated"


def width_per_channel(value: SSAValue, known: Range) -> str:
    """The remark on the width that each channel alone would need."""
    low, high = (end.reshape(-1, end.shape[-1]) for end in (known.low, known.high))
    widths = [bits_of(int(a), int(b)) for a, b in zip(low.min(axis=0), high.max(axis=0), strict=True)]
    ends = f"per channel {min(widths)} to {max(widths)}, {sum(widths)} in all"
    return f"'{value.name_hint}': {bits_of(*known.hull)} bits, {ends}"


def headroom(value: SSAValue, known: Range, seen: tuple[int, int]) -> str:
    """The remark on the observed range."""
    proven, used = bits_of(*known.hull), bits_of(*seen)
    low, high = seen
    return f"'{value.name_hint}': proven {proven} bits, [{low}, {high}] on the data: {proven - used} bits of headroom"


@dataclass(frozen=True)
class SizeAccumulators(ModulePass):
    """Narrow the result types of sums, products and counts to their proven ranges.

    max_width: sums that need more bits are an error; with mode=profiled they are saturated to so many bits, if `data`
        does not need more. That is an operation of the IR, and changes what the network computes beyond the data.
    mode: 'proven', or 'profiled' to compare with what sums are on `data` (an .npy file): a remark says what was
        observed and how many bits of headroom the proof keeps. No type is ever narrower than proven.
    granularity: a tensor has one type; 'channel' remarks what each channel alone would need.
    """

    name = "size-accumulators"
    granularity: Literal["tensor", "channel"] = "tensor"
    max_width: int | None = None
    mode: Literal["proven", "profiled"] = "proven"
    data: str | None = None

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        if (self.mode == "profiled") != (self.data is not None):
            raise QdialectError('mode=profiled and data="inputs.npy" belong together')
        function, known = network(op), narrow(op)
        wide = {
            value: width
            for value in accumulators(op)
            if self.max_width is not None and (width := exact_format_of(value.type).bits) > self.max_width
        }
        if self.granularity == "channel":
            add_remarks(function, [width_per_channel(v, known[v]) for v in accumulators(op) if v in known])
        if self.data is not None:
            seen = observed(op, load_array(self.data))
            add_remarks(function, [headroom(v, known[v], seen[v]) for v in accumulators(op) if v in known])
            for value, width in wide.items():
                saturate(value, self.max_width or width, seen[value])
            narrow(op)
        elif wide:
            value, width = next(iter(wide.items()))
            raise QdialectError(
                f"'{value.name_hint}' needs {width} bits, max-width is {self.max_width};"
                ' mode=profiled data="inputs.npy" would saturate it'
            )
        function.update_function_type()
