"""Arrays of every layout, order of bytes and size of batch: what a network gives depends on the values alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from trained import load_example
from xdsl.parser import Parser

from qdialect.analysis.observations import observed
from qdialect.backends.hls.project.project import Project
from qdialect.backends.projects.library import words_of
from qdialect.compiler.configuration import IO_TYPES
from qdialect.compiler.registry import make_context
from qdialect.compiler.verify import verify
from qdialect.compiler.write_hls import write_hls
from qdialect.interpreter import blocks
from qdialect.interpreter.simulate import simulate
from qdialect.validation.enclosures import enclosures

NETWORK = """
func.func @net(%x : tensor<2x3x4x!qnn.fixed<6, 4, signed>>, %w : tensor<4x!qnn.fixed<70, 70, signed>>)
    -> (tensor<2x3x4x!qnn.fixed<7, 5, signed>>, tensor<4x!qnn.fixed<69, 69, unsigned>>) {
  %one = qnn.constant dense<[1, -1, 0, 1]> : tensor<4xi8> as tensor<4x!qnn.fixed<2, 2, signed>>
  %y = qnn.add %x, %one : tensor<2x3x4x!qnn.fixed<6, 4, signed>>, tensor<4x!qnn.fixed<2, 2, signed>>
    -> tensor<2x3x4x!qnn.fixed<7, 5, signed>>
  %relu = qnn.relu %w : tensor<4x!qnn.fixed<70, 70, signed>> -> tensor<4x!qnn.fixed<69, 69, unsigned>>
  func.return %y, %relu : tensor<2x3x4x!qnn.fixed<7, 5, signed>>, tensor<4x!qnn.fixed<69, 69, unsigned>>
}
"""


@pytest.fixture(scope="module", params=IO_TYPES)
def project(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Project:
    module = Parser(make_context(), NETWORK).parse_module()
    return write_hls(module, tmp_path_factory.mktemp("net") / "prj", {"io_type": request.param}).compile()


@st.composite
def laid_out(draw: st.DrawFn, values: np.ndarray) -> np.ndarray:
    """An array equal to `values` that lies in memory in some other way."""
    order = draw(st.permutations(range(values.ndim)))
    steps = draw(st.lists(st.sampled_from([1, 2, -1, -3]), min_size=values.ndim, max_size=values.ndim))
    held = np.full([abs(s) * n for s, n in zip(steps, values.shape, strict=True)], 9, values.dtype)
    held = held.transpose(order).copy().transpose(np.argsort(order))
    view = held[tuple(slice(None, None, step) for step in steps)]
    view[...] = values
    return view.astype(values.dtype.newbyteorder(draw(st.sampled_from("<>"))), order="K")


def reals(samples: int, dtype: str) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(samples)
    small, wide = rng.integers(-8, 8, (samples, 2, 3, 4)), rng.integers(-(2**20), 2**20, (samples, 4))
    return small.astype(dtype), wide.astype(dtype)


@settings(max_examples=60)
@given(st.data(), st.integers(0, 5), st.sampled_from(["f4", "f8", "i4", "i8"]))
def test_any_layout(project: Project, data: st.DataObject, samples: int, dtype: str) -> None:
    plain = reals(samples, dtype)
    wanted = [plain[0] + [1, -1, 0, 1], np.maximum(plain[1], 0)]
    given = [data.draw(laid_out(x)) for x in plain]
    for outputs in (simulate(project.module, given), project.predict(given), project.codes(given)):
        scale = [4, 1] if outputs[1].dtype == object else [1, 1]
        for got, right, factor in zip(outputs, wanted, scale, strict=True):
            assert got.shape == right.shape
            assert (got == right * factor).all()


def test_vectors_in_any_layout(tmp_path: Path) -> None:
    """The files of the test bench are the same, and it passes."""
    module = Parser(make_context(), NETWORK).parse_module()
    plain = reals(5, "f4")
    written = [
        write_hls(module, tmp_path / name, vectors=vectors)
        for name, vectors in (("c", list(plain)), ("f", [np.asfortranarray(x) for x in plain]))
    ]
    files = [
        [(project.directory / "tb/data" / f"net_{side}.dat").read_text() for side in ("in", "out")]
        for project in written
    ]
    assert files[0] == files[1]
    assert "PASS" in written[1].make("csim")


def test_arrays_that_c_cannot_take_are_refused() -> None:
    """No layout but the plain one reaches a pointer."""
    words = np.zeros((3, 2), np.int64)
    for wrong in (words.T, words[::2], words[:, ::-1], words.astype(np.int32), words.byteswap().view(">i8")):
        with pytest.raises(TypeError):
            words_of(np.int64).from_param(wrong)


@pytest.mark.parametrize("samples", [0, 1, 2, 7])
def test_blocks_of_samples(project: Project, samples: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bound that holds two samples, or not even one, changes no result."""
    x = list(reals(samples, "f8"))
    whole = [*simulate(project.module, x), *project.predict(x)]
    for bound in (1, 2 * (24 + 4) * 100):
        monkeypatch.setattr(blocks, "BLOCK_BYTES", bound)
        for a, b in zip(whole, [*simulate(project.module, x), *project.predict(x)], strict=True):
            assert (a.dtype, a.shape) == (b.dtype, b.shape)
            assert (a == b).all()


def test_verification_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bound that holds some of the samples, and a test bench with five of them."""
    example = load_example("digits_cnn")
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 1 << 19)
    monkeypatch.setattr("qdialect.compiler.verify.RECORDED_WORDS", 5 * (64 + 10))
    done = verify(example.model, example.inputs[:100], expected=example.logits[:100])
    assert done.ok
    assert {stage.total for stage in done.stages[:-1]} == {1000}
    assert done.stages[-1].total == 5
    assert (done.outputs[0] == example.logits[:100]).all()


def test_enclosures_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    module = Parser(make_context(), NETWORK).parse_module()
    x = list(reals(7, "f8"))
    whole = enclosures(module, x, {})
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 1)
    for a, b in zip(whole, enclosures(module, x, {}), strict=True):
        assert all((left == right).all() for left, right in zip(a.ends, b.ends, strict=True))


def test_observations_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    module = Parser(make_context(), NETWORK).parse_module()
    x = list(reals(7, "f8"))
    whole = observed(module, x)
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 1)
    assert observed(module, x) == whole != observed(module, [value[:1] for value in x])
