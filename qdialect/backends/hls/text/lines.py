"""Long lines of C++, broken where they read best."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from textwrap import wrap

COLUMNS = 110

BREAKS = re.compile(
    r"(?P<comma>(?<=,) )|(?P<choice> (?=[?:] ))|(?P<either> (?=\|\| ))|(?P<both> (?=&& ))|(?P<or> (?=\| ))"
    r"|(?P<xor> (?=\^ ))|(?P<and> (?=& ))"
    r"|(?P<comparison> (?=(?:[<>]=?|[=!]=) ))|(?P<shift> (?=(?:<<|>>) ))|(?P<sum> (?=[-+] ))|(?P<product> (?=\* ))"
    r"|(?P<assignment>(?:(?<= =)|(?<= [-+&|^]=)) )"
)
"""Spaces that may become line ends, after commas and assignments and before operators: the best ones first."""


def broken(text: str, indent: str) -> Iterator[str]:
    """The lines of a statement: too long ones are broken at all of the outermost, most loosely binding operators."""
    if len(indent + text) <= COLUMNS:
        yield indent + text
        return
    places = [(_depth(text[: m.start()]), BREAKS.groupindex[m.lastgroup or ""], m) for m in BREAKS.finditer(text)]
    if not places:
        yield indent + text
        return
    best = min(place[:2] for place in places)
    spaces = [match.span() for *place, match in places if tuple(place) == best]
    for (_, start), (end, _) in pairwise([(0, 0), *spaces, (len(text), 0)]):
        yield from broken(text[start:end], indent if start == 0 else f"{indent}        ")


def filled(parts: Sequence[str], indent: str) -> Iterator[str]:
    """Parts with spaces between them, as many in a line as fit."""
    line = indent
    for part in parts:
        if line.strip() and len(line) + len(part) > COLUMNS:
            yield line.rstrip()
            line = f"{indent}        "
        line += f"{part} "
    yield line.rstrip()


def _depth(text: str) -> int:
    return sum(map(text.count, "([{")) - sum(map(text.count, ")]}"))


def comment(text: str) -> Iterator[str]:
    """Lines of a comment; a backslash at the end of one would continue it onto the code."""
    for line in text.splitlines():
        for part in wrap(line.rstrip(" \\"), COLUMNS - 3, subsequent_indent="    ", break_long_words=False) or [""]:
            yield f"// {part}".rstrip(" \\")
