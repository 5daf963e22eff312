"""A wrong bit in what remembers: registers, delays, memories, counters, gathered and held values."""

from __future__ import annotations

import os
import shutil
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from netlists import design, spoil
from xdsl.dialects import hw, seq
from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import FuncOp, ReturnOp
from xdsl.ir import Block, Operation, Region

from qdialect.backends.rtl.equality import Verdict, compare
from qdialect.backends.rtl.printer import print_verilog
from qdialect.compiler.write_rtl import write_rtl
from qdialect.dialects.qnn.ops.constant import ConstantOp
from qdialect.dialects.qnn.ops.contractions import Conv2DOp, DenseOp
from qdialect.dialects.qnn.ops.elementwise import AddOp
from qdialect.dialects.qnn.ops.shapes import PadOp, ReshapeOp
from qdialect.dialects.qnn.types import tensor
from qdialect.errors import QdialectError
from qdialect.numerics.formats import FixedFormat

pytestmark = pytest.mark.skipif(shutil.which("yosys") is None, reason="yosys is not installed")
KINDS = ("register", "after", "delay", "gather", "hold", "line", "raster")
PASSES = ("lower-to-rtl{architecture=stream}", "pipeline-registers{levels=2}")
ALL = "QDIALECT_LONG" in os.environ


def test_kinds_are_all_that_have_a_state() -> None:
    templates = files("qdialect.backends.rtl") / "templates" / "primitives"
    assert {"register", *(path.name.partition(".")[0] for path in templates.iterdir())} == {*KINDS}


def network() -> ModuleOp:
    """A convolution beside its input, both whole at last, one later than the other."""
    block, codes = Block(arg_types=[tensor((2, 5, 1), FixedFormat(2, 2, signed=False))]), np.random.default_rng(1)

    def weights(*shape: int):
        block.add_op(made := ConstantOp(codes.integers(1, 4, shape), FixedFormat(3, 3, signed=True)))
        return made.result

    block.add_op(padded := PadOp(block.args[0], (1, 1, 0), (1, 1, 0)))
    block.add_op(image := Conv2DOp(padded.result, weights(3, 3, 1, 1)))
    sums = []
    for whole in (image.result, block.args[0]):
        block.add_op(flat := ReshapeOp(whole, (10,)))
        block.add_op(sum_ := DenseOp(flat.result, weights(10, 1)))
        sums.append(sum_.result)
    block.add_op(result := AddOp(*sums))
    block.add_op(ReturnOp(result.result))
    return ModuleOp([FuncOp("net", ([block.args[0].type], [result.result.type]), Region(block))])


def is_kind(op: Operation, kind: str) -> bool:
    """Whether it is a register, or an instance of this primitive."""
    if isinstance(op, hw.InstanceOp):
        return op.module_name.string_value().startswith(f"{kind}_")
    return kind == "register" and isinstance(op, seq.CompRegOp)


def mutant(rtl: ModuleOp, kind: str) -> ModuleOp:
    """The design with a wrong bit in the last operation of a kind."""
    changed = rtl.clone()
    spoil([op for op in changed.walk() if is_kind(op, kind)][-1])
    return changed


@pytest.mark.parametrize("kind", KINDS if ALL else ["line"])
def test_a_wrong_bit_is_found_by_the_solver(kind: str) -> None:
    rtl = design(network(), *PASSES).rtl
    assert compare(rtl, mutant(rtl, kind), "net_core") is Verdict.DIFFERENT


@pytest.mark.skipif(not ALL, reason="one kind is enough for a short run")
def test_designs_without_one_are_equal() -> None:
    rtl = design(network(), *PASSES).rtl
    assert compare(rtl, rtl.clone(), "net_core") is Verdict.EQUAL


@pytest.mark.skipif(not ALL or shutil.which("verilator") is None, reason="compiles a simulator for each")
@pytest.mark.parametrize("kind", KINDS)
def test_a_wrong_bit_is_found_by_the_test_bench(kind: str, tmp_path: Path) -> None:
    project = write_rtl(network(), tmp_path / "net", {"io_type": "io_stream", "registers": {"levels": 2}})
    for name, text in print_verilog(mutant(project.rtl, kind)).items():
        (tmp_path / "net" / "rtl" / f"{name}.sv").write_text(text)
    with pytest.raises(QdialectError, match="FAIL"):
        project.make("sim")
