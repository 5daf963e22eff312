"""Every model file of `tests/corpus/files` ends as its entry says; and a few files with flipped bytes."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import fuzz_files
import pytest
from small_files import chain, ones, write_h5

from qdialect.errors import QdialectError
from qdialect.frontends.models import import_model

FILES = fuzz_files.SEEDS.parent
MODELS: dict[str, dict[str, Any]] = json.loads((FILES / "models.json").read_text())
FOLDERS = sorted(path.parent for path in FILES.glob("*/must.txt"))


def check(path: Path, must: str) -> None:
    """One line with the words of `must`, or the whole network."""
    if must == "imported":
        import_model(path)
        return
    with pytest.raises(QdialectError) as error:
        import_model(path)
    assert must in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", MODELS)
def test_models_are_read_or_refused_in_one_line(name: str, tmp_path: Path) -> None:
    entry = MODELS[name]
    model = entry.get("model") or chain(entry["shape"], *entry["layers"])
    weights = {layer: ones(**shapes) for layer, shapes in entry.get("weights", {}).items()}
    check(write_h5(tmp_path / "net.h5", model, weights), entry["must"])


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_files_are_read_or_refused_in_one_line(folder: Path) -> None:
    files = [path for path in sorted(folder.iterdir()) if path.name != "must.txt"]
    check(files[0] if len(files) == 1 else folder, (folder / "must.txt").read_text().strip())


@pytest.mark.parametrize("kind", fuzz_files.KINDS)
def test_flipped_bytes(kind: str) -> None:
    """A share of `make flips`, the same files in every run."""
    before = signal.signal(signal.SIGALRM, fuzz_files.alarm)
    try:
        assert list(fuzz_files.run(kind, 0, 25)) == []
    finally:
        signal.signal(signal.SIGALRM, before)
