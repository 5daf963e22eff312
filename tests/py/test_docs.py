"""The pages: generated ones are current, passes and operations have tested examples, links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import blocks
import pytest
import reference_pages
import site_pages
from reference_pages import LIT, PAGES
from trained import ROOT

import qdialect
from qdialect.analysis.costs import report
from qdialect.dialects.qnn.ops.elementwise import AddOp
from qdialect.passes import PASSES
from qdialect.tools.cli import main
from qdialect.tools.driver import elided

TEXTS = sorted(path for folder in (".", "docs", "examples", "benchmarks") for path in (ROOT / folder).glob("*.md"))


@pytest.mark.parametrize("name", PAGES)
def test_generated_pages_are_current(name: str) -> None:
    assert (ROOT / "docs" / name).read_text() == PAGES[name](), "run make docs-pages"


def test_lit_files_of_passes_have_their_names() -> None:
    """One for each pass, and more with a suffix: schedule.mlir, schedule-boxes.mlir."""
    stems = {path.stem for path in (LIT / "passes").glob("*.mlir")}
    assert set(PASSES) <= stems
    assert [stem for stem in stems if not any(f"{stem}-".startswith(f"{name}-") for name in PASSES)] == []


def test_a_lit_file_that_runs_another_pass_is_no_example(tmp_path: Path) -> None:
    (tmp_path / "schedule.mlir").write_text("// RUN: qopt %s -p size-fifos | filecheck %s\n\n// CHECK: func\n")
    with pytest.raises(ValueError, match="does not begin with the pass schedule"):
        reference_pages.example(tmp_path / "schedule.mlir")


def test_an_operation_without_lit_test_has_no_entry() -> None:
    with pytest.raises(ValueError, match=r"qnn\.add is in no lit test"):
        reference_pages.operation_entry(AddOp, {})


def anchors(text: str) -> set[str]:
    """The names of the headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    plain = [re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading).lower() for heading in headings]
    return {re.sub(r"[^\w\- ]", "", heading).replace(" ", "-") for heading in plain}


def broken_links(page: Path) -> list[str]:
    """Links within the repository to files or headings that do not exist; those to other sites are not followed."""
    text = re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
    found = []
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        path, _, heading = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        if not target.startswith("https://") and not file.exists():
            found.append(target)
        elif heading and file.suffix == ".md" and heading not in anchors(file.read_text()):
            found.append(target)
    return found


@pytest.mark.parametrize("page", TEXTS, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    assert broken_links(page) == []


def test_broken_links_are_found(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# One `more`\n[x](#one-more) [x](b.md) [x](#two) [x](a.md#one) [x](https://x.y)\n")
    assert broken_links(tmp_path / "a.md") == ["b.md", "#two", "a.md#one"]


def test_the_index_links_all_pages() -> None:
    linked = set(re.findall(r"\]\((\w+\.md)\)", (ROOT / "docs" / "index.md").read_text()))
    assert linked == {page.name for page in (ROOT / "docs").glob("*.md")} - {"index.md"}


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text().split()) < 500


def test_the_readme_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (block,) = re.findall(r"^```python\n(.*?)^```", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL)
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    exec(compile(block, "README.md", "exec"), {})
    assert block.count("\n") <= 10
    assert (tmp_path / "build" / "net" / "manifest.json").exists()


@pytest.mark.parametrize("page", TEXTS, ids=lambda page: page.name)
def test_targets_of_make_exist(page: Path) -> None:
    named = set(re.findall(r"(?:`|^|> )make ([a-z][a-z0-9-]*)", page.read_text(), re.MULTILINE))
    assert named <= set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


MLP = ROOT / "examples" / "digits_mlp"
TOUR = (ROOT / "docs" / "tour.md").read_text()


def test_the_tour_shows_the_ir_as_it_is_printed() -> None:
    """Every statement, with anything in place of `...`."""
    module = qdialect.from_keras(str(MLP / "model.h5"))
    lines = (elided(module) + elided(qdialect.lower(module))).splitlines()
    for block in re.findall(r"^```mlir\n(.*?)^```", TOUR, re.MULTILINE | re.DOTALL):
        for statement in re.split(r"\n(?=%)", block):
            pattern = ".*".join(re.escape(part.strip()) for part in " ".join(statement.split()).split("..."))
            assert any(re.search(pattern, line) for line in lines), statement


def test_the_tour_shows_what_the_demo_prints(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = {"data": "inputs.npy", "expected": "logits.npy", "labels": "labels.npy"}
    options = [word for name, file in files.items() for word in (f"--{name}", str(MLP / file))]
    main(["convert", str(MLP / "model.h5"), "-o", str(tmp_path / "net"), *options])
    (shown,) = re.findall(r"^```\n(stage .*?)^```", TOUR, re.MULTILINE | re.DOTALL)
    assert shown in capsys.readouterr().out
    (table,) = re.findall(r"^```\n(accumulator .*?)^```", TOUR, re.MULTILINE | re.DOTALL)
    assert table.splitlines() == report(qdialect.lower(qdialect.from_keras(MLP / "model.h5"))).table()


def test_every_block_is_run_somewhere() -> None:
    kinds = {block.kind for page in TEXTS for block in blocks.blocks(page)}
    assert kinds <= {"python", "commands", "toml", *blocks.EXECUTED}


def test_blocks_are_run_and_fail(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```\n$ qopt --version\nanything\n```\n```python\nassert x.shape == (450, 64)\n```\n")
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    commands, python = blocks.blocks(page)
    assert blocks.commands_of(commands) == ["qopt --version"]
    assert (blocks.run(commands, tmp_path), blocks.run(python, tmp_path)) == ("", "")
    page.write_text("```python\nassert not len(x)\n```\n```\nqopt none.mlir\n```\n")
    assert [blocks.run(block, tmp_path) for block in blocks.blocks(page)] == [
        "import numpy as np, qdialect: AssertionError",
        "qopt none.mlir: qopt: error: none.mlir: no such file",
    ]


def test_the_site_has_what_its_pages_link(tmp_path: Path) -> None:
    site_pages.lay_out(tmp_path)
    for page in TEXTS:
        assert (tmp_path / page.relative_to(ROOT)).exists()
        assert all((tmp_path / target.relative_to(ROOT)).exists() for target in site_pages.linked(page))
