"""What other installed packages add: entry points by which `pip` makes them known."""

from __future__ import annotations

from functools import cache
from importlib.metadata import entry_points
from typing import Any

from qdialect.errors import QdialectError, one_line

LAYERS, QUANTIZERS = "qdialect.layers", "qdialect.quantizers"
"""Groups of entry points: modules whose import registers handlers; classes of quantizers."""


@cache
def plug_in_names(group: str) -> frozenset[str]:
    """The names of the entry points of a group."""
    return frozenset(entry_points(group=group).names)


@cache
def plug_ins(group: str) -> dict[str, Any]:
    """What the entry points of a group stand for, by their names. Raises QdialectError, naming one that fails."""
    found: dict[str, Any] = {}
    for entry in entry_points(group=group):
        where = f"plug-in {entry.name} = {entry.value} ({group})"
        if entry.name in found:
            raise QdialectError(f"{where}: another package has a plug-in of this name; uninstall one of them")
        try:
            found[entry.name] = entry.load()
        except Exception as error:  # whatever a foreign package raises
            raise QdialectError(f"{where}: {type(error).__name__}: {one_line(str(error))}") from error
    return found
