"""Which files of a folder a project replaces, and which it leaves alone."""

import json
from pathlib import Path

import numpy as np
import pytest
from trained import EXAMPLES, load_example

from qdialect.compiler.pipeline import lower
from qdialect.compiler.write_hls import write_hls
from qdialect.errors import QdialectError
from qdialect.frontends.keras.importer import from_keras


def contents(folder: Path) -> dict[str, bytes]:
    return {str(f.relative_to(folder)): f.read_bytes() for f in sorted(folder.rglob("*")) if f.is_file()}


@pytest.mark.parametrize("name", EXAMPLES)
def test_writing_is_deterministic_and_replaces_an_earlier_project(name, tmp_path):
    model = load_example(name).model
    first = contents(write_hls(model, tmp_path / "a").directory)
    lowered = lower(from_keras(model))
    of_ir = write_hls(lowered, tmp_path / "b").directory  # whose files name the IR instead of the model file
    assert contents(write_hls(lowered, tmp_path / "c").directory) == contents(of_ir)
    assert contents(write_hls(model, of_ir).directory) == first


def test_only_files_of_the_manifest_are_replaced(tmp_path):
    project = write_hls(load_example("digits_mlp").model, tmp_path / "prj")
    first = contents(project.directory)
    manifest = project.directory / "manifest.json"
    content = json.loads(manifest.read_text())
    for path in ("src/obsolete.cpp", "../outside.txt"):  # a manifest lists the first rightly, the second never
        (project.directory / path).write_text("listed")
        content["files"][path] = ""
    manifest.write_text(json.dumps(content))
    (project.directory / "src" / "by_hand.cpp").write_text("mine")
    (project.directory / "Makefile").write_text("changed")
    write_hls(load_example("digits_mlp").model, project.directory)
    assert contents(tmp_path) == {
        **{f"prj/{path}": data for path, data in first.items()},
        "prj/src/by_hand.cpp": b"mine",
        "outside.txt": b"listed",
    }


def test_an_added_file_in_the_way_is_kept(tmp_path):
    project = write_hls(load_example("digits_mlp").model, tmp_path / "prj")
    manifest = project.directory / "manifest.json"
    content = json.loads(manifest.read_text())
    del content["files"]["Makefile"]
    manifest.write_text(json.dumps(content))
    before = contents(tmp_path)
    with pytest.raises(QdialectError, match="Makefile: was added by hand"):
        write_hls(load_example("digits_mlp").model, project.directory)
    assert contents(tmp_path) == before


@pytest.mark.parametrize("files", [["notes.txt"], ["manifest.json"], ["src/net.cpp", "Makefile"]])
def test_foreign_folders_are_refused_and_left_alone(files, tmp_path):
    folder = tmp_path / "mine"
    for file in files:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text("{}")
    before = contents(folder)
    with pytest.raises(QdialectError, match="mine: exists and is no earlier qdialect project"):
        write_hls(load_example("digits_mlp").model, folder)
    assert contents(folder) == before


def test_a_file_in_the_way(tmp_path):
    (tmp_path / "prj").write_text("mine")
    with pytest.raises(QdialectError, match="exists and is no earlier qdialect project"):
        write_hls(load_example("digits_mlp").model, tmp_path / "prj")
    assert (tmp_path / "prj").read_text() == "mine"


def test_an_empty_folder_is_used(tmp_path):
    (tmp_path / "prj").mkdir()
    assert (write_hls(load_example("digits_mlp").model, tmp_path / "prj").directory / "Makefile").exists()


def test_nothing_is_left_after_an_error(tmp_path):
    module = from_keras(load_example("digits_mlp").model)
    with pytest.raises(QdialectError):  # batch normalization is still there
        write_hls(module, tmp_path / "a" / "prj", config=["canonicalize"])
    with pytest.raises(QdialectError, match="input"):  # only the test bench is wrong
        write_hls(module, tmp_path / "a" / "prj", vectors=np.zeros((3, 5)))
    assert list(tmp_path.iterdir()) == []


def test_an_earlier_project_survives_an_error(tmp_path):
    model = load_example("digits_mlp").model
    before = contents(write_hls(model, tmp_path / "prj").directory)
    with pytest.raises(QdialectError):
        write_hls(model, tmp_path / "prj", vectors=np.zeros((3, 5)))
    assert contents(tmp_path) == {f"prj/{path}": data for path, data in before.items()}
