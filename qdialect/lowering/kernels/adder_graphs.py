"""Sums of products as additions that are written out: one statement each, all outputs of a position at once.

The sums are those of a netlist (`lowering.rtl`): balanced trees of the digits of each weight, common pairs, or graphs
by da4ml. Each has the width that the ranges of its terms prove.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from xdsl.ir import Operation

from qdialect.dialects.hlscpp.builder import select
from qdialect.dialects.hlscpp.types import IntType
from qdialect.dialects.hlscpp.values import Memory, Value, constant, index
from qdialect.dialects.qnn.attributes import Product
from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.constant import constant_of
from qdialect.dialects.qnn.ops.contractions import ContractionOp, Conv2DOp, DenseOp, DepthwiseConv2DOp
from qdialect.dialects.qnn.ops.packed import PopcountConv2DOp, PopcountDenseOp, PopcountDepthwiseConv2DOp, PopcountOp
from qdialect.dialects.qnn.owner import layer_of
from qdialect.dialects.qnn.schedule import box_of, is_graph, outputs_of, pe_of, reduced_axes
from qdialect.dialects.qnn.storage import WORD_BITS, word_count
from qdialect.dialects.qnn.types import BinaryType, BitsType, QnnType, format_of, tensor_type
from qdialect.errors import QdialectError
from qdialect.lowering.kernels.windows import geometry_of
from qdialect.lowering.parts.elements import code_type, number
from qdialect.lowering.parts.nests import axes, nest
from qdialect.lowering.parts.netlist_values import evaluated
from qdialect.lowering.rtl.affine import Affine
from qdialect.lowering.rtl.counters import COUNTED
from qdialect.lowering.rtl.matrices import graphs, pairs, trees
from qdialect.lowering.rtl.matrices.linear import Strategy
from qdialect.lowering.rtl.netlist import Netlist, Wire, bits_for, needed
from qdialect.lowering.rtl.pointwise import parameter_of
from qdialect.lowering.rtl.windows import WINDOWS, popcount_kernel
from qdialect.numerics.arrays import IntArray

STRATEGIES: dict[Product, Strategy] = {
    Product.TREE: trees.multiply,
    Product.PAIRS: pairs.multiply,
    Product.ADDER_GRAPH: graphs.multiply,
}

Summed = ContractionOp | PopcountOp


def adder_graph(op: Summed, x: Memory, y: Memory) -> None:
    """The kernel of additions that are written out. Raises QdialectError where there is no graph."""
    inputs, sums = sums_of(op, STRATEGIES[op.product.data])
    used = set(needed([total.wire for total in sums if total.wire is not None]))
    *positions, _ = shape_of(op.result)
    with nest(positions or (1,), axes(len(positions) + 1)) as at:
        words = {
            wire: element(op, x, at, i).cast(IntType.of_range(wire.low, wire.high)).named(f"x{i}")
            for i, wire in enumerate(inputs)
            if wire in used
        }
        for i, value in enumerate(evaluated(sums, words)):
            y[(*at[: len(positions)], i)] = value.cast(code_type(op.result))


def sums_of(op: Summed, strategy: Strategy) -> tuple[list[Wire], list[Affine]]:
    """The values of a window as words, and the outputs; values of {-1, +1} are bits b that stand for 2b - 1.

    Raises QdialectError for kernels that are no constants.
    """
    net, shape, kind = Netlist("sums", counts=COUNTED), window_shape(op), element_of(op)
    ends = intervals(op, int(np.prod(shape)))
    words = [net.input(f"x{i}", bits_for(low, high), low, high) for i, (low, high) in enumerate(ends)]
    window = np.empty(len(words), object)
    window[:] = [Affine(word, 1, offset=-1) if isinstance(kind, BinaryType) else Affine(word) for word in words]
    return words, WINDOWS[type(op)](net, op, window.reshape(shape), strategy)


def intervals(op: Summed, values: int) -> list[tuple[int, int]]:
    """The ends of each value of a window as a word: of its type, or of the count that it is."""
    kind, source = element_of(op), op.operand.owner
    if isinstance(op, DenseOp) and isinstance(source, PopcountOp | DenseOp | Conv2DOp) and is_known(source):
        return [(int(low), int(high)) for low, high in zip(*ends_of(source), strict=True)]
    return [(0, 1) if isinstance(kind, BinaryType) else (kind.format.min_code, kind.format.max_code)] * values


def is_known(op: Summed) -> bool:
    """Whether the ends of its sums follow from its weights."""
    return isinstance(op, PopcountOp) or (constant_of(op.kernel) is not None and format_of(op.operand.type) is not None)


def ends_of(op: PopcountOp | DenseOp | Conv2DOp) -> tuple[IntArray, IntArray]:
    """The least and the largest sum [outputs], from the weights and what is known of the activations."""
    if isinstance(op, PopcountOp):
        return op.bounds()
    weights = matrix_of(op)
    ends = [(-1, 1)] * len(weights) if isinstance(element_of(op), BinaryType) else intervals(op, len(weights))
    low, high = (np.array(end, object)[:, np.newaxis] * weights for end in zip(*ends, strict=True))
    return np.minimum(low, high).sum(axis=0), np.maximum(low, high).sum(axis=0)


def matrix_of(op: Summed) -> IntArray:
    """The kernel as [values in a window, outputs]; those of a depthwise operation as [values, outputs] of a channel."""
    codes = parameter_of(op, op.kernel) if isinstance(op, ContractionOp) else popcount_kernel(op)
    return codes.reshape(-1, codes.shape[-1])


def element_of(op: Summed) -> QnnType:
    """The type of an activation."""
    kind = op.operand_element if isinstance(op, PopcountOp) else tensor_type(op.operand.type).element_type
    assert isinstance(kind, QnnType), "quantized activations"
    return kind


def window_shape(op: Summed) -> tuple[int, int, int]:
    """[rows, columns, channels] of the values that the outputs at a position read."""
    kind, geometry = tensor_type(op.operand.type).element_type, geometry_of(op)
    channels = kind.count.data if isinstance(kind, BitsType) else shape_of(op.operand)[-1]
    rows, columns = (1, 1) if geometry is None else geometry.taps
    return rows, columns, channels


def element(op: Summed, x: Memory, at: Sequence[Value], i: int) -> Value:
    """The `i`-th value of the window at a position, as the word of its input."""
    tap_row, tap_column, channel = (int(k) for k in np.unravel_index(i, window_shape(op)))
    geometry = geometry_of(op)
    place = at if geometry is None else geometry.place(at, (index(tap_row), index(tap_column)))
    packed = tensor_type(op.operand.type).element_type
    if not isinstance(packed, BitsType):
        stored = x[(*place[: len(shape_of(op.operand)) - 1], channel)]
        return stored if isinstance(packed, BinaryType) else number(stored, op.operand)
    word, bit = divmod(channel, WORD_BITS)
    planes = [
        x[(*place[: len(shape_of(op.operand))], word + plane * word_count(packed.count.data))].bit(bit)
        for plane in range(len(packed.planes))
    ]
    return planes[0] if len(planes) == 1 else ternary(*planes)


def ternary(nonzero: Value, positive: Value) -> Value:
    """The value of {-1, 0, +1} of two planes."""
    type_ = IntType(2)
    return select(nonzero, select(positive, constant(1, type_), constant(-1, type_)), constant(0, type_))


ADDER_GRAPHS: dict[type[Operation], Callable[..., None]] = dict.fromkeys(
    (DenseOp, Conv2DOp, DepthwiseConv2DOp, PopcountDenseOp, PopcountConv2DOp, PopcountDepthwiseConv2DOp), adder_graph
)


def expect_adder_graph(op: Operation) -> None:
    """Raise QdialectError for a schedule that additions written out do not have."""
    if is_graph(op) and (pe_of(op) not in (None, outputs_of(op)) or box_of(op) != reduced_axes(op)):
        name = layer_of(op)
        raise QdialectError(f"layer '{name}': a graph of additions gives all outputs at once; its reuse factor is 1")
