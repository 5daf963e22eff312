"""Strings that spell a quantizer, read as QKeras 0.9.0 reads them [qkeras/safe_eval.py]: not as Python.

The text is split at every "(". With one, what follows is a list of arguments without nesting; with more, as in
"quantized_relu(4,integer=(2))", QKeras drops all arguments, and the quantizer has its defaults.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

ARGUMENT = re.compile(r"\s*([^=,)\s]+)\s*(?:=\s*([^,)]*))?")
"""A value, or a name and a value; a value after "=" keeps the blanks behind it."""


@dataclass(frozen=True)
class Spelling:
    """A name, and the arguments that QKeras sees; None without parentheses."""

    name: str
    arguments: tuple[object, ...] | None = None
    options: Mapping[str, object] = field(default_factory=dict)


def drops_arguments(text: str) -> bool:
    """Whether QKeras ignores all arguments in the text, because there are parentheses among them."""
    return text.count("(") > 1


def read_string(text: str) -> Spelling:
    """Raises ValueError where QKeras cannot read the text either."""
    name, *rest = text.split("(")
    if len(rest) != 1:
        return Spelling(name)
    given, position = list[tuple[str | None, str]](), 0
    while match := ARGUMENT.match(rest[0], position):
        key, value = match.groups()
        given.append((None, key) if value is None else (key, value))
        position = match.end()
        if rest[0][position : position + 1] != ",":
            break
        position += 1
    arguments, options = list[object](), dict[str, object]()
    last = {key: index for index, (key, _) in enumerate(given)}
    for index, (key, value) in enumerate(given):
        if key is None and any(earlier is not None for earlier, _ in given[:index]):
            raise ValueError(f"{text!r:.60} has an argument without name behind named ones")
        if key is None:
            arguments.append(_value(value))
        elif last[key] == index:  # of an option that is given twice no other value is read
            options[key] = _value(value)
    if not re.match(r"\s*\)", rest[0][position:]) or rest[0][:position].endswith(","):
        raise ValueError(f"cannot read {text!r:.60}; expected a name, or a call such as quantized_bits(4,0,alpha=1)")
    return Spelling(name, tuple(arguments), options)


def _value(text: str) -> object:
    """A truth value, a number, or a text in quotes; of any other text QKeras drops the first and the last character.

    QKeras makes 'on' of None; where an option is None by default, it fails or means the same.
    """
    if text in ("True", "False", "None"):
        return {"True": True, "False": False, "None": None}[text]
    for number in (int, float):
        try:
            return number(text)
        except ValueError:
            pass
    if len(text) < 2 or text[0] not in "'\"" or text[0] != text[-1]:
        raise ValueError(f"argument {text} is no number, True, False, None or text in quotes, all that QKeras reads")
    return text[1:-1]
