"""Equality of two netlists for all inputs, proved by abc after yosys has made gates of them."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from enum import StrEnum
from pathlib import Path

from xdsl.dialects import hw
from xdsl.dialects.builtin import ModuleOp

from qdialect.backends.rtl.printer import print_verilog
from qdialect.errors import QdialectError

ABC = ("yosys-abc", "berkeley-abc", "abc")
"""What distributions call it."""
GATES = (
    "proc; flatten; opt; memory; opt; techmap; opt; dfflegalize -cell $_DFF_P_ 01; setundef -init -zero; "
    "abc -g AND; opt_clean"
)
"""Of a design with registers and memories: two-input gates and registers without enable and reset."""
PATIENCE = 4
"""How many times its seconds abc may take, on a machine with other work."""


class Verdict(StrEnum):
    """What the solver says of two netlists."""

    EQUAL = "equal"
    DIFFERENT = "different"
    UNDECIDED = "undecided"


def abc() -> str:
    """The name of the abc program. Raises QdialectError where it or yosys is not installed."""
    found = next((name for name in ABC if shutil.which(name)), None)
    if found is None or shutil.which("yosys") is None:
        raise QdialectError("equality is proved by yosys and abc, which are not installed (package 'yosys')")
    return found


def compare(a: ModuleOp, b: ModuleOp, name: str, seconds: int = 60) -> Verdict:
    """Whether the modules `name` of two netlists compute the same, in about so many seconds, which not all steps of abc
    observe; those with registers and memories in every cycle, from zeros on.

    Raises QdialectError where the tools are not installed, or do not read the text.
    """
    solver = abc()
    with tempfile.TemporaryDirectory() as scratch:
        gates = [_gates(Path(scratch), side, module, name) for side, module in (("a", a), ("b", b))]
        check = "dsec" if any(".latch" in text for text in gates) else "cec"
        command = f"{check} -T {seconds} a.blif b.blif"
        try:
            run = subprocess.run(
                [solver, "-c", command], cwd=scratch, capture_output=True, text=True, timeout=PATIENCE * seconds
            )
        except subprocess.TimeoutExpired:
            return Verdict.UNDECIDED
    told = run.stdout.lower()
    if "networks are equivalent" in told:
        return Verdict.EQUAL
    if "not equivalent" in told:
        return Verdict.DIFFERENT
    if "undecided" in told:
        return Verdict.UNDECIDED
    raise QdialectError(f"abc compares module '{name}': {(run.stdout + run.stderr).strip().splitlines()[-1:]}")


def _gates(directory: Path, side: str, module: ModuleOp, name: str) -> str:
    """The gates of a module in the format blif, which are left in the file of this side too."""
    (directory / f"{side}.sv").write_text("\n".join(print_verilog(module).values()))
    script = f"read_verilog -sv {side}.sv; hierarchy -top {name}; {GATES}; write_blif {side}.blif"
    run = subprocess.run(["yosys", "-q", "-p", script], cwd=directory, capture_output=True, text=True)
    if run.returncode:
        raise QdialectError(f"yosys reads module '{name}': {run.stderr.strip().splitlines()[-1:]}")
    return (directory / f"{side}.blif").read_text()


def layers(rtl: ModuleOp) -> list[str]:
    """The modules of netlists but the last, the network."""
    return [op.sym_name.data for op in rtl.body.ops if isinstance(op, hw.HWModuleOp)][:-1]
