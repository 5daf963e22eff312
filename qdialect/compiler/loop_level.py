"""From the integer level to C++ text: the loop level is made on a copy, and printed."""

from __future__ import annotations

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import FuncOp

from qdialect.backends.hls.text.printer import Source, print_source
from qdialect.compiler.configuration import Configuration
from qdialect.compiler.run_passes import apply_passes, unobserved

DEFAULTS = Configuration()


def at_loop_level(module: ModuleOp, configuration: Configuration = DEFAULTS) -> ModuleOp:
    """A module at integer level lowered to the loop level; one that is there already as it is.

    Raises QdialectError naming the value that has no hardware form.
    """
    if not any(isinstance(op, FuncOp) for op in module.body.ops):
        return module
    return apply_passes(module, configuration.to_loops(module), Context(), unobserved)


def print_design(module: ModuleOp, inline_roms: bool, configuration: Configuration = DEFAULTS) -> Source:
    """The C++ of a module at integer level, or already at loop level; `module` is untouched.

    Raises QdialectError naming the value that has no hardware form.
    """
    return print_source(at_loop_level(module, configuration), inline_roms)
