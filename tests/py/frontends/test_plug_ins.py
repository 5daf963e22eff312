"""A package that adds a layer, a quantizer, a pass and a target, laid out as `pip` installs it."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from small_files import chain, layer, write_h5

from qdialect.frontends.keras.handlers import HANDLERS

LAYERS = """
from qdialect.dialects.qnn.ops.elementwise import ShiftOp
from qdialect.frontends.keras.handlers import handles


@handles("Double")
def double(b, layer, x):
    return b.emit(ShiftOp(x, layer.option("times", 1)))
"""
QUANTIZERS = """
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from qdialect.dialects.qnn.attributes import RoundAttr
from qdialect.dialects.qnn.ops.quantize import QuantizeOp
from qdialect.frontends.building.weights import QuantizedWeights
from qdialect.frontends.keras.quantizers.plug_in import PlugInQuantizer
from qdialect.numerics.formats import FixedFormat
from qdialect.numerics.quantizers import Round
from qdialect.numerics.rounding import Overflow, Rounding


@dataclass(frozen=True)
class Floored(PlugInQuantizer):
    name: ClassVar[str] = "floored"
    bits: int = 4

    def __post_init__(self):
        if self.bits > 8:
            raise ValueError(f"bits={self.bits}; use at most 8")

    @property
    def format(self):
        return FixedFormat(self.bits, 2, signed=True)

    def of_activations(self, b, x):
        return b.emit(QuantizeOp(x, RoundAttr(Round(Rounding.FLOOR, Overflow.SATURATE)), self.format))

    def of_weights(self, w):
        fmt = self.format
        return QuantizedWeights(np.floor(np.ldexp(w, -fmt.lsb)).clip(fmt.min_code, fmt.max_code).astype(np.int8), fmt)
"""
UNIVERSE = """
from dataclasses import dataclass

from xdsl.passes import ModulePass
from xdsl.universe import Universe
from xdsl.utils.target import Target


@dataclass(frozen=True)
class RenameFunctions(ModulePass):
    'Give all functions a name.'

    name = "rename-functions"
    to: str = "net"

    def apply(self, ctx, module):
        from xdsl.dialects.builtin import StringAttr

        for op in module.body.block.ops:
            op.properties["sym_name"] = StringAttr(self.to)


@dataclass(frozen=True)
class CountTarget(Target):
    name = "count"

    def emit(self, ctx, module, output):
        print(sum(1 for _ in module.walk()), "operations", file=output)


UNIVERSE = Universe(
    all_passes={"rename-functions": lambda: RenameFunctions}, all_targets={"count": lambda: CountTarget}
)
"""
ENTRY_POINTS = """
[qdialect.layers]
shiny = shiny.layers
[qdialect.quantizers]
floored = shiny.quantizers:Floored
[xdsl.universe]
shiny = shiny.universe:UNIVERSE
"""
FLOORED = {"class_name": "shiny>floored", "config": {"bits": 5}}


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    site = tmp_path / "site"
    (site / "shiny").mkdir(parents=True)
    (site / "shiny-1.0.dist-info").mkdir()
    (site / "shiny-1.0.dist-info/METADATA").write_text("Metadata-Version: 2.1\nName: shiny\nVersion: 1.0\n")
    (site / "shiny-1.0.dist-info/entry_points.txt").write_text(ENTRY_POINTS)
    for name, text in (("__init__", ""), ("layers", LAYERS), ("quantizers", QUANTIZERS), ("universe", UNIVERSE)):
        (site / "shiny" / f"{name}.py").write_text(text)
    monkeypatch.setenv("PYTHONPATH", str(site))
    return site


def network(path: Path, **options: object) -> Path:
    """A layer of the package between a quantizer of it for weights, and one for activations."""
    dense = layer("QDense", units=3, use_bias=False, kernel_quantizer=FLOORED)
    double = {**layer("shiny>Double", times=2), "registered_name": "shiny>Double"}
    floored = {"class_name": "shiny>floored", "config": {"bits": 8} | options}
    model = chain([2], dense, double, layer("QActivation", activation=floored))
    kernel = np.array([[0.3, -0.3, 1.0], [5.0, -0.01, 0.49]], np.float32)
    return write_h5(path, model, {"qdense": {"qdense/kernel": kernel}})


def told(*command: str) -> tuple[int, str]:
    done = subprocess.run([sys.executable, "-m", *command], capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def test_layers_and_quantizers_compute(installed: Path, tmp_path: Path) -> None:
    file = network(tmp_path / "net.h5")
    program = (
        "import numpy as np, qdialect, sys\n"
        "module = qdialect.from_keras(sys.argv[1])\n"
        "x = np.array([[1.5, 0.25], [-3.0, 2.0]], np.float32)\n"
        "lowered = qdialect.lower(module, verify=True)\n"
        "print(qdialect.simulate(module, x).tolist(), qdialect.simulate(lowered, x).tolist())"
    )
    done = subprocess.run([sys.executable, "-c", program, str(file)], capture_output=True, text=True, check=True)
    kernel = np.array([[0.25, -0.375, 1.0], [1.875, -0.125, 0.375]])
    exact = 4 * np.array([[1.5, 0.25], [-3.0, 2.0]]) @ kernel
    expected = (np.floor(exact * 64) / 64).clip(-2, 2 - 1 / 64).tolist()
    assert done.stdout.strip() == f"{expected} {expected}"


def test_passes_and_targets_are_on_the_command_line(installed: Path, tmp_path: Path) -> None:
    file = str(network(tmp_path / "net.h5"))
    assert told("qdialect.tools.qopt", file, "-p", "rename-functions{to=shiny}")[1].count("@shiny(") == 1
    assert told("qdialect.tools.qopt", file, "-t", "count") == (0, "8 operations\n")
    assert told("qdialect.tools.qopt", "--list-passes")[1].endswith(
        "rename-functions: Give all functions a name.\n    to: a text (net)\n"
    )


def test_what_a_quantizer_refuses_names_the_layer(installed: Path, tmp_path: Path) -> None:
    status, text = told("qdialect.tools.qopt", str(network(tmp_path / "net.h5", bits=9)))
    assert (status, text) == (
        1,
        "qopt: error: layer 'qactivation' (QActivation) activation: floored: bits=9; use at most 8\n",
    )


def test_without_the_package_its_layers_are_refused(tmp_path: Path) -> None:
    status, text = told("qdialect.tools.qopt", str(network(tmp_path / "net.h5")))
    assert (status, text.count("\n")) == (1, 1)
    assert "layer 'shiny>double' (Double): a layer of shiny" in text


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("layers", "import missing_module", "plug-in shiny = shiny.layers (qdialect.layers): ModuleNotFoundError:"),
        ("layers", LAYERS.replace("Double", "Dense"), "ValueError: layer Dense has a handler"),
        ("quantizers", "Floored = 3", "plug-in floored (qdialect.quantizers): 3 is no class of PlugInQuantizer"),
        ("quantizers", QUANTIZERS.replace('"floored"', '"binary"'), "binary is a quantizer of QKeras"),
    ],
)
def test_plug_ins_that_do_not_fit(installed: Path, tmp_path: Path, file: str, text: str, message: str) -> None:
    (installed / "shiny" / f"{file}.py").write_text(text)
    status, told_ = told("qdialect.tools.qopt", str(network(tmp_path / "net.h5")))
    assert (status, told_.count("\n")) == (1, 1)
    assert message in told_


def test_a_module_of_handlers_is_imported_again_after_an_interruption() -> None:
    activation = importlib.import_module("qdialect.frontends.keras.layers.activation")
    again = importlib.reload(activation)
    assert HANDLERS["ReLU"] is again.relu
