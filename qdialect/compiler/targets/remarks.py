"""`qopt -t remarks`: what the importer and the passes have remarked on a network, one line each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.utils.target import Target

from qdialect.dialects.qnn.network import network
from qdialect.dialects.qnn.remarks import remarks


@dataclass(frozen=True)
class RemarksTarget(Target):
    """The remarks of a module with one function, at any level."""

    name = "remarks"

    def emit(self, ctx: Context, module: ModuleOp, output: IO[str]) -> None:
        output.writelines(f"{remark}\n" for remark in remarks(network(module)))
