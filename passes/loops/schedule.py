"""schedule: how many outputs of each layer are computed at once, and how many products of each.

A layer with n outputs of m products each has PE processing elements, one for each output of a group, and adds SIMD
products in each of them; it takes n / PE * m / SIMD steps per position. That is the reuse factor: how often a
multiplier is used for one position. PE divides n; SIMD is a box of the rows, columns and channels of the kernel
(`dialects/qnn/schedule.py`). A reuse factor folds outputs first, and products only where it has factors beyond those
of n.
For one layer an illegal number is refused; for all layers (no `layer` given) `reuse-factor` is the most that is wanted,
and each layer takes the largest legal factor up to it.

The strategy says where the weights of a folded layer lie: `latency` leaves it to the tool, `resource` is block RAM.
Later schedules override what earlier ones have set, and leave the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp, UnitAttr
from xdsl.ir import Operation
from xdsl.passes import ModulePass

from qdialect.dialects.qnn.network import network
from qdialect.dialects.qnn.owner import layer_of
from qdialect.dialects.qnn.schedule import (
    BLOCK_RAM,
    boxes,
    fold,
    is_foldable,
    is_graph,
    legal_pe,
    outputs_of,
    reduced_axes,
    reuse_factors,
)
from qdialect.errors import QdialectError

STRATEGIES = ("latency", "resource")


def legal_neighbours(wanted: int, legal: list[int]) -> str:
    """The legal numbers below and above an illegal one."""
    below, above = [n for n in legal if n < wanted][-1:], [n for n in legal if n > wanted][:1]
    return " and ".join(map(str, below + above))


def at_most(operations: Sequence[Operation], reuse: int) -> int:
    """The largest reuse factor up to `reuse` that is legal for all these operations: at least 1, the only one of
    graphs of additions."""
    legal = set[int].intersection(*(set(reuse_factors(op)) for op in operations))
    return max((factor for factor in legal if factor <= reuse), default=min(legal, default=reuse))


GRAPH = "a graph of additions, which gives all outputs at once"


@dataclass(frozen=True)
class Schedule(ModulePass):
    """Write PE and SIMD on the operations of one layer, or of all."""

    name = "schedule"

    layer: str | None = None
    pe: int | None = None
    simd: int | None = None
    reuse_factor: int | None = None
    strategy: str | None = None

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        if self.strategy not in (None, *STRATEGIES):
            raise QdialectError(f"strategy '{self.strategy}' is not one of {', '.join(STRATEGIES)}")
        if self.reuse_factor is not None and (self.pe is not None or self.simd is not None):
            raise QdialectError("a schedule has a reuse-factor, or pe and simd, not both")
        layers = [inner for inner in network(op).body.block.ops if is_foldable(inner)]
        chosen = [inner for inner in layers if self.layer in (None, layer_of(inner))]
        if self.layer is not None and not chosen:
            known = ", ".join(dict.fromkeys(map(layer_of, layers)))
            raise QdialectError(f"layer '{self.layer}' has no products to schedule; those with products are {known}")
        for inner in chosen:
            fold(inner, *self._folding(inner))
            if self.strategy is not None:
                inner.attributes.pop(BLOCK_RAM, None)
            if self.strategy == "resource":
                inner.attributes[BLOCK_RAM] = UnitAttr()

    def _folding(self, op: Operation) -> tuple[int | None, int | None]:
        """The requested PE and SIMD, None where nothing is requested. Raises QdialectError for illegal ones."""
        name = layer_of(op)
        outputs, products = outputs_of(op), boxes(op)
        if (reuse := self.reuse_factor) is not None:
            legal = reuse_factors(op)
            at_most = [factor for factor in legal if factor <= reuse]
            if self.layer is not None or not at_most:
                whole = GRAPH if is_graph(op) else f"{outputs} outputs of {max(products)} products"
                expect(reuse, list(legal), f"layer '{name}': reuse factor {reuse} does not divide {whole}")
            return legal[at_most[-1]]
        if self.pe is not None:
            expect(self.pe, legal_pe(op), f"layer '{name}': PE {self.pe} does not divide {outputs} outputs")
        if self.simd is not None:
            axes = "x".join(map(str, reduced_axes(op)))
            expect(self.simd, sorted(products), f"layer '{name}': SIMD {self.simd} does not tile {axes} products")
        return self.pe, self.simd


def expect(wanted: int, legal: list[int], refusal: str) -> None:
    """Raise QdialectError for a number that is not legal."""
    if wanted not in legal:
        raise QdialectError(f"{refusal}; nearest: {legal_neighbours(wanted, legal)}")
