"""Which files of a folder a project replaces, and which it leaves alone."""

import json
from pathlib import Path

import numpy as np
import pytest
from small_files import chain, layer, ones, write_h5
from trained import EXAMPLES, load_example

from qdialect.compiler.pipeline import lower
from qdialect.compiler.write_hls import write_hls
from qdialect.errors import QdialectError
from qdialect.frontends.keras.importer import from_keras

FOUR_BITS = {"class_name": "quantized_bits", "config": {"bits": 4, "integer": 0, "alpha": 1.0}}


def contents(folder: Path) -> dict[str, bytes]:
    return {str(f.relative_to(folder)): f.read_bytes() for f in sorted(folder.rglob("*")) if f.is_file()}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small model file whose batch normalization a pass has to fold."""
    norm = {name: np.ones(3) for name in ("gamma", "beta", "moving_mean", "moving_variance")}
    layers = [
        layer("QDense", units=3, kernel_quantizer=FOUR_BITS, bias_quantizer=FOUR_BITS),
        layer("BatchNormalization"),
        {"class_name": "QActivation", "config": {"name": "relu", "activation": "quantized_relu(4, 2)"}},
    ]
    weights = {"qdense": ones(kernel=[4, 3], bias=[3]), "batchnormalization": norm}
    return write_h5(tmp_path_factory.mktemp("model") / "net.h5", chain([4], *layers), weights)


@pytest.mark.parametrize("name", EXAMPLES)
def test_writing_is_deterministic_and_replaces_an_earlier_project(name, tmp_path):
    model = load_example(name).model
    first = contents(write_hls(model, tmp_path / "a").directory)
    of_ir = write_hls(lower(from_keras(model)), tmp_path / "b").directory
    assert contents(of_ir) != first  # its files name the IR instead of the model file
    assert contents(write_hls(model, of_ir).directory) == first


def test_only_files_of_the_manifest_are_replaced(model, tmp_path):
    project = write_hls(model, tmp_path / "prj")
    first = contents(project.directory)
    manifest = project.directory / "manifest.json"
    content = json.loads(manifest.read_text())
    for path in ("src/obsolete.cpp", "../outside.txt"):  # a manifest lists the first rightly, the second never
        (project.directory / path).write_text("listed")
        content["files"][path] = ""
    manifest.write_text(json.dumps(content))
    (project.directory / "src" / "by_hand.cpp").write_text("mine")
    (project.directory / "Makefile").write_text("changed")
    write_hls(model, project.directory)
    assert contents(tmp_path) == {
        **{f"prj/{path}": data for path, data in first.items()},
        "prj/src/by_hand.cpp": b"mine",
        "outside.txt": b"listed",
    }


def test_an_added_file_in_the_way_is_kept(model, tmp_path):
    project = write_hls(model, tmp_path / "prj")
    manifest = project.directory / "manifest.json"
    content = json.loads(manifest.read_text())
    del content["files"]["Makefile"]
    manifest.write_text(json.dumps(content))
    before = contents(tmp_path)
    with pytest.raises(QdialectError, match="Makefile: was added by hand"):
        write_hls(model, project.directory)
    assert contents(tmp_path) == before


@pytest.mark.parametrize("files", [["notes.txt"], ["manifest.json"], ["src/net.cpp", "Makefile"]])
def test_foreign_folders_are_refused_and_left_alone(files, model, tmp_path):
    folder = tmp_path / "mine"
    for file in files:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text("{}")
    before = contents(folder)
    with pytest.raises(QdialectError, match="mine: exists and is no earlier qdialect project"):
        write_hls(model, folder)
    assert contents(folder) == before


def test_a_file_in_the_way(model, tmp_path):
    (tmp_path / "prj").write_text("mine")
    with pytest.raises(QdialectError, match="exists and is no earlier qdialect project"):
        write_hls(model, tmp_path / "prj")
    assert (tmp_path / "prj").read_text() == "mine"


def test_an_empty_folder_is_used(model, tmp_path):
    (tmp_path / "prj").mkdir()
    assert (write_hls(model, tmp_path / "prj").directory / "Makefile").exists()


def test_nothing_is_left_after_an_error(model, tmp_path):
    module = from_keras(model)
    with pytest.raises(QdialectError):  # batch normalization is still there
        write_hls(module, tmp_path / "a" / "prj", config=["canonicalize"])
    with pytest.raises(QdialectError, match="input"):  # only the test bench is wrong
        write_hls(module, tmp_path / "a" / "prj", vectors=np.zeros((3, 5)))
    assert list(tmp_path.iterdir()) == []


def test_an_earlier_project_survives_an_error(model, tmp_path):
    before = contents(write_hls(model, tmp_path / "prj").directory)
    with pytest.raises(QdialectError):
        write_hls(model, tmp_path / "prj", vectors=np.zeros((3, 5)))
    assert contents(tmp_path) == {f"prj/{path}": data for path, data in before.items()}


def test_a_place_without_folders_is_refused_before_any_work(model):
    with pytest.raises(
        QdialectError, match=r"^/proc/1/prj: no folder can be made in /proc/1 \(.*\); choose another one$"
    ):
        write_hls(model, "/proc/1/prj", {"passes": ["no-pass"]})
