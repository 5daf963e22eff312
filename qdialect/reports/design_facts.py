"""Plain data of a network in hardware: proven ranges, costs of functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from xdsl.dialects.builtin import ModuleOp

from qdialect.analysis.ranges import ranges
from qdialect.dialects.qnn.ops.constant import ConstantOp
from qdialect.dialects.qnn.types import exact_format_of, format_of, tensor_type
from qdialect.estimates.schedule import Estimate
from qdialect.numerics.formats import BinaryFormat, FixedFormat


@dataclass(frozen=True)
class FunctionCost:
    """Estimates of a function of the text; multipliers and adders are units, cycles at the clock of the target."""

    name: str
    multipliers: int
    adders: int
    lut: int
    ff: int
    dsp: int
    bram18: int
    latency: int
    interval: int


@dataclass(frozen=True)
class ProvenRange:
    """The codes that a value can take, within those of its type; `bits` hold the former."""

    value: str
    type: str
    low: int
    high: int
    least: int
    most: int
    bits: int
    width: int


def function_cost(estimate: Estimate) -> FunctionCost:
    numbers = {name: round(number) for name, number in asdict(estimate.resources).items()}
    return FunctionCost(name=estimate.name, latency=estimate.latency, interval=estimate.interval, **numbers)


def proven_ranges(module: ModuleOp) -> Sequence[ProvenRange]:
    """Of every value with a format that is no constant."""
    found: list[ProvenRange] = []
    for value, known in ranges(module).items():
        if isinstance(value.owner, ConstantOp) or format_of(value.type) is None:
            continue
        fmt, (low, high) = exact_format_of(value.type), known.hull
        bits = fmt.bits if isinstance(fmt, BinaryFormat) else FixedFormat.holding(low, high, fmt.lsb).bits
        type_ = str(tensor_type(value.type).element_type).removeprefix("!qnn.")
        name = value.name_hint or "-"
        found.append(ProvenRange(name, type_, low, high, fmt.min_code, fmt.max_code, bits, fmt.bits))
    return found
