"""What users see of their mistakes: one line that says what is wrong with their input, and what would work."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from reprlib import Repr
from typing import Any

SHOWN = Repr()
SHOWN.maxlevel, SHOWN.maxstring, SHOWN.maxother = 2, 60, 60


class QdialectError(Exception):
    """A user error in one line that names the layer, file or option concerned.

    The command-line tools print it as `qopt: error: ...` and exit with status 1. What cannot be printed, in names that
    files give, is escaped.
    """

    def __init__(self, text: str):
        super().__init__(printable(text))


class AbsentName(QdialectError, AttributeError):
    """A name of hls4ml's API that qdialect does not have."""


LONGEST_LINE = 1000
"""Characters of a message on the command line."""


def printable(text: str) -> str:
    """A text with what cannot be printed escaped."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in text)


def one_line(text: str) -> str:
    """A message as a terminal shows it in one line: what cannot be printed escaped, the end cut off."""
    shown_ = printable(text)
    return shown_ if len(shown_) <= LONGEST_LINE else f"{shown_[: LONGEST_LINE - 3]}..."


def absent(module: str, name: str, instead: dict[str, str]) -> AbsentName:
    """The error for an attribute that a module does not have; `instead` says what to use for names of hls4ml."""
    advice = f": {instead[name]}" if name in instead else ""
    return AbsentName(f"module '{module}' has no attribute '{name}'{advice}")


MOST_LISTED = 12
"""Names that a message lists."""


def nearest(word: str, known: Iterable[str]) -> str:
    """'; did you mean X?' with the known name that is most like `word`, whatever its case; '' if none is like it."""
    spelled = {name.lower(): name for name in known}
    close = get_close_matches(word.lower(), spelled, n=1)
    return f"; did you mean '{spelled[close[0]]}'?" if close else ""


def suggestion(word: str, known: Iterable[str]) -> str:
    """The nearest of the known names, and where none is like `word`, those that there are; '' if there are none."""
    names = list(known)
    more = [f"{len(names) - MOST_LISTED} more"] * (len(names) > MOST_LISTED)
    there_are = f"; there are {', '.join([*map(shown, names[:MOST_LISTED]), *more])}" if names else ""
    return nearest(word, names) or there_are


def is_a(value: object, *kinds: type) -> bool:
    """Whether what a user gave is of one of these kinds, whatever the parameter is declared as."""
    return isinstance(value, kinds)


def shown(value: Any) -> str:
    """A value in a message: the beginning of its text, in one line."""
    return " ".join(SHOWN.repr(value).split())
