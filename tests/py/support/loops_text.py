"""Text of the `hlscpp` dialect to modules, and the bodies that tests put things in."""

from __future__ import annotations

from pathlib import Path

from xdsl.context import Context
from xdsl.dialects.builtin import Builtin, ModuleOp
from xdsl.parser import Parser

from qdialect.dialects.hlscpp.dialect import Hlscpp

OPS = Path(__file__).parents[2] / "lit" / "dialects" / "hlscpp" / "ops.mlir"

ALIASES = """
!s4 = !hlscpp.int<4, signed>
!s8 = !hlscpp.int<8, signed>
!u5 = !hlscpp.int<5, unsigned>
!bit = !hlscpp.int<1, unsigned>
"""

CALLEES = """
hlscpp.func @copy(%x : memref<4x!s8>, %y : memref<4x!s8>) {
  hlscpp.for %i = 0 to 4 {
    %v = hlscpp.load %x[%i] : memref<4x!s8>
    hlscpp.store %v, %y[%i] : memref<4x!s8>
  }
}
"""


def context() -> Context:
    ctx = Context()
    ctx.load_dialect(Builtin)
    ctx.load_dialect(Hlscpp)
    return ctx


def parse(text: str) -> ModuleOp:
    return Parser(context(), text).parse_module()


def top(body: str) -> str:
    """A module whose top function has two arrays and a few values at hand."""
    return f"""{ALIASES}
    hlscpp.func @net(%x : memref<4x!s8>, %y : memref<4x!s8>) top {{
      %i2 = hlscpp.constant 2 : index
      %s4 = hlscpp.constant 3 : !s4
      %s8 = hlscpp.constant 3 : !s8
      %u5 = hlscpp.constant 3 : !u5
      {body}
    }}"""


def plain(body: str) -> str:
    """A module whose function is not the top one and holds nothing but `body`."""
    return f"{ALIASES}{CALLEES}hlscpp.func @f(%x : memref<4x!s8>, %y : memref<4x!s8>) {{\n{body}\n}}"


def streams(body: str) -> str:
    """A module whose top function has two streams at hand."""
    return f"""{ALIASES}
    !s = !hlscpp.stream<4 of !s8>
    hlscpp.func @drain(%s : !s) {{
      %b = hlscpp.read %s : !s
    }}
    hlscpp.func @net(%s : !s, %t : !s) top {{
      {body}
    }}"""
