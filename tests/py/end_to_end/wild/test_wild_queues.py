"""Queues of the networks that other people trained: `QDIALECT_MODELS=<folder> make queues`."""

from __future__ import annotations

from pathlib import Path

import pytest
from harness import MODEL_FILES, cases
from queue_checks import check_queues
from test_wild import EXAMPLES, MODELS

from qdialect.compiler.pipeline import lower
from qdialect.errors import QdialectError
from qdialect.frontends.keras.importer import from_keras

INPUT_TYPE = "fixed<16, 6>"
"""Of inputs that no quantizer reads."""


@pytest.mark.skipif(not MODELS, reason="QDIALECT_MODELS does not name a folder of networks")
@pytest.mark.parametrize(
    "folder", [*cases(EXAMPLES), *cases(Path(MODELS))] if MODELS else [], ids=lambda folder: folder.name
)
def test_queues_hold_at_any_latency(folder: Path) -> None:
    model = next(folder / name for name in MODEL_FILES if (folder / name).exists())
    try:
        lowered = lower(from_keras(model, input_type_of(model)))
        check_queues(lowered, seed=0)
    except QdialectError as error:
        pytest.skip(str(error))


def input_type_of(model: Path) -> str | None:
    try:
        lower(from_keras(model), ("default", "quantize-interface"))
    except QdialectError:
        return INPUT_TYPE
    return None
