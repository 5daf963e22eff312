"""The C++ printer: numbers, tables of them, comparisons with them, and what arrays take."""

from __future__ import annotations

import numpy as np
from printed import BIT, body

from qdialect.backends.hls.text.functions import _bytes
from qdialect.backends.hls.text.lines import COLUMNS
from qdialect.backends.hls.text.spelling import are_words, c_literal, is_literal, rom_head, rom_rows, wide_literal
from qdialect.dialects.hlscpp import builder as b
from qdialect.dialects.hlscpp.structure import LocalOp
from qdialect.dialects.hlscpp.types import IntType

S40, U64, S130 = IntType(40), IntType(64, False), IntType(130)


def test_a_comparison_with_an_int_is_one_with_its_digits() -> None:
    def write(x: b.Array, y: b.Array) -> None:
        value = x[0].named("a")
        for at, number in enumerate((2**31 - 1, 2**31, -(2**31), 1 - 2**31)):
            y[at] = value < b.constant(number, S40)

    assert (
        body(write, x=b.array(S40, 1), y=b.array(BIT, 4))
        == """\
    const ap_int<40> a = x[0];
    y[0] = a < 2147483647;
    y[1] = a < ap_int<40>(2147483648LL);
    y[2] = a < ap_int<40>(-2147483648LL);
    y[3] = a < -2147483647;
"""
    )


def test_a_choice_of_two_comparisons_is_a_bool() -> None:
    """One of a comparison and a bit is none: both sides have one type."""

    def write(x: b.Array, y: b.Array) -> None:
        first, second, bit = x[0].named("a"), x[1].named("d"), y[0].named("bit")
        less, more = first < second, second < first
        y[1] = b.select(bit, less, more)
        y[2] = b.select(bit, first < second, bit)
        y[3] = b.select(bit, bit, first < second)
        y[4] = b.select(bit, first < second, second < first) | bit
        y[5] = b.select(b.select(bit, first < second, second < first), bit, second < first)

    assert (
        body(write, x=b.array(S40, 2), y=b.array(BIT, 6))
        == """\
    const ap_int<40> a = x[0];
    const ap_int<40> d = x[1];
    const ap_uint<1> bit = y[0];
    y[1] = bit ? a < d : d < a;
    y[2] = bit ? ap_uint<1>(a < d) : bit;
    y[3] = bit ? bit : ap_uint<1>(a < d);
    y[4] = ap_uint<1>(bit ? a < d : d < a) | bit;
    y[5] = (bit ? a < d : d < a) ? bit : ap_uint<1>(d < a);
"""
    )


def test_literals() -> None:
    for number, text in (
        (2**31 - 1, "2147483647"),
        (2**31, "2147483648LL"),
        (1 - 2**31, "-2147483647"),
        (-(2**31), "-2147483648LL"),
        (-(2**63), "-9223372036854775807LL - 1"),
        (1 - 2**63, "-9223372036854775807LL"),
        (2**63 - 1, "9223372036854775807LL"),
        (2**63, "0x8000000000000000ULL"),
        (2**64 - 1, "0xffffffffffffffffULL"),
    ):
        assert (is_literal(number), c_literal(number)) == (True, text)
    assert not is_literal(2**64)
    assert not is_literal(-(2**63) - 1)


def test_numbers_beyond_literals() -> None:
    """A power of two times a literal is shifted; others are words."""
    assert wide_literal(2**64, S130) == "ap_int<130>(1) << 64"
    assert wide_literal(-(2**64), S130) == "ap_int<130>(-1) << 64"
    assert wide_literal((2**64 - 1) << 3, S130) == "ap_int<130>(0xffffffffffffffffULL) << 3"
    assert wide_literal(2**64 + 1, S130) == "ap_int<130>(1) << 64 | ap_uint<64>(1)"
    assert wide_literal(-(2**64) - 1, S130) == "ap_int<130>(-2) << 64 | ap_uint<64>(0xffffffffffffffffULL)"
    assert wide_literal(5 << 128 | 7 << 64 | 9, S130) == "ap_int<130>(5) << 128 | ap_int<130>(7) << 64 | ap_uint<64>(9)"
    assert wide_literal(2**127 + 1, S130) == "ap_int<130>(0x8000000000000000ULL) << 64 | ap_uint<64>(1)"


def test_words_are_hexadecimal() -> None:
    """Of more than 32 bits and without a sign; each with all its digits."""
    assert [are_words(IntType(*kind)) for kind in ((32, False), (33, False), (33, True))] == [False, True, False]
    codes = np.array([0, 255, 2**33 - 1], object)
    assert [*rom_rows(codes, IntType(33, False), "")] == ["0x000000000ULL, 0x0000000ffULL, 0x1ffffffffULL"]
    assert [*rom_rows(codes[:2], U64, "  ")] == ["  0x0000000000000000ULL, 0x00000000000000ffULL"]
    assert [*rom_rows(codes[:2], IntType(32, False), "")] == ["0, 255"]
    assert rom_head(codes, b.array(IntType(33, False), 3), "t") == "static const unsigned long long t[3] = {"


def test_the_smallest_type_of_a_table() -> None:
    for low, high, name in (
        (-128, 127, "signed char"),
        (-129, 0, "short"),
        (0, 255, "unsigned char"),
        (0, 256, "short"),
        (0, 2**15 - 1, "short"),
        (0, 2**15, "int"),
        (-(2**31), 2**31 - 1, "int"),
        (0, 2**31, "long long"),
        (0, 2**63, "unsigned long long"),
    ):
        assert rom_head(np.array([low, high]), b.array(S40, 2), "t") == f"static const {name} t[2] = {{"


def test_rows_of_tables_are_as_long_as_lines() -> None:
    """A row that fits is a line with its braces; else they have lines of their own."""
    numbers = [*range(10, 100)]
    lines = [*rom_rows(np.array(numbers), IntType(8), "   ")]
    assert [len(line) for line in lines] == [*[COLUMNS] * (len(lines) - 1), len(lines[-1])]
    assert ", ".join(map(str, numbers)) == " ".join(line.removeprefix("   ") for line in lines)
    assert [*rom_rows(np.arange(4).reshape(2, 2), IntType(8), "  ")] == ["  {0, 1},", "  {2, 3},"]
    for count, fits in ((35, True), (36, False)):
        assert (len([*rom_rows(np.full((1, count), 7), IntType(8), "")]) == 1) is fits
    cube = [*rom_rows(np.arange(4).reshape(2, 1, 2), IntType(8), "")]
    assert cube == ["{", "    {0, 1},", "},", "{", "    {2, 3},", "},"]


def test_what_arrays_take() -> None:
    """In simulation: words of 64 bits."""
    for bits, words in ((2, 1), (64, 1), (65, 2), (129, 3)):
        assert _bytes(LocalOp.create(result_types=[b.array(IntType(bits), 3, 5)])) == 8 * 15 * words
