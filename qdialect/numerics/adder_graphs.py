"""Products of a vector with a constant integer matrix as graphs of additions that share partial sums.

The package da4ml finds the graphs [C. Sun et al., "da4ml: Distributed Arithmetic for Real-time Neural Networks on
FPGAs", arXiv:2507.04535]. It computes in float32, so what it returns is checked here: every node is a linear
combination of the inputs, kept as integers, and those of the outputs must be the columns of the matrix.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from qdialect.errors import QdialectError
from qdialect.numerics.arrays import IntArray
from qdialect.numerics.exact import FLOAT32_LIMIT, magnitude


@dataclass(frozen=True)
class Term:
    """A node times +-2**shift."""

    node: int
    shift: int
    negative: bool = False


@dataclass(frozen=True)
class AdderGraph:
    """Nodes 0 .. inputs-1 are the inputs, then one per sum of two terms; an output is a term, or None for zero."""

    inputs: int
    sums: list[tuple[Term, Term]]
    outputs: list[Term | None]

    def coefficients(self) -> list[IntArray]:
        """Every node as the integers [inputs] by which it weights the inputs."""
        found: list[IntArray] = list(np.eye(self.inputs, dtype=np.int64).astype(object))
        for a, b in self.sums:
            found.append(_scaled(found, a) + _scaled(found, b))
        return found

    def matrix(self) -> IntArray:
        """The matrix [inputs, outputs] that the graph multiplies by."""
        nodes, zero = self.coefficients(), np.zeros(self.inputs, object)
        return np.stack([zero if term is None else _scaled(nodes, term) for term in self.outputs], axis=1)


def _scaled(nodes: list[IntArray], term: Term) -> IntArray:
    return nodes[term.node] * ((-1 if term.negative else 1) << term.shift)


def solve(matrix: IntArray, intervals: Sequence[tuple[int, int]] | None = None, depth: int = -1) -> AdderGraph:
    """A graph for `matrix` [inputs, outputs].

    `intervals` are the ranges of the inputs, from which da4ml derives widths; `depth` is by how many additions an
    output may exceed the depth of a tree of its terms, -1 for any number. Raises QdialectError without da4ml, for
    weights that float32 does not hold, and for a graph that is wrong."""
    try:
        from da4ml.cmvm import solve as solve_with_da4ml  # pyright: ignore
    except ImportError:
        raise QdialectError(
            "graphs of additions need the package da4ml: pip install 'qdialect[adder-graphs]'"
        ) from None
    if magnitude(matrix) > FLOAT32_LIMIT:
        raise QdialectError(f"weights up to {magnitude(matrix)} are too large for da4ml, which computes in float32")
    known = None if intervals is None else [(float(low), float(high), 1.0) for low, high in intervals]
    found: Any = solve_with_da4ml(np.ascontiguousarray(matrix, np.float32), hard_dc=depth, qintervals=known)
    graph = _graph(len(matrix), list(found.solutions))
    if not np.array_equal(graph.matrix(), matrix):
        raise QdialectError("da4ml's graph does not multiply by the weights that it was given")
    return graph


def _graph(inputs: int, stages: list[Any]) -> AdderGraph:
    """Stages one after the other. da4ml scales nodes by any power of two; here each is an integer, as small as its
    terms allow, and `scales` says what it stands for: da4ml's value is node * 2**scale."""
    sums: list[tuple[Term, Term]] = []
    entering: list[tuple[Term | None, int]] = [(Term(i, 0), 0) for i in range(inputs)]
    for stage in stages:
        terms: list[tuple[Term | None, int]] = []
        for op in stage.ops:
            match op.opcode:
                case -1:
                    term, scale = entering[op.id0]
                    terms.append((term, scale + stage.inp_shifts[op.id0]))
                case 0 | 1:
                    a, (b, b_scale) = terms[op.id0], terms[op.id1]
                    terms.append(_sum(inputs, sums, a, (_negated(b, op.opcode == 1), b_scale + op.data)))
                case code:
                    raise QdialectError(f"da4ml's graph has an operation {code} that is no addition")
        entering = [
            (None, 0) if i < 0 else (_negated(terms[i][0], bool(negative)), terms[i][1] + shift)
            for i, shift, negative in zip(stage.out_idxs, stage.out_shifts, stage.out_negs, strict=True)
        ]
    return AdderGraph(inputs, sums, [_integer(term, scale) for term, scale in entering])


def _negated(term: Term | None, negate: bool) -> Term | None:
    return term if term is None or not negate else Term(term.node, term.shift, not term.negative)


def _sum(
    inputs: int, sums: list[tuple[Term, Term]], a: tuple[Term | None, int], b: tuple[Term | None, int]
) -> tuple[Term | None, int]:
    """A node for the sum of two terms with scales, in the finer of the two scales."""
    (left, left_scale), (right, right_scale) = a, b
    if left is None or right is None:
        return b if left is None else a
    scale = min(left_scale, right_scale)
    sums.append((_integer(left, left_scale - scale), _integer(right, right_scale - scale)))  # pyright: ignore
    return Term(inputs + len(sums) - 1, 0), scale


def _integer(term: Term | None, scale: int) -> Term | None:
    """`term * 2**scale` as a term."""
    if term is None:
        return None
    if term.shift + scale < 0:
        raise QdialectError("da4ml's graph has an output in parts of an integer")
    return Term(term.node, term.shift + scale, term.negative)
