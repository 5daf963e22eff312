"""Accumulator widths of a model, layer by layer: from the types alone, by the rules of other tools, and proven.

A type is sound for a sum if it holds every value that the sum can take when the layer's inputs vary independently.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from xdsl.dialects.builtin import IntegerAttr, ModuleOp, i64
from xdsl.interpreter import Interpreter
from xdsl.ir import SSAValue

from qdialect.analysis.code_range import Range
from qdialect.analysis.ranges import ranges, whole_sums
from qdialect.compiler.design import design_from
from qdialect.compiler.pipeline import lower
from qdialect.compiler.subject import keras_graph
from qdialect.dialects.qnn.network import network
from qdialect.dialects.qnn.ops.constant import ConstantOp, constant_of
from qdialect.dialects.qnn.ops.contractions import ContractionOp
from qdialect.dialects.qnn.ops.elementwise import AddOp
from qdialect.dialects.qnn.ops.shapes import ReshapeOp
from qdialect.dialects.qnn.owner import SUM, layer_of, weight_name
from qdialect.dialects.qnn.traits import WeightedSums
from qdialect.dialects.qnn.types import exact_format_of, format_of
from qdialect.frontends.building.input_types import InputTypes
from qdialect.frontends.keras.importer import import_graph
from qdialect.frontends.keras.model.graph import LayerGraph
from qdialect.interpreter.simulate import interpreter_for
from qdialect.numerics import exact
from qdialect.numerics.arrays import Array
from qdialect.numerics.formats import FixedFormat, Format
from qdialect.numerics.intervals import Interval
from qdialect.passes import DEFAULT_PIPELINE
from qdialect.reports.peers import HLS4ML_DEFAULT, ZERO_ONE, hls4ml_accumulator, qtools_accumulator
from qdialect.text import columns

INTEGER_LEVEL = tuple(name for name in DEFAULT_PIPELINE if name != "quantize-interface")
"""The default pipeline for networks whose inputs and outputs may be float."""

OPTIONS = {"input": "kernel", "gates": "recurrent", "candidate": "recurrent"}
"""The weights that a quantizer of a recurrent layer is for."""

TITLES = ("accumulator", "fan-in", "from types", "QTools", "hls4ml auto", "proven", "in hardware")


@dataclass(frozen=True)
class BiasedSum:
    """A contraction with a constant kernel, and the operations from it to the sum with its bias (none without a
    bias)."""

    op: ContractionOp
    path: Sequence[ReshapeOp | AddOp]

    @property
    def name(self) -> str:
        return self.op.result.name_hint or "-"

    @property
    def total(self) -> SSAValue:
        return self.path[-1].result if self.path else self.op.result

    @property
    def bias(self) -> SSAValue | None:
        return self.path[-1].operands[1] if self.path else None

    @property
    def step(self) -> int:
        """The exponent of a step that all sums share: their type's, and the trailing zeros of kernel and bias."""
        steps = [exact_format_of(self.op.result.type).lsb + exact.trailing_zeros(_codes(self.op.kernel))]
        if self.bias is not None:
            steps.append(exact_format_of(self.bias.type).lsb + exact.trailing_zeros(_codes(self.bias)))
        return min(steps)

    def add_bias(self, sums: Array, interpreter: Interpreter) -> Array:
        """The codes of `total` from a batch of the contraction's."""
        for op in self.path:
            (sums,) = interpreter.run_op(op, (sums, *(_codes(constant)[np.newaxis] for constant in op.operands[1:])))
        return sums


def _codes(value: SSAValue) -> Array:
    codes = constant_of(value)
    assert codes is not None, "kernels and biases here are constants"
    return codes


@dataclass(frozen=True)
class Width:
    """One accumulator: a sum of products and its bias.

    types, proven: the type of the sum with its bias before and after the proof, which includes partial sums.
    needed: the whole sums alone, in units of the largest step that they share.
    qtools, auto: the types by the rules of others; None where a rule takes the layer for floating point.
    hardware: bits of the accumulator in the lowered network, where it may be a count, or have left its bias to
    thresholds; None if nothing is summed there any more.
    """

    name: str
    fan_in: int
    types: FixedFormat
    qtools: FixedFormat | None
    auto: FixedFormat
    proven: FixedFormat
    needed: Interval
    hardware: int | None

    def is_sound(self, fmt: FixedFormat) -> bool:
        """Whether `fmt` holds the complete sums. Partial sums may wrap: modulo 2^width that does no harm."""
        if fmt.lsb > self.needed.lsb:
            return False
        exact = self.needed.to_lsb(fmt.lsb)
        return exact.low in fmt and exact.high in fmt

    @property
    def peers(self) -> Mapping[str, FixedFormat | None]:
        return {"QTools": self.qtools, "hls4ml auto": self.auto}

    def cells(self) -> tuple[str, ...]:
        peers = ("float" if fmt is None else self._cell(fmt) for fmt in self.peers.values())
        hardware = "-" if self.hardware is None else str(self.hardware)
        return (self.name, str(self.fan_in), str(self.types.width), *peers, str(self.proven.width), hardware)

    def _cell(self, fmt: FixedFormat) -> str:
        return f"{fmt.width}{'' if self.is_sound(fmt) else ' unsound'}"


@dataclass(frozen=True)
class WidthTable:
    """The accumulators of a model. `floats` are sums of floats: of inputs, or behind functions, without quantizer."""

    model: str
    rows: Sequence[Width]
    floats: Sequence[str]

    def lines(self) -> list[str]:
        """The lines of a readable table, and how often the other rules are too narrow."""
        lines = [f"model '{self.model}'", *columns([TITLES, *(row.cells() for row in self.rows)])]
        for name in ("QTools", "hls4ml auto"):
            judged = [(row, fmt) for row in self.rows if (fmt := row.peers[name]) is not None]
            unsound = sum(not row.is_sound(fmt) for row, fmt in judged)
            lines.append(f"{name}: too narrow for {unsound} of {len(judged)} accumulators")
        if self.floats:
            lines.append(f"sums of floats, without a width (--input-type rounds inputs): {', '.join(self.floats)}")
        return lines


def contractions(module: ModuleOp) -> list[ContractionOp]:
    return [op for op in network(module).body.block.ops if isinstance(op, ContractionOp)]


def sums(module: ModuleOp) -> list[BiasedSum]:
    """The exact sums of products with constant kernels, at network level."""
    return [
        BiasedSum(op, path_to_bias(op.result))
        for op in contractions(module)
        if format_of(op.result.type) is not None and constant_of(op.kernel) is not None
    ]


def path_to_bias(value: SSAValue) -> list[ReshapeOp | AddOp]:
    """The operations up to the addition of a constant, if that comes next."""
    match [use.operation for use in value.uses]:
        case [ReshapeOp() as op]:
            further = path_to_bias(op.result)
            return [op, *further] if further else []
        case [AddOp() as op] if constant_of(op.rhs) is not None and format_of(op.result.type) is not None:
            return [op]
        case _:
            return []


def widths(model: Any, input_type: InputTypes = None) -> WidthTable:
    """The accumulators of a live model, a model file or a design; the widest where time steps share a kernel.

    `input_type` is what inputs are rounded to that the network does not quantize itself. Raises QdialectError for
    models that cannot be imported.
    """
    graph, settings = keras_graph(design_from(model, input_type=input_type))
    module = import_graph(graph, settings.input_types)
    known, interpreter, found = ranges(module), interpreter_for(module), sums(module)
    mark(found)
    hardware = hardware_bits(lower(module, INTEGER_LEVEL))
    rows: dict[SSAValue, Width] = {}
    for number, one in enumerate(found):
        row = _width(one, known, interpreter, graph, hardware.get(number))
        if one.op.kernel not in rows or row.proven.width > rows[one.op.kernel].proven.width:
            rows[one.op.kernel] = row
    floats = [op.result.name_hint or "-" for op in contractions(module) if format_of(op.result.type) is None]
    return WidthTable(graph.name, list(rows.values()), floats)


def _width(
    one: BiasedSum, known: Mapping[SSAValue, Range], interpreter: Interpreter, graph: LayerGraph, hardware: int | None
) -> Width:
    x, w, types = (exact_format_of(value.type) for value in (one.op.operand, one.op.kernel, one.total))
    assert isinstance(types, FixedFormat), "sums are fixed point"
    fan_in, quantized = one.op.fan_in, is_quantized(graph, one.op.kernel)
    whole = one.add_bias(whole_sums(one.op, known[one.op.operand], interpreter).ends, interpreter)
    up = one.step - types.lsb
    return Width(
        one.name,
        fan_in,
        types,
        qtools_accumulator(x, w, fan_in) if quantized else None,
        hls4ml_accumulator(x, w if quantized else HLS4ML_DEFAULT, fan_in, declared_bias(one, graph)),
        FixedFormat.holding(*known[one.total].hull, types.lsb),
        Interval(int(whole.min()) >> up, int(whole.max()) >> up, one.step),
        hardware,
    )


def declared_bias(one: BiasedSum, graph: LayerGraph) -> Format:
    """The type of the bias as hls4ml sees it."""
    if one.bias is None:
        return ZERO_ONE
    return exact_format_of(one.bias.type) if is_quantized(graph, one.bias) else HLS4ML_DEFAULT


def is_quantized(graph: LayerGraph, constant: SSAValue) -> bool:
    """Whether the weights that a constant holds have a quantizer in the model."""
    op = constant.owner
    assert isinstance(op, ConstantOp)
    layer = next((call.layer for call in graph.calls if call.layer.name == layer_of(op)), None)
    weights = (weight_name(op) or "").removesuffix("_kernel")
    return layer is not None and layer.config.get(f"{OPTIONS.get(weights, weights)}_quantizer") is not None


def mark(sums: Iterable[BiasedSum]) -> None:
    """Number every sum, so that the operations that take its place in the lowered network can be recognized."""
    for number, one in enumerate(sums):
        one.op.attributes[SUM] = IntegerAttr(number, i64)


def hardware_bits(lowered: ModuleOp) -> dict[int, int]:
    """The widest accumulator in the lowered network for each sum in the imported one, by its mark."""
    bits: dict[int, int] = {}
    for op in network(lowered).body.block.ops:
        mark = op.attributes.get(SUM)
        if op.has_trait(WeightedSums) and isinstance(mark, IntegerAttr):
            path = path_to_bias(op.results[0])
            values = [op.results[0], *(step.result for step in path)]
            widest = max(exact_format_of(value.type).bits for value in values)
            bits[mark.value.data] = max(bits.get(mark.value.data, 0), widest)
    return bits
