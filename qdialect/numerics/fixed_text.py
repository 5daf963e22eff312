"""Fixed-point types as users write them."""

from __future__ import annotations

import re

from qdialect.errors import QdialectError, is_a, shown
from qdialect.numerics.formats import FixedFormat

FIXED = re.compile(r"(?:ap_)?(u?)fixed<\s*(\d+)\s*,\s*(-?\d+)\s*(?:,\s*(signed|unsigned)\s*)?>")
EXACT = "exact"
"""In the place of a type: nothing is rounded."""
FLOAT32_STEP = 149
"""The least float32 is 2**-149."""
FLOAT32_INTEGER = 129
"""Bits of the largest float32, below 2**128, with a sign."""


def parse_fixed(text: str, of: str) -> FixedFormat:
    """`fixed<W, I>` or `fixed<W, I, signed|unsigned>`; the names `ap_fixed` and `ap_ufixed` are welcome too.

    `of` is what is rounded to the type, in messages. Raises QdialectError for other texts, and for types that reach
    beyond the numbers of float32.
    """
    match = FIXED.fullmatch(text.strip()) if is_a(text, str) else None
    if match is None:
        raise QdialectError(f"{of} type {shown(text)} is not of the form fixed<16, 6> or fixed<8, 0, unsigned>")
    width, integer = (int(digits) if len(digits) < 6 else 10**6 for digits in (match[2], match[3]))
    if width < 1 or width - integer > FLOAT32_STEP or integer > FLOAT32_INTEGER:
        raise QdialectError(
            f"{of} type {shown(text)}: float32 numbers have steps of 2^-{FLOAT32_STEP} or more and up to"
            f" {FLOAT32_INTEGER} integer bits; give a type within, such as fixed<16, 6>"
        )
    return FixedFormat(width, integer, not (match[1] == "u" or match[4] == "unsigned"))
