"""What a user may set about the hardware, in the words of hls4ml's configurations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from xdsl.passes import ModulePass

from qdialect.errors import QdialectError
from qdialect.passes.lower_to_loops import LowerToLoops
from qdialect.passes.quantize_interface import QuantizeInterface
from qdialect.passes.schedule import Schedule
from qdialect.passes.size_fifos import SizeFifos

IO_TYPES = {"io_parallel": "parallel", "io_stream": "stream"}
"""hls4ml's name of each architecture of `lower-to-loops`."""

HEADS = ("logits", "argmax", "softmax")

CLOCKS = (0.1, 1000)
"""Clock periods in ns, far beyond what devices have on both sides."""

SECTIONS = {"Model": "model", "LayerName": "layers"}
"""hls4ml's names of the schedules in a dictionary; the other settings have their own names."""

AUTO = "auto"

OPTIONS = {"ReuseFactor": "reuse_factor", "PE": "pe", "SIMD": "simd"}
"""Integers of a schedule; `auto` is no schedule."""

STRATEGIES = {"latency": "latency", "resource": "resource", AUTO: None}


@dataclass(frozen=True)
class Configuration:
    """Settings of a project."""

    io_type: str = "io_parallel"
    """`io_parallel`: values are arrays in registers; `io_stream`: streams of pixels between processes."""
    passes: Sequence[str] | None = None
    """The pass pipeline to the integer level, if it is not the default one."""
    head: str = "logits"
    """What the hardware returns of a classification: `logits`, `argmax` (an index) or `softmax` (probabilities)."""
    softmax_bits: int = 8
    """The width of a probability."""
    clock_period: float = 5
    """In ns: for the vendor's tool, and for the latencies from which depths of streams are taken."""
    model: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """The schedule of all layers: `ReuseFactor` (at most) or `PE` and `SIMD`, and `Strategy`."""
    layers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict[str, Mapping[str, Any]])
    """The schedule of single layers, by name."""

    def __post_init__(self) -> None:
        if self.io_type not in IO_TYPES:
            raise QdialectError(f"io_type '{self.io_type}' is not one of {', '.join(IO_TYPES)}")
        if self.head not in HEADS:
            raise QdialectError(f"head '{self.head}' is not one of {', '.join(HEADS)}")

        clock: Any = self.clock_period
        if isinstance(clock, bool) or not isinstance(clock, int | float) or not CLOCKS[0] <= clock <= CLOCKS[1]:
            raise QdialectError(f"clock_period {clock!r} is no number of ns from {CLOCKS[0]} to {CLOCKS[1]}, such as 5")

    @property
    def architecture(self) -> str:
        return IO_TYPES[self.io_type]

    @property
    def head_passes(self) -> Sequence[str]:
        """What follows the pass pipeline, for another head than the logits."""
        if self.head == "logits":
            return ()
        return (f"lower-head{{head={self.head} bits={self.softmax_bits}}}", "size-accumulators")

    @staticmethod
    def of(config: Configuration | Sequence[str] | Mapping[str, Any] | None) -> Configuration:
        """From a dictionary of settings, or a pass pipeline alone. Raises QdialectError naming an unknown setting."""
        if isinstance(config, Configuration):
            return config
        if not isinstance(config, Mapping):
            return Configuration(passes=config)
        given = {SECTIONS.get(key, key): value for key, value in config.items()}
        known = Configuration.__dataclass_fields__
        if unknown := [key for key in given if key not in known]:
            sections = {name: key for key, name in SECTIONS.items()}
            names = ", ".join(sections.get(name, name) for name in known)
            raise QdialectError(f"setting '{unknown[0]}' is not one of {names}")
        return Configuration(**given)

    def to_loops(self) -> Sequence[ModulePass]:
        """The passes from the integer level to loops."""
        lowering = LowerToLoops(architecture=self.architecture)
        return [QuantizeInterface(), *self.schedules(), lowering, SizeFifos(self.clock_period)]

    def schedules(self) -> Iterator[Schedule]:
        """A `schedule` pass for all layers, then one for each that is set on its own."""
        if options := dict(schedule_options("Model", self.model)):
            yield Schedule(**options)
        for name, settings in self.layers.items():
            if options := dict(schedule_options(name, settings)):
                yield Schedule(layer=name, **options)


def schedule_options(name: str, settings: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The options of a `schedule` pass. Raises QdialectError naming a setting that is unknown or of the wrong kind."""
    for key, value in settings.items():
        if key in OPTIONS and value == AUTO:
            continue
        if key in OPTIONS and isinstance(value, int) and value > 0:
            yield OPTIONS[key], value
        elif key == "Strategy" and str(value).lower() in STRATEGIES:
            if (strategy := STRATEGIES[str(value).lower()]) is not None:
                yield "strategy", strategy
        else:
            raise QdialectError(
                f"setting {key}={value!r} of '{name}' is not supported; ReuseFactor, PE and SIMD are positive integers"
                " or 'auto', Strategy is Latency or Resource, and precisions follow from the network"
            )
