"""From the integer level to C++ text: the loop level is made on a copy, and printed."""

from __future__ import annotations

from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import FuncOp

from qdialect.backends.hls.text.printer import Source, print_source
from qdialect.compiler.configuration import Configuration
from qdialect.compiler.run_passes import in_one_step

DEFAULTS = Configuration()


def scheduled(module: ModuleOp, configuration: Configuration = DEFAULTS) -> ModuleOp:
    """A copy of a module at integer level with its schedule as attributes, and remarks on requests that were not
    possible."""
    return in_one_step(module, configuration.to_schedule(module))


def loops_of(module: ModuleOp, configuration: Configuration = DEFAULTS) -> ModuleOp:
    """A module with its schedule, lowered to the loop level.

    Raises QdialectError naming the value that has no hardware form.
    """
    return in_one_step(module, configuration.to_loops())


def at_loop_level(module: ModuleOp, configuration: Configuration = DEFAULTS) -> ModuleOp:
    """A module at integer level scheduled and lowered; one that is at the loop level already as it is.

    Raises QdialectError naming the value that has no hardware form.
    """
    if not any(isinstance(op, FuncOp) for op in module.body.ops):
        return module
    return loops_of(scheduled(module, configuration), configuration)


def print_design(module: ModuleOp, inline_roms: bool) -> Source:
    """The C++ of a module at integer level, or already at loop level; `module` is untouched.

    Raises QdialectError naming the value that has no hardware form.
    """
    return print_source(at_loop_level(module), inline_roms)
