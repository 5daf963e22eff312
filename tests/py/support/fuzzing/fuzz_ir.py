"""IR texts and pipelines from a seed, and what must hold for any of them, each in a process of its own.

A text is refused in one line, or prints, parses and prints to the same text. A pipeline is refused in one line, or
gives an equal function in IR that verifies and prints so as well. Nothing takes 20 s or 4 GB.

    make fuzz-ir SEED=7

prints the seed of every fault and keeps the text. Whatever is found belongs into `tests/corpus/ir`.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import resource
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import fields
from functools import cache
from multiprocessing import Pipe, get_context
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from multiprocessing.forkserver import ensure_running
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import get_args, get_type_hints
from unittest.mock import patch

from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass
from xdsl.utils.exceptions import DiagnosticException, ParseError, VerifyException

from qdialect.backends.hls.text.printer import Source
from qdialect.backends.rtl.printer import print_verilog
from qdialect.compiler.loop_level import print_design
from qdialect.compiler.pipeline import EquivalenceWitness, parse_pipeline
from qdialect.compiler.registry import make_context
from qdialect.compiler.run_passes import run_passes, verify_module
from qdialect.dialects.qnn.text import parse_module
from qdialect.errors import QdialectError
from qdialect.passes import PASSES, pass_loader
from qdialect.tools.driver import describe

ROOT = Path(__file__).resolve().parents[4]
HEADERS = ROOT / "qdialect/backends/hls/sim"
SECONDS, BYTES = 20, 4 << 30
REFUSED = (QdialectError, ParseError, VerifyException, DiagnosticException)


def texts() -> list[str]:
    """The parts of all lit tests: every operation, type and attribute of both dialects."""
    files = sorted((ROOT / "tests/lit").rglob("*.mlir"))
    parts = [part for file in files for part in file.read_text().split("// -----")]
    return [code for part in parts if "func" in (code := re.sub(r"^\s*//.*\n", "", part, flags=re.M))]


# --- mutations -------------------------------------------------------------------------------------------------------

NUMBERS = ["0", "-1", "1", "2", "3", "7", "63", "64", "65", "128", "1023", "1025", "4097", "65537", str(10**9)]
NUMBERS += [str(10**18), str(2**63), str(-(2**63) - 1), str(2**64), "1.5", "1e999", "-0.0", "0x7FC00000", "9" * 4000]
PIECES = {
    "number": r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?",
    "type": r"![\w.]+(?:<[^<>]*>)?",
    "tensor": r"tensor<[^<>]*(?:<[^<>]*>)?>",
    "attribute": r"#[\w.]+(?:<[^<>]*>)?",
    "operation": r"\b(?:qnn|hlscpp|func)\.\w+",
    "value": r"%\w+",
    "word": r"\b[a-z_]+\b",
    "line": r"[^\n]*\n",
    "property": r"\b\w+ = [^,}\n]+",
    "data": r"dense<[^>]*>",
}


def mutated(text: str, others: Sequence[str], rng: random.Random) -> str:
    """`text` with one to three pieces replaced by others of their kind, doubled, left out, or damaged."""
    for _ in range(rng.choice([1, 1, 2, 3])):
        kind = rng.choice([*PIECES, "number", "number"])
        found = list(re.finditer(PIECES[kind], text))
        if not found:
            continue
        piece = rng.choice(found)
        donors = re.findall(PIECES[kind], text if rng.random() < 0.5 else rng.choice(others))
        new = rng.choice(NUMBERS) if kind == "number" else rng.choice(donors or [""])
        match rng.randrange(8):
            case 0:
                new = ""
            case 1:
                new = 2 * piece.group()
            case 2:
                at = rng.randrange(len(piece.group()) + 1)
                new = piece.group()[:at] + rng.choice('<>(){}[]",:%#!x-=?\0é0 ') + piece.group()[at + 1 :]
            case _:
                pass
        text = text[: piece.start()] + new + text[piece.end() :]
    return text


# --- pipelines -------------------------------------------------------------------------------------------------------

NETWORK = """
func.func @net(%x: tensor<2x!qnn.binary>) -> tensor<2x!qnn.binary> {
  func.return %x : tensor<2x!qnn.binary>
}
"""
LOWERINGS = ("lower-to-loops", "lower-to-rtl")
"""What most passes come before."""


def parsed(text: str) -> ModuleOp:
    module = parse_module(make_context(), text)
    verify_module(module)
    return module


def spellings() -> dict[str, list[str]]:
    """Every registered pass: alone, with the options that lit tests and the corpus give it, for all layers, and with
    each word that an option may be."""
    files = [*(ROOT / "tests/lit").rglob("*.mlir"), *(ROOT / "tests/corpus/ir").glob("*.mlir")]
    commands = re.findall(r"^// (?:RUN|PASSES):(.*)", "\n".join(file.read_text() for file in sorted(files)), re.M)
    everywhere = re.sub(r"\blayers?=[^ }]+ ?", "", "\n".join(commands)).replace(" }", "}")
    return {
        name: sorted({name, *re.findall(rf"\b{name}{{[^{{}}]+}}", everywhere), *words(name, pass_loader(name)())})
        for name in PASSES
    }


def words(name: str, pass_: type[ModulePass]) -> Iterator[str]:
    """A pass with each word of its options: of their types, or of the refusal of another word."""
    for option in (each for each in fields(pass_) if each.init and each.name != "name"):
        listed = get_args(get_type_hints(pass_)[option.name])
        if "str" in str(option.type) and "None" not in str(option.type):
            with suppress(TypeError):  # other options are required
                try:
                    pass_(**{option.name: "?"}).apply(make_context(), parsed(NETWORK))
                except QdialectError as error:
                    listed = str(error).partition("not one of ")[2].split(", ")
        yield from (f"{name}{{{option.name}={word}}}" for word in listed if isinstance(word, str) and word)


SPELLINGS = spellings()
BEFORE = ["default", "canonicalize", "cse", "dce", *(name for name in PASSES if name not in LOWERINGS)]


def pipeline(rng: random.Random) -> str:
    """One to eight passes in any order, with options; now and then down to loops or netlists, and on from there."""

    def spelled(name: str) -> str:
        known = SPELLINGS.get(name, [name])
        return rng.choice(known) if rng.random() < 0.7 else known[0]

    chosen = rng.choices(BEFORE, weights=[3 if name == "choose-forms" else 1 for name in BEFORE], k=rng.randint(1, 8))
    if rng.random() < 0.25:
        chosen += ["quantize-interface", rng.choice(LOWERINGS), *rng.choices(list(PASSES), k=rng.choice([0, 0, 1, 2]))]
    return ",".join(map(spelled, chosen))


# --- what must hold --------------------------------------------------------------------------------------------------


def expect_round_trip(module: ModuleOp) -> None:
    printed = str(module)
    again = str(parsed(printed))
    pairs = zip(printed.splitlines(), again.splitlines(), strict=False)
    assert again == printed, next((a, b) for a, b in pairs if a != b)


def check_text(text: str) -> None:
    expect_round_trip(parsed(text))


def check_pipeline(text: str, passes: str) -> None:
    module = parsed(text)
    try:
        run_passes(module, parse_pipeline([passes]), make_context(), EquivalenceWitness(module))
    except QdialectError as error:
        if "changes value" in str(error) or "too narrow" in str(error):
            raise AssertionError(str(error)) from None
        raise
    expect_round_trip(module)
    if "lower-to-rtl" in passes:
        assert all(print_verilog(module).values())
    elif "lower-to-loops" in passes:
        expect_cpp(print_design(module, inline_roms=True))


def expect_cpp(design: Source) -> None:
    """The text compiles against the headers that a project has."""
    with TemporaryDirectory() as folder:
        (Path(folder) / f"{design.top}.h").write_text(design.header)
        command = ["g++", "-std=c++11", "-fsyntax-only", "-Werror=vla", f"-I{folder}", f"-I{HEADERS}", "-x", "c++", "-"]
        done = subprocess.run(command, input=design.source, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[:1000]


def outcome(check: Callable[..., None], *arguments: str) -> str:
    """'accepted', 'refused: ...' in one line, or 'fault: ...' with the last lines of a traceback."""
    try:
        check(*arguments)
    except REFUSED as error:
        line = describe(error)
        return f"refused: {line}" if "\n" not in line else f"fault: {line!r} is no line"
    except BaseException:
        return "fault: " + "\n".join(traceback.format_exc().splitlines()[-12:])
    return "accepted"


@cache
def clean_processes() -> ForkServerContext:
    """Forks of a process without Keras and without threads: a fork of one with threads of BLAS may crash or hang."""
    context = get_context("forkserver")
    context.set_forkserver_preload(["__main__", "fuzz_ir"])
    with patch.dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path), OPENBLAS_NUM_THREADS="1"):
        ensure_running()
    return context


def tell(writer: Connection, seconds: int, check: Callable[..., None], *arguments: str) -> None:
    """Send the outcome of `check` under limits of time and memory."""
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))  # the machine may be busy
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + BYTES, used + BYTES))
    writer.send(outcome(check, *arguments)[:4000])


def in_a_process(check: Callable[..., None], *arguments: str, seconds: int = SECONDS) -> str:
    """The outcome of `check`, a function of a module, in a process of its own."""
    reader, writer = Pipe(duplex=False)
    child = clean_processes().Process(target=tell, args=(writer, seconds, check, *arguments))
    child.start()
    writer.close()
    try:
        told: str = reader.recv()
    except EOFError:
        told = "fault: no answer"
    child.join()
    if child.exitcode and child.exitcode < 0:
        return f"fault: ended by {signal.Signals(-child.exitcode).name} ({seconds} s, {BYTES >> 30} GB)"
    return told


# --- the whole thing -------------------------------------------------------------------------------------------------


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--texts", type=int, default=3000)
    parser.add_argument("--pipelines", type=int, default=500)
    parser.add_argument("--networks", type=int, default=100)
    parser.add_argument("--keep", type=Path, default=Path("build/fuzz_ir"))
    given = parser.parse_args()
    from fuzz_networks import networks  # takes Keras

    parts = texts()
    drawn = networks(given.seed, given.networks) + [part for part in parts if outcome(check_text, part) == "accepted"]
    faults = accepted = 0
    for index in range(given.texts + given.pipelines):
        seed = given.seed + index
        rng = random.Random(seed)
        if index < given.texts:
            passes, text = "", mutated(rng.choice(parts + drawn[: given.networks // 4]), parts, rng)
            told = in_a_process(check_text, text)
        else:
            passes, text = pipeline(rng), rng.choice(drawn)
            told = in_a_process(check_pipeline, text, passes)
        accepted += told == "accepted"
        if told.startswith("fault"):
            faults += 1
            given.keep.mkdir(parents=True, exist_ok=True)
            (given.keep / f"{seed}.mlir").write_text(f"// PASSES: {passes}\n{text}")
            print(f"seed {seed} {passes}\n{told}\n")
    print(
        f"seeds {given.seed} to {given.seed + given.texts + given.pipelines - 1}: {accepted} accepted, {faults} faults"
    )
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
