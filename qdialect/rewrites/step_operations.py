"""The operations that compute the step functions of `qdialect.analysis.step_functions`."""

from __future__ import annotations

from xdsl.ir import Operation, SSAValue

from qdialect.analysis.step_functions import Staircase, Table, Thresholds
from qdialect.dialects.qnn.ops.constant import ConstantOp
from qdialect.dialects.qnn.ops.functions import LookupOp
from qdialect.dialects.qnn.ops.threshold import ThresholdOp
from qdialect.dialects.qnn.types import exact_format_of
from qdialect.numerics import exact
from qdialect.numerics.formats import BinaryFormat, FixedFormat, Format


def build(found: Staircase | Table | Thresholds, source: SSAValue, result: SSAValue) -> list[Operation]:
    """The operations that compute `result`, in order."""
    fmt, name = exact_format_of(result.type), result.name_hint or "step"
    match found:
        case Table():
            return build_lookup(found, source, result)
        case Thresholds():
            return build_threshold(found, source, fmt, name)
        case Staircase():
            count = found.thresholds.levels.shape[1]
            *before, reached = build_threshold(
                found.thresholds, source, FixedFormat.holding(0, count, 0), f"{name}_reached"
            )
            reached.results[0].name_hint = f"{name}_reached"
            table = ConstantOp(found.codes, fmt, f"{name}_table")
            return [*before, reached, table, LookupOp(reached.results[0], table.result, 0)]


def build_lookup(found: Table, source: SSAValue, result: SSAValue) -> list[Operation]:
    """The table and its lookup."""
    table = ConstantOp(found.codes, found.format, f"{result.name_hint}_table")
    return [table, LookupOp(source, table.result, found.first, found.uncertified)]


def build_threshold(found: Thresholds, source: SSAValue, result: Format, name: str) -> list[Operation]:
    """The thresholds, their directions if any falls, and the comparison."""
    lsb = exact_format_of(source.type).lsb
    levels, directions = found.levels, found.directions
    fmt = FixedFormat.holding(int(levels.min()), int(levels.max()), lsb)
    thresholds = ConstantOp(exact.holding(levels, fmt.max_code), fmt, f"{name}_thresholds")
    falls = [ConstantOp(directions, BinaryFormat(), f"{name}_direction")] if (directions < 0).any() else []
    step = ThresholdOp(
        source,
        thresholds.result,
        falls[0].result if falls else None,
        result,
        found.first,
        found.uncertified,
    )
    return [thresholds, *falls, step]
