"""`qopt --list-passes`: the passes with their options, from their dataclasses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import MISSING, fields
from typing import get_type_hints

from qdialect.compiler.pipeline import option_kind
from qdialect.compiler.registry import UNIVERSE
from qdialect.passes import PASSES


def pass_lines() -> Iterator[str]:
    """A line for each pass, and one for each of its options."""
    for name, (_, summary) in PASSES.items():
        class_ = UNIVERSE.all_passes[name]()
        types = get_type_hints(class_)
        yield f"{name}: {summary}"
        for option in fields(class_):
            if option.init and option.name != "name":
                default = "" if option.default in (MISSING, None, "", ()) else f" ({option.default})"
                yield f"    {option.name.replace('_', '-')}: {option_kind(types[option.name])}{default}"
