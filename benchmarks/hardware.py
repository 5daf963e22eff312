"""The cost of layers: this compiler, a plain tree, da4ml and alkaid on the same integer matrices, one yosys.

    python benchmarks/hardware.py [--tools qdialect,da4ml,alkaid] [CASE ...]

Every tool's Verilog goes through the same script (`synthesis.py`): LUT, levels of logic (a carry cell counts one), a
delay estimate, FF at five levels or additions per stage, seconds of CPU to write the text without registers. Equality:
of our netlists with the interpreter, on inputs at the ends of their types and random ones. Tools that are not installed
have no row; `jet tagger` is four dense layers with rectifiers that cut bits off.
"""

from __future__ import annotations

import argparse
import re
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from synthesis import mapped, registers
from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import FuncOp, ReturnOp
from xdsl.ir import Block, Region

import qdialect
from qdialect.compiler.rtl_configuration import RtlConfiguration
from qdialect.compiler.write_rtl import rtl_design_of, write_rtl
from qdialect.dialects.qnn.attributes import RoundAttr
from qdialect.dialects.qnn.network import network
from qdialect.dialects.qnn.ops.constant import ConstantOp
from qdialect.dialects.qnn.ops.contractions import Conv2DOp, DenseOp
from qdialect.dialects.qnn.ops.packed import PopcountOp
from qdialect.dialects.qnn.ops.quantize import QuantizeOp
from qdialect.dialects.qnn.owner import layer_of
from qdialect.dialects.qnn.types import format_of, tensor
from qdialect.interpreter.netlists import run_netlists
from qdialect.interpreter.values import to_argument
from qdialect.lowering.rtl.pointwise import parameter_of
from qdialect.lowering.rtl.windows import popcount_kernel
from qdialect.numerics.formats import BinaryFormat, FixedFormat, Format, Po2Format, TernaryFormat
from qdialect.numerics.quantizers import Round
from qdialect.numerics.rounding import Overflow, Rounding
from qdialect.simulator.simulate import output_codes
from qdialect.validation.stimuli import sample_inputs

LEVELS = 5
EXAMPLES = Path(__file__).parent.parent / "examples"


@dataclass(frozen=True)
class Case:
    """Dense layers without biases; between them is a rectifier to `inputs`, which cuts `dropped` bits off."""

    inputs: FixedFormat
    matrices: Sequence[np.ndarray]
    dropped: int = 0

    @property
    def module(self) -> ModuleOp:
        block = Block(arg_types=[tensor((len(self.matrices[0]),), self.inputs)])
        value = block.args[0]
        for i, codes in enumerate(self.matrices):
            if i:
                fmt = FixedFormat(self.inputs.width, self.inputs.width + self.dropped, False)
                mode = RoundAttr(Round(Rounding.FLOOR, Overflow.SATURATE))
                block.add_op(cut := QuantizeOp(value, mode, fmt))
                value = cut.result
            bits = int(np.abs(codes).max()).bit_length() + 1
            block.add_op(kernel := ConstantOp(codes, FixedFormat(bits, bits, True)))
            block.add_op(sums := DenseOp(value, kernel.result))
            value = sums.result
        block.add_op(ReturnOp(value))
        return ModuleOp([FuncOp("top", ([block.args[0].type], [value.type]), Region(block))])


def drawn(inputs: FixedFormat, weights: Format, *shape: int) -> Case:
    codes = np.random.default_rng(0)
    steps = [codes.choice(np.array(weights.codes(), np.int64), each) for each in pairwise(shape)]
    return Case(inputs, steps, dropped=6)


U6, U4, BITS = FixedFormat(6, 6, False), FixedFormat(4, 4, False), FixedFormat(1, 1, False)
CASES: dict[str, Callable[[], Case]] = {
    "binary 64x32": lambda: drawn(BITS, BinaryFormat(), 64, 32),
    "ternary 64x32": lambda: drawn(BITS, TernaryFormat(), 64, 32),
    "powers of two 32x16": lambda: drawn(U4, Po2Format(0, 7, True), 32, 16),
    "convolution 3x3x8x16": lambda: drawn(U4, FixedFormat(4, 4, True), 72, 16),
    "dense 16x64 u6": lambda: drawn(U6, FixedFormat(6, 6, True), 16, 64),
    "binary 128x128": lambda: drawn(BITS, BinaryFormat(), 128, 128),
    "jet tagger 6 bits": lambda: drawn(U6, FixedFormat(6, 6, True), 16, 64, 32, 32, 5),
    **{
        f"{example} {layer}": lambda example=example, layer=layer: layers_of(example)[layer]
        for example, layers in (
            ("digits_mlp", ("fc1", "fc2", "fc3", "fc4", "logits")),
            ("digits_cnn", ("conv1", "conv2", "conv3", "logits")),
        )
        for layer in layers
    },
}
"""The bits of binary layers are {0, 1} for all tools: with {-1, +1} only constants are added."""


@cache
def layers_of(example: str) -> dict[str, Case]:
    """The matrices of an example, of a convolution that of one position; codes of inputs without their sign."""
    found: dict[str, Case] = {}
    for op in network(qdialect.lower(qdialect.from_keras(EXAMPLES / example / "model.h5"))).walk():
        match op:
            case DenseOp() | Conv2DOp():
                codes, fmt = parameter_of(op, op.kernel), format_of(op.operand.type)
                bits = fmt.width if isinstance(fmt, FixedFormat) else 1
            case PopcountOp():
                codes, bits = popcount_kernel(op), 1
            case _:
                continue
        matrix = codes.reshape(-1, codes.shape[-1]).astype(np.int64)
        found[layer_of(op)] = Case(FixedFormat(bits, bits, False), [matrix])
    return found


def ours(**options: Any) -> Callable[[Case, Path, bool], list[Path]]:
    """Netlists of this compiler, with options of its products."""

    def write(case: Case, folder: Path, staged: bool) -> list[Path]:
        settings = options | ({"registers": {"levels": LEVELS}} if staged else {})
        write_rtl(case.module, folder / "prj", settings)
        written = sorted((folder / "prj" / "rtl").glob("*.sv"))
        return [path for path in written if not re.search("_axis|_pins", path.stem)]

    return write


def through(x: Any, case: Case, relu: Callable[..., Any]) -> Any:
    """The sums of the last layer, in a tool that traces arrays."""
    for i, codes in enumerate(case.matrices):
        if i:  # a rectifier that saturates, as ours: the tool's own wraps around
            x = relu(x / 2.0**case.dropped, f=np.array(0))
            x = x.quantize(0, case.inputs.width, 0, "SAT", "TRN") * 2.0**case.dropped
        x = x @ codes.astype(np.float32)
    return x


def da4ml(case: Case, folder: Path, staged: bool) -> list[Path]:
    from da4ml.codegen import RTLModel
    from da4ml.trace import FixedVariableArrayInput, comb_trace
    from da4ml.trace.ops import relu

    x = FixedVariableArrayInput(len(case.matrices[0])).quantize(0, case.inputs.width, 0)
    logic = comb_trace(x, through(x, case, relu))
    RTLModel(logic, "top", folder, print_latency=False, latency_cutoff=LEVELS if staged else -1).write()
    return [path for path in sorted(folder.rglob("*.v")) if path.stem not in ("top_wrapper", "lookup_table")]


def alkaid(case: Case, folder: Path, staged: bool) -> list[Path]:
    from alkaid.codegen import RTLModel
    from alkaid.trace import FVArrayInput, trace
    from alkaid.trace.ops import relu

    x = FVArrayInput(len(case.matrices[0])).quantize(0, case.inputs.width, 0)
    logic = trace(x, through(x, case, relu))
    RTLModel(logic, folder, "top", print_latency=False, latency_cutoff=LEVELS if staged else -1).write()
    return [path for path in sorted(folder.rglob("*.v")) if path.stem not in ("top_wrapper", "lookup_table")]


TOOLS = {
    "qdialect": ours(),
    "in depth 0": ours(depth=0),
    "plain tree": ours(products="tree"),
    "da4ml": da4ml,
    "alkaid": alkaid,
}
"""The second is this compiler where no sum may be deeper than a tree."""


def verdict(case: Case) -> str:
    """Whether our netlists give the interpreter's outputs."""
    design = rtl_design_of(case.module, RtlConfiguration())
    function = network(design.module)
    x = sample_inputs(function, np.random.default_rng(0), 200)
    (port,), (out,) = design.inputs, design.outputs
    got = run_netlists(design.rtl, {port.name: port.to_bits(to_argument(function, 0, x[0])).T})
    return "equal" if (out.from_bits(got[out.name].T) == output_codes(design.module, x)[0]).all() else "DIFFERENT"


def row(case: Case, tool: str) -> str:
    """The figures of one tool. Raises ImportError where it is not installed."""
    write = TOOLS[tool]
    with tempfile.TemporaryDirectory() as scratch:
        warm, plain, staged = (Path(scratch) / name for name in ("warm", "plain", "staged"))
        write(drawn(U4, FixedFormat(3, 3, True), 2, 2), warm, False)
        begin = time.process_time()
        sources = write(case, plain, False)
        taken = time.process_time() - begin
        cost = mapped(sources, plain)
        flops = registers(write(case, staged, True), staged)
    told = verdict(case) if tool == "qdialect" else ""
    return f"{cost.tables:8}{cost.levels:8}{cost.delay:8.1f}{flops:8}{taken:8.2f}  {told}"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--tools", default=",".join(TOOLS), help="those that have rows, by commas")
    parser.add_argument("cases", nargs="*")
    arguments = parser.parse_args()
    print(f"{'layer':24}{'tool':14}{'LUT':>8}{'levels':>8}{'ns':>8}{'FF':>8}{'CPU s':>8}  outputs", flush=True)
    for name in arguments.cases or CASES:
        for tool in arguments.tools.split(","):
            try:
                print(f"{name:24}{tool:14}{row(CASES[name](), tool)}", flush=True)
            except ImportError:
                continue


if __name__ == "__main__":
    main()
