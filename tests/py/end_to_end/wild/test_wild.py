"""The examples and networks that other people trained, with recorded Keras outputs: `QDIALECT_MODELS=<folder> make
test-wild`.

Each network's folder holds a model file (model.h5, model.keras, arch.json with weights.h5, or saved_model/),
inputs.npy and outputs.npy, and logits.npy where a softmax or sigmoid ends the network. A network that qdialect refuses
is skipped with the reason; one that takes longer than QDIALECT_SECONDS fails. A network that it computes must equal
Keras in every output in which Keras' own float32 is exact, and elsewhere lie within the bound of its roundings.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from harness import Row, cases, check

MODELS = os.environ.get("QDIALECT_MODELS", "")
EXAMPLES = Path(__file__).parents[4] / "examples"
SECONDS = int(os.environ.get("QDIALECT_SECONDS", "600"))


@contextmanager
def limited(seconds: int) -> Iterator[None]:
    """Raises TimeoutError in the code within when the time is up."""

    def stop(*_: object) -> None:
        raise TimeoutError(f"{seconds} s are over")

    earlier = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, earlier)


@pytest.mark.skipif(not MODELS, reason="QDIALECT_MODELS does not name a folder of networks")
@pytest.mark.parametrize(
    "folder", [*cases(EXAMPLES), *cases(Path(MODELS))] if MODELS else [], ids=lambda folder: folder.name
)
def test_wild(folder: Path, tmp_path: Path, record_property) -> None:
    row = Row(folder.name)
    try:
        with limited(SECONDS):
            check(row, folder, tmp_path / "project")
    except BaseException as error:
        row.failure = f"{type(error).__name__}: {error}"
        raise
    finally:
        record_property("row", row.cells())
        if row.speeds:
            record_property("speed", (row.name, *row.speeds))
    assert row.ok, row.cells()
    assert "!=" not in row.stages
    if row.refused:
        pytest.skip(row.refused)
