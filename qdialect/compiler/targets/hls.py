"""`qopt -t hls`: the C++ text of a network, on one stream."""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.utils.target import Target

from qdialect.compiler.loop_level import print_design


@dataclass(frozen=True)
class HlsTarget(Target):
    """The header, then the source with its constant arrays in place. The module may be at any level at which no value
    is float and all inputs are quantized."""

    name = "hls"

    def emit(self, ctx: Context, module: ModuleOp, output: IO[str]) -> None:
        design = print_design(module, inline_roms=True)
        output.write(f"// {design.top}.h\n{design.header}\n// {design.top}.cpp\n{design.source}")
