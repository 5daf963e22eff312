"""For users of hls4ml: `converters.convert_from_keras_model` and the object it returns."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from numpy.typing import NDArray
from xdsl.dialects.builtin import ModuleOp

from qdialect.analysis.observations import load_array
from qdialect.backends.hls.project.project import Project
from qdialect.backends.projects.directory import check_replaceable
from qdialect.compiler.configuration import Configuration
from qdialect.compiler.hls_config import read_configuration, read_file
from qdialect.compiler.layer_settings import NetworkLayers
from qdialect.compiler.origin import origin_of
from qdialect.compiler.subject import rounded
from qdialect.compiler.write_hls import design_of, write_design
from qdialect.dialects.qnn.heads import heads_of
from qdialect.dialects.qnn.network import network
from qdialect.errors import QdialectError, absent, is_a, shown, suggestion
from qdialect.frontends.keras.importer import import_graph, import_layers, read_source
from qdialect.frontends.keras.model.graph import LayerGraph, read_graph
from qdialect.frontends.keras.model.source import Layer
from qdialect.numerics.heads import finish, softmax
from qdialect.simulator.simulate import simulate

BACKENDS = ("vitis", "vivado")
ACCELERATOR = "vivadoaccelerator"
"""hls4ml's back end for blocks with AXI4-Streams on a board: here an interface of any project."""
BOARDS = {
    "pynq-z2": "xc7z020clg400-1",
    "zcu102": "xczu9eg-ffvb1156-2-e",
    "alveo-u50": "xcu50-fsvh2104-2-e",
    "alveo-u200": "xcu200-fsgd2104-2-e",
    "alveo-u250": "xcu250-figd2104-2L-e",
    "alveo-u280": "xcu280-fsvh2892-2L-e",
}
"""hls4ml's boards, by their FPGA."""
INSTEAD = {
    "convert_from_config": "use convert_from_keras_model(model, hls_config='config.yml')",
    "convert_from_onnx_model": "use qdialect.from_onnx and qdialect.write_hls",
    "convert_from_pytorch_model": "convert_from_keras_model takes Keras and QKeras models and their files",
    "convert_from_symbolic_expression": "convert_from_keras_model takes Keras and QKeras models and their files",
}
STEPS_INSTEAD = {
    "bitfile": "; a bitstream is Vivado's, of a design around the block that export makes",
    "vsynth": "; Vivado synthesizes the block that export makes",
}
MODEL_INSTEAD = {
    "graph": "module is the network in the IR",
    "config": "configuration holds the settings",
    "get_weight_variables": "module is the network in the IR, weights are its constants",
    "build_report": "qdialect.report estimates, 'qdialect report --csynth' reads Vitis' report",
}


class HlsModel:
    """A network with hls4ml's verbs: `compile`, `predict`, `trace`, `build`."""

    def __init__(
        self,
        graph: LayerGraph,
        configuration: Configuration,
        output_dir: str | os.PathLike[str],
        model: Any,
        vectors: Any = None,
    ):
        self.graph = graph
        self.configuration = configuration
        self.output_dir = output_dir
        imported = import_graph(graph, configuration.input_types)
        self.module = rounded(imported, configuration)
        self.design = design_of(self.module, configuration, origin_of(model, imported, configuration))
        self.vectors = vectors
        self.project: Project | None = None

    def __getattr__(self, name: str) -> object:
        raise absent("HlsModel", name, MODEL_INSTEAD)

    def write(self) -> None:
        """Write the HLS project into `output_dir`. Raises QdialectError where another folder's files are in the way."""
        self.project = write_design(self.design, self.configuration, Path(self.output_dir), self.vectors)

    def compile(self) -> None:
        """Write the project and compile its C simulation with g++. Raises QdialectError where the compiler fails."""
        self.write()
        self._written().compile()

    def _written(self) -> Project:
        if self.project is None:
            raise QdialectError(f"{self.output_dir}: compile() the model before predict() or build()")
        return self.project

    def predict(self, x: Any) -> Any:
        """Keras' outputs from the compiled C++, as float64 arrays with a leading batch axis.

        `x` is one array [samples, ...], or a list or dict of arrays for several inputs; several outputs come back as a
        list. A softmax or sigmoid at the end is computed here, from exact logits. Raises QdialectError before
        `compile`, and for inputs that do not fit.
        """
        project = self._written()
        return finished(project.module, project.predict(x))

    def trace(self, x: Any) -> tuple[Any, dict[str, NDArray[Any]]]:
        """Keras' outputs, and those of every layer by its name, from the interpreter.

        A layer that is applied several times has entries 'name:0', 'name:1'. `x` and the arrays are those of `predict`.
        Raises QdialectError for inputs that do not fit.
        """
        names = tensor_names(self.graph)
        tapped = import_layers(self.graph.tapped(names), self.configuration.input_types)
        layers = rounded(tapped, self.configuration)
        values = finished(layers, simulate(layers, x))
        outputs = finished(self.module, simulate(self.module, x))
        return outputs, dict(zip(names, values if len(names) > 1 else [values], strict=True))

    def get_layers(self) -> Sequence[Layer]:
        """The layers of the Keras model in order, each with `name`, `class_name` and `config`."""
        return self.graph.layers

    def build(
        self, csim: bool = True, synth: bool = True, cosim: bool = False, export: bool = False, **steps: bool
    ) -> str:
        """Run the test bench (`csim`), then Vitis HLS (`synth`, `cosim`, `export`), and return what they print.

        Raises QdialectError if a step fails, is unknown, or Vitis is not installed.
        """
        if unknown := [name for name, wanted in steps.items() if wanted]:
            known = "csim, synth, cosim, export are (see run_hls.tcl)"
            raise QdialectError(f"build step {unknown[0]} is not supported; {known}{STEPS_INSTEAD.get(unknown[0], '')}")
        if (synth or cosim or export) and shutil.which("v++") is None:
            raise QdialectError("synthesis needs Vitis (v++) on the PATH; build(synth=False) runs the test bench alone")
        project = self._written()
        wanted = {"csim": csim, "synth": synth, "cosim": cosim, "export": export}
        return "".join(project.make(step) for step, asked in wanted.items() if asked)


def tensor_names(graph: LayerGraph) -> list[str]:
    """The names of the results of all layers, as `LayerGraph.tapped` takes them, in order."""
    applications: dict[str, list[int]] = {}
    for layer, application, _ in (call.outputs[0] for call in graph.calls):
        applications.setdefault(layer, []).append(application)
    return [
        layer if len(numbers) == 1 else f"{layer}:{number}"
        for layer, numbers in applications.items()
        for number in numbers
    ]


def finished(module: ModuleOp, outputs: Any) -> Any:
    """The outputs of a network with the activations that are left to the host: what Keras returns."""
    heads = heads_of(network(module))
    several = outputs if isinstance(outputs, list) else [outputs]
    results = [finish(head, y) for head, y in zip(heads, several, strict=True)]
    return results if isinstance(outputs, list) else results[0]


def convert_from_keras_model(
    model: Any,
    output_dir: str | os.PathLike[str] = "my-hls-test",
    project_name: str | None = None,
    backend: str = "Vitis",
    hls_config: Mapping[str, Any] | str | os.PathLike[str] | None = None,
    io_type: str | None = None,
    part: str | None = None,
    clock_period: float | None = None,
    clock_uncertainty: str | None = None,
    input_data_tb: str | os.PathLike[str] | None = None,
    bit_exact: bool | None = None,
    board: str | None = None,
    namespace: str | None = None,
    **others: Any,
) -> HlsModel:
    """An `HlsModel` of a Keras model or model file.

    `hls_config`, a dictionary or a YAML file, sets ReuseFactor (or PE and SIMD) and Strategy of layers by name, and of
    all layers of a class under `LayerType`; there and for the whole `Model`, ReuseFactor is the most that is wanted.
    On layers without products they have no effect and a remark says so. `clock_period` is in ns, `input_data_tb` an
    .npy file of the inputs of the test bench. 'VivadoAccelerator' gives AXI4-Streams, and takes a `board` as `part`.
    Raises QdialectError, before anything is written, for what would have no effect, for illegal reuse factors of single
    layers, and for networks without a hardware form.
    """
    interface = interface_of(backend)
    check_arguments(output_dir, bit_exact, others)
    configuration = read_configuration(
        hls_config,
        io_type=io_type,
        interface=interface,
        part=part if board is None else part_of(board, part, interface),
        clock_period=clock_period,
        clock_uncertainty=clock_uncertainty,
        project_name=project_name,
        namespace=namespace,
    )
    check_replaceable(Path(output_dir))
    graph = read_graph(read_source(model))
    vectors = None if input_data_tb is None else load_array(os.fspath(input_data_tb))
    return HlsModel(graph, configuration.named_in(NetworkLayers.of_graph(graph)), output_dir, model, vectors)


def check_arguments(output_dir: Any, bit_exact: Any, others: Mapping[str, Any]) -> None:
    """Raise QdialectError for what is no folder, and for arguments that would have no effect."""
    if not is_a(output_dir, str, os.PathLike):
        raise QdialectError(f"output_dir is a folder, not {shown(output_dir)}; a configuration is hls_config=...")
    for name in others:
        near = suggestion(name, list(ARGUMENTS.values()))
        raise QdialectError(f"argument {name} is not supported: it would have no effect{near}")
    if bit_exact is False:
        raise QdialectError("bit_exact=False is not supported: every value is that of the network, in every bit")


def interface_of(backend: Any) -> str | None:
    """The interface that a back end of hls4ml stands for; None where it stands for none. Raises QdialectError for
    other back ends than AMD's."""
    name = backend.lower() if is_a(backend, str) else None
    if name not in (*BACKENDS, ACCELERATOR):
        raise QdialectError(f"backend {shown(backend)} is not supported; Vitis is")
    return "axis" if name == ACCELERATOR else None


def part_of(board: Any, part: str | None, interface: str | None) -> str:
    """The FPGA of a board. Raises QdialectError for unknown boards, and for one beside a part or without interface."""
    if part is not None or interface is None:
        raise QdialectError("board is for backend='VivadoAccelerator', in place of part")
    if board not in BOARDS:
        raise QdialectError(f"board {shown(board)} is none of {', '.join(BOARDS)}; give its part")
    return BOARDS[board]


ARGUMENTS = {
    "KerasModel": "model",
    "OutputDir": "output_dir",
    "ProjectName": "project_name",
    "Namespace": "namespace",
    "Backend": "backend",
    "Board": "board",
    "IOType": "io_type",
    "Part": "part",
    "XilinxPart": "part",
    "ClockPeriod": "clock_period",
    "ClockUncertainty": "clock_uncertainty",
    "InputData": "input_data_tb",
    "HLSConfig": "hls_config",
}
"""What the keys of hls4ml's files are called as arguments of `convert_from_keras_model`."""


def create_config(
    output_dir: str = "my-hls-test", project_name: str | None = None, backend: str = "Vitis", **settings: Any
) -> dict[str, Any]:
    """A dictionary that `keras_to_hls` takes, once it has its model under KerasModel.

    Raises QdialectError for settings that are no argument of `convert_from_keras_model`.
    """
    given = {"output_dir": output_dir, "project_name": project_name, "backend": backend, **settings}
    keys = {argument: key for key, argument in reversed(ARGUMENTS.items())}
    for name in given:
        if name not in keys:
            raise QdialectError(f"create_config has no setting {shown(name)}{suggestion(name, keys)}")
    return {keys[name]: value for name, value in given.items() if value is not None}


def keras_to_hls(config: Mapping[str, Any] | str | os.PathLike[str]) -> HlsModel:
    """An `HlsModel` of what hls4ml's dictionary or YAML file names, with the model file under `KerasModel`.

    Raises QdialectError for an unknown key with the nearest known one, and as `convert_from_keras_model` does.
    """
    given = config if isinstance(config, Mapping) else read_file(Path(config))
    for key in given:
        if key not in ARGUMENTS:
            raise QdialectError(f"setting {shown(key)} is not supported{suggestion(str(key), ARGUMENTS)}")
    if "KerasModel" not in given:
        raise QdialectError("the configuration names its model: KerasModel")
    return convert_from_keras_model(**{ARGUMENTS[key]: value for key, value in given.items() if value is not None})


def __getattr__(name: str) -> object:
    raise absent("qdialect.converters", name, INSTEAD)


__all__ = ["HlsModel", "convert_from_keras_model", "create_config", "keras_to_hls", "softmax"]
