"""`qopt -t verilog`: the SystemVerilog of netlists, on one stream."""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.utils.target import Target

from qdialect.backends.rtl.printer import print_verilog


@dataclass(frozen=True)
class VerilogTarget(Target):
    """One module after the other, those that others need first. The module is what `lower-to-rtl` makes."""

    name = "verilog"

    def emit(self, ctx: Context, module: ModuleOp, output: IO[str]) -> None:
        output.write("\n".join(print_verilog(module).values()))
