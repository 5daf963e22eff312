"""Plain data of a network in hardware: its layers and the values between them, proven ranges, costs of functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import SSAValue

from qdialect.analysis.ranges import ranges
from qdialect.dialects.qnn.network import keras_name, network, results_of
from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.constant import ConstantOp
from qdialect.dialects.qnn.owner import layer_of
from qdialect.dialects.qnn.types import exact_format_of, format_of, tensor_type
from qdialect.estimates.schedule import Estimate
from qdialect.numerics.formats import BinaryFormat, FixedFormat

INPUT, OUTPUT = "input", "output"
"""What the graph calls the ends of the network that are no layers."""


@dataclass(frozen=True)
class Edge:
    """A value that a layer hands to another one."""

    source: str
    target: str
    type: str
    shape: Sequence[int]


@dataclass(frozen=True)
class LayerNode:
    """A layer as the hardware has it: the operations that are left of it."""

    name: str
    operations: Sequence[str]


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


def layers_and_values(module: ModuleOp) -> tuple[list[LayerNode], list[Edge]]:
    """The layers of a network in order, and the values between them; constants are parts of their layers."""
    function = network(module)
    operations: dict[str, list[str]] = {}
    source: dict[SSAValue, str] = {argument: f"{INPUT} {keras_name(argument)}" for argument in function.args}
    edges: dict[tuple[str, str, SSAValue], Edge] = {}

    def add(value: SSAValue, target: str) -> None:
        if source[value] != target:
            element = str(tensor_type(value.type).element_type).removeprefix("!qnn.")
            edges[source[value], target, value] = Edge(source[value], target, element, list(shape_of(value)))

    for op in function.body.block.ops:
        if op.results and not isinstance(op, ConstantOp):
            name = layer_of(op)
            operations.setdefault(name, []).append(op.name.removeprefix("qnn."))
            source[op.results[0]] = name
            for operand in op.operands:
                if not isinstance(operand.owner, ConstantOp):
                    add(operand, name)
    nodes = [LayerNode(f"{INPUT} {keras_name(argument)}", []) for argument in function.args]
    nodes += [LayerNode(name, ops) for name, ops in operations.items()]
    for value in results_of(function):
        if value in source:  # a constant output comes from no layer
            add(value, f"{OUTPUT} {keras_name(value)}")
            nodes.append(LayerNode(f"{OUTPUT} {keras_name(value)}", []))
    return nodes, list(edges.values())


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
