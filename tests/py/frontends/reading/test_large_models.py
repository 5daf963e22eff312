"""Model files with ten million parameters are imported in seconds, and in less than four times their size of memory."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

DENSE = [(784, 2500), (2500, 2500), (2500, 680), (680, 10)]
IMAGE = [(3, 3, 16, 1024), (3, 3, 1024, 1024), (1, 1, 1024, 400)]
TIMES_THE_SQUARES, TIMES_THE_FILE = 12, 4
"""Time of the processor, in that of ten million squares in Python, up to 6 of them; bytes of memory."""

IMPORT = """
import sys, time
import qdialect
start = time.process_time()
module = qdialect.from_keras(sys.argv[1])
seconds = time.process_time() - start
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
start = time.process_time()
sum(i * i for i in range(10_000_000))
print(seconds / (time.process_time() - start), int(peak.split()[1]) * 1024)
"""


CASES = [
    ("QDense", "quantized_bits(6,0,alpha=1)", np.float32),
    ("QDense", "quantized_bits(20,0,alpha=1)", np.float32),
    ("QDense", "quantized_bits(6,0,alpha='auto_po2')", np.float32),
    ("QDense", "quantized_po2(7)", np.float32),
    ("QDense", None, np.float32),
    ("QDense", None, np.float64),
    ("QConv2D", "ternary(alpha='auto')", np.float32),
    ("QConv2D", "quantized_po2(4)", np.float32),
    ("QConv2D", None, np.float32),
    ("QConv2DBatchnorm", "quantized_bits(6,0,alpha=1)", np.float32),
    ("QConv2DBatchnorm", "quantized_bits(6,0,alpha='auto_po2')", np.float32),
    ("QConv2DBatchnorm", "binary(alpha='auto')", np.float32),
    ("QConv2DBatchnorm", None, np.float32),
]


def weights_of(class_name: str, shape: Sequence[int], rng: np.random.Generator, dtype: Any) -> dict[str, np.ndarray]:
    channels = shape[-1:]
    weights = {"kernel": rng.normal(size=shape) * 0.3, "bias": rng.normal(size=channels)}
    if class_name.endswith("Batchnorm"):
        weights |= {key: rng.normal(size=channels) for key in ("gamma", "beta", "moving_mean")}
        weights["moving_variance"] = rng.uniform(0.5, 2, channels)
    return {key: w.astype(dtype) for key, w in weights.items()}


def architecture(class_name: str, quantizer: str | None) -> Any:
    """A chain of layers, each before a quantized relu."""
    shapes = DENSE if "Dense" in class_name else IMAGE
    inputs = [None, *([8, 8] if shapes is IMAGE else []), shapes[0][-2]]
    layers: list[Any] = [
        {"class_name": "InputLayer", "config": {"name": "x", "batch_input_shape": inputs}},
        {"class_name": "QActivation", "config": {"name": "q", "activation": "quantized_bits(8,0,alpha=1)"}},
    ]
    for i, (*window, _, filters) in enumerate(shapes):
        options = {"filters": filters, "kernel_size": window, "padding": "same"} if window else {"units": filters}
        config = {"name": f"layer{i}", "kernel_quantizer": quantizer, "bias_quantizer": None, **options}
        layers.append({"class_name": class_name, "config": config})
        layers.append({"class_name": "QActivation", "config": {"name": f"a{i}", "activation": "quantized_relu(6,2)"}})
    return {"class_name": "Sequential", "config": {"name": "net", "layers": layers}}


def write_hdf5(path: Path, class_name: str, quantizer: str | None, dtype: Any) -> None:
    """As Keras writes it."""
    rng = np.random.default_rng(0)
    with h5py.File(path, "w") as file:
        for i, shape in enumerate(DENSE if "Dense" in class_name else IMAGE):
            weights = weights_of(class_name, shape, rng, dtype)
            group = file.create_group(f"model_weights/layer{i}")
            group.attrs["weight_names"] = [f"layer{i}/{key}:0" for key in weights]
            for key, values in weights.items():
                group.create_dataset(f"layer{i}/{key}:0", data=values)
        file.attrs["model_config"] = json.dumps(architecture(class_name, quantizer))


def write_zip(path: Path, quantizer: str | None) -> None:
    """Dense layers as Keras writes them into a `.keras` file."""
    rng, store = np.random.default_rng(0), path.with_suffix(".h5")
    with h5py.File(store, "w") as file:
        for i, shape in enumerate(DENSE):
            variables = file.create_group(f"layers/q_dense{f'_{i}' if i else ''}/vars")
            for k, values in enumerate(weights_of("QDense", shape, rng, np.float32).values()):
                variables.create_dataset(str(k), data=values)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", json.dumps(architecture("QDense", quantizer)))
        archive.write(store, "model.weights.h5")


def assert_within_limits(path: Path) -> None:
    """The memory is that of the whole process (`ru_maxrss` would count the parent's)."""
    assert path.stat().st_size > 39e6
    run = subprocess.run([sys.executable, "-c", IMPORT, str(path)], capture_output=True, text=True, check=True)
    times, memory = map(float, run.stdout.split())
    print(f"{times:.2f} times the squares, {memory / path.stat().st_size:.2f} times the file")
    assert times < TIMES_THE_SQUARES
    assert memory < TIMES_THE_FILE * path.stat().st_size


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from /proc")
@pytest.mark.parametrize(("class_name", "quantizer", "dtype"), CASES)
def test_hdf5_is_read_in_bounded_memory(class_name: str, quantizer: str | None, dtype: Any, tmp_path: Path) -> None:
    write_hdf5(tmp_path / "large.h5", class_name, quantizer, dtype)
    assert_within_limits(tmp_path / "large.h5")


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from /proc")
@pytest.mark.parametrize("quantizer", ["quantized_bits(6,0,alpha=1)", None])
def test_zip_is_read_in_bounded_memory(quantizer: str | None, tmp_path: Path) -> None:
    write_zip(tmp_path / "large.keras", quantizer)
    assert_within_limits(tmp_path / "large.keras")
