"""schedule: how many outputs of each layer are computed at once.

A layer with n outputs per position has PE processing elements, each with the products of one output; it takes n / PE
steps per position. That is the reuse factor: how often a multiplier is used for one position. PE divides n, so legal
reuse factors are the divisors of n. For one layer an illegal number is refused; for all layers (no `layer` given)
`reuse-factor` is the most that is wanted, and each layer takes the largest legal factor up to it.

The strategy says where the weights of a folded layer lie: `latency` leaves it to the tool, `resource` is block RAM.
Later schedules override earlier ones.
"""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp, UnitAttr
from xdsl.ir import Operation
from xdsl.passes import ModulePass

from qdialect.errors import QdialectError
from qdialect.interpreter.simulate import network
from qdialect.kernels.folding import BLOCK_RAM, fold, is_foldable, layer_name, outputs_of

STRATEGIES = ("latency", "resource")


def keras_layer(op: Operation) -> str:
    """The layer of an operation as Keras spells it, also where `remove-channels` has made it smaller."""
    return layer_name(op).replace(".", "_").removesuffix("_kept")


def divisors(n: int) -> list[int]:
    return [d for d in range(1, n + 1) if n % d == 0]


def nearest(wanted: int, legal: list[int]) -> str:
    """The legal numbers next to an illegal one."""
    below, above = [n for n in legal if n < wanted][-1:], [n for n in legal if n > wanted][:1]
    return " and ".join(map(str, below + above))


@dataclass(frozen=True)
class Schedule(ModulePass):
    """Writes PE on the operations of one layer, or of all."""

    name = "schedule"

    layer: str | None = None
    pe: int | None = None
    reuse_factor: int | None = None
    strategy: str = "latency"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        if self.strategy not in STRATEGIES:
            raise QdialectError(f"strategy '{self.strategy}' is not one of {', '.join(STRATEGIES)}")
        if self.pe is not None and self.reuse_factor is not None:
            raise QdialectError("a schedule has pe or reuse-factor, not both")
        layers = [inner for inner in network(op).body.block.ops if is_foldable(inner)]
        chosen = [inner for inner in layers if self.layer in (None, keras_layer(inner))]
        if self.layer is not None and not chosen:
            known = ", ".join(dict.fromkeys(map(keras_layer, layers)))
            raise QdialectError(f"layer '{self.layer}' has no products to schedule; those with products are {known}")
        for inner in chosen:
            if (pe := self._pe(inner)) is not None:
                fold(inner, pe)
            inner.attributes.pop(BLOCK_RAM, None)
            if self.strategy == "resource":
                inner.attributes[BLOCK_RAM] = UnitAttr()

    def _pe(self, op: Operation) -> int | None:
        """The legal PE that is asked for, None if none is."""
        outputs, name = outputs_of(op), keras_layer(op)
        legal = divisors(outputs)
        if self.pe is not None:
            if self.pe not in legal:
                raise QdialectError(
                    f"layer '{name}': PE {self.pe} does not divide {outputs} outputs; "
                    f"nearest: {nearest(self.pe, legal)}"
                )
            return self.pe
        if self.reuse_factor is None:
            return None
        at_most = [factor for factor in legal if factor <= self.reuse_factor]
        if self.reuse_factor not in legal and (self.layer is not None or not at_most):
            raise QdialectError(
                f"layer '{name}': reuse factor {self.reuse_factor} does not divide {outputs} outputs; nearest: "
                f"{nearest(self.reuse_factor, legal)}"
            )
        return outputs // at_most[-1]
