"""The types that unquantized inputs, or outputs, are rounded to, as users give them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from qdialect.errors import QdialectError, is_a, shown, suggestion
from qdialect.numerics.fixed_text import parse_fixed
from qdialect.numerics.formats import FixedFormat

InputTypes = str | Mapping[str, str] | None
"""What unquantized inputs are rounded to: one type for all of them, or a type by the name of each input."""


def formats_by_name(
    names: Sequence[str], types: InputTypes, where: str, of: str = "input"
) -> Mapping[str, FixedFormat]:
    """The format of each of the inputs `names` that has a type; `where` is the model in messages, `of` is 'output' for
    outputs.

    Raises QdialectError for names that are no inputs, and for texts that are no types.
    """
    if types is None or isinstance(types, str):
        return {} if types is None else dict.fromkeys(names, parse_fixed(types, of))
    if not is_a(types, Mapping):
        raise QdialectError(f"{of}_type is a text such as 'fixed<16, 6>', or one by {of}, not {shown(types)}")
    for name in types:
        if name not in names:
            raise QdialectError(f"{where} has no {of} {shown(name)}{suggestion(str(name), names)}")
    return {name: parse_fixed(text, of) for name, text in types.items()}


def check_types(of: str, types: InputTypes) -> None:
    """Raise QdialectError for texts that are no types, whatever the inputs, or outputs, are called."""
    names = list(types) if isinstance(types, Mapping) else [""]
    try:
        formats_by_name(names, types, "the network", of)
    except QdialectError as error:
        raise QdialectError(f"{of}s: {error}") from None
