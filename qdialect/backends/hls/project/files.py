"""The text of a project's files: sources, test bench, recorded vectors, build files, manifest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.resources import files
from typing import Any

from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import FuncOp

from qdialect.backends.hls.project.contract import Contract, contract_of, promise
from qdialect.backends.hls.project.ports import ports_of
from qdialect.backends.hls.text.lines import comment
from qdialect.backends.hls.text.names import RESERVED, Names
from qdialect.backends.hls.text.printer import Source, print_source
from qdialect.backends.projects.design import NetworkDesign
from qdialect.backends.projects.directory import MANIFEST
from qdialect.backends.projects.files import manifest_of, rendered, vector_files
from qdialect.backends.projects.origin import Origin
from qdialect.dialects.qnn.network import argument_names, network, results_of
from qdialect.estimates.schedule import Estimates
from qdialect.lowering.architectures.interfaces import Layout
from qdialect.lowering.architectures.tasks import describe, tasks_of

LONG, VERY_LONG = 1000, 5000
"""Lines of a source. Long ones are additions without a loop, which g++ takes minutes to optimize with checks between
them; of very long ones it takes as long without, where it optimizes all that it can."""
LOOPS = "-O3 -fno-tree-pre $(NATIVE)"
"""What g++ optimizes loops by: many sums at once, unless it moves additions into the branches of a selection before."""

HEADERS = ("ap_int.h", "ap_operators.h", "ap_wide.h", "hls_stream.h", "ap_axi_sdata.h")
"""Stand-ins for the vendor's headers in the C simulation."""


@dataclass(frozen=True)
class ToolSettings:
    """What the build files tell the vendor's tool; the clock period in ns."""

    io_type: str
    part: str
    clock_period: float
    clock_uncertainty: str
    emulator: str | None = None
    """Whose framework loads the network as a shared object."""


@dataclass(frozen=True)
class HlsDesign(NetworkDesign):
    """A network at integer level, its C++ and its ports."""

    source: Source
    contract: Contract
    loops: ModuleOp
    """The network at the loop level."""
    estimates: Estimates
    """Of the top function, whose cycles the contract has, and of the functions that it calls."""
    origin: Origin

    @staticmethod
    def of(
        module: ModuleOp,
        loops: ModuleOp,
        clock: float,
        origin: Origin,
        layouts: Sequence[Layout | None] = (),
        namespace: str | None = None,
    ) -> HlsDesign:
        """The design of a network at the loop level, `loops`, for a clock period in ns. Writes the contract there.

        `layouts` says how inputs, then outputs lie in words, None where they do not.
        """
        estimates = Estimates(loops, clock)
        contract = contract_of(estimates)
        promise(loops, contract)
        source = print_source(loops, inline_roms=False, namespace=namespace or "")
        function = network(module)
        names = Names({*RESERVED, source.top})
        results = [value.name_hint or "result" for value in results_of(function)]
        given = [*argument_names(function), *(f"{name}_out" for name in results)]
        ports = ports_of(
            function, [names.add(name) for name in given], source.arguments, layouts or [None] * len(given)
        )
        return HlsDesign(module, *ports, source, contract, loops, estimates, origin)

    @property
    def top(self) -> str:
        return self.source.top


def files_of(design: HlsDesign, vectors: Any, settings: ToolSettings) -> dict[str, str]:
    """The text of the project's files by path. `vectors` are the inputs of the test bench."""
    source, tasks = design.source, _tasks(network(design.module))
    sim = files("qdialect.backends.hls") / "sim"
    head = "".join(f"{line}\n" for each in design.origin.lines() for line in comment(each))
    text = {
        f"src/{source.top}.h": head + source.header,
        f"src/{source.top}.cpp": head + source.source,
        **{f"src/{path}": content for path, content in source.weights.items()},
        **_from_templates(design, tasks, settings),
        **{f"sim/{name}": (sim / name).read_text() for name in HEADERS},
        **({"sim/hls4ml/emulator.h": (sim / "emulator.h").read_text()} if settings.emulator else {}),
        **vector_files(design, vectors, digits="d"),
    }
    facts = {
        "origin": asdict(design.origin),
        "contract": design.contract.manifest(),
        **asdict(settings),
        "fifo_depths": source.depths,
        "tasks": tasks,
    }
    return {**text, MANIFEST: manifest_of(design, facts, text)}


def _from_templates(design: HlsDesign, tasks: Sequence[Mapping[str, Any]], settings: ToolSettings) -> dict[str, str]:
    templates = {
        "CMakeLists.txt": "CMakeLists.txt.j2",
        "Makefile": "Makefile.j2",
        "README.md": "README.md.j2",
        "export_ip.cfg": "export_ip.cfg.j2",
        "export_xo.cfg": "export_xo.cfg.j2",
        "hls_config.cfg": "hls_config.cfg.j2",
        "run_hls.tcl": "run_hls.tcl.j2",
        "sim/bridge.cpp": "bridge.cpp.j2",
        f"tb/tb_{design.top}.cpp": "testbench.cpp.j2",
    }
    if settings.emulator:
        templates["emulator/model.cpp"] = "emulator.cpp.j2"
    lines = design.source.source.count("\n")
    facts = {
        "call": design.source.call,
        "emulator": settings.emulator,
        "arguments": ", ".join(port.name for port in design.ports),
        "contract": design.contract.lines(),
        "origin": design.origin.lines(),
        "optimization": "-Og" if lines > VERY_LONG else "-O1" if lines > LONG else LOOPS,
        "check_optimization": "-O0" if lines > LONG else "$(CXXFLAGS)",
        "tasks": tasks,
        "part": settings.part,
        "clock_period": f"{settings.clock_period:g}",
        "clock_uncertainty": settings.clock_uncertainty,
    }
    return rendered(design, "qdialect.backends.hls", templates, facts)


def _tasks(function: FuncOp) -> list[dict[str, Any]]:
    """What each task computes, from what."""
    return [
        {
            "name": task.name,
            "computes": ", ".join(op.name.removeprefix("qnn.") for op in task.ops),
            "inputs": [describe(value) for value in task.inputs],
            "output": describe(task.result),
        }
        for task in tasks_of(function)
    ]
