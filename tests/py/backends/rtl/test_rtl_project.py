"""RTL projects: the verilated model against the interpreter, the project's own test bench, and warnings."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from chains import random_network
from small_files import chain, layer, write_h5

import qdialect
from qdialect.compiler.write_rtl import write_rtl
from qdialect.dialects.qnn.network import network
from qdialect.errors import QdialectError
from qdialect.interpreter import blocks
from qdialect.validation.stimuli import sample_inputs

needs_verilator = pytest.mark.skipif(shutil.which("verilator") is None, reason="verilator is not installed")
CONFIGURATIONS = [{}, {"registers": {"levels": 1, "inputs": True}}]


@needs_verilator
@pytest.mark.parametrize("config", CONFIGURATIONS, ids=["wires", "registers"])
def test_verilated_model_equals_the_interpreter(config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module, _ = random_network(47)
    x = sample_inputs(network(module), np.random.default_rng(0), 50)
    project = write_rtl(module, tmp_path / "net", config, vectors=x).compile()
    wanted = qdialect.simulate(module, x)
    np.testing.assert_array_equal(project.predict(x), wanted)
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 500)
    np.testing.assert_array_equal(project.predict(x), wanted)
    assert project.predict([value[:0] for value in x]).shape == (0, *wanted.shape[1:])
    assert (project.latency > 1) == bool(config)
    assert "PASS: 50 samples" in project.make("sim")
    assert "PASS: 50 samples" in project.make("sim-axis")
    project.make("lint")


@needs_verilator
def test_the_test_bench_finds_a_wrong_bit(tmp_path: Path) -> None:
    module, _ = random_network(47)
    project = write_rtl(module, tmp_path / "net")
    vectors = tmp_path / "net" / "tb" / "data" / f"{project.top}_out.dat"
    first, *rest = vectors.read_text().splitlines()
    vectors.write_text("\n".join([f"{int(first.split()[0], 16) ^ 1:x} {' '.join(first.split()[1:])}", *rest]) + "\n")
    with pytest.raises(QdialectError, match="FAIL: 1 of"):
        project.make("sim")


@pytest.mark.skipif(shutil.which("yosys") is None, reason="yosys is not installed")
def test_levels_are_those_between_registers(tmp_path: Path) -> None:
    module, _ = random_network(47)
    told = [
        write_rtl(module, tmp_path / name, {"registers": registers}).make("yosys")
        for name, registers in (("wires", None), ("stages", {"levels": 1}))
    ]
    wires, stages = (int(text.rpartition("levels ")[2]) for text in told)
    assert 0 < stages < wires


@needs_verilator
def test_verification_ends_in_rtl(tmp_path: Path) -> None:
    dense = layer("QDense", units=2, use_bias=False, kernel_quantizer="quantized_bits(4,1,alpha=1)")
    kernel = np.array([[0.5, -1], [0.25, 1.75], [-0.75, 0]])
    model = write_h5(tmp_path / "net.h5", chain([3], dense), {"qdense": {"kernel": kernel}})
    expected = qdialect.simulate(qdialect.from_keras(model), np.eye(3))
    found = qdialect.verify(model, np.eye(3), expected=expected, rtl={"registers": {"levels": 2}})
    assert found.ok
    assert [stage.name for stage in found.stages][-2:] == ["RTL", "test bench, RTL"]


def test_equal_networks_give_equal_files(tmp_path: Path) -> None:
    text = []
    for name in ("a", "b"):
        write_rtl(random_network(3)[0], tmp_path / name)
        text.append({p.name: p.read_text() for p in (tmp_path / name).rglob("*.sv")})
    assert text[0] == text[1]


def test_predict_needs_compile(tmp_path: Path) -> None:
    module, x = random_network(3)
    with pytest.raises(QdialectError, match=r"compile\(\) the project"):
        write_rtl(module, tmp_path / "net").predict(x)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"product": "tree"}, "setting 'product' is not one of io_type, passes"),
        ({"products": "magic"}, "products 'magic' is not one of auto, differences"),
        ({"registers": {}}, "give one of them"),
        ({"registers": {"levels": 0}}, "levels and clock are positive, not 0"),
        ({"registers": {"level": 2}}, "setting 'level' of registers is not one of levels"),
    ],
)
def test_settings_are_refused_by_name(config, message, tmp_path: Path) -> None:
    with pytest.raises(QdialectError, match=re.escape(message)):
        write_rtl(random_network(3)[0], tmp_path / "net", config)
    assert not (tmp_path / "net").exists()
