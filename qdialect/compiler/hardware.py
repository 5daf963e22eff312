"""What a verification compiles and runs at its end: a project of HLS C++, or one of RTL."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from qdialect.backends.hls.project.files import HlsDesign
from qdialect.backends.hls.project.project import Project
from qdialect.backends.projects.design import NetworkDesign
from qdialect.backends.rtl.files import RtlDesign
from qdialect.backends.rtl.project import RtlProject
from qdialect.compiler.configuration import Configuration
from qdialect.compiler.rtl_configuration import RtlConfiguration
from qdialect.compiler.write_hls import write_design
from qdialect.compiler.write_rtl import write_rtl_design


@dataclass(frozen=True)
class Hardware(ABC):
    """A design that is written as a project."""

    language: ClassVar[str]
    """What its text is written in."""
    compiled: ClassVar[str]
    """The stage of the compiled project."""
    bench: ClassVar[str]
    """The make target of its test bench."""
    benched: ClassVar[str]
    """The stage of the test bench."""

    design: NetworkDesign

    @property
    def program(self) -> str:
        """The make target of the compiled test bench."""
        return f"build/{self.bench}"

    @abstractmethod
    def write(self, directory: Path, vectors: Any) -> Project | RtlProject:
        """The project with the inputs `vectors` of its test bench."""


@dataclass(frozen=True)
class HlsHardware(Hardware):
    """The test bench runs in checked mode: no conversion loses a value, no undefined behaviour."""

    design: HlsDesign
    settings: Configuration
    language: ClassVar[str] = "HLS C++"
    compiled: ClassVar[str] = "compiled C++"
    bench: ClassVar[str] = "check"
    benched: ClassVar[str] = "test bench, checked"

    def write(self, directory: Path, vectors: Any) -> Project:
        return write_design(self.design, self.settings, directory, vectors)


@dataclass(frozen=True)
class RtlHardware(Hardware):
    """The model and the test bench run in verilator, with bubbles where there are registers."""

    design: RtlDesign
    settings: RtlConfiguration
    language: ClassVar[str] = "SystemVerilog"
    compiled: ClassVar[str] = "RTL"
    bench: ClassVar[str] = "sim"
    benched: ClassVar[str] = "test bench, RTL"

    def write(self, directory: Path, vectors: Any) -> RtlProject:
        return write_rtl_design(self.design, self.settings, directory, vectors)
