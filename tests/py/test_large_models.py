"""A model file with ten million parameters is imported in seconds, and in less than four times its size of memory."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

SIZES = (784, 2500, 2500, 680, 10)
SECONDS, TIMES_THE_FILE = 5, 4

IMPORT = """
import sys, time
import qdialect
start = time.process_time()
module = qdialect.from_keras(sys.argv[1])
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(time.process_time() - start, int(peak.split()[1]) * 1024)
"""


def write_model(path: Path, alpha: Any) -> int:
    """A dense network as Keras writes it; returns how many parameters it has."""
    rng, parameters = np.random.default_rng(0), 0
    quantizer = {"class_name": "quantized_bits", "config": {"bits": 6, "integer": 0, "alpha": alpha}}
    layers: list[Any] = [
        {"class_name": "InputLayer", "config": {"name": "x", "batch_input_shape": [None, SIZES[0]]}},
        {"class_name": "QActivation", "config": {"name": "q", "activation": "quantized_bits(8,0,alpha=1)"}},
    ]
    with h5py.File(path, "w") as file:
        for i, units in enumerate(SIZES[1:]):
            name, shapes = f"fc{i}", {"kernel": (SIZES[i], units), "bias": (units,)}
            config = {"units": units, "kernel_quantizer": quantizer, "bias_quantizer": None}
            layers.append({"class_name": "QDense", "config": {"name": name, **config}})
            layers.append(
                {"class_name": "QActivation", "config": {"name": f"a{i}", "activation": "quantized_relu(6,2)"}}
            )
            group = file.create_group(f"model_weights/{name}")
            group.attrs["weight_names"] = [f"{name}/{key}:0" for key in shapes]
            for key, shape in shapes.items():
                group.create_dataset(f"{name}/{key}:0", data=rng.normal(size=shape).astype(np.float32) * 0.3)
                parameters += int(np.prod(shape))
        file.attrs["model_config"] = json.dumps(
            {"class_name": "Sequential", "config": {"name": "net", "layers": layers}}
        )
    return parameters


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from /proc")
@pytest.mark.parametrize("alpha", [1, "auto_po2"])
def test_ten_million_parameters(alpha: Any, tmp_path: Path) -> None:
    """The memory is that of the whole process (`ru_maxrss` would count the parent's)."""
    path = tmp_path / "large.h5"
    assert write_model(path, alpha) > 9.9e6
    run = subprocess.run([sys.executable, "-c", IMPORT, str(path)], capture_output=True, text=True, check=True)
    seconds, memory = map(float, run.stdout.split())
    assert seconds < SECONDS
    assert memory < TIMES_THE_FILE * path.stat().st_size
