"""What no network needs is refused in one line, before it takes memory or time; what is within the limits works."""

from __future__ import annotations

import io
import resource
import time
from fractions import Fraction

import numpy as np
import pytest

from qdialect.compiler.pipeline import lower
from qdialect.compiler.registry import make_context
from qdialect.dialects.qnn.text import parse_module
from qdialect.interpreter.simulate import simulate
from qdialect.numerics.exact import codes_of_reals, nearest_reals
from qdialect.numerics.limits import MAX_DIGITS, MAX_EXPONENT, MAX_WIDTH
from qdialect.tools import driver, qopt


def refusal(text: str, capsys, monkeypatch, *arguments: str) -> str:
    """The one line that `qopt` prints for this text on standard input, soon and without memory."""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode("utf-8", "surrogateescape"))))
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    assert qopt.main(list(arguments)) == 1
    error = capsys.readouterr().err
    assert error.startswith("qopt: error: ")
    assert error.count("\n") == 1
    assert time.monotonic() - start < 10
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 1 << 19
    return error


NETWORK = "func.func @net(%x : tensor<2x{0}>) -> tensor<2x{0}> {{ func.return %x : tensor<2x{0}> }}"


@pytest.mark.parametrize(
    ("element", "said"),
    [
        ("!qnn.fixed<5000, 4, signed>", "5000 bits, and ap_int has at most 4096"),
        (f"!qnn.fixed<{10**18}, 4, signed>", "and ap_int has at most 4096"),
        (f"!qnn.fixed<8, {10**9}, signed>", "powers of two go from -4096 to 4096"),
        (f"!qnn.fixed<8, -{10**18}, signed>", "powers of two go from -4096 to 4096"),
        (f"!qnn.po2<-{10**9}, 0, signed>", "powers of two go from -4096 to 4096"),
        (f"!qnn.po2<0, {10**18}, unsigned, zero>", "powers of two go from -4096 to 4096"),
        (f"!qnn.bits<{10**12}>", "elements"),
        (f"!qnn.fixed<{'9' * (MAX_DIGITS + 1)}, 4, signed>", f"at most {MAX_DIGITS} digits"),
        (f"i{10**9}", "integers have at most 4096 bits"),
        (f"!hlscpp.int<{10**9}, signed>", "bits"),
        ("f80", "numbers of f80 are not supported; use f32 or f64"),
        ("f128", "numbers of f128 are not supported; use f32 or f64"),
        ("tensor<2x" * 3000 + "f32" + ">" * 3000, "nest too deeply"),
    ],
)
def test_types_beyond_the_limits_are_refused(element, said, capsys, monkeypatch):
    assert said in refusal(NETWORK.format(element), capsys, monkeypatch)


@pytest.mark.parametrize("shape", ["1000000000", "1000000x1000000", f"{10**18}"])
@pytest.mark.parametrize("storage", ["i8", "f32"])
def test_one_element_for_a_whole_tensor(shape, storage, capsys, monkeypatch):
    text = f"func.func @net() {{ %c = qnn.constant dense<0> : tensor<{shape}x{storage}> as tensor<{shape}xf32> }}"
    said = refusal(text, capsys, monkeypatch)
    assert said.startswith("qopt: error: stdin:1:")
    assert "tensors have at most" in said


def test_a_text_without_end(capsys, monkeypatch):
    monkeypatch.setattr(driver, "MAX_TEXT", 1000)
    assert "stdin: more than 1000 bytes" in refusal("\0" * 1001, capsys, monkeypatch)


@pytest.mark.parametrize("text", ["\udcff\udcfe", "\0" * 1000, "(" * 100_000, "builtin.module {" * 3000])
def test_no_ir(text, capsys, monkeypatch):
    assert "stdin" in refusal(text, capsys, monkeypatch)


@pytest.mark.parametrize("target", ["riscv-asm", "llvm", "wgsl", "csl"])
def test_targets_of_other_dialects(target, capsys, monkeypatch):
    assert "choose from" in refusal(NETWORK.format("f32"), capsys, monkeypatch, "-t", target)


WIDE = """
func.func @net(%x : tensor<2x!qnn.fixed<{w}, {i}, signed>>) -> tensor<2x!qnn.fixed<8, 8, signed>> {{
  %y = qnn.add %x, %x : tensor<2x!qnn.fixed<{w}, {i}, signed>>, tensor<2x!qnn.fixed<{w}, {i}, signed>>
    -> tensor<2x!qnn.fixed<{w1}, {i1}, signed>>
  %q = qnn.quantize %y {{mode = #qnn.round<half_even, saturate>}} : tensor<2x!qnn.fixed<{w1}, {i1}, signed>>
    -> tensor<2x!qnn.fixed<8, 8, signed>>
  func.return %q : tensor<2x!qnn.fixed<8, 8, signed>>
}}"""


@pytest.mark.parametrize("i", [-1000, 4, 900, 1023, 4000])
@pytest.mark.parametrize("w", [64, 1023, 1024, 2000, MAX_WIDTH - 1])
def test_wide_values_pass_all_checks(w, i):
    if i - w < -MAX_EXPONENT:
        pytest.skip("finer than any type")
    module = parse_module(make_context(), WIDE.format(w=w, i=i, w1=w + 1, i1=i + 1))
    y = simulate(lower(module, verify=True), np.zeros((1, 2)))
    assert (y == 0).all()


@pytest.mark.parametrize("lsb", [-4096, -1074, -900, -20, 0, 3, 900, 4000])
def test_codes_of_reals_and_back(lsb):
    reals = np.array([0.0, 1.0, -1.5, 2.0**-1074, 2.0**1023, 0.1, -3e300])
    codes, multiples = codes_of_reals(reals, lsb)
    assert (nearest_reals(codes, lsb)[multiples] == reals[multiples]).all()
    ratios = [Fraction(real) / Fraction(2) ** lsb for real in reals.tolist()]
    wanted = [ratio.denominator == 1 for ratio in ratios]
    assert multiples.tolist() == wanted


def test_infinite_numbers_are_no_codes():
    for lsb in (0, -3000):
        assert not codes_of_reals(np.array([np.inf, -np.inf, np.nan]), lsb)[1].any()
