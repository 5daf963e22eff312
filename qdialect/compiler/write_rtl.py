"""From a network to an RTL project."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeAlias

from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass

from qdialect.backends.projects.directory import check_replaceable, replace_files
from qdialect.backends.rtl.files import RtlDesign, RtlSettings, files_of
from qdialect.backends.rtl.project import RtlProject
from qdialect.compiler.configuration import IO_TYPES, Configuration
from qdialect.compiler.pipeline import lower
from qdialect.compiler.write_hls import is_integer_level
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


def write_rtl(
    network: ModuleOp | Any,
    directory: str | os.PathLike[str],
    config: RtlConfig = None,
    vectors: Any = None,
) -> RtlProject:
    """Write a complete RTL project into `directory`, which must be new, empty, or hold an earlier project.

    `network` is a module at network or integer level, a Keras model, or a model file; `config` the settings of
    `RtlConfiguration`, or only the pass pipeline if it is not the default one. `vectors` are the inputs of the test
    bench, by default a few drawn at the ends and ties of the input type. Of an earlier project, only the files that its
    manifest lists are replaced. Nothing is written unless everything succeeds.
    Raises QdialectError for networks without an RTL form and for foreign directories.
    """
    from qdialect.frontends.models import import_model

    settings, target = RtlConfiguration.of(config), Path(directory)
    check_replaceable(target)
    module = network if isinstance(network, ModuleOp) else import_model(network)
    return write_rtl_design(rtl_design_of(module, settings), settings, target, vectors)


def rtl_design_of(module: ModuleOp, settings: RtlConfiguration) -> RtlDesign:
    """The netlists of a module at network or integer level. Raises QdialectError for networks without an RTL form."""
    integers = settings.to_integers
    if settings.passes is not None or not is_integer_level(module):
        module = lower(module, settings.passes)
    if integers.head_passes:
        module = lower(module, integers.head_passes)
    return RtlDesign.of(module, lower(module, settings.to_rtl()))


def write_rtl_design(design: RtlDesign, settings: RtlConfiguration, directory: Path, vectors: Any = None) -> RtlProject:
    """The files of a design, as `write_rtl` writes them."""
    check_replaceable(directory)
    replace_files(directory, files_of(design, vectors, settings.tool))
    ports = design.inputs, design.outputs
    return RtlProject(directory, design.module, design.top, *ports, design.rtl, design.latency, design.interval)
