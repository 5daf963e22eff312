"""Accumulators of HGQ2 networks: proven from the format of each element, and from the hull of all alone.

    python benchmarks/hgq2_widths.py MODEL.keras ...

Both networks have the same types; in the second every element may take every code of its tensor's type. Bits are those
of `size-accumulators`: of one type for each tensor, and of each element on its own, as the RTL has them.
"""

from __future__ import annotations

import sys
from pathlib import Path

from xdsl.dialects.builtin import ModuleOp

import qdialect
from qdialect.analysis.ranges import ranges
from qdialect.dialects.qnn.attributes import RoundAttr, RoundEachAttr
from qdialect.dialects.qnn.network import keras_name, network
from qdialect.dialects.qnn.ops.quantize import QuantizeOp
from qdialect.dialects.qnn.traits import Accumulates
from qdialect.numerics.formats import FixedFormat


def widths(module: ModuleOp) -> dict[str, tuple[int, int, int]]:
    """For each sum: bits of its tensor's type, elements, and bits of all elements on their own."""
    known = ranges(module)
    found: dict[str, tuple[int, int, int]] = {}
    for op in network(module).body.block.ops:
        if op.has_trait(Accumulates) and op.results[0] in known:
            x = known[op.results[0]]
            ends = zip(x.low.flat, x.high.flat, strict=True)
            alone = sum(FixedFormat.holding(int(low), int(high), 0).width for low, high in ends)
            found[keras_name(op.results[0])] = FixedFormat.holding(*x.hull, 0).width, x.low.size, alone
    return found


def with_hulls(module: ModuleOp) -> ModuleOp:
    """The network whose elements have the format of their tensor's type."""
    module = module.clone()
    for op in network(module).body.block.ops:
        if isinstance(op, QuantizeOp) and isinstance(op.mode, RoundEachAttr):
            op.properties["mode"] = RoundAttr(op.mode.data.round)
    return module


def main(files: list[str]) -> None:
    print(f"{'network':14}{'accumulator':32}{'hull':>6}{'each':>6}{'elements':>10}{'hull bits':>11}{'each bits':>11}")
    for file in map(Path, files):
        module = qdialect.lower(qdialect.from_keras(file), ["canonicalize"])
        each, hull = widths(module), widths(with_hulls(module))
        totals = [0, 0]
        for name, (bits, count, alone) in each.items():
            wide, _, wide_alone = hull[name]
            print(f"{file.stem:14}{name:32}{wide:6}{bits:6}{count:10}{wide_alone:11}{alone:11}")
            totals = [totals[0] + wide_alone, totals[1] + alone]
        saved = totals[0] - totals[1]
        print(f"{file.stem:14}{'all':32}{'':22}{totals[0]:11}{totals[1]:11}  saved {saved} ({saved / totals[0]:.0%})")


if __name__ == "__main__":
    main(sys.argv[1:])
