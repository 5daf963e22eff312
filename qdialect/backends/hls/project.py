"""HLS projects: everything to simulate and synthesize a network, in one folder."""

from __future__ import annotations

import ctypes
import hashlib
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined
from numpy.typing import NDArray
from xdsl.dialects.builtin import Float32Type, ModuleOp, StringAttr
from xdsl.dialects.func import FuncOp

from qdialect.backends.hls.design import print_design
from qdialect.backends.hls.names import RESERVED, Names
from qdialect.backends.hls.ports import Port, ports_of
from qdialect.configuration import Configuration
from qdialect.dialect.types import tensor_type
from qdialect.equivalence import sample_inputs
from qdialect.errors import QdialectError
from qdialect.interpreter.simulate import (
    argument_names,
    as_inputs,
    codes_of,
    network,
    results_of,
    to_argument,
    to_reals,
)
from qdialect.kernels.tasks import describe, tasks_of
from qdialect.pipeline import lower
from qdialect.remarks import remarks

DEFAULT_PART = "xcvu9p-flga2577-2-e"
DEFAULT_CLOCK_NS = 5
MANIFEST = "manifest.json"
VECTORS = 32


@dataclass
class Project:
    """A written project. `compile` builds the C simulation, `predict` runs it."""

    directory: Path
    module: ModuleOp
    top: str
    inputs: Sequence[Port]
    outputs: Sequence[Port]
    _library: Any = field(default=None, repr=False)

    def make(self, *arguments: str) -> str:
        """Run make in the project and return what it prints.

        Raises QdialectError with the first error line if it fails.
        """
        run = subprocess.run(["make", "-s", *arguments], cwd=self.directory, capture_output=True, text=True)
        if run.returncode:
            lines = [line for line in (run.stderr + run.stdout).splitlines() if line.strip()]
            told = next(
                (line for line in lines if re.search("error|FAIL|loses|runtime", line)), lines[0] if lines else ""
            )
            raise QdialectError(f"{self.directory}: make {' '.join(arguments)} failed: {told}")
        return run.stdout

    def compile(self, headers: str | os.PathLike[str] | None = None) -> Project:
        """Compile the C simulation with g++, against the project's own `ap_int.h` or the one in `headers`."""
        build = Path("build") if headers is None else Path("build") / "other_headers"
        arguments = [f"BUILD={build}"] + ([] if headers is None else [f"AP={Path(headers).resolve()}"])
        self.make("library", *arguments)
        with tempfile.NamedTemporaryFile(suffix=".so") as copy:  # the loader takes a path it knows for the old library
            shutil.copyfile(self.directory / build / f"lib{self.top}.so", copy.name)
            self._library = getattr(ctypes.CDLL(copy.name), f"{self.top}_batch")
        return self

    def predict(self, x: Any) -> Any:
        """The outputs of the compiled C++ for real inputs, as `qdialect.simulate` gives them.

        Raises QdialectError if the project is not compiled, or for inputs that do not fit.
        """
        if self._library is None:
            raise QdialectError(f"{self.directory}: compile() the project before predict()")
        function = network(self.module)
        values = as_inputs(x, argument_names(function))
        stored = [
            port.to_stored(to_argument(function, i, value))
            for i, (port, value) in enumerate(zip(self.inputs, values, strict=True))
        ]
        fed = np.ascontiguousarray(np.concatenate(stored, axis=1))
        got = np.zeros((len(fed), sum(port.size for port in self.outputs)), np.int64)
        pointer = ctypes.POINTER(ctypes.c_longlong)
        self._library(fed.ctypes.data_as(pointer), got.ctypes.data_as(pointer), ctypes.c_long(len(fed)))
        ends = np.cumsum([port.size for port in self.outputs])[:-1]
        types = function.function_type.outputs.data
        outputs = [
            to_reals(port.from_stored(part), type_)
            for port, part, type_ in zip(self.outputs, np.split(got, ends, axis=1), types, strict=True)
        ]
        return outputs[0] if len(outputs) == 1 else outputs


def write_hls(
    network_: ModuleOp | Any,
    directory: str | os.PathLike[str],
    config: Configuration | Sequence[str] | Mapping[str, Any] | None = None,
    vectors: Any = None,
) -> Project:
    """Write a complete HLS project into `directory`, which must be new, empty, or hold an earlier project.

    `network_` is a module at network or integer level, a Keras model, or a model file; `config` the settings of
    `configuration.Configuration`, or only the pass pipeline if it is not the default one. `vectors` are the inputs of
    the test bench, by default a few drawn at the ends and ties of the input type. Of an earlier project, only the files
    that its manifest lists are replaced or removed; files added by hand stay. Nothing is written unless everything
    succeeds.
    Raises QdialectError for networks without a hardware form, for foreign directories, and for an added file in the
    place of a written one.
    """
    from qdialect.frontends.keras.importer import from_keras

    module = network_ if isinstance(network_, ModuleOp) else from_keras(network_)
    settings = Configuration.of(config)
    if settings.passes is not None or not is_integer_level(module):
        module = lower(module, settings.passes)
    if settings.head_passes:
        module = lower(module, settings.head_passes)
    target = Path(directory)
    check_replaceable(target)
    project, text = _prepare(module, target, vectors, settings)
    _replace_files(target, text)
    return project


def is_integer_level(module: ModuleOp) -> bool:
    """Are all values of the network quantized?"""
    function = network(module)
    values = [*function.args, *(result for op in function.walk() for result in op.results)]
    return not any(isinstance(tensor_type(value.type).element_type, Float32Type) for value in values)


def check_replaceable(target: Path) -> None:
    """Raise QdialectError for a path that holds something else than an earlier project."""
    if not target.exists():
        return
    if not target.is_dir() or (any(target.iterdir()) and _listed(target) is None):
        raise QdialectError(f"{target}: exists and is no earlier qdialect project; choose another directory")


def _listed(target: Path) -> set[str] | None:
    """The files of the project in `target` as its manifest lists them; None if it is no project of ours.

    Other tools call their files manifest.json too. A path that leads out of the project is none of its files.
    """
    try:
        content = json.loads((target / MANIFEST).read_text())
    except (OSError, ValueError):
        return None
    if not isinstance(content, dict) or not str(content.get("generator")).startswith("qdialect "):
        return None
    root = target.resolve()
    return {MANIFEST} | {path for path in content.get("files", ()) if (target / path).resolve().is_relative_to(root)}


def _replace_files(target: Path, text: Mapping[str, str]) -> None:
    """Put the files `text` in the place of those that the manifest in `target` lists, and leave all others alone.

    The manifest is replaced first, so that a write that is interrupted can be repeated.
    Raises QdialectError, before anything changes, if an added file is in the way.
    """
    listed = _listed(target) or set()
    for path in sorted(text.keys() - listed):
        if os.path.lexists(target / path):
            raise QdialectError(
                f"{target / path}: was added by hand and is in the way; move it or choose another directory"
            )
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}.") as scratch:
        for path, content in text.items():
            file = Path(scratch) / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content)
        for path in sorted(listed - text.keys()):
            (target / path).unlink(missing_ok=True)
        for path in sorted(text, key=lambda path: path != MANIFEST):
            (target / path).parent.mkdir(parents=True, exist_ok=True)
            os.replace(Path(scratch) / path, target / path)


def _prepare(
    module: ModuleOp, directory: Path, vectors: Any, settings: Configuration
) -> tuple[Project, dict[str, str]]:
    """The project, and the text of its files by path."""
    function = network(module)
    source = print_design(module, inline_roms=False, configuration=settings)
    names = Names({*RESERVED, source.top})
    given = [*argument_names(function), *(f"{name}_out" for name in _result_names(function))]
    inputs, outputs = ports_of(function, [names.add(name) for name in given], source.arguments)
    project = Project(directory, module, source.top, inputs, outputs)
    text = {
        f"src/{source.top}.h": source.header,
        f"src/{source.top}.cpp": source.source,
        **{f"src/{path}": content for path, content in source.weights.items()},
        **_rendered(project, function),
        **_headers(),
        **_vectors(project, vectors),
    }
    text[MANIFEST] = (
        json.dumps(
            _manifest(project, function, {"io_type": settings.io_type, "fifo_depths": source.depths}, text),
            indent=2,
        )
        + "\n"
    )
    return project, text


def _result_names(function: FuncOp) -> list[str]:
    return [value.name_hint or "result" for value in results_of(function)]


def _headers() -> dict[str, str]:
    sim = files("qdialect.backends.hls") / "sim"
    return {f"sim/{name}": (sim / name).read_text() for name in ("ap_int.h", "hls_stream.h")}


def _rendered(project: Project, function: FuncOp) -> dict[str, str]:
    environment = Environment(
        loader=PackageLoader("qdialect.backends.hls"), undefined=StrictUndefined, keep_trailing_newline=True
    )
    head = function.attributes.get("qnn.head")
    values: Mapping[str, Any] = {
        "top": project.top,
        "version": version("qdialect"),
        "inputs": project.inputs,
        "outputs": project.outputs,
        "arguments": ", ".join(port.name for port in (*project.inputs, *project.outputs)),
        "tasks": _tasks(function),
        "head": " and ".join(sorted(set(filter(None, head.data.split(","))))) if isinstance(head, StringAttr) else "",
        "part": DEFAULT_PART,
        "clock_period": DEFAULT_CLOCK_NS,
    }
    paths = {
        "CMakeLists.txt": "CMakeLists.txt.j2",
        "Makefile": "Makefile.j2",
        "README.md": "README.md.j2",
        "hls_config.cfg": "hls_config.cfg.j2",
        "run_hls.tcl": "run_hls.tcl.j2",
        "sim/bridge.cpp": "bridge.cpp.j2",
        f"tb/tb_{project.top}.cpp": "testbench.cpp.j2",
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


def _vectors(project: Project, vectors: Any) -> dict[str, str]:
    """Inputs and outputs of the test bench as integers, a line per sample; the interpreter computes the outputs."""
    function = network(project.module)
    if vectors is None:
        vectors = sample_inputs(function, np.random.default_rng(0), VECTORS)
    values = as_inputs(vectors, argument_names(function))
    fed = [
        port.to_stored(to_argument(function, i, value))
        for i, (port, value) in enumerate(zip(project.inputs, values, strict=True))
    ]
    got = [port.to_stored(codes) for port, codes in zip(project.outputs, codes_of(project.module, values), strict=True)]
    return {f"tb/data/{project.top}_{side}.dat": _lines(arrays) for side, arrays in (("in", fed), ("out", got))}


def _lines(arrays: Sequence[NDArray[np.int64]]) -> str:
    rows = np.concatenate(arrays, axis=1)
    return "".join(" ".join(map(str, row)) + "\n" for row in rows.tolist())


def _manifest(
    project: Project, function: FuncOp, settings: Mapping[str, Any], text: Mapping[str, str]
) -> dict[str, Any]:
    return {
        "generator": f"qdialect {version('qdialect')}",
        "top": project.top,
        "inputs": [port.manifest() for port in project.inputs],
        "outputs": [port.manifest() for port in project.outputs],
        **settings,
        "tasks": _tasks(function),
        "remarks": remarks(function),
        "files": {path: hashlib.sha256(content.encode()).hexdigest() for path, content in sorted(text.items())},
    }


__all__ = ["Project", "write_hls"]
