"""Remarks: the form that the importer or a pass has chosen, and why, one line each, recorded on the function.

They survive in the IR's text, `qdialect report` and `qdialect convert` show them, and `qopt -t remarks` prints them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from xdsl.dialects.builtin import ArrayAttr, StringAttr
from xdsl.dialects.func import FuncOp

REMARKS = "qnn.remarks"
"""Function attribute: an array of strings."""


def remarks(function: FuncOp) -> list[str]:
    """The remarks on a function, in order."""
    recorded = cast(Any, function.attributes.get(REMARKS))
    return [] if recorded is None else [text.data for text in recorded]


def add_remarks(function: FuncOp, texts: Iterable[str]) -> None:
    """Append those remarks that the function does not have yet."""
    every = dict.fromkeys([*remarks(function), *texts])
    if every:
        function.attributes[REMARKS] = ArrayAttr(map(StringAttr, every))
