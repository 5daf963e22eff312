"""What yosys makes of Verilog on 7-series devices: look-up tables, levels, a delay estimate, and registers.

The delay is that of the longest path through the mapped cells: a table with its wire 0.6 ns, into a carry cell 0.4 ns,
along one 0.1 ns. Multiplexers between tables are not used: with them abc takes more tables, and slower ones.

Costs are kept in `build/yosys`, by a digest of all that they follow from: a run that was ended goes on where it was.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import qdialect

ADDERS = Path(qdialect.__file__).parent / "backends" / "rtl" / "templates" / "adders.v"
READ = "read_verilog -sv {sources}; hierarchy -check -top {top}; proc; flatten; opt; wreduce; "
MAPPED = (
    READ + "techmap -map {adders}; opt_clean; "
    "synth_xilinx -family xc7 -nodsp -nowidelut -flatten -noiopad -noclkbuf -top {top}; "
    "tee -o stat.txt stat; tee -o levels.txt ltp -noff; write_json cells.json"
)
REGISTERS = READ + "opt_clean -purge; simplemap t:$*dff*; opt_clean -purge; tee -o stat.txt stat"
TABLE, INTO_CARRY, ALONG_CARRY = 0.6, 0.4, 0.1
FREE = ("INV", "GND", "VCC")
KEPT = Path(__file__).parent.parent / "build" / "yosys"


@dataclass(frozen=True)
class MappedCost:
    """LUT, levels of logic, and the delay in ns."""

    tables: int
    levels: int
    delay: float


def _run(script: str, sources: Sequence[Path], folder: Path) -> str:
    names = " ".join(str(path.resolve()) for path in sources)
    commands = script.format(sources=names, top="top", adders=ADDERS.resolve())
    subprocess.run(["yosys", "-q", "-p", commands], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return (folder / "stat.txt").read_text()


@cache
def _version() -> bytes:
    return subprocess.run(["yosys", "-V"], check=True, capture_output=True).stdout


def mapped(sources: Sequence[Path], folder: Path) -> MappedCost:
    """The cost of a module `top` without registers, kept for the same text, script and yosys."""
    told = sha256(b"\0".join([_version(), MAPPED.encode(), *(path.read_bytes() for path in (ADDERS, *sources))]))
    kept = KEPT / f"{told.hexdigest()}.json"
    if kept.exists():
        return MappedCost(**json.loads(kept.read_text()))
    cost = _mapped(sources, folder)
    kept.parent.mkdir(parents=True, exist_ok=True)
    (written := folder / "cost.json").write_text(json.dumps(asdict(cost)))
    shutil.move(written, kept)
    return cost


def _mapped(sources: Sequence[Path], folder: Path) -> MappedCost:
    tables = re.findall(r" LUT[1-6] +(\d+)", _run(MAPPED, sources, folder))
    found = re.search(r"length=(\d+)", (folder / "levels.txt").read_text())
    assert found is not None
    cells = json.loads((folder / "cells.json").read_text())["modules"]["top"]["cells"]
    return MappedCost(sum(map(int, tables)), int(found[1]), longest([*cells.values()]))


def registers(sources: Sequence[Path], folder: Path) -> int:
    """Flip-flops of a module `top` that something reads, none of them in shift registers."""
    return sum(map(int, re.findall(r"\$_\w*DFF\w*_ +(\d+)", _run(REGISTERS, sources, folder))))


def longest(cells: Sequence[dict[str, Any]]) -> float:
    """The delay of the longest path in ns."""
    drivers: dict[int, dict[str, Any]] = {}
    for cell in cells:
        cell["inputs"] = [
            (port, bit)
            for port, bits in cell["connections"].items()
            for bit in bits
            if cell["port_directions"][port] == "input" and isinstance(bit, int)
        ]
        outputs = [port for port, direction in cell["port_directions"].items() if direction == "output"]
        drivers |= {bit: cell for port in outputs for bit in cell["connections"][port] if isinstance(bit, int)}

    times: dict[int, float] = {}
    waiting = sorted(drivers, reverse=True)
    while waiting:
        inputs = [] if (cell := drivers.get(bit := waiting[-1])) is None else cell["inputs"]
        if bit not in times:
            times[bit] = 0.0  # operators that yosys shares may close a loop, which no value goes round
            waiting += [b for _, b in inputs if b not in times]
        else:
            waiting.pop()
            if cell is not None:
                times[bit] = max((times[b] + step(cell["type"], p) for p, b in inputs), default=0.0)
    return max((times[bit] for bit in drivers), default=0.0)


def step(cell: str, port: str) -> float:
    """The delay of a cell from one of its inputs."""
    if cell.startswith("CARRY"):
        return ALONG_CARRY if port == "CI" else INTO_CARRY
    return 0.0 if cell in FREE else TABLE
