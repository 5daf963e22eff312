"""Straight-line LLVM IR as combinational Verilog: a wire for each instruction, memory at offsets that are constant.

Arguments are pointers to arrays; each becomes a port with its elements side by side, the first lowest. Constant arrays
may be read at a run-time index.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from qdialect.backends.hls.synthesis.clang_view import Port
from qdialect.errors import QdialectError
from qdialect.numerics.signed_digits import signed_digits

OPERATORS = {"add": "+", "sub": "-", "mul": "*", "and": "&", "or": "|", "xor": "^", "shl": "<<", "lshr": ">>"}
COMPARISONS = {"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
EXTREMES = {"smax": (">", True), "smin": ("<", True), "umax": (">", False), "umin": ("<", False)}

FLAGS = re.compile(r"\b(?:nuw|nsw|exact|inbounds|tail|noundef|nonnull|fast) ")
NOISE = re.compile(r"(?:, align \d+|, ![^\n]*|\s*;[^\n]*|\s*#\d+)")


@dataclass(frozen=True)
class Pointer:
    """An array, a distance in bytes, and run-time indices with what each counts, in bytes."""

    base: str
    offset: int = 0
    variable: tuple[tuple[str, int], ...] = ()


@dataclass
class FunctionWires:
    """The wires of a function, as they are found."""

    source: str
    ports: dict[str, Port]
    lines: list[str] = field(default_factory=list[str])
    values: dict[str, str] = field(default_factory=dict[str, str])
    pointers: dict[str, Pointer] = field(default_factory=dict[str, Pointer])
    memory: dict[tuple[str, int], str] = field(default_factory=dict[tuple[str, int], str])
    narrow: dict[str, int] = field(default_factory=dict[str, int])
    """Bits of wires above which they are zero."""
    extended: dict[str, str] = field(default_factory=dict[str, str])
    """Wires that are others in wider words: these, as signed numbers."""

    def width(self, type_: str) -> int:
        """The bits of an integer type, or of the one in a struct."""
        if type_.startswith("%"):
            found = re.search(rf"^{re.escape(type_)} = type \{{ (\S+) \}}", self.source, re.M)
            assert found is not None, type_
            return self.width(found[1])
        return int(type_[1:])

    def size(self, type_: str) -> int:
        """Bytes that an element takes in an array."""
        if array := re.match(r"\[(\d+) x (.*)\]$", type_):
            return int(array[1]) * self.size(array[2])
        return max(1 << (self.width(type_) - 1).bit_length(), 8) // 8

    def value(self, type_: str, text: str) -> str:
        if text in ("true", "false", "undef", "poison", "zeroinitializer"):
            text = str(int(text == "true"))
        if re.fullmatch(r"-?\d+", text):
            bits = self.width(type_)
            return f"{bits}'d{int(text) % (1 << bits)}"
        return self.values[text]

    def wire(self, name: str, bits: int, expression: str) -> None:
        self.values[name] = f"v{len(self.lines)}"
        self.lines.append(f"wire [{bits - 1}:0] {self.values[name]} = {expression};")

    def pointer(self, text: str) -> Pointer:
        return self.pointers.get(text) or Pointer(text)

    def element(self, pointer: Pointer, type_: str) -> str:
        """What a load gives."""
        if (value := self.memory.get((pointer.base, pointer.offset))) is not None and not pointer.variable:
            return value
        bits, size = self.width(type_), self.size(type_)
        if (port := self.ports.get(pointer.base)) is not None and not pointer.variable:
            assert port.bits == bits, f"{port.name} is read in parts"
            return f"{port.name}[{pointer.offset // size * bits} +: {bits}]"
        return self.chosen(pointer, bits, size)

    def chosen(self, pointer: Pointer, bits: int, size: int) -> str:
        """An element of a constant array at run-time indices: of a table of those that they reach, in places of a power
        of two, so that the index is a part of the position."""
        codes, reached, index = self.constants(pointer.base), [pointer.offset // size], list[str]()
        for name, step in reversed(pointer.variable):
            width = min(self.narrow.get(name, 64), (len(codes) * size // step - 1).bit_length())
            reached = [at + i * step // size for i in range(1 << width) for at in reached]
            index[:0] = [f"{name}[{width - 1}:0]"] * bool(width)
        place = (bits - 1).bit_length()
        kept = [codes[at] if at < len(codes) else 0 for at in reached]
        word = sum((code & ((1 << bits) - 1)) << (i << place) for i, code in enumerate(kept))
        self.lines.append(
            f"localparam [{(len(kept) << place) - 1}:0] t{len(self.lines)} = {len(kept) << place}'h{word:x};"
        )
        index += [f"{place}'d0"] * bool(place)
        return f"t{len(self.lines) - 1}[{{{', '.join(index)}}} +: {bits}]"

    def constants(self, name: str) -> list[int]:
        """The elements of a constant array."""
        found = re.search(rf"^{re.escape(name)} = [^\n]*?constant (\[[^\n]*)", self.source, re.M)
        if found is None:
            raise QdialectError(f"clang's text reads {name}, which is no port and no constant")
        return elements(found[1])


CODES = re.compile(r'c"((?:[^"\\]|\\..)*)"|\[(\d+) x i\d+\] zeroinitializer|\bi\d+ (-?\d+)')


def elements(text: str) -> list[int]:
    """The numbers of a constant array in textual IR, row by row: `[2 x i8] c"..."`, `[i16 1, i16 -2]`."""
    body = text[text.index("] ") + 2 :] if not text.startswith("[[") else text
    codes: list[int] = []
    for string, zeros, number in CODES.findall(body):
        if number:
            codes.append(int(number))
        elif zeros:
            codes += [0] * int(zeros)
        else:
            codes += [int(h, 16) if h else ord(c) for h, c in re.findall(r"\\(..)|(.)", string)]
    return codes


def verilog_of(source: str, function: str, ports: Sequence[Port], name: str = "top") -> str:
    """The module of a function. Raises QdialectError for branches and for instructions without a combinational form."""
    found = re.search(rf"^define [^\n]*@{function}\([^\n]*\{{\n(.*?)^\}}", source, re.S | re.M)
    assert found is not None, f"clang has dropped {function}"
    module = FunctionWires(source, {f"%{port.name}": port for port in ports})
    for line in found[1].splitlines():
        text = FLAGS.sub("", NOISE.sub("", line.strip()))
        if text and not text.endswith(":") and not re.match(r"ret\b|call void @llvm\.(?!mem)", text):
            translate(module, text)
    heads = [f"{'output' if p.written else 'input'} [{p.bits * p.elements - 1}:0] {p.name}" for p in ports]
    stores = [
        f"assign {p.name}[{i * p.bits} +: {p.bits}] = {module.memory[base, i * module.size(f'i{p.bits}')]};"
        for base, p in module.ports.items()
        if p.written
        for i in range(p.elements)
    ]
    return "\n".join([f"module {name}({', '.join(heads)});", *module.lines, *stores, "endmodule", ""])


def translate(m: FunctionWires, text: str) -> None:
    """Add one instruction."""
    if store := re.match(r"store (\S+) (\S+), \S+ (\S+)$", text):
        type_, value, to = store.groups()
        pointer = m.pointer(to)
        assert not pointer.variable, "a store at a run-time index"
        m.memory[pointer.base, pointer.offset] = m.value(type_, value)
        return
    assigned = re.match(r"(%\S+) = (\w+) (.*)$", text)
    if assigned is None:
        raise QdialectError(f"clang's text is not straight-line: {text}")
    name, opcode, rest = assigned.groups()
    match opcode:
        case "getelementptr" | "bitcast" | "alloca":
            m.pointers[name] = moved(m, name, opcode, rest)
        case "load":
            type_, _, at = re.match(r"(\S+), (\S+) (\S+)$", rest).groups()  # pyright: ignore
            m.values[name] = m.element(m.pointer(at), type_)
            if not re.fullmatch(r"v\d+", m.values[name]):
                m.wire(name, m.width(type_), m.values[name])
        case "call":
            called(m, name, rest)
        case _:
            computed(m, name, opcode, rest)


def moved(m: FunctionWires, name: str, opcode: str, rest: str) -> Pointer:
    """The pointer that an instruction makes."""
    if opcode == "alloca":
        return Pointer(name)
    if opcode == "bitcast":
        return m.pointer(rest.split(" to ")[0].split()[-1])
    type_, at, indices = re.match(r"(\[.*?\]|\S+), \1\* (\S+), (.*)$", rest).groups()  # pyright: ignore
    pointer = m.pointer(at)
    for part in indices.split(", "):
        kind, index = part.split()
        size = m.size(type_)
        if re.fullmatch(r"-?\d+", index):
            pointer = replace(pointer, offset=pointer.offset + int(index) * size)
        else:
            pointer = replace(pointer, variable=(*pointer.variable, (m.value(kind, index), size)))
        inner = re.match(r"\[\d+ x (.*)\]$", type_)
        type_ = inner[1] if inner else type_
    return pointer


def computed(m: FunctionWires, name: str, opcode: str, rest: str) -> None:
    """Arithmetic, comparisons, choices, and words of other widths."""
    if match := re.match(r"(\S+) (\S+), (\S+)$", rest):
        type_, a, b = match.groups()
        x, y, bits = m.value(type_, a), m.value(type_, b), m.width(type_)
        if opcode == "ashr":
            return m.wire(name, bits, f"$signed({x}) >>> {y}")
        if opcode == "mul" and re.fullmatch(r"-?\d+", b):
            return m.wire(name, bits, multiple(x, int(b)))
        if opcode == "mul" and {x, y} <= {*m.extended}:
            return m.wire(name, bits, f"{m.extended[x]} * {m.extended[y]}")
        if opcode in OPERATORS:
            return m.wire(name, bits, f"{x} {OPERATORS[opcode]} {y}")
    elif opcode == "icmp" and (match := re.match(r"([su]?)(\w\w) (\S+) (\S+), (\S+)$", rest)):
        sign, predicate, type_, a, b = match.groups()
        return m.wire(name, 1, compared(COMPARISONS[predicate], sign == "s", m.value(type_, a), m.value(type_, b)))
    elif opcode == "select" and (match := re.match(r"i1 (\S+), (\S+) (\S+), \S+ (\S+)$", rest)):
        condition, type_, a, b = match.groups()
        sides = f"{m.value(type_, a)} : {m.value(type_, b)}"
        return m.wire(name, m.width(type_), f"{m.value('i1', condition)} ? {sides}")
    elif match := re.match(r"(\S+) (\S+)(?: to (\S+))?$", rest):
        type_, a, to = match.groups()
        x, bits, wide = m.value(type_, a), m.width(type_), m.width(to or type_)
        signs = f"{{{wide - bits}{{{x}[{bits - 1}]}}}}" if bits > 1 else f"{{{wide - bits}{{{x}}}}}"
        forms = {"trunc": x, "freeze": x, "zext": f"{{{wide - bits}'d0, {x}}}", "sext": f"{{{signs}, {x}}}"}
        if opcode in forms:
            m.wire(name, wide, forms[opcode])
            if opcode == "zext":
                m.narrow[m.values[name]] = bits
            if opcode in ("zext", "sext"):
                m.extended[m.values[name]] = f"$signed({x})" if opcode == "sext" else f"$signed({{1'b0, {x}}})"
            return
    raise QdialectError(f"clang's text has an instruction without a combinational form: {opcode} {rest}")


def multiple(x: str, factor: int) -> str:
    """`x * factor` as additions: clang makes products of additions of shifted words."""
    digits = signed_digits(np.array([factor], object))[0]
    terms = [
        f"{'-' if digit < 0 else '+'} ({x} << {abs(digit).bit_length() - 1})" for digit in digits.tolist() if digit
    ]
    return " ".join(sorted(terms)).removeprefix("+ ") or "0"


def compared(operator: str, signed: bool, a: str, b: str) -> str:
    return f"$signed({a}) {operator} $signed({b})" if signed else f"{a} {operator} {b}"


def called(m: FunctionWires, name: str, rest: str) -> None:
    """Intrinsic functions of integers."""
    match = re.match(r"(\S+) @llvm\.(\w+)\.\S+?\((.*)\)$", rest)
    if match is None:
        raise QdialectError(f"clang's text calls a function: {rest}")
    type_, function, given = match.groups()
    operands = [m.value(*part.split()[:2]) for part in given.split(", ")]
    bits, first = m.width(type_), operands[0]
    if function in EXTREMES:
        operator, signed = EXTREMES[function]
        return m.wire(name, bits, f"({compared(operator, signed, *operands)}) ? {first} : {operands[1]}")
    match function:
        case "ctpop":
            ones = " + ".join(f"{{{bits - 1}'d0, {first}[{i}]}}" for i in range(bits))
            return m.wire(name, bits, ones)
        case "abs":
            return m.wire(name, bits, f"{first}[{bits - 1}] ? -{first} : {first}")
        case "usub":
            return m.wire(name, bits, f"({first} > {operands[1]}) ? {first} - {operands[1]} : {bits}'d0")
        case _:
            raise QdialectError(f"clang's text has a function without a combinational form: {function}")
