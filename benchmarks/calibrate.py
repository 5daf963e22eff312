"""The cost model against synthesis: layers of every kind, the text's LUT in yosys beside those of the estimates.

    python benchmarks/calibrate.py [KIND ...] [--seed 0]

Each kind of `layer_kinds.py` is one pipeline that takes a sample every cycle. Its text goes through clang's view of
`__SYNTHESIS__` to Verilog and yosys, as in `synth_check.py`; the model is what `qdialect report` prints for the same
functions. The last line has the lowest, the highest and the geometric mean of the ratios. `--seed` draws other weights.
Ends with 1 where a ratio is not between 0.75 and 1.33, or the mean further than 5 % from 1.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from math import exp, log
from pathlib import Path

from layer_kinds import KINDS, LayerKind
from synth_check import text_tables

from qdialect.backends.hls.synthesis.view import SynthesisView
from qdialect.compiler.loop_level import at_loop_level
from qdialect.compiler.write_hls import write_hls
from qdialect.estimates.schedule import estimate

LEAST, MOST, OFF = 0.75, 1.33, 0.05
CLOCK = 5


def both(kind: LayerKind, seed: int, folder: Path) -> tuple[float, int]:
    """LUT of the functions of a network by the model, and in yosys."""
    module = kind.module(seed)
    _, parts = estimate(at_loop_level(module), CLOCK)
    measured = text_tables(SynthesisView(write_hls(module, folder / "prj"), folder / "view"))
    return sum(part.resources.lut for part in parts), sum(tables for _, tables in measured)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*", default=[*KINDS])
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    print(f"{'layer':32}{'model':>8}{'yosys':>8}{'ratio':>8}")
    ratios: list[float] = []
    for name in given.names:
        with tempfile.TemporaryDirectory() as scratch:
            model, measured = both(KINDS[name], given.seed, Path(scratch))
        ratios.append(model / measured)
        print(f"{name:32}{model:8.0f}{measured:8}{ratios[-1]:8.2f}", flush=True)
    print(f"{len(ratios)} layers: {min(ratios):.2f} to {max(ratios):.2f}, geometric mean {mean(ratios):.3f}")
    return 0 if holds(ratios) else 1


def mean(ratios: Sequence[float]) -> float:
    """The geometric mean."""
    return exp(sum(map(log, ratios)) / len(ratios))


def holds(ratios: Sequence[float]) -> bool:
    """Whether a model is as good as it is said to be."""
    return LEAST <= min(ratios) and max(ratios) <= MOST and abs(mean(ratios) - 1) <= OFF


if __name__ == "__main__":
    raise SystemExit(main())
