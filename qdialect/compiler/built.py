"""A design whose hardware stands: what every command reads, so that none of them speaks of other hardware."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass

from qdialect.backends.projects.origin import Origin
from qdialect.compiler.configuration import Configuration
from qdialect.compiler.design import Design
from qdialect.compiler.hardware import Hardware, HlsHardware, RtlHardware
from qdialect.compiler.origin import origin_of
from qdialect.compiler.pipeline import lower
from qdialect.compiler.rtl_configuration import RtlConfiguration
from qdialect.compiler.subject import Subject, subject_of
from qdialect.compiler.write_hls import design_of
from qdialect.compiler.write_rtl import rtl_design_of

Progress = Callable[[str], None]
"""Told what begins."""


def silent(_: str) -> None:
    """Nobody is told."""


@dataclass(frozen=True)
class Built:
    """The network of a design as it was imported, after each pass, and as hardware.

    settings: those of the design, with the layers of its network.
    """

    subject: Subject
    after_each: Sequence[tuple[ModulePass, ModuleOp]]
    lowered: ModuleOp
    hardware: Hardware
    origin: Origin

    @property
    def settings(self) -> Configuration:
        return self.subject.settings


def build(design: Design, progress: Progress = silent) -> Built:
    """Import and lower the network of a design. Raises QdialectError where either fails, and for what has no hardware
    form."""
    progress("import")
    subject = subject_of(design)
    settings = subject.settings
    after_each: list[tuple[ModulePass, ModuleOp]] = []

    def keep(pass_: ModulePass, module: ModuleOp) -> None:
        after_each.append((pass_, module.clone()))

    progress("passes")
    lowered = lower(subject.network, [*(settings.passes or ["default"]), *settings.head_passes], after=keep)
    progress("hardware")
    origin = origin_of(design.model, subject.module, settings)
    return Built(subject, after_each, lowered, _hardware(lowered, settings, design.rtl, origin), origin)


def _hardware(lowered: ModuleOp, settings: Configuration, rtl: RtlConfiguration | None, origin: Origin) -> Hardware:
    """What is written of a network at integer level, whose passes have run."""
    if rtl is None:
        rest = replace(settings, passes=None, head="logits")
        return HlsHardware(design_of(lowered, rest, origin), rest)
    chosen = replace(rtl, passes=None, head="logits", part=settings.part, clock_period=settings.clock_period)
    return RtlHardware(rtl_design_of(lowered, chosen), chosen)
