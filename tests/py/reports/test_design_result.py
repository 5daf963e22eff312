"""One result in three forms: lines, JSON that fits its schema, a page."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html import escape
from typing import Any

import pytest
from schemas import FOLDER, RESULTS
from trained import load_example

from qdialect import read_design
from qdialect.reports.design_result import Comparison, DesignResult, result_of
from qdialect.reports.drawing import BARS, bars, graph_picture
from qdialect.reports.json_form import as_json, schema_of
from qdialect.reports.page import page
from qdialect.tools.cli import main
from qdialect.validation.comparison import Mismatch, Stage

CNN, MLP = load_example("digits_cnn"), load_example("digits_mlp")


@pytest.fixture(scope="module")
def result() -> DesignResult:
    design = {"model": str(CNN.model), "io_type": "io_stream", "Model": {"ReuseFactor": 4}}
    return result_of(read_design(design))


@pytest.mark.parametrize("name", RESULTS)
def test_schemas_are_those_of_the_classes(name) -> None:
    assert json.loads((FOLDER / f"{name}.json").read_text()) == schema_of(RESULTS[name]), "run make docs-pages"


def expect_valid(name: str, content: Any) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    jsonschema.Draft202012Validator(json.loads((FOLDER / f"{name}.json").read_text())).validate(content)


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("design", ["report", str(MLP.model), "--io-type=io_stream"]),
        ("info", ["info", str(MLP.model)]),
        ("profile", ["profile", str(MLP.model), "--data", str(MLP.model.parent / "inputs.npy")]),
        ("widths", ["widths", str(MLP.model)]),
    ],
)
def test_what_commands_print_fits_the_schema(name, command, capsys) -> None:
    assert main([*command, "--json"]) == 0
    content = json.loads(capsys.readouterr().out)
    for each in content if isinstance(content, list) else [content]:
        expect_valid(name, each)


def test_a_schema_refuses_what_is_missing_or_new(result) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    content = json.loads(as_json(result))
    expect_valid("design", content)
    for wrong in (
        {**content, "more": 1},
        {**content, "latency": "412"},
        {k: content[k] for k in content if k != "top"},
    ):
        with pytest.raises(jsonschema.ValidationError):
            expect_valid("design", wrong)


def test_the_page_has_everything(result) -> None:
    text = page(result)
    for name in ("layers", "functions", "operations", "sums", "ranges", "stages", "contract", "provenance"):
        assert f'<section id="{name}">' in text
    for shown in (result.top, result.target.part, result.origin.sha256, *(f.name for f in result.functions)):
        assert shown in text
    assert "not verified" in text
    assert re.findall(r"(?:src|href|url)\W+", text) == ['href="#'] * 8
    assert "//" not in text.replace("http://www.w3.org", "")


def test_names_are_escaped(result) -> None:
    text = page(replace(result, top="<script>alert(1)</script>", remarks=["a < b & c"]))
    assert "<script" not in text
    assert "a &lt; b &amp; c" in text


STAGE = Stage("network IR", 10, 10)


@pytest.mark.parametrize(
    ("comparison", "said", "colour"),
    [
        (Comparison("Keras", "", 5, [STAGE]), "every stage is equal to Keras on 5 samples", "good"),
        (Comparison("imported IR", "no TensorFlow", 5, [STAGE]), "not compared with Keras: no TensorFlow", "warn"),
        (Comparison("Keras", "", 5, [replace(STAGE, equal=8, enclosed=2)]), "within the float32 roundings", "good"),
        (Comparison("Keras", "", 5, [replace(STAGE, equal=8)]), "DIFFERS from Keras on 5 samples", "bad"),
    ],
)
def test_the_banner_says_what_the_reference_was(comparison, said, colour, result) -> None:
    compared = replace(result, comparison=comparison)
    assert said in compared.banner
    assert f'<p class="banner {colour}" id="banner">{escape(compared.banner)}</p>' in page(compared)
    expect_valid("design", json.loads(as_json(compared)))


def test_a_first_difference_is_shown_and_fits_the_schema(result) -> None:
    first = Mismatch("logits", 7, [3], 0.5, 0.25)
    compared = replace(result, comparison=Comparison("Keras", "", 9, [replace(STAGE, equal=9, first=first)]))
    wanted = "network IR: first difference in layer 'logits', channel [3], sample 7: 0.25, the reference 0.5"
    assert wanted in compared.lines()
    assert "channel [3], sample 7" in page(compared)
    expect_valid("design", json.loads(as_json(compared)))


def test_the_graph_has_every_layer_below_its_sources(result) -> None:
    places = {box.name: box.y for box in graph_picture(result).boxes}
    assert places.keys() == {node.name for node in result.layers}
    assert all(places[edge.source] < places[edge.target] for edge in result.edges)
    (edge,) = [edge for edge in result.edges if edge.source == "maxpool"]
    assert (edge.type, list(edge.shape)) == ("fixed<4, 2, unsigned>", [4, 4, 8])


def test_bottlenecks_are_marked(result) -> None:
    marked = {
        name: function.name
        for function, of in bars(result.functions)
        for name, bar in zip(BARS, of, strict=True)
        if bar.marked
    }
    slowest = max(result.functions, key=lambda f: f.interval).name
    assert (marked["interval"], marked["lut"]) == (slowest, max(result.functions, key=lambda f: f.lut).name)


def test_ranges_lie_within_their_types(result) -> None:
    assert result.ranges
    assert all(r.least <= r.low <= r.high <= r.most and r.bits <= r.width for r in result.ranges)
