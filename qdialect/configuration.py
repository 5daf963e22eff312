"""What a user may set about the hardware, in the words of hls4ml's configurations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qdialect.errors import QdialectError

IO_TYPES = {"io_parallel": "parallel", "io_stream": "stream"}
"""hls4ml's name of each architecture of `lower-to-loops`."""
HEADS = ("logits", "argmax", "softmax")


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

    def __post_init__(self) -> None:
        if self.io_type not in IO_TYPES:
            raise QdialectError(f"io_type '{self.io_type}' is not one of {', '.join(IO_TYPES)}")
        if self.head not in HEADS:
            raise QdialectError(f"head '{self.head}' is not one of {', '.join(HEADS)}")

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
        known = list(Configuration.__dataclass_fields__)
        if unknown := [key for key in config if key not in known]:
            raise QdialectError(f"setting '{unknown[0]}' is not one of {', '.join(known)}")
        return Configuration(**config)
