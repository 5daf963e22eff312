"""From the integer level to C++ text: the loop level is made on a copy, and printed."""

from __future__ import annotations

from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import FuncOp

from qdialect.backends.hls.printer import Source, print_source
from qdialect.pipeline import lower

TO_LOOPS = ("quantize-interface", "lower-to-loops")


def print_design(module: ModuleOp, inline_roms: bool) -> Source:
    """The C++ of a module at integer level, or already at loop level; `module` is untouched.

    Raises QdialectError naming the value that has no hardware form.
    """
    loops = lower(module, TO_LOOPS) if any(isinstance(op, FuncOp) for op in module.body.ops) else module
    return print_source(loops, inline_roms)
