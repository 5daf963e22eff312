"""Dense layers and convolutions as graphs of additions: one expression per node, all outputs of a position at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from xdsl.ir import Operation

from qdialect.dialects.hlscpp.types import IntType
from qdialect.dialects.hlscpp.values import Memory, Value, constant, index
from qdialect.dialects.qnn.attributes import Product
from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.constant import constant_of
from qdialect.dialects.qnn.ops.contractions import ContractionOp, Conv2DOp, DenseOp
from qdialect.dialects.qnn.owner import layer_of
from qdialect.dialects.qnn.schedule import outputs_of, pe_of
from qdialect.dialects.qnn.types import exact_format_of
from qdialect.errors import QdialectError
from qdialect.lowering.kernels.windows import geometry_of
from qdialect.lowering.parts.elements import code_type, number, shifted
from qdialect.lowering.parts.nests import axes, nest
from qdialect.numerics.adder_graphs import AdderGraph, Term, solve
from qdialect.numerics.arrays import IntArray


def adder_graph(op: ContractionOp, x: Memory, y: Memory) -> None:
    """The kernel of a graph of additions. Raises QdialectError where there is none."""
    codes = constant_of(op.kernel)
    assert codes is not None, "kernels are constants"
    graph = solve(codes.reshape(-1, codes.shape[-1]))
    types = node_types(graph, *(getattr(exact_format_of(op.operand.type), end) for end in ("min_code", "max_code")))
    *positions, _ = shape_of(op.result)
    with nest(positions or (1,), axes(len(positions) + 1)) as at:
        outputs = evaluated(graph, types, lambda i: number(x[operand_at(op, i, at)], op.operand))
        for i, value in enumerate(outputs):
            y[(*at[: len(positions)], i)] = (constant(0, code_type(op.result)) if value is None else value).cast(
                code_type(op.result)
            )


def operand_at(op: ContractionOp, i: int, at: Sequence[Value]) -> tuple[Value | int, ...]:
    """Where the `i`-th value lies that the outputs at a position read."""
    geometry = geometry_of(op)
    if geometry is None:
        return (*at[: len(shape_of(op.operand)) - 1], i)
    kr, kc, channel = (int(k) for k in np.unravel_index(i, shape_of(op.kernel)[:-1]))
    return (*geometry.place(at, (index(kr), index(kc))), channel)


def node_types(graph: AdderGraph, low: int, high: int) -> list[IntType]:
    """The narrowest type of each node, for inputs between two codes."""

    def type_of(coefficients: IntArray) -> IntType:
        positive, negative = coefficients.clip(0).sum(), coefficients.clip(None, 0).sum()
        return IntType.of_range(int(positive * low + negative * high), int(positive * high + negative * low))

    return [type_of(coefficients) for coefficients in graph.coefficients()]


def evaluated(graph: AdderGraph, types: Sequence[IntType], read: Callable[[int], Value]) -> list[Value | None]:
    """The values of the outputs, each node computed once; None is zero."""
    used = {term.node for pair in graph.sums for term in pair} | {term.node for term in graph.outputs if term}
    nodes: list[Value | None] = [read(i).named(f"x{i}") if i in used else None for i in range(graph.inputs)]

    def moved(term: Term) -> Value:
        value = nodes[term.node]
        assert value is not None
        return shifted(value, term.shift)

    for number_, (a, b) in enumerate(graph.sums):
        if a.negative and not b.negative:
            a, b = b, a
        total = moved(a) - moved(b) if b.negative and not a.negative else moved(a) + moved(b)
        total = -total if a.negative else total
        nodes.append(total.cast(types[graph.inputs + number_]).named(f"sum{number_}"))
    return [None if t is None else -moved(t) if t.negative else moved(t) for t in graph.outputs]


ADDER_GRAPHS: dict[type[Operation], Callable[..., None]] = {DenseOp: adder_graph, Conv2DOp: adder_graph}


def is_adder_graph(op: Operation) -> bool:
    """Whether the products of an operation are computed by additions that outputs share."""
    return isinstance(op, ContractionOp) and op.product.data is Product.ADDER_GRAPH


def expect_adder_graph(op: Operation) -> None:
    """Raise QdialectError for layers whose products have no form as a graph of additions."""
    name = layer_of(op)
    if type(op) not in ADDER_GRAPHS:
        raise QdialectError(f"layer '{name}': {op.name} has no form as a graph of additions; use signed digits")
    if pe_of(op) not in (None, outputs_of(op)):
        raise QdialectError(f"layer '{name}': a graph of additions gives all outputs at once; its reuse factor is 1")
