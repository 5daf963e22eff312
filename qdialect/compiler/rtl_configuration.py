"""The settings of an RTL project, checked, and the passes that carry them out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, TypeAlias

from xdsl.passes import ModulePass

from qdialect.backends.rtl.files import RtlSettings
from qdialect.compiler.configuration import IO_TYPES, Configuration
from qdialect.errors import QdialectError, shown
from qdialect.passes.network.quantize_interface import QuantizeInterface
from qdialect.passes.rtl.lower_to_rtl import LowerToRtl
from qdialect.passes.rtl.pipeline_registers import PipelineRegisters

STREAM_REGISTERS = {"levels": 5}
"""Where none are asked for: a network on streams has registers."""


@dataclass(frozen=True)
class RtlConfiguration:
    """Settings of an RTL project. Raises QdialectError for values of the wrong kind or out of range."""

    io_type: str = "io_parallel"
    """`io_parallel`: a sample in every cycle; `io_stream`: one pixel in every cycle."""
    passes: Sequence[str | ModulePass] | None = None
    """The pass pipeline to the integer level, if it is not the default one."""
    head: str = "logits"
    """What the hardware returns of a classification: `logits`, `argmax` (an index) or `softmax` (probabilities)."""
    softmax_bits: int = 8
    """The width of a probability."""
    part: str = Configuration.part
    """The FPGA of the Vivado script."""
    clock_period: float = Configuration.clock_period
    """Nanoseconds, in the Vivado script."""
    products: str = "auto"
    """How sums of products are computed, see `lower-to-rtl`."""
    depth: int = LowerToRtl.depth
    """How many additions in a row a sum may take more than a balanced tree, -1 is any number."""
    registers: Mapping[str, Any] | None = None
    """The options of `pipeline-registers`, such as {"levels": 5}; None is a network without registers, with `io_stream`
    {"levels": 5}."""

    @staticmethod
    def of(config: RtlConfiguration | Sequence[str] | Mapping[str, Any] | None) -> RtlConfiguration:
        """From a dictionary of settings, or a pass pipeline alone. Raises QdialectError naming an unknown setting."""
        if isinstance(config, RtlConfiguration):
            return config
        if not isinstance(config, Mapping):
            return RtlConfiguration(passes=config)
        known = RtlConfiguration.__dataclass_fields__
        if unknown := [key for key in config if key not in known]:
            raise QdialectError(f"setting {shown(unknown[0])} is not one of {', '.join(known)}")
        return RtlConfiguration(**config)

    @property
    def to_integers(self) -> Configuration:
        return Configuration(
            io_type=self.io_type,
            passes=self.passes,
            head=self.head,
            softmax_bits=self.softmax_bits,
            part=self.part,
            clock_period=self.clock_period,
        )

    def to_rtl(self) -> list[ModulePass]:
        """The passes from the integer level to netlists."""
        registers = STREAM_REGISTERS if self.registers is None and self.io_type == "io_stream" else self.registers
        placed = [] if registers is None else [registers_of(registers)]
        return [QuantizeInterface(), LowerToRtl(self.products, self.depth, IO_TYPES[self.io_type]), *placed]

    @property
    def tool(self) -> RtlSettings:
        """What the files of a project say."""
        return RtlSettings(self.part, self.clock_period, self.products)


RtlConfig: TypeAlias = RtlConfiguration | Sequence[str] | Mapping[str, Any] | None
"""Settings, or a pass pipeline alone."""


def registers_of(options: Mapping[str, Any]) -> PipelineRegisters:
    """The pass with these options. Raises QdialectError naming one that it does not have."""
    known = [field.name for field in fields(PipelineRegisters) if field.name != "name"]
    if unknown := [key for key in options if key not in known]:
        raise QdialectError(f"setting {shown(unknown[0])} of registers is not one of {', '.join(known)}")
    return PipelineRegisters(**options)
