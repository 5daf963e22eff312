"""`qopt -t estimates{clock=5}`: what each function of a design costs on an FPGA, by the cost model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.utils.target import Target

from qdialect.compiler.configuration import Configuration
from qdialect.compiler.loop_level import at_loop_level
from qdialect.estimates.schedule import estimate
from qdialect.estimates.table import estimate_lines


@dataclass(frozen=True)
class EstimatesTarget(Target):
    """The table of a module at integer or loop level, for a clock period in ns."""

    name = "estimates"

    clock: int | float = 5

    def emit(self, ctx: Context, module: ModuleOp, output: IO[str]) -> None:
        top, parts = estimate(at_loop_level(module, Configuration(clock_period=self.clock)), self.clock)
        output.writelines(f"{line}\n" for line in estimate_lines(top, parts, self.clock))
