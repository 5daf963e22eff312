"""The C++ text of kernels that tests write with the builder, or as IR."""

from __future__ import annotations

from collections.abc import Callable

from xdsl.builder import ImplicitBuilder
from xdsl.context import Context
from xdsl.dialects.builtin import Builtin, ModuleOp
from xdsl.parser import Parser

from qdialect.backends.hls.text.printer import Source, print_source
from qdialect.dialects.hlscpp import builder as b
from qdialect.dialects.hlscpp.dialect import Hlscpp
from qdialect.dialects.hlscpp.types import ArrayType, IntType

S8, U4, U8, BIT = IntType(8), IntType(4, False), IntType(8, False), IntType(1, False)


def kernel(write: Callable[[], object], inline_roms: bool = True) -> Source:
    """The text of the module that `write` builds."""
    module = ModuleOp([])
    with ImplicitBuilder(module.body):
        write()
    module.verify()
    return print_source(module, inline_roms)


def body(write: Callable[..., object], **arguments: ArrayType) -> str:
    """The lines of a top function that `write` fills, given its arrays."""

    def build() -> None:
        with b.function("top", *arguments.items(), top=True) as (_, arrays):
            write(*arrays)

    source = kernel(build).source
    return source[source.index(") {\n", source.index("\nvoid top(")) + 4 : source.rindex("}")]


def text(mlir: str) -> str:
    ctx = Context()
    ctx.load_dialect(Builtin)
    ctx.load_dialect(Hlscpp)
    module = Parser(ctx, mlir).parse_module()
    module.verify()
    return print_source(module, inline_roms=True).source
