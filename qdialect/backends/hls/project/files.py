"""The text of a project's files: sources, test bench, recorded vectors, build files, manifest."""

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
from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import FuncOp

from qdialect import __version__
from qdialect.backends.hls.project.directory import MANIFEST
from qdialect.backends.hls.project.ports import Port, ports_of
from qdialect.backends.hls.text.names import RESERVED, Names
from qdialect.backends.hls.text.printer import Source
from qdialect.dialects.qnn.heads import heads_of
from qdialect.dialects.qnn.network import argument_names, network, results_of
from qdialect.dialects.qnn.remarks import remarks
from qdialect.interpreter.simulate import codes_of
from qdialect.interpreter.values import as_inputs, to_argument
from qdialect.lowering.architectures.tasks import describe, tasks_of
from qdialect.validation.stimuli import sample_inputs

VECTORS = 32


@dataclass(frozen=True)
class ToolSettings:
    """What the build files tell the vendor's tool; the clock period in ns."""

    io_type: str
    part: str
    clock_period: float
    clock_uncertainty: str


@dataclass(frozen=True)
class Design:
    """A network at integer level, its C++ and its ports."""

    module: ModuleOp
    source: Source
    inputs: Sequence[Port]
    outputs: Sequence[Port]

    @staticmethod
    def of(module: ModuleOp, source: Source) -> Design:
        """The design of a network whose text is `source`."""
        function = network(module)
        names = Names({*RESERVED, source.top})
        results = [value.name_hint or "result" for value in results_of(function)]
        given = [*argument_names(function), *(f"{name}_out" for name in results)]
        return Design(module, source, *ports_of(function, [names.add(name) for name in given], source.arguments))

    @property
    def top(self) -> str:
        return self.source.top


def files_of(design: Design, vectors: Any, settings: ToolSettings) -> dict[str, str]:
    """The text of the project's files by path. `vectors` are the inputs of the test bench."""
    source = design.source
    text = {
        f"src/{source.top}.h": source.header,
        f"src/{source.top}.cpp": source.source,
        **{f"src/{path}": content for path, content in source.weights.items()},
        **_rendered(design, settings),
        **_headers(),
        **_vectors(design, vectors),
    }
    given = {**asdict(settings), "fifo_depths": source.depths}
    return {**text, MANIFEST: json.dumps(_manifest(design, given, text), indent=2) + "\n"}


def _headers() -> dict[str, str]:
    sim = files("qdialect.backends.hls") / "sim"
    return {f"sim/{name}": (sim / name).read_text() for name in ("ap_int.h", "ap_wide.h", "hls_stream.h")}


def _rendered(design: Design, settings: ToolSettings) -> dict[str, str]:
    function = network(design.module)
    environment = Environment(
        loader=PackageLoader("qdialect.backends.hls"), undefined=StrictUndefined, keep_trailing_newline=True
    )
    values: Mapping[str, Any] = {
        "top": design.top,
        "version": __version__,
        "inputs": design.inputs,
        "outputs": design.outputs,
        "arguments": ", ".join(port.name for port in (*design.inputs, *design.outputs)),
        "tasks": _tasks(function),
        "head": " and ".join(sorted({head for head in heads_of(function) if head.is_left_to_host})),
        "part": settings.part,
        "clock_period": f"{settings.clock_period:g}",
        "clock_uncertainty": settings.clock_uncertainty,
    }
    paths = {
        "CMakeLists.txt": "CMakeLists.txt.j2",
        "Makefile": "Makefile.j2",
        "README.md": "README.md.j2",
        "hls_config.cfg": "hls_config.cfg.j2",
        "run_hls.tcl": "run_hls.tcl.j2",
        "sim/bridge.cpp": "bridge.cpp.j2",
        f"tb/tb_{design.top}.cpp": "testbench.cpp.j2",
    }
    return {path: environment.get_template(name).render(values) for path, name in paths.items()}


def _tasks(function: FuncOp) -> list[dict[str, Any]]:
    return [
        {
            "name": task.name,
            "computes": ", ".join(op.name.removeprefix("qnn.") for op in task.ops),
            "inputs": [describe(value) for value in task.inputs],
            "output": describe(task.result),
        }
        for task in tasks_of(function)
    ]


def _vectors(design: Design, vectors: Any) -> dict[str, str]:
    """Inputs and outputs of the test bench as integers, a line per sample; the interpreter computes the outputs."""
    function = network(design.module)
    if vectors is None:
        vectors = sample_inputs(function, np.random.default_rng(0), VECTORS)
    values = as_inputs(vectors, argument_names(function))
    fed = [
        port.to_words(to_argument(function, i, value))
        for i, (port, value) in enumerate(zip(design.inputs, values, strict=True))
    ]
    got = [port.to_words(codes) for port, codes in zip(design.outputs, codes_of(design.module, values), strict=True)]
    return {f"tb/data/{design.top}_{side}.dat": _lines(arrays) for side, arrays in (("in", fed), ("out", got))}


def _lines(arrays: Sequence[NDArray[np.int64]]) -> str:
    rows = np.concatenate(arrays, axis=1)
    return "".join(" ".join(map(str, row)) + "\n" for row in rows.tolist())


def _manifest(design: Design, settings: Mapping[str, Any], text: Mapping[str, str]) -> dict[str, Any]:
    function = network(design.module)
    return {
        "generator": f"qdialect {__version__}",
        "top": design.top,
        "inputs": [port.manifest() for port in design.inputs],
        "outputs": [port.manifest() for port in design.outputs],
        **settings,
        "tasks": _tasks(function),
        "remarks": remarks(function),
        "files": {path: hashlib.sha256(content.encode()).hexdigest() for path, content in sorted(text.items())},
    }
