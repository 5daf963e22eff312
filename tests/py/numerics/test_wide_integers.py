"""Values of any width: what the interpreter computes with Python integers, from the compiled C++ word by word."""

import math

import numpy as np
import pytest
from trained import vendor_headers
from xdsl.parser import Parser
from xdsl.utils.exceptions import VerifyException

from qdialect.compiler.registry import make_context
from qdialect.compiler.write_hls import write_hls
from qdialect.dialects.qnn.network import network
from qdialect.errors import QdialectError
from qdialect.interpreter.simulate import output_codes, simulate
from qdialect.numerics.exact import codes_of_reals, from_words, nearest_reals, to_words
from qdialect.numerics.formats import FixedFormat
from qdialect.numerics.sticky import Sticky
from qdialect.validation.stimuli import sample_inputs


def wide_network(bits: int) -> str:
    """Two outputs of 3 `bits` and more, as they are and rounded, and one of `bits`, unsigned where the input has no
    sign."""
    x, square = f"tensor<3x!qnn.fixed<{bits}, 5, signed>>", f"tensor<3x!qnn.fixed<{2 * bits}, 10, signed>>"
    total, rounded = f"tensor<2x!qnn.fixed<{2 * bits + 63}, 14, signed>>", "tensor<2x!qnn.fixed<9, 9, signed>>"
    kernel, positive = "tensor<3x2x!qnn.fixed<61, 2, signed>>", f"tensor<3x!qnn.fixed<{bits - 1}, 4, unsigned>>"
    return f"""
    func.func @wide(%x : {x}) -> ({total}, {rounded}, {positive}) {{
      %square = qnn.mul %x, %x : {x}, {x} -> {square}
      %kernel = qnn.constant dense<[[{2**60 - 1}, -7], [{-(2**60)}, 1], [3, {2**59 + 5}]]> : tensor<3x2xi64> as {kernel}
      %sum = qnn.dense %square, %kernel : {square}, {kernel} -> {total}
      %rounded = qnn.quantize %sum {{mode = #qnn.round<half_even, saturate>}} : {total} -> {rounded}
      %relu = qnn.relu %x : {x} -> {positive}
      func.return %sum, %rounded, %relu : {total}, {rounded}, {positive}
    }}"""


def parsed(text: str):
    return Parser(make_context(), text).parse_module()


@pytest.mark.parametrize(
    ("bits", "io_type"), [(64, "io_parallel"), (65, "io_stream"), (130, "io_parallel"), (700, "io_stream")]
)
def test_compiled_equals_interpreter(bits, io_type, tmp_path):
    module = parsed(wide_network(bits))
    x = sample_inputs(network(module), np.random.default_rng(bits), 50)
    project = write_hls(module, tmp_path / "prj", {"io_type": io_type}).compile()
    for compiled, interpreted in zip(project.codes(x), output_codes(module, x), strict=True):
        assert (compiled == interpreted).all()
        assert compiled.max() > compiled.min()
    for compiled, interpreted in zip(project.predict(x), simulate(module, x), strict=True):
        assert (compiled == interpreted).all()
    assert "PASS" in project.make("check")


@pytest.mark.parametrize("bits", [65, 700])
def test_the_vendors_headers(bits, tmp_path):
    """Results of more than 1024 bits need AP_INT_MAX_W."""
    module = parsed(wide_network(bits))
    x = sample_inputs(network(module), np.random.default_rng(0), 20)
    project = write_hls(module, tmp_path / "prj").compile(vendor_headers())
    for compiled, interpreted in zip(project.codes(x), output_codes(module, x), strict=True):
        assert (compiled == interpreted).all()
    header = (tmp_path / "prj/src/wide.h").read_text()
    assert ("#define AP_INT_MAX_W 2048\n" in header) == (bits == 700)


WIDE = "!qnn.fixed<70, 70, signed>"
CONSTANT = (
    f"%c = qnn.constant dense<[[[1, {-(2**5)}], [-1, 3]], [[0, {2**5 - 1}], [{-(2**63)}, -1]]]> : tensor<2x2x2xi64>"
    f" as tensor<2x2x{WIDE}>"
)
X, SMALL = f"tensor<2x{WIDE}>", "tensor<2x!qnn.fixed<4, 4, signed>>"
CONSTANTS = {
    "kernel": (
        SMALL,
        "tensor<2x!qnn.fixed<75, 75, signed>>",
        f"%y = qnn.dense %x, %c : {SMALL}, tensor<2x2x{WIDE}>",
    ),
    "concatenation": (
        f"tensor<1x2x{WIDE}>",
        f"tensor<3x2x{WIDE}>",
        f"%y = qnn.concat %x, %c {{axis = 0 : i64}} : tensor<1x2x{WIDE}>, tensor<2x2x{WIDE}>",
    ),
}


@pytest.mark.parametrize("io_type", ["io_parallel", "io_stream"])
@pytest.mark.parametrize("name", CONSTANTS)
def test_wide_constants(name, io_type, tmp_path):
    """In words: -(2**69) + 1 among them."""
    x, result, operation = CONSTANTS[name]
    module = parsed(
        f"func.func @top(%x : {x}) -> {result} {{ {CONSTANT} {operation} -> {result} func.return %y : {result} }}"
    )
    values = sample_inputs(network(module), np.random.default_rng(0), 20)
    (interpreted,) = output_codes(module, values)
    assert np.abs(interpreted).max() > 2**64
    (compiled,) = write_hls(module, tmp_path / "prj", {"io_type": io_type}).compile().codes(values)
    assert (compiled == interpreted).all()


@pytest.mark.parametrize("form", ["compare", "search"])
def test_wide_thresholds(form, tmp_path):
    levels = [[-(2**66), 5, 2**65 + 1], [-3, 2**40, 2**68]]
    words = [[[level % 2**64 - 2**64 * (level % 2**64 >= 2**63), level >> 64] for level in row] for row in levels]
    result = "tensor<2x!qnn.fixed<2, 2, unsigned>>"
    module = parsed(f"""
    func.func @top(%x : {X}) -> {result} {{
      %t = qnn.constant dense<{words}> : tensor<2x3x2xi64> as tensor<2x3x{WIDE}>
      %y = qnn.threshold %x, %t {{first = 0 : i64, form = #qnn.form<{form}>}} : {X}, tensor<2x3x{WIDE}> -> {result}
      func.return %y : {result}
    }}""")
    near = np.array(
        [[level + d for level in column] for column in zip(*levels, strict=True) for d in (-1, 0, 1)], object
    )
    x = near.astype(np.float64)
    (interpreted,) = output_codes(module, [x])
    (compiled,) = write_hls(module, tmp_path / "prj").compile().codes([x])
    assert (compiled == interpreted).all()
    assert sorted(set(interpreted.flat)) == [0, 1, 2, 3]


def test_an_altered_word_fails_the_test_bench(tmp_path):
    project = write_hls(parsed(wide_network(130)), tmp_path / "prj")
    recorded = tmp_path / "prj/tb/data/wide_out.dat"
    first, *others = recorded.read_text().split(" ")
    recorded.write_text(" ".join([str(int(first) ^ 1), *others]))
    with pytest.raises(QdialectError, match="FAIL"):
        project.make("csim")


def test_beyond_what_the_vendor_takes():
    with pytest.raises(VerifyException, match="4103 bits, and ap_int has at most 4096: quantize weights"):
        parsed(wide_network(2020))


@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize("bits", [1, 63, 64, 65, 128, 300])
def test_words_are_the_twos_complement(bits, signed):
    low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
    numbers = np.array([[low, high, 0], [high // 3, low // 3, high - 1]], object)
    words = to_words(numbers, -(-bits // 64))
    assert words.dtype == np.int64
    assert (from_words(words, signed) == numbers).all()


NEAREST = (
    (2**53 + 1, 0, 2.0**53),
    (2**53 + 3, 0, 2.0**53 + 4),
    ((2**54 + 1) << 2000, -2000, 2.0**54),
    (3, 4, 48.0),
    (1 << 1000, 100, math.inf),
    (1 << 1000, 23, 2.0**1023),
    (1, -1074, 2.0**-1074),
    (2**60 + 2**59 - 1, -1134, 2.0**-1074),  # as float64 it would be half-way to twice that
)


def test_nearest_reals():
    for number, lsb, real in NEAREST:
        assert nearest_reals(np.array([number, -number], object), lsb).tolist() == [real, -real]


def test_numbers_that_are_no_multiples_have_the_code_zero():
    """Also where one of them is beyond int64, or infinite."""
    for reals, lsb, codes in (
        ([1.5, 2.0, -3.0], 0, [0, 2, -3]),
        ([1.5, 2.0**80, -3.0], 0, [0, 1 << 80, -3]),
        ([1.5, math.inf, 3.0, math.nan], 0, [0, 0, 3, 0]),
        ([1.5, 2.0**80], -1, [3, 1 << 81]),
        ([6.0, 2.0**80], 2, [0, 1 << 78]),
    ):
        found, multiples = codes_of_reals(np.array(reals), lsb)
        assert found.tolist() == codes
        assert multiples.tolist() == [code != 0 for code in codes]


@pytest.mark.parametrize(("step", "codes"), [(0, (3, -5)), (0, (3, -5 << 64)), (66, (3, -5))])
def test_numbers_of_few_bits_and_many_in_words_beyond_int64(step: int, codes: tuple[int, int]) -> None:
    """A sticky rounding, in steps of one and of 2**66, whose result has 72 bits."""
    each = Sticky(*(np.array([n]) for n in (step, 70 - step, 1, 0)))
    result = FixedFormat(72, 72, signed=True)
    x = np.array(codes, np.int64 if max(map(abs, codes)) < 1 << 63 else object)[:, np.newaxis]
    assert each.codes(x, step, result).tolist() == [[code << step] for code in codes]
