"""From the integer level to C++ text: the loop level is made on a copy, and printed."""

from __future__ import annotations

from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import FuncOp

from qdialect.backends.hls.printer import Source, print_source
from qdialect.configuration import Configuration
from qdialect.pipeline import lower


def at_loop_level(module: ModuleOp, architecture: str = "parallel") -> ModuleOp:
    """A module at integer level lowered to the loop level; one that is there already as it is.

    Raises QdialectError naming the value that has no hardware form.
    """
    if not any(isinstance(op, FuncOp) for op in module.body.ops):
        return module
    return lower(module, ("quantize-interface", f"lower-to-loops{{architecture={architecture}}}", "size-fifos"))


def print_design(module: ModuleOp, inline_roms: bool, configuration: Configuration | None = None) -> Source:
    """The C++ of a module at integer level, or already at loop level; `module` is untouched.

    Raises QdialectError naming the value that has no hardware form.
    """
    if not any(isinstance(op, FuncOp) for op in module.body.ops):
        return print_source(module, inline_roms)
    return print_source(lower(module, (configuration or Configuration()).to_loops()), inline_roms)
