"""Emitted C++ in its synthesis view, compiled by clang: pragmas of loops and functions translated, integers of any
width on `_BitInt`. One function becomes straight-line LLVM IR, with all that it calls."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from qdialect.errors import QdialectError

HERE = Path(__file__).parent

FLAGS = (
    "-std=c++17 -O2 -D__SYNTHESIS__ -S -emit-llvm -fno-vectorize -fno-slp-vectorize -fno-discard-value-names "
    "-fno-builtin -fno-jump-tables -Wno-everything -mllvm -unroll-threshold=1000000000"
).split()

LABEL = re.compile(r"^(\s*)[A-Z_0-9]+: (for \()", re.M)
UNROLLED = re.compile(r"^(\s*for \([^\n]*\{)\n#pragma HLS (?:UNROLL|PIPELINE)[^\n]*", re.M)
PRAGMA = re.compile(r"^#pragma HLS[^\n]*\n", re.M)
FUNCTION = re.compile(r"^(?:static )?void (\w+)\(([^)]*)\) \{", re.M)
CHOICE = re.compile(r"(const ap_u?int<\d+> \w+) = ([^;]*\?[^;]*);")
ARRAY = re.compile(r"(\bap_u?int<\d+> )(\w+)((?:\[\d+\])+)(?=[,)])")
PARAMETER = re.compile(r"(const )?ap_(u?)int<(\d+)> (\w+)((?:\[\d+\])*)")


@dataclass(frozen=True)
class Port:
    """An array of integers that a function reads or writes."""

    name: str
    bits: int
    signed: bool
    elements: int
    written: bool


def functions(text: str) -> dict[str, list[Port]]:
    """The functions of a file with their arrays, in order."""
    return {name: [port(*found) for found in PARAMETER.findall(given)] for name, given in FUNCTION.findall(text)}


def port(constant: str, unsigned: str, bits: str, name: str, dimensions: str) -> Port:
    elements = 1
    for size in re.findall(r"\d+", dimensions):
        elements *= int(size)
    return Port(name, int(bits), not unsigned, elements, not constant)


def translated(text: str, function: str) -> str:
    """The file for clang: `function` stays, what it calls dissolves in it."""
    if f"static void {function}(" in text:  # layers call no other layer
        text = re.sub(rf"^(?:static )?void (?!{function}\()\w+\([^)]*\) \{{\n.*?^\}}\n", "", text, flags=re.S | re.M)
    text = LABEL.sub(r"\1\2", text)
    text = UNROLLED.sub(r"#pragma clang loop unroll(full)\n\1", text)
    text = PRAGMA.sub("", text)
    text = re.sub(r"^static (?=void|ap_)", "static inline __attribute__((always_inline)) ", text, flags=re.M)
    found = rf"^(?:static inline __attribute__\(\(always_inline\)\) )?void (?={function}\([^)]*\) \{{)"
    text = re.sub(found, 'extern "C" void ', text, flags=re.M)
    # clang keeps a branch where one side reads what may not be there, or where both sides build the same object
    return ARRAY.sub(r"\1(&\2)\3", CHOICE.sub(r"\1 = copied(\2);", text))


def llvm_of(source: Path, function: str, folder: Path) -> str:
    """The LLVM IR of a function of a C++ file, whose headers lie beside it. `folder` takes what clang reads and writes.

    Raises QdialectError where clang is not installed, or does not accept the text.
    """
    if shutil.which("clang++") is None:
        raise QdialectError("the synthesis view is compiled by clang++, which is not installed (package 'clang')")
    folder.mkdir(parents=True, exist_ok=True)
    text = source.read_text()
    if re.search(rf"^void {function}\(", text, re.M):  # the top function is declared in the header
        header = source.with_suffix(".h").read_text()
        text = text.replace(f'#include "{source.stem}.h"', header.replace("\nvoid ", '\nextern "C" void '))
    unit = folder / f"{function}.cpp"
    unit.write_text(translated(text, function))
    command = ["clang++", *FLAGS, f"-I{HERE}", f"-I{source.parent}", str(unit), "-o", str(unit.with_suffix(".ll"))]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        first = next((line for line in done.stderr.splitlines() if "error" in line), done.stderr.strip())
        raise QdialectError(f"clang does not compile '{function}': {first}")
    return unit.with_suffix(".ll").read_text()
