"""Every rounding mode in hardware: the compiled C++ gives the codes of its definition, for every code of an operand."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from rationals import rounded

import qdialect
from qdialect.compiler.registry import make_context
from qdialect.dialects.qnn.text import parse_module
from qdialect.numerics.rounding import Rounding


def network_of_all_modes(sign: str) -> str:
    """One argument, and one output per rounding mode that drops two of six bits."""
    x, y = f"tensor<1x!qnn.fixed<6, 4, {sign}>>", f"tensor<1x!qnn.fixed<6, 6, {sign}>>"
    lines = [f"  %{mode} = qnn.quantize %x {{mode = #qnn.round<{mode}, saturate>}} : {x} -> {y}" for mode in Rounding]
    results, types = ", ".join(f"%{mode}" for mode in Rounding), ", ".join([y] * len(Rounding))
    return "\n".join([f"func.func @modes(%x: {x}) -> ({types}) {{", *lines, f"  func.return {results} : {types}", "}"])


@pytest.mark.parametrize("sign", ["signed", "unsigned"])
def test_compiled_rounding_modes(sign, tmp_path):
    module = parse_module(make_context(), network_of_all_modes(sign), "modes")
    codes = np.arange(-32, 32) if sign == "signed" else np.arange(64)
    x = codes[:, np.newaxis] / 4
    wanted = [[[rounded(Fraction(int(code), 4), mode)] for code in codes] for mode in Rounding]
    assert np.array_equal(qdialect.simulate(module, x), wanted)
    assert np.array_equal(qdialect.write_hls(module, tmp_path / "modes").compile().predict(x), wanted)
