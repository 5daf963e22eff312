"""Shared fixtures: the example networks, and legacy Keras for QKeras."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ("digits_cnn", "digits_mlp")


@dataclass(frozen=True)
class Example:
    """A trained network of the repository with Keras' recorded outputs."""

    name: str
    model: Path
    inputs: np.ndarray
    logits: np.ndarray
    labels: np.ndarray


def load_example(name: str) -> Example:
    folder = ROOT / "examples" / name
    arrays = (np.load(folder / f"{part}.npy") for part in ("inputs", "logits", "labels"))
    return Example(name, folder / "model.h5", *arrays)


@pytest.fixture(params=EXAMPLES)
def example(request: pytest.FixtureRequest) -> Example:
    return load_example(request.param)
