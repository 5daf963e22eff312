"""The text of a project's files: modules, test bench, recorded vectors, scripts, manifest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.resources import files
from typing import Any

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined
from numpy.typing import NDArray
from xdsl.dialects import hw
from xdsl.dialects.builtin import IntegerAttr, ModuleOp, StringAttr

from qdialect import __version__
from qdialect.backends.hls.project.directory import MANIFEST
from qdialect.backends.rtl.ports import Port
from qdialect.backends.rtl.printer import print_verilog
from qdialect.dialects.qnn.heads import heads_of
from qdialect.dialects.qnn.network import argument_names, network, results_of
from qdialect.dialects.qnn.remarks import remarks
from qdialect.interpreter.simulate import codes_of
from qdialect.interpreter.values import as_inputs, to_argument
from qdialect.lowering.rtl.attributes import LATENCY, LAYER
from qdialect.validation.stimuli import sample_inputs

VECTORS = 32


@dataclass(frozen=True)
class RtlSettings:
    """What the files of a project say beside the network; the clock period in ns."""

    part: str
    clock_period: float
    products: str


@dataclass(frozen=True)
class Design:
    """A network at integer level, the modules that compute it, and its ports."""

    network: ModuleOp
    rtl: ModuleOp
    inputs: Sequence[Port]
    outputs: Sequence[Port]

    @staticmethod
    def of(network_: ModuleOp, rtl: ModuleOp) -> Design:
        function = network(network_)
        names = [port.port_name.data for port in _top(rtl).module_type.ports.data]
        inputs, outputs = (
            [port for port in names if port not in CONTROL][: len(function.args)],
            [port for port in names if port not in CONTROL][len(function.args) :],
        )
        return Design(
            network_,
            rtl,
            [Port.of(name, value) for name, value in zip(inputs, function.args, strict=True)],
            [Port.of(name, value) for name, value in zip(outputs, results_of(function), strict=True)],
        )

    @property
    def top(self) -> str:
        return _top(self.rtl).sym_name.data

    @property
    def latency(self) -> int:
        """Cycles from inputs to outputs; 0 of a network without registers."""
        found = _top(self.rtl).attributes.get(LATENCY)
        return found.value.data if isinstance(found, IntegerAttr) else 0


CONTROL = ("clk", "rst", "valid_in", "valid_out")
"""The ports of a network with registers that carry no values."""


def _top(rtl: ModuleOp) -> hw.HWModuleOp:
    """The module of the network: the last."""
    return [op for op in rtl.body.ops if isinstance(op, hw.HWModuleOp)][-1]


def files_of(design: Design, vectors: Any, settings: RtlSettings) -> dict[str, str]:
    """The text of the project's files by path. `vectors` are the inputs of the test bench."""
    modules = {f"rtl/{name}.sv": text for name, text in print_verilog(design.rtl).items()}
    adders = files("qdialect.backends.rtl") / "templates" / "adders.v"
    text = {
        **modules,
        **_rendered(design, sorted(modules), settings),
        "scripts/adders.v": adders.read_text(),
        **_vectors(design, vectors),
    }
    return {**text, MANIFEST: json.dumps(_manifest(design, asdict(settings), text), indent=2) + "\n"}


def _rendered(design: Design, sources: Sequence[str], settings: RtlSettings) -> dict[str, str]:
    environment = Environment(
        loader=PackageLoader("qdialect.backends.rtl"), undefined=StrictUndefined, keep_trailing_newline=True
    )
    function = network(design.network)
    in_width, out_width = (sum(port.width for port in ports) for ports in (design.inputs, design.outputs))
    values: Mapping[str, Any] = {
        "top": design.top,
        "version": __version__,
        "inputs": design.inputs,
        "outputs": design.outputs,
        "in_width": in_width,
        "out_width": out_width,
        "in_bytes": -(-in_width // 8),
        "out_bytes": -(-out_width // 8),
        "latency": design.latency,
        "sources": sources,
        "modules": _modules(design),
        "head": " and ".join(sorted({head for head in heads_of(function) if head.is_left_to_host})),
        "part": settings.part,
        "period": f"{settings.clock_period:g}",
    }
    paths = {
        "Makefile": "Makefile.j2",
        "README.md": "README.md.j2",
        f"rtl/{design.top}_axis.sv": "axis.sv.j2",
        f"rtl/{design.top}_pins.sv": "pins.sv.j2",
        "scripts/ecp5.ys": "ecp5.ys.j2",
        "scripts/vivado.tcl": "vivado.tcl.j2",
        "scripts/yosys.ys": "yosys.ys.j2",
        "sim/bridge.cpp": "bridge.cpp.j2",
        f"tb/tb_{design.top}.cpp": "testbench.cpp.j2",
    }
    return {path: environment.get_template(name).render(values) for path, name in paths.items()}


def _modules(design: Design) -> list[dict[str, str]]:
    """What each module computes."""
    found: list[dict[str, str]] = []
    for op in design.rtl.body.ops:
        assert isinstance(op, hw.HWModuleOp)
        layer = op.attributes.get(LAYER)
        name = op.sym_name.data
        computes = f"layer {layer.data}" if isinstance(layer, StringAttr) else "a part of a layer, at one position"
        found.append({"name": name, "computes": "the network" if name == design.top else computes})
    return found


def _vectors(design: Design, vectors: Any) -> dict[str, str]:
    """Inputs and outputs of the test bench as words, a line per sample; the interpreter computes the outputs."""
    function = network(design.network)
    if vectors is None:
        vectors = sample_inputs(function, np.random.default_rng(0), VECTORS)
    values = as_inputs(vectors, argument_names(function))
    fed = [
        port.to_words(to_argument(function, i, value))
        for i, (port, value) in enumerate(zip(design.inputs, values, strict=True))
    ]
    got = [port.to_words(codes) for port, codes in zip(design.outputs, codes_of(design.network, values), strict=True)]
    return {f"tb/data/{design.top}_{side}.dat": _lines(arrays) for side, arrays in (("in", fed), ("out", got))}


def _lines(arrays: Sequence[NDArray[np.uint32]]) -> str:
    rows = np.concatenate(arrays, axis=1)
    return "".join(" ".join(f"{word:x}" for word in row) + "\n" for row in rows.tolist())


def _manifest(design: Design, settings: Mapping[str, Any], text: Mapping[str, str]) -> dict[str, Any]:
    return {
        "generator": f"qdialect {__version__}",
        "top": design.top,
        "inputs": [port.manifest() for port in design.inputs],
        "outputs": [port.manifest() for port in design.outputs],
        "latency": design.latency,
        "interval": 1,
        **settings,
        "modules": _modules(design),
        "remarks": remarks(network(design.network)),
        "files": {path: hashlib.sha256(content.encode()).hexdigest() for path, content in sorted(text.items())},
    }
