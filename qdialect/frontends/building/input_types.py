"""The types that unquantized inputs are rounded to, as users give them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from qdialect.errors import QdialectError, is_a, shown, suggestion
from qdialect.numerics.formats import FixedFormat

FIXED = re.compile(r"(?:ap_)?(u?)fixed<\s*(\d+)\s*,\s*(-?\d+)\s*(?:,\s*(signed|unsigned)\s*)?>")
FLOAT32_STEP = 149
"""The least float32 is 2**-149."""
FLOAT32_INTEGER = 129
"""Bits of the largest float32, below 2**128, with a sign."""
InputTypes = str | Mapping[str, str] | None
"""What unquantized inputs are rounded to: one type for all of them, or a type by the name of each input."""


def formats_by_name(names: Sequence[str], input_type: InputTypes, where: str) -> Mapping[str, FixedFormat]:
    """The format of each of the inputs `names` that has a type; `where` is the model in messages.

    Raises QdialectError for names that are no inputs, and for texts that are no types.
    """
    if input_type is None or isinstance(input_type, str):
        return {} if input_type is None else dict.fromkeys(names, parse_input_type(input_type))
    if not is_a(input_type, Mapping):
        raise QdialectError(f"input_type is a text such as 'fixed<16, 6>', or one by input, not {shown(input_type)}")
    for name in input_type:
        if name not in names:
            raise QdialectError(f"{where} has no input {shown(name)}{suggestion(str(name), names)}")
    return {name: parse_input_type(text) for name, text in input_type.items()}


def check_input_types(input_type: InputTypes) -> None:
    """Raise QdialectError for texts that are no types, whatever the inputs are called."""
    names = list(input_type) if isinstance(input_type, Mapping) else [""]
    try:
        formats_by_name(names, input_type, "the network")
    except QdialectError as error:
        raise QdialectError(f"inputs: {error}") from None


def parse_input_type(text: str) -> FixedFormat:
    """`fixed<W, I>` or `fixed<W, I, signed|unsigned>`; the names `ap_fixed` and `ap_ufixed` are welcome too."""
    match = FIXED.fullmatch(text.strip()) if is_a(text, str) else None
    if match is None:
        raise QdialectError(f"input type {shown(text)} is not of the form fixed<16, 6> or fixed<8, 0, unsigned>")
    width, integer = (int(digits) if len(digits) < 6 else 10**6 for digits in (match[2], match[3]))
    if width < 1 or width - integer > FLOAT32_STEP or integer > FLOAT32_INTEGER:
        raise QdialectError(
            f"input type {shown(text)}: inputs are float32, with steps of 2^-{FLOAT32_STEP} or more and up to"
            f" {FLOAT32_INTEGER} integer bits; give a type within, such as fixed<16, 6>"
        )
    return FixedFormat(width, integer, not (match[1] == "u" or match[4] == "unsigned"))
