"""The text by a second compiler: clang's view of `__SYNTHESIS__`, as Verilog, equals the interpreter."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from drawn_operations import network_of, operations, packed
from xdsl.dialects.builtin import Float32Type, ModuleOp
from xdsl.ir import Operation
from xdsl.parser import Parser
from xdsl.utils.exceptions import VerifyException

from qdialect.backends.hls.synthesis.view import SynthesisView
from qdialect.compiler.pipeline import lower
from qdialect.compiler.registry import make_context
from qdialect.compiler.write_hls import write_hls
from qdialect.dialects.qnn.attributes import GRAPHS, Product, ProductAttr
from qdialect.dialects.qnn.network import network
from qdialect.dialects.qnn.ops.contractions import ContractionOp
from qdialect.dialects.qnn.ops.elementwise import MulOp
from qdialect.dialects.qnn.ops.packed import PopcountDenseOp, PopcountOp
from qdialect.dialects.qnn.types import BitsType, tensor_type
from qdialect.errors import QdialectError
from qdialect.interpreter.simulate import output_codes
from qdialect.lowering.architectures.tasks import ALL_MOVES, KERNELS
from qdialect.lowering.kernels.elementwise import SCALARS, no_table
from qdialect.lowering.kernels.product_forms import obstacle
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


# --- every kernel ----------------------------------------------------------------------------------------------------

LAYOUTS = {"one pipeline": ["dce"], "processes": ["dce", "schedule{reuse-factor=2}"]}
"""Passes that leave operations as they are: all is computed at once, or products in several steps."""


def forms(kind: type[Operation]) -> Iterator[tuple[str, ModuleOp]]:
    """Networks of the drawn operations of a class, with each form of products that they can have; packed values are
    counted, as they leave no network."""
    rng = np.random.default_rng(0)
    for op in operations(rng):
        element = tensor_type(op.operands[0].type).element_type
        if type(op) is not kind or isinstance(element, Float32Type):
            continue
        (result,) = op.results
        counted = isinstance(bits := tensor_type(result.type).element_type, BitsType)
        module = network_of(PopcountDenseOp(result, packed(rng, (3, bits.count.data))) if counted else op)
        if not isinstance(op, ContractionOp | PopcountOp | MulOp):
            yield kind.name, module
            continue
        for product in Product:
            op.product = ProductAttr(product)
            if is_possible(op, product):
                yield f"{kind.name}, {product}", module.clone()


def is_possible(op: ContractionOp | PopcountOp | MulOp, product: Product) -> bool:
    try:
        op.verify()
    except VerifyException:
        return False
    return isinstance(op, MulOp) or product not in GRAPHS or obstacle(op, product) is None


KERNEL_FORMS = {kind: kernel for kind, kernel in (KERNELS | SCALARS | ALL_MOVES).items() if kernel is not no_table}


def test_forms_are_those_of_the_registries() -> None:
    """Every class has drawn operations, and every form of products is drawn."""
    told = {kind: [name for name, _ in forms(kind)] for kind in KERNEL_FORMS}
    assert [kind.name for kind, names in told.items() if not names] == []
    assert {name.split(", ")[1] for names in told.values() for name in names if ", " in name} == {*map(str, Product)}


@needs_tools
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("kind", KERNEL_FORMS, ids=lambda kind: kind.name)
def test_every_kernel_equals_the_interpreter(kind: type[Operation], layout: str, tmp_path: Path) -> None:
    for number, (name, module) in enumerate(forms(kind)):
        folder = tmp_path / str(number)
        project = write_hls(module, folder / "prj", {"passes": LAYOUTS[layout]})
        x = sample_inputs(network(module), np.random.default_rng(0), 20)
        got = SynthesisView(project, folder / "view").codes(x)
        for mine, wanted in zip(got, output_codes(module, x), strict=True):
            assert np.array_equal(mine, wanted), name
