"""An input that nothing reads is a port like the others: the interface keeps the model's arguments."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from small_files import QUANTIZE, layer, write_h5

import qdialect


@pytest.mark.parametrize("input_type", [None, "fixed<8, 4>"])
@pytest.mark.parametrize("io_type", ["io_parallel", "io_stream"])
def test_unused_input_is_a_port(tmp_path: Path, input_type: str | None, io_type: str) -> None:
    inputs = [layer("InputLayer", batch_input_shape=[None, *shape]) for shape in ([4], [3, 2])]
    for entry, name in zip(inputs, "ab", strict=True):
        entry |= {"name": name, "inbound_nodes": [], "config": entry["config"] | {"name": name}}
    config = {
        "name": "net",
        "layers": [*inputs, QUANTIZE | {"name": "q", "inbound_nodes": [[["a", 0, 0, {}]]]}],
        "input_layers": [["a", 0, 0], ["b", 0, 0]],
        "output_layers": [["q", 0, 0]],
    }
    path = write_h5(tmp_path / "net.h5", {"class_name": "Functional", "config": config})
    module = qdialect.from_keras(path, input_type=input_type)
    x = [np.random.default_rng(0).normal(0, 2, (16, 4)), np.ones((16, 3, 2))]
    expected = qdialect.simulate(module, x)
    assert np.array_equal(qdialect.simulate(qdialect.lower(module), x), expected)
    project = qdialect.write_hls(module, tmp_path / "project", config={"io_type": io_type})
    project.compile()
    assert np.array_equal(project.predict(x), expected)
