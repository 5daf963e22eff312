"""The binary layer of 128 x 128 weights of `digits_mlp` with its thresholds: shared popcounts against da4ml's graph.

    python benchmarks/shared_popcounts.py

Ours is the text after `share-popcounts`, as clang sees it for synthesis; the other one a netlist with da4ml's graph of
the same matrix at exact widths, with the same thresholds. Both are whole, without registers, in the same yosys
(`synthesis.py`), and compared with the interpreter before. Ends with 1 where an output differs, or ours is not within
0.90 of the look-up tables and 0.60 of the delay.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from hardware import EXAMPLES
from synth_check import is_equal
from synthesis import MappedCost, mapped
from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import FuncOp, ReturnOp
from xdsl.ir import Block, Region, SSAValue

import qdialect
from qdialect.backends.hls.synthesis.view import SynthesisView
from qdialect.compiler.rtl_configuration import RtlConfiguration
from qdialect.compiler.write_hls import write_hls
from qdialect.compiler.write_rtl import rtl_design_of, write_rtl
from qdialect.dialects.qnn.network import network
from qdialect.dialects.qnn.owner import layer_of
from qdialect.interpreter.netlists import run_netlists
from qdialect.interpreter.values import to_argument
from qdialect.simulator.simulate import output_codes
from qdialect.validation.stimuli import sample_inputs

MODEL, LAYERS = EXAMPLES / "digits_mlp" / "model.h5", ("fc2", "sign2")
GRAPH = {"products": "graph"}
SAMPLES = 200
LUT, DELAY = 0.90, 0.60


def alone(module: ModuleOp, layers: Iterable[str]) -> ModuleOp:
    """Layers that follow each other in a lowered network, as one of their own."""
    inside = [op for op in network(module).body.block.ops if layer_of(op) in layers]
    made = {result for op in inside for result in op.results}
    (x,) = {operand for op in inside for operand in op.operands} - made
    block = Block(arg_types=[x.type])
    copies: dict[SSAValue, SSAValue] = {x: block.args[0]}
    for op in inside:
        block.add_op(op.clone(copies))
    block.add_op(ReturnOp(end := copies[inside[-1].results[0]]))
    return ModuleOp([FuncOp("top", ([x.type], [end.type]), Region(block))])


def ours(module: ModuleOp, folder: Path) -> tuple[MappedCost, bool]:
    """What the text takes, and whether it is equal to the interpreter."""
    written = qdialect.lower(module, ["pipeline-network", "share-popcounts"])
    view = SynthesisView(write_hls(written, folder / "prj"), folder / "view")
    equal = is_equal(view, written, SAMPLES)
    return mapped([view.verilog("top")], folder), equal


def da4ml(module: ModuleOp, folder: Path) -> tuple[MappedCost, bool]:
    """The same of a netlist with da4ml's graph."""
    design, function = rtl_design_of(module, RtlConfiguration.of(GRAPH)), network(module)
    (port,), (out,) = design.inputs, design.outputs
    x = sample_inputs(function, np.random.default_rng(0), SAMPLES)
    got = run_netlists(design.rtl, {port.name: port.to_bits(to_argument(function, 0, x[0])).T})
    equal = np.array_equal(out.from_bits(got[out.name].T), output_codes(module, x)[0])
    write_rtl(module, folder / "prj", GRAPH)
    files = sorted((folder / "prj" / "rtl").glob("*.sv"))
    return mapped([path for path in files if not re.search("_axis|_pins", path.stem)], folder), equal


def main() -> int:
    layer = alone(qdialect.lower(qdialect.from_keras(MODEL)), LAYERS)
    print(f"{'128x128 binary, thresholds':28}{'LUT':>8}{'levels':>8}{'ns':>8}  outputs", flush=True)
    found: list[MappedCost] = []
    right = True
    for write in (ours, da4ml):
        with tempfile.TemporaryDirectory() as scratch:
            cost, equal = write(layer, Path(scratch))
        found.append(cost)
        right &= equal
        verdict = "equal" if equal else "DIFFERENT"
        print(f"{write.__name__:28}{cost.tables:8}{cost.levels:8}{cost.delay:8.1f}  {verdict}", flush=True)
    tables, delay = found[0].tables / found[1].tables, found[0].delay / found[1].delay
    print(f"ours / da4ml: LUT {tables:.2f} (at most {LUT:.2f}), delay {delay:.2f} (at most {DELAY:.2f})")
    return 0 if right and tables <= LUT and delay <= DELAY else 1


if __name__ == "__main__":
    raise SystemExit(main())
