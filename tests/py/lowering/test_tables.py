"""Tables of numbers: one ROM up to 64 bits, and one for each word of longer ones."""

from __future__ import annotations

import numpy as np

from qdialect.dialects.hlscpp.types import IntType
from qdialect.lowering.parts.tables import number_table


def test_longer_numbers_have_a_table_for_each_word() -> None:
    """The highest word has the bits that are left, two at least where it has the sign."""
    for bits, signed, words in (
        (64, True, [("t", IntType(64))]),
        (64, False, [("t", IntType(64, False))]),
        (65, True, [("t_word0", IntType(64, False)), ("t_word1", IntType(2))]),
        (65, False, [("t_word0", IntType(64, False)), ("t_word1", IntType(1, False))]),
        (130, True, [("t_word0", IntType(64, False)), ("t_word1", IntType(64, False)), ("t_word2", IntType(2))]),
        (131, True, [("t_word0", IntType(64, False)), ("t_word1", IntType(64, False)), ("t_word2", IntType(3))]),
    ):
        made: list[tuple[str, IntType]] = []

        def make(name: str, codes: np.ndarray, type: IntType, made=made):
            assert codes.shape == (2,)
            made.append((name, type))

        number_table("t", np.array([0, 1], object), IntType(bits, signed), make)
        assert made == words
