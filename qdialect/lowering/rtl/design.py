"""A network at integer level as modules of wires: one for each layer, and one that connects them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import FuncOp, ReturnOp
from xdsl.ir import Operation, SSAValue

from qdialect.analysis.ranges import ranges
from qdialect.dialects.qnn.float_values import expect_quantized, without_table
from qdialect.dialects.qnn.network import argument_names, argument_quantizer, keras_name, network, results_of
from qdialect.dialects.qnn.ops.constant import ConstantOp
from qdialect.dialects.qnn.ops.functions import FunctionOp
from qdialect.errors import QdialectError
from qdialect.interpreter.simulate import interpreter_for
from qdialect.lowering.rtl.layers import FusedLayer, layers_of
from qdialect.lowering.rtl.matrices.linear import Strategy
from qdialect.lowering.rtl.modules import Module, ModuleLibrary, Primitive
from qdialect.lowering.rtl.moves import MOVES, Elements
from qdialect.lowering.rtl.names import unique_identifiers
from qdialect.lowering.rtl.placement import Placement, constants
from qdialect.lowering.rtl.ports import given, taken


@dataclass
class Hierarchy:
    """The modules of a network, those that others need first, the network last; and its ports, by name."""

    modules: list[Module | Primitive]
    inputs: list[str]
    outputs: list[str]
    stream: dict[str, int] = field(default_factory=dict[str, int])
    """Of a network on streams, the numbers of `rtl.stream`."""


def hierarchy_of(module: ModuleOp, strategy: Callable[[Operation], Strategy]) -> Hierarchy:
    """The netlists of a network at integer level.

    `strategy` says how the products of an operation are computed.
    Raises QdialectError naming the value that has no form.
    """
    function, known = network(module), ranges(module)
    library, interpreter = ModuleLibrary(), interpreter_for(module)
    top = library.netlist(function.sym_name.data)
    values: dict[SSAValue, Elements] = {}
    inputs = unique_identifiers(argument_names(function))
    for index, (argument, name) in enumerate(zip(function.args, inputs, strict=True)):
        values[argument] = taken(top, name, argument, known[argument], argument_quantizer(function, index))

    def placed(layer: FusedLayer) -> Elements:
        return Placement(library, layer, strategy, known.get(layer.result)).lower(top, values)

    def moved(op: Operation) -> Elements:
        operands = [values[v] if v in values else constants(v) for v in op.operands]
        return MOVES[type(op)](interpreter, op, operands)

    fill(values, function, placed, moved)
    names = output_names(function, {*inputs})
    outputs = {
        name: given(top, values[v] if v in values else constants(v), v)
        for name, v in zip(names, results_of(function), strict=True)
    }
    library.add(top, outputs)
    return Hierarchy(library.modules, inputs, names)


def fill(
    values: dict[SSAValue, Any],
    function: FuncOp,
    layer: Callable[[FusedLayer], Any],
    move: Callable[[Operation], Any],
) -> None:
    """The values of a function from those of its arguments.

    Raises QdialectError naming the value that has no form.
    """
    for step in layers_of(function):
        match step:
            case FusedLayer():
                values[step.result] = layer(step)
            case ConstantOp() | ReturnOp():
                pass
            case _ if type(step) in MOVES:
                values[step.results[0]] = move(step)
            case FunctionOp():
                raise without_table(step)
            case _:
                expect_quantized(step)
                raise QdialectError(
                    f"'{layer_name(step)}': {step.name} has no RTL form; lower the network first (qopt -p default)"
                )


def layer_name(op: Operation) -> str:
    return keras_name(op.results[0]) if op.results else op.name


def output_names(function: FuncOp, taken_: set[str]) -> list[str]:
    """One name per result: that of the returned value with `_out`."""
    return unique_identifiers([f"{value.name_hint or 'result'}_out" for value in results_of(function)], taken_)
