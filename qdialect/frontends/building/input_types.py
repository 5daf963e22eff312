"""The types that unquantized inputs are rounded to, as users give them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from qdialect.errors import QdialectError, is_a, shown, suggestion
from qdialect.numerics.fixed_text import parse_fixed
from qdialect.numerics.formats import FixedFormat

InputTypes = str | Mapping[str, str] | None
"""What unquantized inputs are rounded to: one type for all of them, or a type by the name of each input."""


def formats_by_name(names: Sequence[str], input_type: InputTypes, where: str) -> Mapping[str, FixedFormat]:
    """The format of each of the inputs `names` that has a type; `where` is the model in messages.

    Raises QdialectError for names that are no inputs, and for texts that are no types.
    """
    if input_type is None or isinstance(input_type, str):
        return {} if input_type is None else dict.fromkeys(names, parse_fixed(input_type, "input"))
    if not is_a(input_type, Mapping):
        raise QdialectError(f"input_type is a text such as 'fixed<16, 6>', or one by input, not {shown(input_type)}")
    for name in input_type:
        if name not in names:
            raise QdialectError(f"{where} has no input {shown(name)}{suggestion(str(name), names)}")
    return {name: parse_fixed(text, "input") for name, text in input_type.items()}


def check_input_types(input_type: InputTypes) -> None:
    """Raise QdialectError for texts that are no types, whatever the inputs are called."""
    names = list(input_type) if isinstance(input_type, Mapping) else [""]
    try:
        formats_by_name(names, input_type, "the network")
    except QdialectError as error:
        raise QdialectError(f"inputs: {error}") from None
