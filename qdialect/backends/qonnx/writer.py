"""What writers of operations build with: the graph, its names, and where the axes of its values are.

The IR has channels last, ONNX first. A value keeps the order in which an operation of ONNX has given it; whoever reads
it in another one has it transposed. Each operation is one node, or as many as Keras rounds to float32 for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray
from xdsl.dialects.func import FuncOp
from xdsl.ir import Operation, SSAValue

from qdialect.backends.qonnx.model import QONNX, Attribute, GraphParts, node, tensor, tensor_info
from qdialect.dialects.qnn.network import keras_name
from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.contractions import Convolution2DOp
from qdialect.dialects.qnn.ops.pooling import Pool2DOp
from qdialect.dialects.qnn.owner import layer_of
from qdialect.errors import QdialectError


@dataclass(frozen=True)
class GraphTensor:
    """A tensor of the graph: its axis `i`, counted without the batch, is axis `axes[i]` of the value in the IR."""

    name: str
    shape: tuple[int, ...]
    axes: tuple[int, ...]

    @property
    def in_order(self) -> tuple[int, ...]:
        """The axes of the IR."""
        return tuple(sorted(self.axes))


OperationWriter: TypeAlias = Callable[["GraphWriter", Any], GraphTensor | None]
"""The value of an operation, after its nodes; None where the operation that reads it takes it up."""

Attributes: TypeAlias = Mapping[str, Attribute]

NONE: Attributes = {}

W = TypeVar("W", bound=OperationWriter)

WRITERS: dict[type[Operation], OperationWriter] = {}


def writes(*operations: type[Operation]) -> Callable[[W], W]:
    """Register the writer of operations."""

    def register(writer: W) -> W:
        WRITERS.update(dict.fromkeys(operations, writer))
        return writer

    return register


def with_batch(shape: Sequence[int], batch: int = 1) -> list[int]:
    """Shapes and orders of axes begin with the batch, which is one sample."""
    return [batch, *shape]


def channels_first(rank: int) -> tuple[int, ...]:
    return (rank - 1, *range(rank - 1))


def arranged(constant: NDArray[Any], axes: Sequence[int]) -> NDArray[Any]:
    """A constant that broadcasts against a value of the IR, as it does against the value with these axes."""
    if constant.size == 1:
        return constant.reshape(1)
    moved = constant.reshape((1,) * (len(axes) - constant.ndim) + constant.shape).transpose(axes)
    ones = next(i for i, n in enumerate(moved.shape) if n > 1)
    return moved.reshape(moved.shape[ones:])


def inexpressible(op: Operation, what: str) -> QdialectError:
    return QdialectError(f"layer '{layer_of(op)}': QONNX has no form for {what}")


class GraphWriter:
    """The graph of a network function.

    values: the tensors of what has been written.
    taken: tensors that are inputs or outputs of the graph.
    result, layer: of the operation being written.
    """

    def __init__(self, function: FuncOp):
        self.graph = GraphParts(function.sym_name.data)
        self.values: dict[SSAValue, GraphTensor] = {}
        self.transposed: dict[tuple[str, tuple[int, ...]], GraphTensor] = {}
        self.names: set[str] = set()
        self.taken: set[str] = set()
        self.result: SSAValue = function.args[0]
        self.layer = ""
        spatial = any(isinstance(op, Convolution2DOp | Pool2DOp) for op in function.body.block.ops)
        for argument in function.args:
            rank = len(shape_of(argument))
            axes = channels_first(rank) if spatial and rank > 1 else tuple(range(rank))
            name = self.unique(keras_name(argument))
            self.values[argument] = GraphTensor(name, tuple(shape_of(argument)[a] for a in axes), axes)
            self.taken.add(name)
            self.graph.inputs.append(tensor_info(name, with_batch(self.values[argument].shape)))

    def write(self, op: Operation) -> None:
        """Write an operation. Raises QdialectError, naming its layer, where QONNX has no form for it."""
        if type(op) not in WRITERS:
            raise inexpressible(op, f"{op.name}; networks are exported as they are imported, before passes")
        (result,) = op.results
        self.result, self.layer = result, layer_of(op)
        value = WRITERS[type(op)](self, op)
        if value is not None:
            self.values[result] = value

    def unique(self, name: str) -> str:
        """`name`, numbered where another tensor has it."""
        found, number = name, 1
        while found in self.names:
            number += 1
            found = f"{name}_{number}"
        self.names.add(found)
        return found

    def named(self, suffix: str) -> str:
        """A name for a part of what is being written; the last part is called as the value of the IR."""
        return self.unique("_".join(filter(None, (keras_name(self.result), suffix))))

    def parameter(self, suffix: str, values: Any, dtype: Any = np.float32) -> str:
        """A constant of the graph, called after what is being written."""
        return self.constant(self.named(suffix), np.asarray(values, dtype))

    def constant(self, name: str, values: NDArray[Any]) -> str:
        self.graph.constants.append(tensor(name, values))
        return name

    def append(
        self, op_type: str, inputs: Sequence[str], output: str, shape: Sequence[int], attributes: Attributes = NONE
    ) -> str:
        """Append a node whose result has a shape; operations of QONNX are those whose names say so."""
        domain = QONNX if op_type.endswith("Quant") or op_type == "Trunc" else ""
        self.graph.nodes.append(node(op_type, domain, inputs, output, self.layer, attributes))
        self.graph.values[output] = tensor_info(output, shape)
        return output

    def emit(
        self,
        op_type: str,
        x: GraphTensor,
        *others: str,
        shape: Sequence[int] | None = None,
        axes: tuple[int, ...] | None = None,
        suffix: str = "",
        attributes: Attributes = NONE,
    ) -> GraphTensor:
        """Append a node on `x`; its result is of the same shape, and has the same axes, but for those given."""
        result = GraphTensor(
            self.named(suffix), tuple(x.shape if shape is None else shape), x.axes if axes is None else axes
        )
        self.append(op_type, [x.name, *others], result.name, with_batch(result.shape), attributes)
        return result

    def with_axes(self, x: GraphTensor, axes: tuple[int, ...]) -> GraphTensor:
        """`x` with its axes in another order."""
        if x.axes == axes:
            return x
        key = (x.name, axes)
        if key not in self.transposed:
            places = [x.axes.index(axis) for axis in axes]
            name = self.unique(f"{x.name}_transposed")
            value = GraphTensor(name, tuple(x.shape[place] for place in places), axes)
            perm = with_batch([place + 1 for place in places], 0)
            self.append("Transpose", [x.name], name, with_batch(value.shape), {"perm": perm})
            self.transposed[key] = value
        return self.transposed[key]

    def in_order(self, operand: SSAValue) -> GraphTensor:
        """A value with its axes as in the IR."""
        x = self.values[operand]
        return self.with_axes(x, x.in_order)

    def channels_first(self, operand: SSAValue) -> GraphTensor:
        x = self.values[operand]
        return self.with_axes(x, channels_first(len(x.axes)))
