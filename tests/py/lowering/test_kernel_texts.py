"""Kernels and the text that they become: which statements stand there, and which do not."""

from __future__ import annotations

import numpy as np
import pytest
from chains import Network
from xdsl.dialects.builtin import ModuleOp

from qdialect.backends.hls.text.printer import print_source
from qdialect.compiler.pipeline import lower
from qdialect.dialects.hlscpp.types import IntType
from qdialect.dialects.qnn.attributes import Product
from qdialect.dialects.qnn.ops.contractions import DenseOp
from qdialect.dialects.qnn.ops.functions import LookupOp
from qdialect.dialects.qnn.ops.moves import DilateOp
from qdialect.dialects.qnn.ops.packed import PackOp, PopcountDenseOp
from qdialect.dialects.qnn.ops.packed_moves import PackedFlattenOp
from qdialect.dialects.qnn.ops.shapes import PadOp, ReshapeOp
from qdialect.dialects.qnn.schedule import fold
from qdialect.dialects.qnn.types import BinaryType, BitsType
from qdialect.lowering.architectures.streaming import stored_bits
from qdialect.lowering.kernels import product_forms
from qdialect.numerics.formats import BinaryFormat, FixedFormat, TernaryFormat

U3, S3 = FixedFormat(3, 3, signed=False), FixedFormat(3, 3, signed=True)


def statements(module: ModuleOp, architecture: str = "parallel") -> list[str]:
    """The lines of the functions before the top one, without indents and pragmas."""
    passes = ["quantize-interface", f"lower-to-loops{{architecture={architecture}}}"]
    source = print_source(lower(module, passes), inline_roms=True).source
    lines = source[source.index("static void") : source.index("\nvoid ")].splitlines()
    return [line.strip() for line in lines if "#pragma" not in line]


@pytest.mark.parametrize(
    ("format", "copies"),
    [
        (TernaryFormat(), ["out_value[i] = in_value[i][0];", "out_value[i + 3] = in_value[i][1];"]),
        (BinaryFormat(), ["out_value[i] = in_value[i][0];"]),
    ],
)
def test_whole_words_of_all_planes_are_copied(format, copies: list[str]) -> None:
    net = Network((3, 64), format)
    net.then(PackOp(net.value))
    net.then(PackedFlattenOp(net.value, 1))
    found = statements(net.module())
    assert [line for line in found[found.index("") :] if line.startswith("out_value[")] == copies


@pytest.mark.parametrize(
    ("bits", "simd", "values"),
    [
        (160, 64, "ci < 2 ? ap_uint<7>(64) : ap_uint<7>(32)"),
        (128, 64, "ap_uint<7>(64)"),
        (192, 64, "ap_uint<7>(64)"),
        (256, 128, "ap_uint<8>(128)"),
        (200, 256, "ap_uint<8>(200)"),
    ],
)
def test_how_many_values_words_hold(bits: int, simd: int, values: str) -> None:
    """A choice only where the last words hold fewer."""
    net = Network((bits,), BinaryFormat())
    net.then(PackOp(net.value))
    words = net.constant(np.zeros((2, -(-bits // 64)), np.uint64), BitsType(bits, BinaryType()))
    net.then(PopcountDenseOp(net.value, words))
    fold(net.value.owner, 1, simd)
    sums = [line.split(" += ")[1] for line in statements(net.module()) if " += " in line]
    assert sums == [f"{values};"]


@pytest.mark.parametrize(("entries", "bits", "first"), [(8, 3, 0), (9, 4, 0), (8, 3, -4), (16, 4, -4)])
def test_the_entry_of_a_table(entries: int, bits: int, first: int) -> None:
    """The distance from the first code, in the bits of the last entry."""
    net = Network((2,), U3 if first >= 0 else S3)
    table = net.constant(np.arange(entries)[None] % 8, U3)
    net.then(LookupOp(net.value, table, first))
    net.value.name_hint = "y"
    (entry,) = (line for line in statements(net.module()) if "y_entry =" in line)
    assert entry.startswith(f"const int y_entry = ap_uint<{bits}>(")


CLEAR = ["for (int c = 0; c < {}; c++) {{", "result.d[c] = 0;", "}}"]
PADDINGS = [
    ((0, 0), (0, 0), None, False),
    ((1, 0), (0, 0), "i >= 1", True),
    ((0, 0), (1, 0), "i < 2", True),
    ((1, 0), (2, 0), "i >= 1 && i < 3", True),
    ((0, 1), (0, 0), None, True),
    ((0, 0), (0, 2), None, True),
]


def test_pixels_within_padding() -> None:
    """Zeros are only written where there are some, and a condition stands for each side that has rows of them."""
    for low, high, condition, cleared in PADDINGS:
        net = Network((2, 3), S3)
        net.then(PadOp(net.value, low, high))
        found = statements(net.module(), "stream")
        place = f"result.d[c + {low[1]}]" if low[1] else "result.d[c]"
        assert [line for line in found if line.startswith("if (")] == [f"if ({condition}) {{"] * (condition is not None)
        assert [line for line in found if line.startswith("result.d")] == [
            *["result.d[c] = 0;"] * cleared,
            f"{place} = next.d[c];",
        ]


def test_bits_of_an_integer_in_a_struct() -> None:
    bits = (1, 8, 9, 16, 17, 32, 33, 64, 65, 128, 129)
    assert [stored_bits(IntType(n, False)) for n in bits] == [8, 8, 16, 16, 32, 32, 64, 64, 128, 128, 192]


def dense(codes: np.ndarray, bits: int = 4) -> DenseOp:
    net = Network((len(codes),), FixedFormat(bits, bits, signed=True))
    net.then(op := DenseOp(net.value, net.constant(codes, FixedFormat(8, 8, signed=True))))
    net.module()
    return op


def test_pairs_of_digits_are_counted(monkeypatch) -> None:
    """Four digits in one column and three in the other are 6 + 3 pairs."""
    op = dense(np.array([[5, 1], [1, 0], [2, 9]]))
    assert product_forms.digits_of(op).tolist() == [4, 3]
    for most, form in ((9, Product.PAIRS), (8, Product.TREE)):
        monkeypatch.setattr(product_forms, "MAX_PAIRS", most)
        assert product_forms.countable(op) is (most == 9)
        assert product_forms.written_out(op) is form


def test_what_is_too_large_to_be_written_out(monkeypatch) -> None:
    op = dense(np.array([[5, 1], [1, 0], [2, 9]]))
    for digits, weights in ((7, 6), (6, 6), (7, 5)):
        monkeypatch.setattr(product_forms, "MAX_DIGITS", digits)
        monkeypatch.setattr(product_forms, "MAX_GRAPH", weights)
        for form in (Product.TREE, Product.ADDER_GRAPH):
            too_large = digits < 7 or (weights < 6 and form is Product.ADDER_GRAPH)
            assert (product_forms.obstacle(op, form) is not None) is too_large
    assert product_forms.obstacle(op, Product.MULTIPLY) is None


def test_multipliers_or_digits() -> None:
    """An addition of digits takes the bits of the operand and half of the weight's; a multiplier both, multiplied."""
    few, many = dense(np.full((3, 2), 65)), dense(np.full((3, 2), 0b1010101))
    assert product_forms.with_fewest_tables(few) is Product.SIGNED_DIGITS
    assert product_forms.with_fewest_tables(many) is Product.SIGNED_DIGITS
    assert product_forms.with_fewest_tables(dense(np.full((3, 2), 0b1010101), bits=2)) is Product.MULTIPLY
    assert product_forms.with_fewest_tables(dense(np.full((3, 2), 0), bits=2)) is Product.MULTIPLY


def test_axes_of_one_element_come_and_go_without_a_vector() -> None:
    for before, after, vector in (((2, 1, 3), (1, 2, 3, 1), False), ((1, 6), (6, 1), False), ((2, 3), (3, 2), True)):
        net = Network(before, U3)
        net.then(ReshapeOp(net.value, after))
        assert any("vector" in line for line in statements(net.module())) == vector


def test_elements_are_placed_by_the_steps_that_there_are() -> None:
    net = Network((2, 3), U3)
    net.then(DilateOp(net.value, (1, 2)))
    assert "out_value[i][c * 2] = in_value[i][c];" in statements(net.module())
