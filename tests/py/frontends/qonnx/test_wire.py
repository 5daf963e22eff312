"""Integers of the wire format: up to 64 bits, in ten bytes at most."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx_files import varint

from qdialect.frontends.qonnx.reading.wire import read_varint


@given(st.integers(0, 2**64 - 1), st.binary(max_size=3), st.binary(max_size=3))
def test_integers_of_64_bits(value: int, before: bytes, after: bytes) -> None:
    data = before + varint(value) + after
    assert read_varint(memoryview(data), len(before)) == (value, len(data) - len(after))


def test_bits_beyond_64_are_none() -> None:
    """The tenth byte has one bit, of which seven are written."""
    assert read_varint(memoryview(b"\xff" * 9 + b"\x7f"), 0) == (2**64 - 1, 10)


@pytest.mark.parametrize(("data", "told"), [(b"\x80" * 9, "no end"), (b"\x80" * 10 + b"\x00", "more than 64 bits")])
def test_integers_without_an_end(data: bytes, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        read_varint(memoryview(data), 0)
