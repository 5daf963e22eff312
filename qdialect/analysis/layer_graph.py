"""The layers of a network and the values between them, as plain data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import SSAValue

from qdialect.dialects.qnn.network import keras_name, network, results_of
from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.constant import ConstantOp
from qdialect.dialects.qnn.owner import layer_of
from qdialect.dialects.qnn.types import tensor_type

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
