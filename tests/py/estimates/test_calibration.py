"""The cost model beside yosys, of the text through clang: a small part of `make calibrate`."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from calibrate import both, holds
from layer_kinds import BINARY, TERNARY, LayerKind, dense, rounded, sign, signed, unsigned, written

NEEDS_TOOLS = pytest.mark.skipif(
    not (shutil.which("clang++") and shutil.which("yosys")), reason="needs clang and yosys"
)

KINDS = {
    "dense, rounded": LayerKind(signed(4), (6,), [dense(3, signed(4)), rounded(2, unsigned(4))]),
    "binary, signs": LayerKind(BINARY, (12,), [dense(4, BINARY), sign]),
    "ternary": LayerKind(TERNARY, (9,), [dense(4, TERNARY)]),
    "dense, digits": LayerKind(unsigned(4), (4,), [dense(2, signed(4))], written("csd")),
}


@NEEDS_TOOLS
@pytest.mark.parametrize("name", KINDS)
def test_model_is_near_yosys(name: str, tmp_path: Path) -> None:
    model, measured = both(KINDS[name], 0, tmp_path)
    assert 0.75 < model / measured < 1.33


@pytest.mark.parametrize("ratios", [[1.0, 1.0, 1.5], [1.0, 0.7], [1.2, 1.1]])
def test_models_that_do_not_hold(ratios: list[float]) -> None:
    """One layer too large, one too small, all a little."""
    assert not holds(ratios)
    assert holds([0.9, 1.1, 1.3, 0.8])
