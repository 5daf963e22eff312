"""Every rounding mode in hardware: the compiled C++ gives the codes of its definition, for every code of an operand."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from rationals import rounded

import qdialect
from qdialect.compiler.registry import make_context
from qdialect.dialects.qnn.network import network
from qdialect.dialects.qnn.text import parse_module
from qdialect.dialects.qnn.types import exact_format_of
from qdialect.numerics.formats import FixedFormat
from qdialect.numerics.rounding import Overflow, Rounding

WRAPPED = ["1, 1, unsigned", "1, 1, signed", "2, 2, signed", "3, 3, unsigned", "3, 2, signed"]
"""Results of fewer bits than the operand."""


def network_of_all_modes(sign: str, overflow: Overflow, to: str) -> str:
    """One argument, and one output per rounding mode of its six bits."""
    x, y = f"tensor<1x!qnn.fixed<6, 4, {sign}>>", f"tensor<1x!qnn.fixed<{to}>>"
    lines = [f"  %{mode} = qnn.quantize %x {{mode = #qnn.round<{mode}, {overflow}>}} : {x} -> {y}" for mode in Rounding]
    results, types = ", ".join(f"%{mode}" for mode in Rounding), ", ".join([y] * len(Rounding))
    return "\n".join([f"func.func @modes(%x: {x}) -> ({types}) {{", *lines, f"  func.return {results} : {types}", "}"])


def codes_of(sign: str) -> np.ndarray:
    return np.arange(-32, 32) if sign == "signed" else np.arange(64)


@pytest.mark.parametrize("sign", ["signed", "unsigned"])
def test_compiled_rounding_modes(sign, tmp_path):
    module = parse_module(make_context(), network_of_all_modes(sign, Overflow.SATURATE, f"6, 6, {sign}"), "modes")
    codes = codes_of(sign)
    x = codes[:, np.newaxis] / 4
    wanted = [[[rounded(Fraction(int(code), 4), mode)] for code in codes] for mode in Rounding]
    assert np.array_equal(qdialect.simulate(module, x), wanted)
    assert np.array_equal(qdialect.write_hls(module, tmp_path / "modes").compile().predict(x), wanted)


def wrapped(x: np.ndarray, mode: Rounding, fmt: FixedFormat) -> list[list[float]]:
    step = Fraction(2) ** fmt.lsb
    codes = (rounded(Fraction(float(v)) / step, mode) for v in x.flat)
    return [[float(step * ((c - fmt.min_code) % fmt.count + fmt.min_code))] for c in codes]


@pytest.mark.parametrize("to", WRAPPED)
@pytest.mark.parametrize("sign", ["signed", "unsigned"])
def test_simulated_wraps(sign, to):
    module = parse_module(make_context(), network_of_all_modes(sign, Overflow.WRAP, to), "modes")
    fmt = exact_format_of(network(module).function_type.outputs.data[0])
    x = codes_of(sign)[:, np.newaxis] / 4
    assert np.array_equal(qdialect.simulate(module, x), [wrapped(x, mode, fmt) for mode in Rounding])


@pytest.mark.parametrize("sign", ["signed", "unsigned"])
def test_compiled_wraps(sign, tmp_path):
    """In C++ and in Verilog, every code of the operand."""
    x = f"tensor<1x!qnn.fixed<6, 4, {sign}>>"
    types = [f"tensor<1x!qnn.fixed<{to}>>" for to in WRAPPED]
    lines = [
        f"  %{mode}_{i} = qnn.quantize %x {{mode = #qnn.round<{mode}, wrap>}} : {x} -> {y}"
        for mode in Rounding
        for i, y in enumerate(types)
    ]
    names, all_types = ", ".join(line.split()[0] for line in lines), ", ".join(types * len(Rounding))
    text = [f"func.func @wraps(%x: {x}) -> ({all_types}) {{", *lines, f"  func.return {names} : {all_types}", "}"]
    module = parse_module(make_context(), "\n".join(text), "wraps")
    inputs = codes_of(sign)[:, np.newaxis] / 4
    wanted = qdialect.simulate(module, inputs)
    assert np.array_equal(qdialect.write_hls(module, tmp_path / "wraps").compile().predict(inputs), wanted)
    assert np.array_equal(qdialect.write_rtl(module, tmp_path / "rtl").compile().predict(inputs), wanted)
