"""The text of a project's files: modules, test bench, recorded vectors, scripts, manifest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.resources import files
from typing import Any

from xdsl.dialects import hw
from xdsl.dialects.builtin import DictionaryAttr, IntegerAttr, ModuleOp, StringAttr

from qdialect.backends.projects.design import NetworkDesign
from qdialect.backends.projects.directory import MANIFEST
from qdialect.backends.projects.files import manifest_of, rendered, vector_files
from qdialect.backends.rtl.ports import RtlPort
from qdialect.backends.rtl.printer import print_verilog
from qdialect.dialects.qnn.network import network, results_of
from qdialect.lowering.rtl.attributes import LATENCY, LAYER, STREAM


@dataclass(frozen=True)
class RtlSettings:
    """What the files of a project say beside the network; the clock period in ns."""

    part: str
    clock_period: float
    products: str


@dataclass(frozen=True)
class RtlDesign(NetworkDesign):
    """A network at integer level, the modules that compute it, and its ports."""

    inputs: Sequence[RtlPort]
    outputs: Sequence[RtlPort]
    rtl: ModuleOp

    @staticmethod
    def of(module: ModuleOp, rtl: ModuleOp) -> RtlDesign:
        """The design of a network whose modules are `rtl`."""
        function = network(module)
        names = [port.port_name.data for port in _last(rtl).module_type.ports.data]
        names = [name for name in names if name not in CONTROL]
        stream, count = _stream(rtl), len(function.args)
        beats = [stream.get("pixels", 1)] * count + [stream.get("results", 1)] * (len(names) - count)
        values = [*function.args, *results_of(function)]
        ports = [RtlPort.of(*each) for each in zip(names, values, beats, strict=True)]
        return RtlDesign(module, ports[:count], ports[count:], rtl)

    @property
    def core(self) -> str:
        """The module of the network, within a shell on streams."""
        return _last(self.rtl).sym_name.data

    @property
    def top(self) -> str:
        return self.core.removesuffix("_core") if self.stream else self.core

    @property
    def stream(self) -> Mapping[str, int]:
        """The numbers of a network on streams: `pixels`, `results`, `interval`, `drain`."""
        return _stream(self.rtl)

    @property
    def stages(self) -> int:
        """Cycles from the inputs of the network's module to its outputs."""
        found = _last(self.rtl).attributes.get(LATENCY)
        return found.value.data if isinstance(found, IntegerAttr) else 0

    @property
    def latency(self) -> int:
        """Cycles from the inputs to the outputs of a sample, on streams from its first pixel to its last result; 0 of a
        network without registers."""
        return self.stream["drain"] + self.stages + 1 if self.stream else self.stages

    @property
    def interval(self) -> int:
        """Cycles from a sample to the next one."""
        return self.stream.get("interval", 1)


CONTROL = ("clk", "rst", "valid_in", "valid_out", "tick", "start", "valid", "tick_out")
"""The ports of a network with registers that carry no values."""


def _last(rtl: ModuleOp) -> hw.HWModuleOp:
    """The module of the network."""
    return [op for op in rtl.body.ops if isinstance(op, hw.HWModuleOp)][-1]


def _stream(rtl: ModuleOp) -> Mapping[str, int]:
    found = _last(rtl).attributes.get(STREAM)
    if not isinstance(found, DictionaryAttr):
        return {}
    return {name: number.value.data for name, number in found.data.items() if isinstance(number, IntegerAttr)}


def files_of(design: RtlDesign, vectors: Any, settings: RtlSettings) -> dict[str, str]:
    """The text of the project's files by path. `vectors` are the inputs of the test bench."""
    printed = {f"rtl/{name}.sv": text for name, text in print_verilog(design.rtl).items()}
    modules = _modules(design)
    adders = files("qdialect.backends.rtl") / "templates" / "adders.v"
    sources = sorted({*printed, f"rtl/{design.top}.sv"})
    text = {
        **printed,
        **_from_templates(design, sources, modules, settings),
        "scripts/adders.v": adders.read_text(),
        **vector_files(design, vectors, digits="x"),
    }
    facts = {"latency": design.latency, "interval": design.interval, **asdict(settings), "modules": modules}
    return {**text, MANIFEST: manifest_of(design, facts, text)}


def _from_templates(
    design: RtlDesign, sources: Sequence[str], modules: Sequence[Mapping[str, str]], settings: RtlSettings
) -> dict[str, str]:
    kind = "stream" if design.stream else "sample"
    templates = {
        "Makefile": "Makefile.j2",
        "README.md": "README.md.j2",
        f"rtl/{design.top}_axis.sv": f"{kind}/axis.sv.j2",
        f"rtl/{design.top}_pins.sv": f"{kind}/pins.sv.j2",
        "scripts/ecp5.ys": "ecp5.ys.j2",
        "scripts/timing.xdc": "timing.xdc.j2",
        "scripts/vivado.tcl": "vivado.tcl.j2",
        "scripts/yosys.ys": "yosys.ys.j2",
        "sim/bridge.cpp": f"{kind}/bridge.cpp.j2",
        f"tb/tb_{design.top}_axis.cpp": "axis_testbench.cpp.j2",
        f"tb/tb_{design.top}.cpp": f"{kind}/testbench.cpp.j2",
    }
    if design.stream:
        templates[f"rtl/{design.top}.sv"] = "stream/shell.sv.j2"
    in_width, out_width = (sum(port.width for port in ports) for ports in (design.inputs, design.outputs))
    facts = {
        "in_width": in_width,
        "out_width": out_width,
        "in_bytes": -(-in_width // 8),
        "out_bytes": -(-out_width // 8),
        "core": design.core,
        "stages": design.stages,
        "latency": design.latency,
        "interval": design.interval,
        "pixels": 1,
        "results": 1,
        **design.stream,
        "sources": sources,
        "modules": modules,
        "part": settings.part,
        "period": f"{settings.clock_period:g}",
    }
    return rendered(design, "qdialect.backends.rtl", templates, facts)


def _modules(design: RtlDesign) -> list[dict[str, str]]:
    """What each module computes."""
    found: list[dict[str, str]] = []
    for op in design.rtl.body.ops:
        assert isinstance(op, hw.HWModuleOp | hw.HWModuleExternOp)
        layer = op.attributes.get(LAYER)
        name = op.sym_name.data
        computes = f"layer {layer.data}" if isinstance(layer, StringAttr) else "a part of a layer, at one position"
        if isinstance(op, hw.HWModuleExternOp):
            computes = "a memory or a counter"
        found.append({"name": name, "computes": "the network" if name == design.core else computes})
    return found
