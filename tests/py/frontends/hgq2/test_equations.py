"""Labels of the axes of an einsum."""

from __future__ import annotations

import pytest

from qdialect.frontends.hgq2.products import labels_of


@pytest.mark.parametrize(
    ("text", "ranks", "operands", "output"),
    [
        ("...a,ab->...b", (3, 2), None, None),
        ("bac,bcd->bad", (3, 3), ["ac", "cd"], "ad"),
        ("...c,...c->...", (3, 3), ["bc", "bc"], "b"),
        ("a...,a...->a...", (4, 4), ["bcd", "bcd"], "bcd"),
        (" b i j , b j k -> b i k ", (3, 3), ["ij", "jk"], "ik"),
    ],
)
def test_axes_are_labelled_without_the_batch(text, ranks, operands, output) -> None:
    """Dots stand for letters that the equation does not have."""
    if operands is None:
        with pytest.raises(ValueError, match="mixes samples of the batch"):
            labels_of(text, ranks)
    else:
        assert labels_of(text, ranks) == (operands, output)


@pytest.mark.parametrize(
    ("text", "ranks", "told"),
    [
        ("ab,ab->ab", (2,), "is not of 1 operands"),
        ("ab,abc->ab", (3, 3), "does not label each of 3 axes once"),
        ("aab,ab->ab", (3, 2), "does not label each of 3 axes once"),
        ("ab,ac->ca", (2, 2), "mixes samples of the batch"),
        ("ab,ac->acc", (2, 2), "repeats a label"),
        ("ab,ac->ad", (2, 2), "has a label in its output alone"),
    ],
)
def test_other_equations_are_refused(text: str, ranks: tuple[int, ...], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        labels_of(text, ranks)
