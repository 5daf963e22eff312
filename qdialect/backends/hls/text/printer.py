"""Print `hlscpp` functions as HLS C++ text: a header, a source and the constant arrays.

The printer prints and decides nothing: each operation has one form in C++11 over `ap_int.h` (AMD UG1399). Names are
made legal and unique in a fixed order, so the same module always gives the same text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Attribute

from qdialect.backends.hls.text.counts import Counts
from qdialect.backends.hls.text.expressions import ExpressionPrinter
from qdialect.backends.hls.text.functions import FunctionPrinter
from qdialect.backends.hls.text.lines import broken
from qdialect.backends.hls.text.names import RESERVED, Names
from qdialect.backends.hls.text.spelling import beat_definition, beat_type
from qdialect.dialects.hlscpp.storage_pragmas import StreamOp
from qdialect.dialects.hlscpp.structure import FuncOp
from qdialect.dialects.hlscpp.types import IntType, PacketType, StreamType
from qdialect.errors import QdialectError

DEFAULT_LIMIT = 1024
"""Bits that the vendor's `ap_int.h` takes unless AP_INT_MAX_W is defined before."""


SUMS = """
#ifndef QDIALECT_AP_INT_H
// Variables that are only added to: in the simulation's own header they wrap around where they are read.
template <int W> using sum_int = ap_int<W>;
template <int W> using sum_uint = ap_uint<W>;
#endif
"""


@dataclass(frozen=True)
class Source:
    """The C++ text of a module: `<top>.h`, `<top>.cpp` and the files in `weights/` that the source includes.

    namespace: that of its functions; empty at file scope. Structs of beats are shared between networks, at file scope.
    """

    top: str
    header: str
    source: str
    weights: dict[str, str]
    """Comma-separated initialisers by path relative to the source, empty if printed in the source."""
    arguments: Sequence[Attribute]
    """The types of the top function's arguments, in order."""
    depths: dict[str, int]
    """How many beats each local stream holds."""
    namespace: str = ""

    @property
    def call(self) -> str:
        """The top function, as it is called from file scope."""
        return f"{self.namespace}::{self.top}" if self.namespace else self.top


def print_source(module: ModuleOp, inline_roms: bool, namespace: str = "") -> Source:
    """Print the top function of a verified module and all functions that it calls, callees first, in a namespace.

    Raises QdialectError unless exactly one function is marked `top`.
    """
    tops = [op for op in module.ops if isinstance(op, FuncOp) and op.top is not None]
    if len(tops) != 1:
        raise QdialectError(f"one hlscpp.func of the module is marked top, found {len(tops)}")
    functions = _callees_first(tops[0], {})
    beats = {beat_type(type): type for function in functions for type in _streams(function)}
    names = Names({*RESERVED, *beats})
    symbols = {tops[0].sym_name.data: names.add_file(tops[0].sym_name.data)}
    symbols |= {function.sym_name.data: names.add(function.sym_name.data) for function in functions[-2::-1]}
    helpers = Counts.of(functions, names)
    weights: dict[str, str] | None = None if inline_roms else {}

    top = symbols[tops[0].sym_name.data]
    printers = [FunctionPrinter(names.nested(), symbols, weights, ExpressionPrinter(helpers)) for _ in functions]
    printed = [printer.print(function) for printer, function in zip(printers, functions, strict=True)]
    sums = SUMS * any(printer.expressions.plan.sums for printer in printers)
    source = sums + helpers.definitions() + "".join(f"\n{text}" for _, text in printed)
    printer, (signature, _) = printers[-1], printed[-1]
    declaration = "\n".join(broken(f"{signature};", ""))
    limit = -(-max(map(_widest, functions)) // DEFAULT_LIMIT) * DEFAULT_LIMIT
    define = f"#define AP_INT_MAX_W {limit}\n" if limit > DEFAULT_LIMIT else ""
    includes = f'{define}#include "ap_int.h"\n' + "".join(
        f'#include "{name}"\n' for name in _headers(tops[0], bool(beats))
    )
    structs = "".join(guarded(name, beat_definition(beats[name])) + "\n" for name in sorted(beats))
    scope = f"{namespace}_" if namespace else ""
    header = guarded(f"{scope}{top}_H", f"\n{includes}\n{structs}{inside(namespace, declaration)}\n\n")
    source = f'#include "{top}.h"\n' + inside(namespace, source)
    sized = (op for op in tops[0].body.block.ops if isinstance(op, StreamOp))
    depths = {printer.expressions.identifiers[op.stream]: op.depth.data for op in sized}
    arguments = [argument.type for argument in tops[0].args]
    return Source(top, header, source, weights or {}, arguments, depths, namespace)


def _headers(top: FuncOp, streams: bool) -> Sequence[str]:
    """Those of the vendor that a design needs beside that of its integers."""
    packets = any(isinstance(argument.type, PacketType) for argument in top.args)
    return ["hls_stream.h"] * (streams or packets) + ["ap_axi_sdata.h"] * packets


def inside(namespace: str, text: str) -> str:
    """Definitions in a namespace, if there is one."""
    return f"namespace {namespace} {{\n{text}\n}}" if namespace else text


def guarded(name: str, text: str) -> str:
    """Lines that a file takes once, from whatever headers."""
    return f"#ifndef QDIALECT_{name}\n#define QDIALECT_{name}\n{text}#endif\n"


def _callees_first(function: FuncOp, order: dict[FuncOp, None]) -> Sequence[FuncOp]:
    for callee in function.callees():
        if callee not in order:
            _callees_first(callee, order)
    order[function] = None
    return list(order)


def _streams(function: FuncOp) -> Sequence[StreamType]:
    """The types of the streams that a function sees."""
    values = [*function.args, *(result for op in function.walk() for result in op.results)]
    return [value.type for value in values if isinstance(value.type, StreamType)]


def _widest(function: FuncOp) -> int:
    """Bits of the widest integer."""
    results = (result.type for op in function.walk() for result in op.results)
    return max((type.bits for type in results if isinstance(type, IntType)), default=1)
