"""The passes by name. Importing this module loads none of them.

Each entry: the pass's name on the command line, its class, and a one-line summary; the file is the name with
underscores. `DEFAULT_PIPELINE` takes a network from the network level to the integer level; `STEPS` says why in this
order.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xdsl.passes import ModulePass

PASSES: dict[str, tuple[str, str]] = {
    "fold-batchnorm": ("FoldBatchNorm", "float steps before a quantizer become integer thresholds"),
    "fold-into-kernels": ("FoldIntoKernels", "scales without a quantizer go into kernels of fewer bits"),
    "interpolate-functions": ("InterpolateFunctions", "functions without a quantizer, from tables within an error"),
    "remove-channels": ("RemoveChannels", "dead, constant and identical channels go, with all that only they need"),
    "factor-scales": ("FactorScales", "common factors of activations and weights move out of sums"),
    "binary-to-xnor": ("BinaryToXnor", "binary and ternary layers become popcounts, or add/subtract"),
    "po2-to-shift": ("Po2ToShift", "multiplications by powers of two become shifts"),
    "constant-multiplication": ("ConstantMultiplication", "multipliers, signed digits or graphs of additions by layer"),
    "pack-layout": ("PackLayout", "binary and ternary values are packed by the operation that produces them"),
    "quantize-interface": ("QuantizeInterface", "input quantizers move into the argument types"),
    "remove-levels": ("RemoveLevels", "thresholds that are always or never reached go"),
    "choose-forms": ("ChooseForms", "step functions as comparisons, a search, a table or a shift, by cost or as asked"),
    "size-accumulators": ("SizeAccumulators", "every sum gets the smallest width that provably holds it"),
    "lower-head": ("LowerHead", "the hardware returns logits, their argmax, or a softmax from tables"),
    "schedule": ("Schedule", "how many outputs of each layer are computed at once"),
    "pipeline-network": ("PipelineNetwork", "the network becomes one pipeline with an interval, where it fits"),
    "schedule-defaults": ("ScheduleDefaults", "what no schedule says: no more products at once than tools take"),
    "lower-to-loops": ("LowerToLoops", "the integer level becomes loops over bits (hlscpp)"),
    "lower-to-rtl": ("LowerToRtl", "the integer level becomes netlists of words (hw, comb)"),
    "pipeline-registers": ("PipelineRegisters", "registers between stages of logic, by levels or for a clock (seq)"),
    "size-fifos": (
        "SizeFifos",
        "streams get the least depth that blocks at no latency, and does not stall at those estimated",
    ),
}


class ChangesFunction:
    """What a pass derives from that changes what the network returns, as its options ask; values that keep their name
    keep their meaning."""


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
        module = import_module(f"qdialect.passes.{name.replace('-', '_')}")
        return getattr(module, PASSES[name][0])

    return load
