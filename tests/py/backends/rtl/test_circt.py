"""CIRCT as a second reader: it parses the IR of netlists, and the Verilog that it prints passes our test bench."""

from __future__ import annotations

import io
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from chains import random_network
from rtl_table import MAX_PRODUCTS, model_in, products
from trained import ROOT, load_example
from xdsl.dialects import hw
from xdsl.dialects.builtin import ModuleOp
from xdsl.parser import Parser

import qdialect
from qdialect.backends.rtl.project import RtlProject
from qdialect.compiler.registry import make_context
from qdialect.compiler.write_rtl import write_rtl
from qdialect.dialects.qnn.network import network
from qdialect.errors import QdialectError
from qdialect.validation.stimuli import sample_inputs

circt: Any = pytest.importorskip("pycde.circt", reason="CIRCT is not installed (pip install pycde)")
pytestmark = pytest.mark.skipif(shutil.which("verilator") is None, reason="verilator is not installed")

MODELS = os.environ.get("QDIALECT_MODELS", "")
FOLDERS = sorted({path.parent for path in Path(MODELS).glob("*/inputs*.npy")}) if MODELS else []


def verilog_of(text: str) -> str:
    """What CIRCT prints of modules of `hw`, `comb` and `seq`."""
    from pycde.circt import ir, passmanager

    with ir.Context() as context, ir.Location.unknown():
        circt.register_dialects(context)
        module = ir.Module.parse(text)
        passmanager.PassManager.parse("builtin.module(lower-seq-to-sv)").run(module.operation)
        printed = io.StringIO()
        circt.export_verilog(module, printed)
    return printed.getvalue()


def written(module: ModuleOp, directory: Path, config: dict[str, Any], rows: int) -> RtlProject:
    """Our project, with so many samples for its test bench."""
    x = sample_inputs(network(module), np.random.default_rng(0), rows)
    return write_rtl(module, directory, config, vectors=x)


def passes_with_circt(project: RtlProject, rows: int) -> None:
    """Our project with CIRCT's text in the place of ours."""
    modules = [op.sym_name.data for op in project.rtl.body.ops if isinstance(op, hw.HWModuleOp)]
    ours = [project.directory / "rtl" / f"{name}.sv" for name in modules]
    for path in ours:
        path.write_text("")
    ours[-1].write_text(verilog_of(str(project.rtl)))
    assert f"PASS: {rows} samples" in project.make("sim")


@pytest.mark.parametrize("config", [{}, {"registers": {"levels": 1}}], ids=["wires", "registers"])
@pytest.mark.parametrize("seed", [0, 41, 47])
def test_chains_of_operations(seed: int, config, tmp_path: Path) -> None:
    passes_with_circt(written(random_network(seed)[0], tmp_path / "net", config, 40), 40)


@pytest.mark.parametrize("name", ["digits_mlp", "digits_cnn"])
def test_examples(name: str, tmp_path: Path) -> None:
    lowered = qdialect.lower(qdialect.from_keras(load_example(name).model))
    passes_with_circt(written(lowered, tmp_path / name, {"registers": {"levels": 5}}, 20), 20)


def test_streams(tmp_path: Path) -> None:
    """Modules with a state are external: their text is ours."""
    text = (ROOT / "tests" / "lit" / "passes" / "lower-to-rtl-streams.mlir").read_text()
    module = Parser(make_context(), text).parse_module()
    config = {"io_type": "io_stream", "registers": {"levels": 1}}
    passes_with_circt(written(module, tmp_path / "net", config, 5), 5)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_networks_from_the_wild(folder: Path, tmp_path: Path) -> None:
    """In parallel where that is at most so many products, else one pixel in a cycle."""
    try:
        module = qdialect.lower(qdialect.from_keras(model_in(folder), input_type="fixed<16, 6>"))
        if products(module, of_a_pixel=True) > MAX_PRODUCTS:
            pytest.skip(f"more than {MAX_PRODUCTS} products")
        stream = products(module, of_a_pixel=False) > MAX_PRODUCTS
        config = {"registers": {"levels": 5}, "io_type": "io_stream" if stream else "io_parallel"}
        project = written(module, tmp_path / "net", config, 3)
    except QdialectError as error:
        pytest.skip(str(error))
    passes_with_circt(project, 3)
