"""Print `hlscpp` functions as HLS C++ text: a header, a source and the constant arrays.

The printer prints and decides nothing: each operation has one form in C++11 over `ap_int.h` (AMD UG1399). A value
that is used once is printed where it is used; one that is used more often or has a name becomes a `const` at its
place. Names are made legal and unique in a fixed order, so the same module always gives the same text.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Attribute, Block, BlockArgument, Operation, SSAValue

from qdialect.loops.base import BinaryOp
from qdialect.loops.expressions import (
    AddOp,
    AndOp,
    CastOp,
    CmpOp,
    ConstantOp,
    MulOp,
    NegOp,
    NotOp,
    OrOp,
    PopcountOp,
    SelectOp,
    ShlOp,
    ShrOp,
    SubOp,
    XorOp,
)
from qdialect.loops.memory import AccessOp, LoadOp, LocalOp, RomOp, StoreOp
from qdialect.loops.pragmas import InterfaceOp, Pragma
from qdialect.loops.structure import CallOp, ForOp, FuncOp, IfOp, is_written, writes
from qdialect.loops.types import ArrayType, IntType, array_type

if TYPE_CHECKING:
    import numpy as np

COLUMNS = 110

C_TYPES = {
    "signed char": (-(2**7), 2**7 - 1),
    "unsigned char": (0, 2**8 - 1),
    "short": (-(2**15), 2**15 - 1),
    "int": (-(2**31), 2**31 - 1),
    "long long": (-(2**63), 2**63 - 1),
    "unsigned long long": (0, 2**64 - 1),
}
"""Element types of constant arrays with their ranges, the smallest first."""

RESERVED = frozenset(
    """
    alignas alignof and and_eq asm auto bitand bitor bool break case catch char char16_t char32_t char8_t class
    co_await co_return co_yield compl concept const const_cast consteval constexpr constinit continue decltype
    default delete do double dynamic_cast else enum explicit export extern false float for friend goto if inline
    int long main mutable namespace new noexcept not not_eq nullptr operator or or_eq private protected public
    register reinterpret_cast requires return short signed sizeof static static_assert static_cast std struct
    switch template this thread_local throw true try typedef typeid typename union unsigned using virtual void
    volatile wchar_t while xor xor_eq

    BIAS BIG_ENDIAN BUFSIZ BYTE_ORDER CTOR DOMAIN DOUBLE_BIAS DOUBLE_EXP DOUBLE_MAN EDOM EOF ERANGE FLOAT_BIAS
    FLOAT_EXP FLOAT_MAN HALF_BIAS HALF_EXP HALF_MAN HUGE HUGE_VAL I INFINITY INLINE LITTLE_ENDIAN MAXFLOAT
    MAX_MODE NAN NULL OVERFLOW PI PLOSS SING TLOSS UNDERFLOW alloca assert errno linux offsetof stderr stdin
    stdout unix
    """.split()
)
"""Keywords of C++ up to C++20, and macros that the vendor's `ap_int.h` and the C library bring along."""

PRIMARY, UNARY, PRODUCT, SUM, SHIFT, COMPARISON, AND, XOR, OR, SELECTION = range(10)
"""How loosely a C++ expression binds."""

BINARY: dict[type[Operation], tuple[str, int, int, int]] = {
    MulOp: ("*", PRODUCT, PRODUCT, UNARY),
    AddOp: ("+", SUM, SUM, PRODUCT),
    SubOp: ("-", SUM, SUM, PRODUCT),
    ShlOp: ("<<", SHIFT, UNARY, UNARY),
    ShrOp: (">>", SHIFT, UNARY, UNARY),
    AndOp: ("&", AND, UNARY, UNARY),
    XorOp: ("^", XOR, UNARY, UNARY),
    OrOp: ("|", OR, UNARY, UNARY),
}
"""Operator, its binding, and the loosest binding on its left and right that goes without parentheses."""

COMPARISONS = {"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}

POPCOUNT = """
static {count} {name}(const ap_uint<{bits}> x) {{
#pragma HLS INLINE
{body}}}
"""

POPCOUNT_LOOP = """    {count} count = 0;
    for (int i = 0; i < {bits}; i++) {{
#pragma HLS UNROLL
        count = {count}(count + ap_uint<1>(x[i]));
    }}
    return count;
"""

POPCOUNT_WORD = f"""#ifndef __SYNTHESIS__
    return {{count}}(__builtin_popcountll(x.to_uint64()));
#else
{POPCOUNT_LOOP}#endif
"""


@dataclass(frozen=True)
class Source:
    """The C++ text of a module: `<top>.h`, `<top>.cpp` and the files in `weights/` that the source includes."""

    top: str
    header: str
    source: str
    weights: dict[str, str]
    """Comma-separated initialisers by path relative to the source, empty if printed in the source."""


def print_source(module: ModuleOp, inline_roms: bool) -> Source:
    """Print the top function of a verified module and all functions that it calls, callees first.

    Raises `ValueError` unless exactly one function is marked `top`.
    """
    tops = [op for op in module.ops if isinstance(op, FuncOp) and op.top is not None]
    if len(tops) != 1:
        raise ValueError(f"one hlscpp.func of the module is marked top, found {len(tops)}")
    functions = _callees_first(tops[0], {})
    names = Names(set(RESERVED))
    symbols = {function.sym_name.data: names.add(function.sym_name.data) for function in reversed(functions)}
    counted = {_bits(op.operand) for f in functions for op in f.walk() if isinstance(op, PopcountOp)}
    popcounts = {bits: names.add(f"popcount_{bits}") for bits in sorted(counted)}
    weights: dict[str, str] | None = None if inline_roms else {}

    top = symbols[tops[0].sym_name.data]
    source = f'#include "{top}.h"\n' + "".join(_popcount(name, bits) for bits, name in popcounts.items())
    signature = ""
    for function in functions:
        printer = FunctionPrinter(symbols, popcounts, names, weights)
        signature, text = printer.print(function)
        source += "\n" + text
    guard = f"{top.upper()}_H"
    header = f'#ifndef {guard}\n#define {guard}\n\n#include "ap_int.h"\n\n{signature};\n\n#endif\n'
    return Source(top, header, source, weights or {})


def _callees_first(function: FuncOp, order: dict[FuncOp, None]) -> Sequence[FuncOp]:
    for callee in function.callees():
        if callee not in order:
            _callees_first(callee, order)
    order[function] = None
    return list(order)


def _bits(value: SSAValue) -> int:
    assert isinstance(value.type, IntType)
    return value.type.bits


def _popcount(name: str, bits: int) -> str:
    body = POPCOUNT_WORD if bits <= 64 else POPCOUNT_LOOP
    count = f"ap_uint<{bits.bit_length()}>"
    return POPCOUNT.format(name=name, bits=bits, count=count, body=body.format(bits=bits, count=count))


@dataclass
class Names:
    """The identifiers visible in a block."""

    taken: set[str]

    def add(self, hint: str) -> str:
        """A legal identifier close to `hint` that nothing else in sight has, nor a keyword or macro."""
        stem = re.sub(r"[^A-Za-z0-9]+", "_", hint).strip("_")
        if re.match(r"[0-9]|(ap|AP|SC)_|$", stem):
            stem = f"n_{stem}".rstrip("_")
        name, number = stem, 0
        while name in self.taken:
            number += 1
            name = f"{stem}_{number}"
        self.taken.add(name)
        return name

    def nested(self) -> Names:
        return Names(set(self.taken))


def c_type(type: Attribute) -> str:
    """The C++ type of an integer or index."""
    if not isinstance(type, IntType):
        return "int"
    return f"ap_int<{type.bits}>" if type.signed else f"ap_uint<{type.bits}>"


def c_literal(value: int) -> str:
    """An integer literal of its own value and a type that holds it."""
    if -(2**31) < value < 2**31:
        return str(value)
    if value == -(2**63):
        return "-9223372036854775807LL - 1"
    return f"{value}LL" if value < 2**63 else f"0x{value:x}ULL"


class Text(NamedTuple):
    """A C++ expression, how loosely it binds and whether it is a `bool` instead of an `ap_uint<1>`."""

    text: str
    binding: int = PRIMARY
    is_bool: bool = False


@dataclass
class FunctionPrinter:
    """Prints one function."""

    symbols: dict[str, str]
    """C++ names of the functions."""
    popcounts: dict[int, str]
    """C++ names of the helpers by operand width in bits."""
    names: Names
    weights: dict[str, str] | None
    """Where constant arrays go, or `None` to print them in place."""
    lines: list[str] = field(default_factory=list[str])
    indent: str = ""
    identifiers: dict[SSAValue, str] = field(default_factory=dict[SSAValue, str])
    labels: dict[Operation, str] = field(default_factory=dict[Operation, str])
    dead: set[Operation] = field(default_factory=set[Operation])
    """Values and arrays that no printed operation reads."""
    inlined: set[Operation] = field(default_factory=set[Operation])
    """Values printed within the operation that uses them, and variables declared by their first store."""
    declaring: set[Operation] = field(default_factory=set[Operation])
    """These first stores."""

    def print(self, function: FuncOp) -> tuple[str, str]:
        """The signature without a semicolon, and the definition."""
        self.names = self.names.nested()
        parameters = ", ".join(self.parameter(argument) for argument in function.args)
        signature = f"void {self.symbols[function.sym_name.data]}({parameters})"
        for op in function.walk():
            if isinstance(op, ForOp) and op.label is not None:
                self.labels[op] = self.names.add(op.label.data)
        for line in (function.comment.data if function.comment else "").splitlines():
            self.line(f"// {line}".rstrip(" \\"))
        self.plan(function.body.block)
        with self.braces(signature if function.top else f"static {signature}"):
            self.block(function.body.block)
        return signature, "\n".join(self.lines) + "\n"

    def parameter(self, argument: BlockArgument) -> str:
        type = array_type(argument)
        declarator = self.declarator(type, self.name(argument, "arg"))
        if not is_written(argument):
            return f"const {declarator}"
        return declarator if type.get_shape() else declarator.replace(" ", " &")

    # --- Which operations become statements -----------------------------------------------------------------

    def plan(self, block: Block) -> None:
        """Find the operations without a statement of their own, walking from uses to definitions."""
        ops = list(block.ops)
        place = {op: number for number, op in enumerate(ops)}
        for op in reversed(ops):
            for region in op.regions:
                self.plan(region.block)
            if not op.results:
                continue
            result = op.results[0]
            users = [use.operation for use in result.uses if use.operation not in self.dead]
            if not any(not isinstance(user, Pragma) for user in users):
                self.dead.add(op)
            elif isinstance(op, LocalOp):
                first = next(after for after in ops[place[op] + 1 :] if any(o in users for o in after.walk()))
                if isinstance(first, StoreOp) and not first.indices:
                    self.inlined.add(op)
                    self.declaring.add(first)
            elif result.name_hint is not None or isinstance(op, RomOp):
                continue
            elif isinstance(op, ConstantOp):
                self.inlined.add(op)
            elif len(users) == 1 and users[0] in place:
                # `place` of an inlined user has moved on to that of the statement that prints it.
                statement = place[users[0]]
                between = ops[place[op] + 1 : statement]
                if not isinstance(op, LoadOp) or not any(writes(o, op.memref) for o in between):
                    self.inlined.add(op)
                    place[op] = statement

    # --- Statements -----------------------------------------------------------------------------------------

    def line(self, text: str) -> None:
        self.lines.append(self.indent + text)

    @contextmanager
    def braces(self, head: str) -> Generator[None]:
        self.line(f"{head} {{")
        self.indent += "    "
        yield
        self.indent = self.indent[4:]
        self.line("}")

    def block(self, block: Block) -> None:
        outside = self.names
        self.names = outside.nested()
        for op in block.ops:
            if op not in self.dead and op not in self.inlined:
                self.statement(op)
        self.names = outside

    def statement(self, op: Operation) -> None:
        match op:
            case Pragma():
                self.pragma(op)
            case LocalOp():
                self.line(f"{self.declarator(op.memref.type, self.name(op.memref, 'local'))};")
            case RomOp():
                self.rom(op)
            case StoreOp():
                if op in self.declaring:
                    target = self.declarator(array_type(op.memref), self.name(op.memref, "local"))
                else:
                    target = self.element(op)
                self.line(f"{target} = {self.assigned(op.value)};")
            case CallOp():
                arguments = ", ".join(self.identifiers[argument] for argument in op.arguments)
                self.line(f"{self.symbols[op.callee.string_value()]}({arguments});")
            case IfOp():
                with self.braces(f"if ({self.expression(op.condition).text})"):
                    self.block(op.body.block)
            case ForOp():
                outside = self.names
                self.names = outside.nested()
                free = (letter for letter in "ijklmn" if letter not in self.names.taken)
                counter = self.name(op.counter, next(free, "i"))
                label = f"{self.labels[op]}: " if op in self.labels else ""
                bounds = f"int {counter} = {op.lower.data}; {counter} < {op.upper.data}; {counter}++"
                with self.braces(f"{label}for ({bounds})"):
                    self.block(op.body.block)
                self.names = outside
            case _:
                value = op.results[0]
                text = self.definition(op).text if not isinstance(op, ConstantOp) else c_literal(op.value.data)
                self.line(f"const {c_type(value.type)} {self.name(value, 't')} = {text};")

    def pragma(self, op: Pragma) -> None:
        if any(operand.owner in self.dead for operand in op.operands):
            return
        spelling = {"ii": "II", "kind": "type"}
        words = [
            spelling.get(key, key) if value is None else f"{spelling.get(key, key)}={value}"
            for key, value in op.options().items()
        ]
        if isinstance(op, InterfaceOp):
            words.append(f"port={self.identifiers[op.memref] if op.memref else 'return'}")
        else:
            words[:0] = (f"variable={self.identifiers[operand]}" for operand in op.operands)
        self.lines.append(" ".join(["#pragma HLS", op.name.removeprefix("hlscpp.").upper(), *words]))

    def rom(self, op: RomOp) -> None:
        values = op.values()
        low, high = int(values.min()), int(values.max())
        element = next(name for name, (least, most) in C_TYPES.items() if least <= low and high <= most)
        name = self.name(op.memref, "rom")
        head = f"static const {element} {name}{_dimensions(op.memref.type.get_shape())} = {{"
        if self.weights is None:
            rows = list(_rows(values, self.indent + "    "))
            short = f"{self.indent}{head}{rows[0].strip()}}};"
            if values.ndim == 1 and len(rows) == 1 and len(short) <= COLUMNS:
                self.lines.append(short)
                return
        else:
            path = f"weights/{Names(set(map(_stem, self.weights))).add(name)}.inc"
            self.weights[path] = "\n".join(_rows(values, "")) + "\n"
            rows = [f'#include "{path}"']
        self.line(head)
        self.lines += rows
        self.line("};")

    # --- Expressions ----------------------------------------------------------------------------------------

    def name(self, value: SSAValue, default: str) -> str:
        """Give `value` an identifier after its name hint."""
        self.identifiers[value] = self.names.add(value.name_hint or default)
        return self.identifiers[value]

    def declarator(self, type: ArrayType, name: str) -> str:
        return f"{c_type(type.element_type)} {name}{_dimensions(type.get_shape())}"

    def element(self, op: AccessOp) -> str:
        return self.identifiers[op.memref] + "".join(f"[{self.expression(index).text}]" for index in op.indices)

    def assigned(self, value: SSAValue) -> str:
        """A whole right-hand side, where a bare literal changes no width."""
        op = value.owner
        return (
            c_literal(op.value.data)
            if op in self.inlined and isinstance(op, ConstantOp)
            else self.expression(value).text
        )

    def expression(self, value: SSAValue) -> Text:
        """`value` by its name, or the expression that computes it."""
        if value in self.identifiers:
            return Text(self.identifiers[value])
        assert isinstance(value.owner, Operation)
        return self.definition(value.owner)

    def operand(self, value: SSAValue, loosest: int) -> str:
        """`value` as an operand: never a `bool`, in parentheses if it binds more loosely than `loosest`."""
        text, binding, is_bool = self.expression(value)
        if is_bool:
            return f"ap_uint<1>({text})"
        return text if binding <= loosest else f"({text})"

    def definition(self, op: Operation) -> Text:
        """The expression that computes the result of `op`."""
        match op:
            case ConstantOp():
                text = c_literal(op.value.data)
                if isinstance(op.result.type, IntType):
                    return Text(f"{c_type(op.result.type)}({text})")
                return Text(text, UNARY if op.value.data < 0 else PRIMARY)
            case LoadOp():
                text = self.element(op)
                return Text(f"{c_type(op.result.type)}({text})" if isinstance(op.memref.owner, RomOp) else text)
            case CastOp():
                return Text(f"{c_type(op.result.type)}({self.expression(op.operand).text})")
            case PopcountOp():
                return Text(f"{self.popcounts[_bits(op.operand)]}({self.expression(op.operand).text})")
            case NegOp():
                return Text(f"-{self.operand(op.operand, PRIMARY)}", UNARY)
            case NotOp():
                return Text(f"~{self.operand(op.operand, PRIMARY)}", UNARY)
            case CmpOp():
                lhs, rhs = self.operand(op.lhs, SUM), self.operand(op.rhs, SUM)
                return Text(f"{lhs} {COMPARISONS[op.predicate.data]} {rhs}", COMPARISON, is_bool=True)
            case SelectOp():
                condition = self.expression(op.condition)
                test = f"({condition.text})" if condition.binding >= SELECTION else condition.text
                lhs, rhs = self.operand(op.lhs, OR), self.operand(op.rhs, OR)
                return Text(f"{test} ? {lhs} : {rhs}", SELECTION)
            case BinaryOp():
                operator, binding, left, right = BINARY[type(op)]
                lhs = self.expression(op.lhs)
                loosest = binding if lhs.binding == binding else left
                return Text(f"{self.operand(op.lhs, loosest)} {operator} {self.operand(op.rhs, right)}", binding)
            case _:
                raise ValueError(f"{op.name} has no C++ form")


def _dimensions(shape: Sequence[int]) -> str:
    return "".join(f"[{size}]" for size in shape)


def _stem(path: str) -> str:
    return path.removeprefix("weights/").removesuffix(".inc")


def _rows(values: np.ndarray, indent: str) -> Iterator[str]:
    """The lines of a nested brace list without its outer braces."""
    if values.ndim > 1:
        for row in values:
            lines = list(_rows(row, indent + "    "))
            whole = f"{indent}{{{lines[0].strip()}}},"
            if row.ndim == 1 and len(lines) == 1 and len(whole) <= COLUMNS:
                yield whole
            else:
                yield from (f"{indent}{{", *lines, f"{indent}}},")
        return
    line = indent
    for number in map(c_literal, values.tolist()):
        if line != indent and len(line) + len(number) + 1 > COLUMNS:
            yield line.rstrip()
            line = indent
        line += f"{number}, "
    yield line.removesuffix(", ")
