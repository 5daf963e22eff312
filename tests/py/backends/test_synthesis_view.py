"""The text by a second compiler: clang's view of `__SYNTHESIS__`, as Verilog, equals the interpreter."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from xdsl.dialects.builtin import ModuleOp
from xdsl.parser import Parser

from qdialect.backends.hls.synthesis.view import SynthesisView
from qdialect.compiler.pipeline import lower
from qdialect.compiler.registry import make_context
from qdialect.compiler.write_hls import write_hls
from qdialect.dialects.qnn.network import network
from qdialect.errors import QdialectError
from qdialect.interpreter.simulate import output_codes
from qdialect.validation.stimuli import sample_inputs

needs_tools = pytest.mark.skipif(
    shutil.which("clang++") is None or shutil.which("iverilog") is None, reason="needs clang and iverilog"
)

FORMS = (Path(__file__).parent.parent / "data" / "kernel_forms.mlir").read_text().split("// -----")
NETWORKS = {re.search(r"@(\w+)", text)[1]: text for text in FORMS}  # pyright: ignore


def parsed(text: str) -> ModuleOp:
    return Parser(make_context(), text).parse_module()


@needs_tools
@pytest.mark.parametrize("name", NETWORKS)
def test_equals_the_interpreter(name: str, tmp_path: Path) -> None:
    module = lower(parsed(NETWORKS[name]))
    project = write_hls(module, tmp_path / "prj")
    x = sample_inputs(network(module), np.random.default_rng(0), 60)
    got = SynthesisView(project, tmp_path / "view").codes(x)
    for mine, wanted in zip(got, output_codes(module, x), strict=True):
        assert np.array_equal(mine, wanted)


@needs_tools
def test_a_wrong_text_differs(tmp_path: Path) -> None:
    """Not the branch for g++ alone: an addition that becomes a subtraction shows."""
    module = lower(parsed(NETWORKS["dense"]))
    project = write_hls(module, tmp_path / "prj")
    view = SynthesisView(project, tmp_path / "view")
    before = view.source.read_text()
    view.source.write_text(before.replace(" + ", " - ", 1))
    assert view.source.read_text() != before
    x = sample_inputs(network(module), np.random.default_rng(0), 60)
    assert not np.array_equal(view.codes(x)[0], output_codes(module, x)[0])


def test_tools_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    module = lower(parsed(NETWORKS["dense"]))
    view = SynthesisView(write_hls(module, tmp_path / "prj"), tmp_path / "view")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(QdialectError, match="clang\\+\\+, which is not installed"):
        view.verilog("dense")
