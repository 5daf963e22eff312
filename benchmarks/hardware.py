"""The cost of single layers: this compiler, a plain tree, da4ml and alkaid on the same matrices, one yosys.

    python benchmarks/hardware.py [CASE ...]

Every tool's Verilog goes through the same script: flattened, additions on carry chains, `synth_xilinx` without DSP
blocks. LUT, levels of logic (a carry cell counts one), seconds of CPU to write the text. Equality: of our netlists with
the interpreter, on inputs at the ends of their types and random ones. Tools that are not installed have no row.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import FuncOp, ReturnOp
from xdsl.ir import Block, Region

import qdialect
from qdialect.compiler.write_rtl import write_rtl
from qdialect.dialects.qnn.network import network
from qdialect.dialects.qnn.ops.constant import ConstantOp
from qdialect.dialects.qnn.ops.contractions import DenseOp
from qdialect.dialects.qnn.types import tensor
from qdialect.numerics.formats import BinaryFormat, FixedFormat, Format, Po2Format, TernaryFormat
from qdialect.validation.stimuli import sample_inputs

ADDERS = Path(qdialect.__file__).parent / "backends" / "rtl" / "templates" / "adders.v"
SYNTHESIS = """read_verilog -sv {sources}
hierarchy -check -top {top}
proc
flatten
opt
wreduce
techmap -map {adders}
opt_clean
synth_xilinx -family xc7 -nodsp -flatten -noiopad -noclkbuf -top {top}
tee -o stat.txt stat
tee -o levels.txt ltp -noff
"""


@dataclass(frozen=True)
class Case:
    """A layer without anything after its sums."""

    inputs: Format
    weights: Format
    shape: tuple[int, int]

    @property
    def codes(self) -> np.ndarray:
        return np.random.default_rng(0).choice(np.array(self.weights.codes(), np.int64), self.shape)

    @property
    def module(self) -> ModuleOp:
        block = Block(arg_types=[tensor((self.shape[0],), self.inputs)])
        block.add_op(kernel := ConstantOp(self.codes, self.weights))
        block.add_op(sums := DenseOp(block.args[0], kernel.result))
        block.add_op(ReturnOp(sums.result))
        return ModuleOp([FuncOp("top", ([block.args[0].type], [sums.result.type]), Region(block))])


U6, U4, BITS = FixedFormat(6, 6, False), FixedFormat(4, 4, False), FixedFormat(1, 1, False)
CASES = {
    "binary 64x32": Case(BITS, BinaryFormat(), (64, 32)),
    "ternary 64x32": Case(BITS, TernaryFormat(), (64, 32)),
    "powers of two 32x16": Case(U4, Po2Format(0, 7, True), (32, 16)),
    "convolution 3x3x8x16": Case(U4, FixedFormat(4, 4, True), (72, 16)),
    "dense 16x64 u6": Case(U6, FixedFormat(6, 6, True), (16, 64)),
    "binary 128x128": Case(BITS, BinaryFormat(), (128, 128)),
}
"""The bits of a binary layer are {0, 1} for all tools: with {-1, +1} only constants are added."""


def ours(products: str) -> Callable[[Case, Path], list[Path]]:
    """Netlists of this compiler, compared with the interpreter where verilator is installed."""

    def write(case: Case, folder: Path) -> list[Path]:
        write_rtl(case.module, folder / "prj", {"products": products})
        return [
            path for path in sorted((folder / "prj" / "rtl").glob("*.sv")) if not re.search("_axis|_pins", path.stem)
        ]

    return write


def da4ml(case: Case, folder: Path) -> list[Path]:
    from da4ml.codegen import RTLModel
    from da4ml.trace import FixedVariableArrayInput, comb_trace

    x = FixedVariableArrayInput(case.shape[0]).quantize(0, case.inputs.bits, 0)
    RTLModel(comb_trace(x, x @ case.codes.astype(np.float32)), "top", folder, print_latency=False).write()
    return [path for path in sorted(folder.rglob("*.v")) if path.stem not in ("top_wrapper", "lookup_table")]


def alkaid(case: Case, folder: Path) -> list[Path]:
    from alkaid.codegen import RTLModel
    from alkaid.trace import FVArrayInput, trace

    x = FVArrayInput(case.shape[0]).quantize(0, case.inputs.bits, 0)
    RTLModel(trace(x, x @ case.codes.astype(np.float32)), folder, "top", print_latency=False).write()
    return [path for path in sorted(folder.rglob("*.v")) if path.stem not in ("top_wrapper", "lookup_table")]


TOOLS = {"qdialect": ours("auto"), "plain tree": ours("tree"), "da4ml": da4ml, "alkaid": alkaid}


def synthesized(sources: list[Path], folder: Path) -> tuple[int, int]:
    """LUT and levels."""
    names = " ".join(str(path.resolve()) for path in sources)
    (folder / "script.ys").write_text(SYNTHESIS.format(sources=names, top="top", adders=ADDERS.resolve()))
    subprocess.run(["yosys", "-q", "-s", "script.ys"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    luts = re.findall(r" LUT[1-6] +(\d+)", (folder / "stat.txt").read_text())
    found = re.search(r"length=(\d+)", (folder / "levels.txt").read_text())
    assert found is not None
    return sum(map(int, luts)), int(found[1])


def verdict(case: Case, folder: Path) -> str:
    """Whether our netlists give the interpreter's outputs."""
    from qdialect.backends.rtl.files import RtlDesign
    from qdialect.compiler.write_rtl import RtlConfiguration, rtl_design_of
    from qdialect.interpreter.netlists import run_netlists
    from qdialect.interpreter.simulate import output_codes
    from qdialect.interpreter.values import to_argument

    design: RtlDesign = rtl_design_of(case.module, RtlConfiguration())
    function = network(design.module)
    x = sample_inputs(function, np.random.default_rng(0), 200)
    (port,), (out,) = design.inputs, design.outputs
    got = run_netlists(design.rtl, {port.name: port.to_bits(to_argument(function, 0, x[0])).T})
    return "equal" if (out.from_bits(got[out.name].T) == output_codes(design.module, x)[0]).all() else "DIFFERENT"


def main(names: list[str]) -> None:
    print(f"{'layer':24}{'tool':14}{'LUT':>8}{'levels':>8}{'CPU s':>8}  outputs", flush=True)
    for name in names or CASES:
        for tool, write in TOOLS.items():
            with tempfile.TemporaryDirectory() as scratch:
                folder = Path(scratch)
                begin = time.process_time()
                try:
                    sources = write(CASES[name], folder)
                except ImportError:
                    continue
                taken = time.process_time() - begin
                lut, levels = synthesized(sources, folder)
                told = verdict(CASES[name], folder) if tool == "qdialect" else ""
                print(f"{name:24}{tool:14}{lut:8}{levels:8}{taken:8.1f}  {told}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
