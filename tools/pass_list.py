"""`qopt --list-passes`: the passes with their options, from their dataclasses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import MISSING, fields
from typing import get_type_hints

from xdsl.universe import XDSL_UNIVERSE

from qdialect.compiler.pipeline import option_kind
from qdialect.compiler.registry import pass_loaders
from qdialect.passes import PASSES


def pass_lines() -> Iterator[str]:
    """A line for each pass, ours and those of plug-ins, and one for each of its options."""
    loaders = pass_loaders()
    for name in (*PASSES, *sorted(loaders.keys() - XDSL_UNIVERSE.all_passes.keys() - PASSES.keys())):
        class_ = loaders[name]()
        types = get_type_hints(class_)
        summary = PASSES[name][1] if name in PASSES else (class_.__doc__ or "").partition("\n")[0]
        yield f"{name}: {summary}"
        for option in fields(class_):
            if option.init and option.name != "name":
                default = "" if option.default in (MISSING, None, "", ()) else f" ({option.default})"
                yield f"    {option.name.replace('_', '-')}: {option_kind(types[option.name])}{default}"
