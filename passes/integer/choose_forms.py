"""choose-forms: how hardware computes a step function of an integer, by cost or as asked.

For n thresholds T_k of a value x, m codes that x takes, and o bits of the result:

    compare   n comparisons at once, hits counted       few thresholds
    search    bits of n comparisons, one by one         many thresholds, many codes
    table     m entries of o bits                       many thresholds, few codes
    shift     (x + c) >> s, clamped                     T_k = T_0 + k * 2**s, ascending, s shared by the channels

compare and search are forms of `qnn.threshold`, a table is a `qnn.lookup`, a shift a `qnn.quantize` that rounds down.
A quantizer of integers is a shift from the start; a function that rises and falls has no form but its table.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation
from xdsl.passes import ModulePass
from xdsl.rewriter import Rewriter
from xdsl.transforms.dead_code_elimination import dce

from qdialect.analysis.code_range import Range
from qdialect.analysis.float_functions import FloatFunction, QuantizedFunction, codes_at, positions_of
from qdialect.analysis.ranges import ranges
from qdialect.analysis.step_functions import COMPARED_AT_ONCE, Table, Thresholds, find_thresholds, first_reaching
from qdialect.dialects.qnn.attributes import Form, FormAttr, RoundAttr
from qdialect.dialects.qnn.network import keras_name, network
from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.constant import ConstantOp, constant_of
from qdialect.dialects.qnn.ops.elementwise import AddOp, ShiftOp
from qdialect.dialects.qnn.ops.functions import MAX_TABLE, LookupOp
from qdialect.dialects.qnn.ops.quantize import QuantizeOp
from qdialect.dialects.qnn.ops.threshold import ThresholdOp
from qdialect.dialects.qnn.owner import substitute
from qdialect.dialects.qnn.remarks import add_remarks
from qdialect.dialects.qnn.types import exact_format_of, format_of
from qdialect.errors import QdialectError
from qdialect.numerics.arrays import IntArray
from qdialect.numerics.formats import FixedFormat, Po2Format
from qdialect.numerics.quantizers import Round
from qdialect.numerics.rounding import Rounding
from qdialect.rewrites.step_operations import build_lookup, build_threshold

FORMS = ("compare", "search", "shift", "table")

StepOp = LookupOp | QuantizeOp | ThresholdOp


@dataclass(frozen=True)
class StepFunction:
    """An operation whose result is a step function of its operand, and the operand's range."""

    module: ModuleOp
    op: StepOp
    known: Range

    @property
    def form(self) -> str:
        match self.op:
            case LookupOp():
                return "table"
            case QuantizeOp():
                return "shift"
            case ThresholdOp():
                return str(self.op.form.data)

    @property
    def thresholds(self) -> Thresholds | None:
        """None for a function that rises and falls, for a result of too many codes, and for constants of runtime."""
        match self.op:
            case LookupOp() | QuantizeOp() if not self.listable or self.wraps:
                return None
            case LookupOp():
                return self.of_table(constant_of(self.op.table), self.op.first.value.data)
            case QuantizeOp():
                identity = FloatFunction(self.op.operand, [], self.op.operand)
                return find_thresholds(QuantizedFunction(self.module, identity, self.op), *identity.bounds(self.known))
            case ThresholdOp():
                levels = constant_of(self.op.thresholds)
                directions = None if self.op.direction is None else constant_of(self.op.direction)
                if levels is None or (directions is None and self.op.direction is not None):
                    return None
                directions = np.ones(len(levels), np.int64) if directions is None else directions
                return Thresholds(levels, directions, self.op.first.value.data, np.zeros(levels.shape, bool))

    @property
    def wraps(self) -> bool:
        """Whether a quantizer wraps around on the range."""
        if not isinstance(self.op, QuantizeOp) or not isinstance(self.op.mode, RoundAttr):
            return False
        source, result = exact_format_of(self.op.operand.type), exact_format_of(self.op.result.type)
        return bool(self.op.mode.data.wraps(self.known.low, self.known.high, source.lsb, result).any())

    def of_table(self, table: IntArray | None, first: int) -> Thresholds | None:
        if table is None:
            return None
        places = positions_of(exact_format_of(self.op.result.type), table)
        directions = np.where(places[:, -1] >= places[:, 0], 1, -1)
        rises, lowest, highest = np.diff(places) * directions[:, np.newaxis], int(places.min()), int(places.max())
        if (rises < 0).any() or lowest == highest:
            return None
        ends = np.full(len(table), first) * directions, np.full(len(table), first + table.shape[1] - 1) * directions
        levels = first_reaching(
            lambda codes: places[np.arange(len(table)), codes * directions - first],
            np.minimum(*ends),
            np.maximum(*ends),
            np.arange(lowest + 1, highest + 1),
        )
        return Thresholds((levels * directions).T, directions, lowest, np.zeros(levels.T.shape, bool))

    @property
    def codes(self) -> int:
        low, high = self.known.hull
        return high - low + 1

    @property
    def listable(self) -> bool:
        """Whether the codes of the result are few enough to list."""
        result = exact_format_of(self.op.result.type)
        return isinstance(result, Po2Format) or 1 << result.bits <= MAX_TABLE

    @property
    def tabulable(self) -> bool:
        return (
            self.listable
            and self.codes <= MAX_TABLE
            and not isinstance(exact_format_of(self.op.operand.type), Po2Format)
        )

    def cheapest(self, found: Thresholds) -> str:
        """The form of `op` in hardware where the user has not chosen one."""
        levels = found.levels.shape[1]
        if levels > 2 and self.shifted(found) is not None:
            return "shift"
        if levels <= COMPARED_AT_ONCE:
            return "compare"
        bits = exact_format_of(self.op.result.type).bits
        cheap = self.codes * bits <= 2 * levels * self.codes.bit_length()
        return "table" if self.tabulable and cheap else "search"

    def in_form(self, form: str, found: Thresholds) -> list[Operation] | None:
        """The operations of this form, in order; None if it is not possible."""
        source, result = self.op.operand, self.op.result
        match form:
            case "shift":
                return self.shifted(found)
            case "table" if self.tabulable:
                return build_lookup(self.tabulated(found), source, result)
            case "compare" | "search":
                *constants, step = build_threshold(found, source, exact_format_of(result.type), str(result.name_hint))
                step.properties["form"] = FormAttr(Form(form))
                return [*constants, step]
            case _:
                return None

    def tabulated(self, found: Thresholds) -> Table:
        low, high = self.known.hull
        every, signs = np.arange(low, high + 1), found.directions[:, np.newaxis, np.newaxis]
        hits = every[:, np.newaxis] * signs >= found.levels[:, np.newaxis, :] * signs  # [channels, codes, levels]
        result = exact_format_of(self.op.result.type)
        return Table(codes_at(result, found.first + hits.sum(axis=-1)), result, low, [])

    def shifted(self, found: Thresholds) -> list[Operation] | None:
        """x >= T_0 + k * 2**s for k < n counts floor((x - T_0) / 2**s) + 1 hits, clamped to [0, n]."""
        result, levels = exact_format_of(self.op.result.type), found.levels.astype(object)  # the offset may be wide
        distances = np.diff(levels)
        distance = int(distances.flat[0]) if distances.size else 0
        even = distance > 0 and (distances == distance).all() and (found.directions > 0).all()
        if not isinstance(result, FixedFormat) or not even or distance & (distance - 1):
            return None
        base = result.min_code + found.first + 1
        clamped = [np.floor_divide(end - levels[:, 0], distance) + base for end in self.known.ends]
        counted = [np.clip(c, base - 1, base - 1 + levels.shape[1]) for c in clamped]
        if any((c.clip(result.min_code, result.max_code) != n).any() for c, n in zip(clamped, counted, strict=True)):
            return None  # the result's type does not saturate where the thresholds end
        lsb, name = exact_format_of(self.op.operand.type).lsb, self.op.result.name_hint
        summand = base * distance - levels[:, 0]
        fmt = FixedFormat.holding(int(summand.min()), int(summand.max()), lsb)
        constant = ConstantOp(summand, fmt, f"{name}_offset")
        moved = AddOp(self.op.operand, constant.result)
        moved.result.name_hint = f"{name}_moved"
        scaled = ShiftOp(moved.result, result.lsb - lsb - (distance.bit_length() - 1))
        scaled.result.name_hint = f"{name}_scaled"
        return [constant, moved, scaled, QuantizeOp(scaled.result, RoundAttr(Round(Rounding.FLOOR)), result)]


@dataclass(frozen=True)
class ChooseForms(ModulePass):
    """Give every threshold operation its cheapest form; with `form`, the values named in `layers`, or all, that one."""

    name = "choose-forms"
    form: str = ""
    layers: tuple[str, ...] = ()

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        if self.form and self.form not in FORMS:
            raise QdialectError(f"form '{self.form}' is not one of {', '.join(FORMS)}")
        if self.layers and not self.form:
            raise QdialectError("layers without form: say which form they get")
        known = ranges(op)
        steps = {
            str(inner.results[0].name_hint): StepFunction(op, inner, known[inner.operand]) for inner in step_ops(op)
        }
        names = {spelling: name for name, step in steps.items() for spelling in (name, keras_name(step.op.result))}
        for layer in self.layers:
            if layer not in names:
                raise QdialectError(f"layer '{layer}' has no step function; those that have are: {', '.join(steps)}")
        chosen = {names[layer] for layer in self.layers}
        for name, step in steps.items():
            asked = self.form if name in chosen or not chosen else ""
            self.choose(step, asked, required=name in chosen)
        dce(op)

    def choose(self, step: StepFunction, asked: str, required: bool) -> None:
        if not asked and not isinstance(step.op, ThresholdOp):
            return  # tables and shifts were chosen where they arose
        found, name = step.thresholds, step.op.result.name_hint
        if found is None:
            if required and asked != step.form:
                raise QdialectError(
                    f"'{name}': no other form than {step.form}: it rises and falls, or has too many levels"
                )
            return
        form = asked or step.cheapest(found)
        if form == step.form:
            return
        replacement = step.in_form(form, found)
        if replacement is None:
            if required:
                raise QdialectError(f"'{name}': {WHY_NOT[form]}; {step.form} is possible")
            return
        uncertified = step.op.properties.get("uncertified")
        if uncertified is not None and not isinstance(replacement[-1], QuantizeOp):
            replacement[-1].properties["uncertified"] = uncertified
        text = f"'{name}': {form} instead of {step.form}, {found.levels.shape[1]} steps over {step.codes} codes"
        add_remarks(network(step.module), [text])
        substitute(Rewriter, step.op, replacement)


WHY_NOT = {
    "shift": "no shift, its thresholds are not at equal distances that are a power of two",
    "table": f"no table, its operand is a power of two or takes more than {MAX_TABLE} codes",
}


def step_ops(module: ModuleOp) -> list[StepOp]:
    """The operations that choose a code by comparing an integer."""
    found: list[StepOp] = []
    for op in network(module).body.block.ops:
        match op:
            case LookupOp() | ThresholdOp():
                found.append(op)
            case QuantizeOp(mode=RoundAttr()) if format_of(op.operand.type) is not None and shape_of(op.operand):
                found.append(op)
            case _:
                pass
    return found
