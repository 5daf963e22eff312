"""What the tests that compare with Keras have covered: the text of docs/coverage.md, and how it is observed.

Tests marked `covers` compare results with Keras'. While one runs, the importer is watched: which layers and options its
handlers read, which quantizers with which options, which kinds of files. What a passed test has seen is covered.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from qdialect.errors import QdialectError
from qdialect.frontends.keras import assembly, importer
from qdialect.frontends.keras.layers.refused import PARTLY, REASONS
from qdialect.frontends.keras.model.source import QKERAS_V3, ModelSource
from qdialect.frontends.keras.quantizers import weights
from qdialect.frontends.keras.quantizers.classes import Function
from qdialect.frontends.keras.quantizers.spellings import read_quantizer
from qdialect.frontends.keras.reading import files
from qdialect.frontends.qonnx import importer as qonnx_importer
from qdialect.frontends.qonnx.model.graph import Graph

PAGE = Path(__file__).resolve().parents[3] / "docs" / "coverage.md"
MARK = "pytest.mark.covers"
Fact = tuple[str, str, str]
"""Section, row, entry."""

WEIGHTS, ACTIVATIONS = "Quantizers of weights", "Quantizers and functions of activations"
LAYERS, FILES = "Layers", "Files"
HEADINGS = {
    WEIGHTS: ("quantizer", "options that differ from the default"),
    ACTIVATIONS: ("quantizer or function", "options that differ from the default"),
    LAYERS: ("layer", "options read; in parentheses the values of those that are words"),
    FILES: ("kind", "names; in parentheses the packages whose networks are read"),
}
READERS = [
    (files, "_read_hdf5", "HDF5"),
    (files, "read_keras_zip", "zip"),
    (files, "read_saved_model", "SavedModel"),
    (files, "read_pair", "JSON and HDF5"),
    (importer, "read_live_model", "model in memory"),
    (qonnx_importer, "read_graph", "ONNX"),
]
INTRODUCTION = """# Coverage

Written by `make coverage-page` from tests that compare with Keras and pass, not by hand. For a whole model,
`qdialect info MODEL` says what is refused, and why.
"""


class Seen:
    """What the importer has met since the last test began."""

    def __init__(self) -> None:
        self.facts: set[Fact] = set()

    def layer(self, layer: Any) -> None:
        self.facts.add((LAYERS, layer.class_name, ""))
        for key in layer._read & set(layer.config):
            value = layer.config[key]
            if key.endswith("activation"):
                self.spelled(ACTIVATIONS, value)
            elif isinstance(value, str):
                key = f"{key} ({value})"
            self.facts.add((LAYERS, layer.class_name, key))

    def spelled(self, section: str, spec: Any) -> None:
        try:
            self.quantizer(section, read_quantizer(spec, ""))
        except QdialectError:
            pass

    def quantizer(self, section: str, quantizer: Any) -> None:
        if quantizer is None:
            return
        self.facts.add((section, quantizer.name, ""))
        if isinstance(quantizer, Function):
            return
        for option in fields(quantizer):
            value = getattr(quantizer, option.name)
            if value != option.default:
                shown = f"='{value}'" if isinstance(value, str) else ""
                self.facts.add((section, quantizer.name, f"{option.name}{shown}"))


@contextmanager
def observed() -> Iterator[Seen]:
    """The importer, watched."""
    seen = Seen()
    with pytest.MonkeyPatch.context() as patch:
        build = assembly._build_call

        def build_call(b: Any, call: Any, *rest: Any) -> None:
            build(b, call, *rest)
            seen.layer(call.layer)

        verdicts = weights._with_verdicts

        def with_verdicts(quantizer: Any, *rest: Any) -> Any:
            seen.quantizer(WEIGHTS, quantizer)
            return verdicts(quantizer, *rest)

        patch.setattr(assembly, "_build_call", build_call)
        patch.setattr(weights, "_with_verdicts", with_verdicts)
        for module, name, kind in READERS:
            patch.setattr(module, name, watched(getattr(module, name), seen, kind))
        yield seen


def watched(read: Any, seen: Seen, kind: str) -> Any:
    def reader(*arguments: Any) -> Any:
        result = read(*arguments)
        name = (getattr(arguments[0], "suffix", "") or "folder") if isinstance(arguments[0], Path) else "object"
        seen.facts.update({(FILES, kind, ""), (FILES, kind, f"{name} ({package_of(result)})")})
        return result

    return reader


def package_of(source: ModelSource | Graph) -> str:
    """Whose network has been read."""
    if isinstance(source, Graph):
        return "QONNX"
    text = json.dumps(source.config, default=lambda value: type(value).__name__)
    if "pquant" in text:
        return "PQuantML"
    if "hgq" in text:
        return "HGQ2"
    quantized = "QDense" in text or "quantize" in text
    return ("qkeras-v3" if source.reference == QKERAS_V3 else "QKeras") if quantized else "Keras"


def is_whole(nodes: Iterable[str], config: pytest.Config) -> bool:
    """Whether tests of every marked file have run, without a selection by name."""
    files_run = {node.partition("::")[0].rpartition("/")[2] for node in nodes}
    marked = {path.name for path in Path(__file__).parents[1].rglob("test_*.py") if MARK in path.read_text()}
    return marked <= files_run and not config.getoption("keyword")


def claims(text: str) -> set[Fact]:
    """The facts on a page: `page` undone."""
    found: set[Fact] = set()
    section = ""
    for line in text.splitlines():
        if line.startswith("## "):
            section = line.removeprefix("## ")
        elif row := re.match(r"\| `(.*?)` \| (.*) \|", line):
            found.add((section, row[1], ""))
            for name, words in re.findall(r"([^,( ]+)(?: \(([^)]*)\))?", row[2]):
                found |= {(section, row[1], f"{name} ({w})" if w else name) for w in words.split(", ")}
    return found


def page(facts: Iterable[Fact]) -> str:
    """Markdown: one table per section."""
    tables: dict[str, dict[str, set[str]]] = {section: {} for section in HEADINGS}
    for section, row, entry in facts:
        tables[section].setdefault(row, set()).update([entry] if entry else [])
    lines = [INTRODUCTION]
    for section, rows in tables.items():
        first, second = HEADINGS[section]
        lines += [f"## {section}", "", f"| {first} | {second} |", "|---|---|"]
        lines += [f"| `{row}` | {', '.join(merged(entries))} |" for row, entries in sorted(rows.items())]
        lines.append("")
    return "\n".join([*lines, *refusals()])


def refusals() -> list[str]:
    """The section of what is refused, from the importer's own messages."""
    rows = sorted(REASONS.items()) + sorted(PARTLY.items())
    return [
        "## Refused",
        "",
        "| layer or function | reason |",
        "|---|---|",
        *(f"| {n} | {why} |" for n, why in rows),
        "",
    ]


def merged(entries: Iterable[str]) -> list[str]:
    """`padding (same)` and `padding (valid)` as `padding (same, valid)`."""
    words: dict[str, list[str]] = {}
    for entry in sorted(entries):
        name, _, word = entry.partition(" (")
        words.setdefault(name, []).extend([word.removesuffix(")")] if word else [])
    return [f"{name} ({', '.join(values)})" if values else name for name, values in words.items()]
