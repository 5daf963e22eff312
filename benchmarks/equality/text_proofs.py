"""Whether no input shows that a number of a written project has changed: of an array, and of a statement.

A changed number of an array is that of a constant of the network where the network with that constant changed has the
changed text, letter for letter; whether it gives the same outputs is for the prover. A changed statement of one
integer is compiled beside the old one, and both are run at every integer that its type holds, or that reach it.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Iterator
from importlib.resources import files
from itertools import permutations
from pathlib import Path

import numpy as np
from text_constants import NUMBER, TextConstant
from xdsl.dialects.builtin import ModuleOp

from qdialect.analysis.ranges import ranges
from qdialect.backends.hls.project.files import HlsDesign
from qdialect.backends.hls.text.names import legal
from qdialect.compiler.configuration import Configuration
from qdialect.compiler.origin import Origin
from qdialect.compiler.write_hls import design_of
from qdialect.dialects.qnn.network import network
from qdialect.dialects.qnn.ops.constant import ConstantOp
from qdialect.dialects.qnn.storage import encode
from qdialect.dialects.qnn.types import BitsType, exact_format_of, tensor_type
from qdialect.lowering.parts.elements import from_stored, to_stored
from qdialect.numerics.arrays import IntArray
from qdialect.proof.prove import prove

HEADERS = str(files("qdialect.backends.hls") / "sim")
MOST_INTEGERS = 1 << 28
"""Of a statement that is run at each of them."""
DECLARED = re.compile(r"const (ap_u?int<\d+>) (\w+) =\s")
INTEGER = re.compile(r"ap_(u?)int<(\d+)>")


class ProvableText:
    """The text of a network at integer level, and what is proved of changes of its constants."""

    def __init__(self, module: ModuleOp, io_type: str):
        self.module, self.settings = module, Configuration(io_type=io_type)
        self.design = self._design(module)

    def _design(self, module: ModuleOp) -> HlsDesign:
        return design_of(module, self.settings, Origin("", "", {}))

    def proves(self, constant: TextConstant, step: int) -> bool:
        """Whether no input shows the change of a constant."""
        if constant.path.suffix != ".inc":
            return self.same_statement(constant, step)
        others = self.with_text(constant, constant.changed(step))
        return any(prove(self.module, other, search=False).certified for other in others)

    def with_text(self, constant: TextConstant, text: str) -> Iterator[ModuleOp]:
        """The network that has the changed text of an array, if changing one constant gives one."""
        source = self.design.source
        path = f"weights/{constant.path.name}"
        numbers = [np.array([int(n) for n in NUMBER.findall(t)], object) for t in (source.weights[path], text)]
        expected = {**source.weights, path: text}
        for place, op in enumerate(network(self.module).body.block.ops):
            if isinstance(op, ConstantOp):
                for data in changed_data(op, constant.path.stem, *numbers):
                    other = self.module.clone()
                    changed = list(network(other).body.block.ops)[place]
                    changed.properties["value"] = encode(data, tensor_type(op.result.type).element_type)
                    theirs = self._design(other).source
                    if (theirs.source, theirs.weights) == (source.source, expected):
                        yield other

    def same_statement(self, constant: TextConstant, step: int) -> bool:
        """Whether the changed statement gives the value of the old one at all integers."""
        text, (start, end) = constant.path.read_text(), statement_at(constant)
        changed = constant.changed(step)[start : end + len(str(constant.value + step)) - len(constant.spelled)]
        function = text[text.rfind("\nstatic ", 0, start) : start]
        types = {match[2]: match[1] for match in DECLARED.finditer(function)}
        block = [text[start:end], changed]
        if equal_numbers(block, constant.start - start):
            return True
        while True:
            names = {name for name in re.findall(r"[A-Za-z_]\w*", value_of(block[0])) if name in types}
            if len(names) != 1:
                return False
            (name,) = names
            if equal_at_all(block, types[name], name, self.integers(name, types[name])):
                return True
            declarations = re.findall(rf"const {re.escape(types[name])} {name} =\s[^;]*;", function)
            if not declarations or name.endswith("_in"):
                return False
            block = [f"{declarations[-1]} {each}" for each in block]
            del types[name]

    def integers(self, name: str, type_: str) -> range:
        """What a variable of the text may hold: of the operand of a step function, what reaches it."""
        unsigned, bits = INTEGER.fullmatch(type_).groups()  # pyright: ignore[reportOptionalMemberAccess]
        known = ranges(self.module)
        for op in network(self.module).body.block.ops:
            if op.results and f"{legal(op.results[0].name_hint or '')}_in" == name and op.operands[0] in known:
                low, high = known[op.operands[0]].hull
                return range(low, high + 1)
        return range(0, 1 << int(bits)) if unsigned else range(-(1 << int(bits) - 1), 1 << int(bits) - 1)


def changed_data(op: ConstantOp, name: str, old: IntArray, new: IntArray) -> Iterator[IntArray]:
    """The data of a constant with one element such that the array of a name may have other numbers."""
    own = legal(op.result.name_hint or "")
    at = int(np.flatnonzero(old != new)[0])
    if not name.startswith(own) or at >= op.data.size:
        return
    for axes in permutations(range(op.data.ndim)):
        index = np.arange(op.data.size).reshape(op.data.shape).transpose(axes).reshape(-1)
        data = op.data.reshape(-1)[index]
        if name == own:
            changed = stored_as(op, data, old, int(new[at]))
        else:
            changed = power_as(op, int(data[at]), name.removeprefix(own), int(new[at]))
        if changed is not None:
            data = op.data.copy()
            data.flat[index[at]] = changed
            yield data


def stored_as(op: ConstantOp, data: IntArray, old: IntArray, new: int) -> int | None:
    """The element that is stored as a number; None where the others are not stored as the old ones."""
    if isinstance(tensor_type(op.result.type).element_type, BitsType):
        same = np.array_equal(data.view(np.uint64).astype(object), old)
        return int(np.array(new, np.uint64).view(np.int64)) if same and 0 <= new < 1 << 64 else None
    fmt = exact_format_of(op.result.type)
    if not np.array_equal(to_stored(data, fmt).astype(object), old):
        return None
    code = int(from_stored(np.array([new], object), fmt)[0])
    return code if code in fmt else None


def power_as(op: ConstantOp, data: int, table: str, new: int) -> int | None:
    """A power of two with another exponent, or of the other sign."""
    match table:
        case "_exponent" if new >= 0:
            code = int(np.sign(data)) << new
        case "_negative":
            code = -abs(data) if new & 1 else abs(data)
        case _:
            return None
    return code if code in exact_format_of(op.result.type) else None


def statement_at(constant: TextConstant) -> tuple[int, int]:
    """Where the statement of a constant starts and ends, its semicolon included."""
    text = constant.path.read_text()
    before = re.split(r"[;{}]\s*\n|#pragma[^\n]*\n", text[: constant.start])[-1]
    return constant.start - len(before), text.index(";", constant.start) + 1


def equal_numbers(blocks: list[str], at: int) -> bool:
    """Whether a place of two statements is in brackets that hold numbers alone, and these are equal."""
    opened = [i for i in range(at) if blocks[0][i] == "[" and "]" not in blocks[0][i:at]]
    if not opened:
        return False
    groups = [block[opened[-1] + 1 : block.index("]", at)] for block in blocks]
    if re.search(r"\b(?!(?:ap_u?int|int)\b)[A-Za-z_]", groups[0]):
        return False
    return equal_at_all([f"value = {group};" for group in groups], "ap_uint<1>", "unused", range(1))


def value_of(statements: str) -> str:
    """The right side of the first of some statements."""
    return re.split(r" \+?=\s", statements, maxsplit=1)[-1].split(";")[0]


def equal_at_all(blocks: list[str], type_: str, name: str, integers: range) -> bool:
    """Whether two blocks of statements give the same last value at all integers of their one variable."""
    if len(integers) > MOST_INTEGERS:
        return False
    functions = "\n".join(
        f"static long long f{i}(const {type_} {name}) {{ {returning(block)} }}" for i, block in enumerate(blocks)
    )
    program = f"""#include "ap_int.h"
{functions}
int main() {{
    for (long long i = {integers.start}; i < {integers.stop}; i++)
        if (f0({type_}(i)) != f1({type_}(i)))
            return 1;
}}
"""
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "f.cpp"
        file.write_text(program)
        compiled = ["g++", "-std=c++11", "-O2", "-w", "-isystem", HEADERS, "-o", f"{scratch}/f", str(file)]
        if subprocess.run(compiled, capture_output=True, check=False).returncode:
            return False
        return subprocess.run([f"{scratch}/f"], check=False).returncode == 0


def returning(block: str) -> str:
    """A block whose last statement returns its value."""
    *before, last, _ = block.split(";")
    return f"{';'.join([*before, ''])} return ap_int<64>({value_of(last)}).to_int64();"
