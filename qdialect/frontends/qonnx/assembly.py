"""The module of an ONNX graph: one function, its arguments, nodes and results."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from xdsl.dialects.builtin import ArrayAttr, DictionaryAttr, ModuleOp, StringAttr, f32
from xdsl.dialects.func import FuncOp
from xdsl.ir import Attribute, Block, SSAValue

from qdialect.dialects.qnn.heads import Head, record_heads
from qdialect.dialects.qnn.names import identifier
from qdialect.dialects.qnn.remarks import add_remarks
from qdialect.dialects.qnn.types import tensor
from qdialect.errors import QdialectError
from qdialect.frontends.building.assembly import errors_of, finished, input_value, network_function, without_sigmoid
from qdialect.frontends.building.builder import REFERENCE, Builder
from qdialect.frontends.building.exact_form import output_form
from qdialect.frontends.qonnx.layers.constants import folded
from qdialect.frontends.qonnx.model.graph import Graph, Node
from qdialect.frontends.qonnx.network import HANDLERS, HostStep, Network, QuantizedConstant, Tensor
from qdialect.numerics import limits
from qdialect.numerics.float32 import Roundings
from qdialect.numerics.formats import FixedFormat

HOST = "qnn.host"
"""Argument attribute: the steps that the host computes in float32 on an input, in order."""

DOMAINS = ("", "ai.onnx", "onnx.brevitas", "qonnx.custom_op.general", "finn.custom_op.general", "qonnx", "finn")

ENDS = ("Softmax", "LogSoftmax", "ArgMax")
"""Operations that are only supported at the end of a network, where the host computes them on the logits."""


SOFTMAX_OF_ONE_AXIS = 13
"""The opset from which on a softmax is over one axis; before, over it and all that follow."""


@dataclass(frozen=True)
class Imported:
    """A network, and how arrays of the ONNX graph are converted to and from those of the network.

    inputs, outputs: the order of axes, with the batch, in which the network has each of them.
    host: what the host computes on each input.
    """

    module: ModuleOp
    roundings: Mapping[SSAValue, Roundings]
    inputs: Sequence[tuple[int, ...]]
    outputs: Sequence[tuple[int, ...]]
    host: Sequence[Sequence[HostStep]]

    def given(self, x: Sequence[NDArray[Any]]) -> list[NDArray[np.float32]]:
        """What the network reads, from the inputs of the graph."""
        results = list[NDArray[np.float32]]()
        for value, axes, steps in zip(x, self.inputs, self.host, strict=True):
            computed = value.astype(np.float32)
            for step in steps:
                computed = step(computed)
            results.append(computed.transpose(axes) if computed.ndim == len(axes) else computed)
        return results

    def expected(self, y: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
        """Outputs of the graph, in the order of axes that the network gives."""
        return [v.transpose(axes) if v.ndim == len(axes) else v for v, axes in zip(y, self.outputs, strict=True)]


def build_module(graph: Graph, input_types: Mapping[str, FixedFormat]) -> Imported:
    """The network level of `graph`; `input_types` are the types that inputs are rounded to, by name.

    Raises QdialectError for nodes and attributes without a handler, naming the node.
    """
    shapes = {name: sample_shape(name, shape) for name, shape in graph.inputs.items()}
    orders = [stored_axes(graph, len(shape)) for shape in shapes.values()]
    stored = [tuple(shape[a] for a in axes) for shape, axes in zip(shapes.values(), orders, strict=True)]
    block = Block(arg_types=[tensor(shape, f32) for shape in stored])
    net = Network(graph, Builder(block, "the graph's"))
    for i, name in enumerate(shapes):
        net.values[name] = argument_of(net, i, name, orders[i], input_types.get(name))
    heads: dict[str, Head] = {}
    for node in graph.nodes:
        build_node(net, node, heads)
    values = [result_of(net, name) for name in graph.outputs]
    results, kinds = list[SSAValue](), list[Head]()
    for name, value in zip(graph.outputs, values, strict=True):
        ssa, head = without_sigmoid(value.ssa, heads.get(name, Head.LINEAR))
        results.append(output_form(net.b, ssa))
        kinds.append(head)
    function = network_function(graph.name, block, results, graph.parameters)
    function.attributes[REFERENCE] = StringAttr("QONNX")
    record_heads(function, kinds)
    remark_contract(net, function, orders, values)
    host = [net.host.get(i, ()) for i in range(len(shapes))]
    return Imported(finished(function), net.b.roundings, with_batch(orders), with_batch([v.axes for v in values]), host)


def with_batch(orders: Sequence[tuple[int, ...]]) -> list[tuple[int, ...]]:
    """Axes that count from the batch axis on, which stays the first."""
    return [(0, *(axis + 1 for axis in axes)) for axes in orders]


def sample_shape(name: str, shape: Sequence[int | None]) -> tuple[int, ...]:
    """Without the batch axis. Raises QdialectError for open and for endless shapes."""
    sizes = [n for n in shape[1:] if n is not None]
    if len(shape) < 2 or len(sizes) != len(shape) - 1 or min(sizes) < 1:
        raise QdialectError(f"input '{name}' has the shape {list(shape)}: all axes but the batch must be known")
    if math.prod(sizes) > limits.MAX_ELEMENTS or len(sizes) > limits.MAX_AXES:
        raise QdialectError(f"input '{name}' has the shape {list(shape)}, beyond {limits.MAX_ELEMENTS} elements")
    return tuple(sizes)


def stored_axes(graph: Graph, rank: int) -> tuple[int, ...]:
    """The order in which an input is stored: channels last before convolutions and pooling."""
    return (*range(1, rank), 0) if graph.is_spatial and rank > 1 else tuple(range(rank))


def argument_of(net: Network, index: int, name: str, axes: tuple[int, ...], type_: FixedFormat | None) -> Tensor:
    """An input of the graph, rounded to its type if it has one."""
    value = input_value(net.b, net.b.block.args[index], name, type_)
    return Tensor(value, axes, argument=index if type_ is None else None)


def build_node(net: Network, node: Node, heads: dict[str, Head]) -> None:
    """Compute a node's outputs. Raises QdialectError, naming the node, for what is not supported."""
    if node.domain not in DOMAINS and not node.domain.startswith(("qonnx.", "finn.")):
        raise node.error(f"operations of '{node.domain}' are not supported, only of ONNX, QONNX, Brevitas and FINN")
    if any(name in heads for name in node.inputs):
        raise node.error("follows a softmax, which is only supported where it ends the network")
    net.b.layer, net.b.layer_name = node, identifier(node.name)
    with errors_of(node):
        given = folded(net, node)
        if given is None and node.op_type in ENDS:
            given = logits(net, node, heads)
        if given is None:
            if node.op_type not in HANDLERS:
                raise node.error(f"this operation is not supported, only {', '.join(sorted(HANDLERS))}")
            given = HANDLERS[node.op_type](net, node)
        node.check_all_read()
    record(net, node, given)


def record(net: Network, node: Node, given: Tensor | QuantizedConstant | NDArray[Any] | Sequence[Tensor]) -> None:
    """The outputs of a node by their names."""
    if not node.outputs:
        raise node.error("it has no outputs")
    match given:
        case QuantizedConstant():
            net.weights[node.outputs[0]] = given
        case np.ndarray():
            net.constants[node.outputs[0]] = given
        case Tensor():
            known = {value.ssa for value in net.values.values()}
            if given.ssa not in known:
                given.ssa.name_hint = net.b.layer_name
            net.values[node.outputs[0]] = given
        case _:
            net.values.update(zip(node.outputs, given, strict=True))


def logits(net: Network, node: Node, heads: dict[str, Head]) -> Tensor:
    """What a softmax or an argmax reads; the host computes these two, over the axis that is stored last."""
    for key in ("keepdims", "select_last_index"):
        node.option(key)
    x = net.value(node)
    net.settle(node, x)
    axis = node.integer("axis", -1 if node.opset >= SOFTMAX_OF_ONE_AXIS else 1)
    last = (x.axes[-1] + 1, x.axes[-1] - len(x.axes))
    one_axis = node.op_type == "Softmax" and node.opset >= SOFTMAX_OF_ONE_AXIS and axis in last
    if not one_axis and len([n for n in x.shape if n > 1]) > 1:
        raise node.error(f"over axis {axis} of {list(x.shape)} is not supported, only over channels or a vector")
    if node.op_type == "LogSoftmax":
        raise node.error("logarithms of a softmax are not supported; end the network with its logits")
    heads[node.outputs[0]] = Head.SOFTMAX if node.op_type == "Softmax" else Head.LINEAR
    if node.op_type == "ArgMax":
        net.b.remark(node, "the network gives the numbers whose largest is meant; head='argmax' gives its index")
    return x


def result_of(net: Network, name: str) -> Tensor:
    if name not in net.values:
        raise QdialectError(f"output '{name}' of graph '{net.graph.name}' does not depend on its inputs")
    value = net.values[name]
    return net.plain(value) if value.flattened else replace(value, host=(), argument=None)


def remark_contract(
    net: Network, function: FuncOp, orders: Sequence[tuple[int, ...]], values: Sequence[Tensor]
) -> None:
    """Record the host's work on inputs and outputs, as attributes of the arguments and as remarks."""
    remarks = list(net.b.remarks)
    names = list(net.graph.inputs)
    attributes = [dict[str, Attribute]() for _ in names]
    for i, steps in sorted(net.host.items()):
        if steps:
            text = ", then ".join(map(str, steps))
            remarks.append(f"input '{names[i]}': the host computes {text} in float32, and the network reads the result")
            attributes[i] = {HOST: ArrayAttr([StringAttr(str(step)) for step in steps])}
    last = "has its channels last here, first in ONNX"
    remarks += [f"input '{n}': {last}" for n, axes in zip(names, orders, strict=True) if axes != tuple(sorted(axes))]
    results = zip(net.graph.outputs, values, strict=True)
    remarks += [f"output '{n}': {last}" for n, value in results if value.axes != tuple(sorted(value.axes))]
    if any(attributes):
        function.arg_attrs = ArrayAttr([DictionaryAttr(entry) for entry in attributes])
    add_remarks(function, remarks)
