"""From the network level of the IR to an ONNX file with the quantizers of QONNX."""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path

from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import FuncOp, ReturnOp
from xdsl.ir import Operation

from qdialect import __version__
from qdialect.backends.qonnx.constants import constant, is_constant
from qdialect.backends.qonnx.model import model
from qdialect.backends.qonnx.writer import GraphTensor, GraphWriter, with_batch
from qdialect.dialects.qnn.heads import Head, heads_of
from qdialect.dialects.qnn.network import keras_name, network, results_of
from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.constant import ConstantOp
from qdialect.dialects.qnn.ops.elementwise import BinaryOp
from qdialect.dialects.qnn.ops.moves import ConcatOp
from qdialect.errors import QdialectError

WRITER_MODULES = ("elementwise", "functions", "moves", "pooling", "products", "quantizers", "shapes")

ENDS = {Head.SOFTMAX: "Softmax", Head.SIGMOID: "Sigmoid"}
"""What the host computes of a network is part of the graph."""


def write_graph(module: ModuleOp, path: str | os.PathLike[str]) -> Path:
    """Write a network as an ONNX file. Raises QdialectError, naming the layer, for what QONNX cannot express."""
    data = model(graph_of(network(module)).graph, __version__)
    file = Path(path)
    try:
        file.write_bytes(data)
    except OSError as error:
        raise QdialectError(f"{file}: {error.strerror}") from None
    return file


def graph_of(function: FuncOp) -> GraphWriter:
    """The graph of a network function."""
    for name in WRITER_MODULES:
        import_module(f"qdialect.backends.qonnx.{name}")
    w = GraphWriter(function)
    for op in function.body.block.ops:
        if not isinstance(op, ConstantOp | ReturnOp):
            provide(w, op)
            w.write(op)
    for value, head in zip(results_of(function), heads_of(function), strict=True):
        if isinstance(value.owner, ConstantOp):
            raise QdialectError(f"output '{keras_name(value)}' does not depend on the inputs")
        w.result = value
        add_output(w, w.values[value], head)
    return w


def provide(w: GraphWriter, op: Operation) -> None:
    """A constant in the place of a computed operand is a tensor of one sample, such as an initial state."""
    operand = op.operands[0]
    if is_constant(operand) and operand not in w.values and not isinstance(op, BinaryOp | ConcatOp):
        shape = shape_of(operand)
        name = constant(w, operand, lambda numbers: numbers.reshape(with_batch(shape)))
        w.values[operand] = GraphTensor(name, shape, tuple(range(len(shape))))


def add_output(w: GraphWriter, x: GraphTensor, head: Head) -> None:
    """An output is a tensor that a node has computed for it alone."""
    if head in ENDS:
        x = w.with_axes(x, x.in_order)
        attributes = {"axis": -1} if head is Head.SOFTMAX else {}
        x = w.emit(ENDS[head], x, suffix=head, attributes=attributes)
    elif x.name in w.taken:
        x = w.emit("Identity", x, suffix="output")
    w.taken.add(x.name)
    w.graph.outputs.append(w.graph.values.pop(x.name))
