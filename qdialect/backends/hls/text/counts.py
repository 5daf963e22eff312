"""Functions that count bits: for synthesis the counters of `lowering.rtl`, six bits of a weight to three tables each;
for g++ what a processor is good at."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from qdialect.backends.hls.text.lines import broken, filled
from qdialect.backends.hls.text.names import Names
from qdialect.dialects.hlscpp.bits import CountOp
from qdialect.dialects.hlscpp.expressions import PopcountOp
from qdialect.dialects.hlscpp.structure import FuncOp
from qdialect.dialects.hlscpp.types import IntType
from qdialect.lowering.rtl.counters import popcount
from qdialect.lowering.rtl.netlist import Kind, Netlist, Wire, needed
from qdialect.lowering.rtl.words import LUT_INPUTS

FUNCTION = """
{signature}
#pragma HLS INLINE
{body}}}
"""

BOTH = """#ifndef __SYNTHESIS__
{number}
#else
{counted}#endif
"""

LOOP = """    {count} count = 0;
    for (int i = 0; i < {bits}; i++) {{
#pragma HLS UNROLL
        count += ap_uint<1>(x[i]);
    }}
    return count;
"""

WORD = 64
"""Bits that a processor counts at once."""

OPERATORS = {Kind.XOR: "^", Kind.AND: "&", Kind.OR: "|", Kind.ADD: "+"}
INDENT = "    "


def type_of(bits: int) -> str:
    """That of how many of so many bits are one."""
    return f"ap_uint<{bits.bit_length()}>"


@dataclass(frozen=True)
class Counts:
    """The functions of a file that count bits: their names by how many they count."""

    of_bits: Mapping[int, str]
    of_words: Mapping[int, str]
    counters: Mapping[int, str]
    """Those that synthesis builds the others of."""

    @classmethod
    def of(cls, functions: Iterable[FuncOp], names: Names) -> Counts:
        """Those that functions need, with names that are new."""
        ops = [op for function in functions for op in function.walk() if isinstance(op, CountOp | PopcountOp)]
        bits = sorted({counted_bits(op) for op in ops if isinstance(op, CountOp)})
        words = sorted({counted_bits(op) for op in ops if isinstance(op, PopcountOp)})
        counters = counters_of([*bits, *(n for n in words if n <= WORD)])
        kinds = (("count", bits), ("popcount", words), ("counter", counters))
        return cls(*({n: names.add(f"{kind}_{n}") for n in sizes} for kind, sizes in kinds))

    def name(self, op: CountOp | PopcountOp) -> str:
        return (self.of_bits if isinstance(op, CountOp) else self.of_words)[counted_bits(op)]

    def definitions(self) -> str:
        made = "".join(_defined(name, n, _bits(n), _counted(n, _names(n), {})) for n, name in self.counters.items())
        text = f"\n#ifdef __SYNTHESIS__{made}#endif\n" if made else ""
        for n, name in self.of_bits.items():
            first, *rest = [f"{bit}.to_uint64()" for bit in _names(n)]
            number = filled([f"return {first}", *(f"+ {bit}" for bit in rest)], INDENT)
            body = BOTH.format(number="\n".join(number) + ";", counted=_counted(n, _names(n), self.counters))
            text += _defined(name, n, _bits(n), body)
        for n, name in self.of_words.items():
            body = LOOP.format(count=type_of(n), bits=n)
            if 1 < n <= WORD:
                inner = _counted(n, [f"x[{i}]" for i in range(n)], self.counters)
                body = BOTH.format(number=f"{INDENT}return __builtin_popcountll(x.to_uint64());", counted=inner)
            text += _defined(name, n, [f"const ap_uint<{n}> x"], body)
        return text


def counted_bits(op: CountOp | PopcountOp) -> int:
    if isinstance(op, CountOp):
        return len(op.bits)
    assert isinstance(op.operand.type, IntType)
    return op.operand.type.bits


def counters_of(sizes: Iterable[int]) -> list[int]:
    """How many bits the counters take that functions for so many bits are made of."""
    wires = [wire for bits in sizes if bits > 1 for wire in needed([_total(bits, LUT_INPUTS)])]
    return sorted({len(wire.operands) for wire in wires if wire.kind is Kind.COUNT})


def _defined(name: str, bits: int, parameters: Sequence[str], body: str) -> str:
    *others, last = parameters
    given = [*(f"{each}," for each in others), f"{last}) {{"]
    given[0] = f"static {type_of(bits)} {name}({given[0]}"
    return FUNCTION.format(signature="\n".join(filled(given, "")), body=body)


def _names(bits: int) -> list[str]:
    return [f"x{i}" for i in range(bits)]


def _bits(bits: int) -> list[str]:
    return [f"const ap_uint<1> {name}" for name in _names(bits)]


def _total(bits: int, counters: int) -> Wire:
    """The count as a netlist of counters of so many bits, or with 0 of gates."""
    net = Netlist("count", counters)
    return popcount(net, [net.input(str(i), 1, 0, 1) for i in range(bits)])


def _counted(bits: int, names: Sequence[str], counters: Mapping[int, str]) -> str:
    """The statements of a function of bits with these names, of counters or, without any, of gates."""
    text, lines, numbers = dict[Wire, str](), list[str](), itertools.count()
    total = _total(bits, LUT_INPUTS if counters else 0)
    for wire in needed([total]):
        parts = [text[part] for part in wire.operands]
        match wire.kind:
            case Kind.INPUT:
                text[wire] = names[int(wire.data)]
                continue
            case Kind.CONSTANT:
                text[wire] = str(wire.data)
                continue
            case Kind.EXTRACT:
                text[wire] = f"{parts[0]}[{wire.data}]"
                continue
            case Kind.CONCAT:
                value = _word(wire, parts)
            case Kind.MUX:
                value = "{} ? {} : {}".format(*parts)
            case Kind.COUNT:
                value = f"{counters[len(parts)]}({', '.join(parts)})"
            case kind:
                value = f" {OPERATORS[kind]} ".join(parts)
        if wire is total:
            lines += broken(f"return {value};", INDENT)
        else:
            text[wire] = f"t{next(numbers)}"
            lines += broken(f"const ap_uint<{wire.width}> {text[wire]} = {value};", INDENT)
    return "".join(f"{line}\n" for line in lines)


def _word(wire: Wire, parts: Sequence[str]) -> str:
    """Parts side by side, the highest first."""
    place, found = wire.width, list[str]()
    for part, text in zip(wire.operands, parts, strict=True):
        place -= part.width
        if not part.is_constant or part.data:
            found.append(f"(ap_uint<{wire.width}>({text}) << {place})" if place else f"ap_uint<{wire.width}>({text})")
    return " | ".join(found)
