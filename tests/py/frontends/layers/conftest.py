"""What tests of single layers share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names of layers that begin anew."""
    keras, qkeras, tf = map(pytest.importorskip, ("tf_keras", "qkeras", "tensorflow"))
    keras.backend.clear_session()
    # QConv2DTranspose of QKeras 0.9.0 calls a function that TensorFlow 2.21 has moved
    monkeypatch.setattr(qkeras.qconvolutional.array_ops, "stack", tf.stack, raising=False)


@pytest.fixture
def same_bits(tmp_path: Path) -> Callable[[Any], Any]:
    """Compares a model at every stage; returns the lowered module."""
    from layer_checks import compared

    return lambda model: compared(model, tmp_path / "net")
