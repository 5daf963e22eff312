"""The trained networks of the repository, with Keras' recorded outputs."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[3]
EXAMPLES = ("digits_cnn", "digits_mlp")


@dataclass(frozen=True)
class Example:
    """A model file, inputs, Keras' logits for them, and the classes."""

    name: str
    model: Path
    inputs: np.ndarray
    logits: np.ndarray
    labels: np.ndarray


def load_example(name: str) -> Example:
    folder = ROOT / "examples" / name
    arrays = (np.load(folder / f"{part}.npy") for part in ("inputs", "logits", "labels"))
    return Example(name, folder / "model.h5", *arrays)


def vendor_headers() -> Path:
    spec = importlib.util.find_spec("da4ml")
    if spec is None:
        pytest.skip("da4ml, which ships the vendor's ap_int.h, is not installed")
    return Path(spec.origin).parent / "codegen/hls/source/ap_types/include"
