"""The passes by name. Importing this module loads none of them.

`DEFAULT_PIPELINE` takes a network from the network level to the integer level; `STEPS` says why in this order.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

from qdialect.passes.integer import PASSES as INTEGER
from qdialect.passes.loops import PASSES as LOOPS
from qdialect.passes.network import PASSES as NETWORK
from qdialect.passes.rtl import PASSES as RTL

if TYPE_CHECKING:
    from xdsl.passes import ModulePass

LEVELS = {"network": NETWORK, "integer": INTEGER, "loops": LOOPS, "rtl": RTL}
"""The passes by the level that they prepare or work on; each has a folder."""

PASSES = {name: entry for passes in LEVELS.values() for name, entry in passes.items()}
"""Each pass' name on the command line, its class, and a one-line summary; the file is the name with underscores."""


class ChangesFunction:
    """Base of passes that change what the network returns, as their options ask; values that keep their name keep their
    meaning."""


STEPS: tuple[tuple[str, str], ...] = (
    ("canonicalize", "the importer writes one operation per step of Keras; what cancels goes before patterns look"),
    ("fold-batchnorm", "floats become thresholds of integers, so that every later pass sees codes alone"),
    ("remove-channels", "thresholds show which channels are constant; none of the later passes has to treat them"),
    ("factor-scales", "without their scales more activations and kernels are binary or ternary for the next pass"),
    ("binary-to-xnor", "counting bits is cheaper than shifting, so it takes the layers that both passes could take"),
    ("po2-to-shift", "of the layers that are left, those of powers of two shift"),
    ("canonicalize", "thresholds take up the shifts and offsets that the two passes leave behind the sums"),
    ("quantize-interface", "the input quantizers are the last floats; the ranges of the arguments are those of codes"),
    ("remove-levels", "ranges are final, and the cost of a threshold depends on the levels that are left"),
    ("choose-forms", "levels, codes and bits of every step function are known, which is what its forms cost"),
    ("pack-layout", "the readers of binary values are final, so that each value is packed once for all of them"),
    ("size-accumulators", "last: every pass before it changes sums, ranges, or what is summed"),
)
"""The default pipeline: each pass, and why it stands where it does."""

DEFAULT_PIPELINE = tuple(name for name, _ in STEPS)


def pass_loader(name: str) -> Callable[[], type[ModulePass]]:
    """A function that imports the pass `name` and returns its class."""

    def load() -> type[ModulePass]:
        level = next(level for level, passes in LEVELS.items() if name in passes)
        module = import_module(f"qdialect.passes.{level}.{name.replace('-', '_')}")
        return getattr(module, PASSES[name][0])

    return load
