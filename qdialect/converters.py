"""For users of hls4ml: `converters.convert_from_keras_model` and the object it returns."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from xdsl.dialects.builtin import ModuleOp
from xdsl.interpreter import Interpreter, PythonValues
from xdsl.ir import Operation

from qdialect.backends.hls.project.project import Project
from qdialect.compiler.configuration import Configuration
from qdialect.compiler.pipeline import lower
from qdialect.compiler.write_hls import write_hls
from qdialect.dialects.qnn.heads import Head, heads_of
from qdialect.dialects.qnn.network import argument_names, network
from qdialect.errors import QdialectError
from qdialect.frontends.keras.importer import from_keras
from qdialect.interpreter.simulate import run
from qdialect.interpreter.values import as_inputs, to_argument, to_reals
from qdialect.utils import AUTO


class HlsModel:
    """A network with hls4ml's verbs: `compile`, `predict`, `trace`, `build`."""

    def __init__(self, module: ModuleOp, output_dir: str, configuration: Configuration):
        self.module = module
        self.output_dir = output_dir
        self.configuration = configuration
        self.project: Project | None = None

    def write(self) -> None:
        """Write the HLS project."""
        self.project = write_hls(lower(self.module), self.output_dir, self.configuration)

    def compile(self) -> None:
        """Write the project and compile its C simulation."""
        self.write()
        self._written().compile()

    def _written(self) -> Project:
        if self.project is None:
            raise QdialectError(f"{self.output_dir}: compile() the model before predict() or build()")
        return self.project

    def predict(self, x: Any) -> Any:
        """Keras' outputs from the compiled C++; a softmax or sigmoid at the end is computed here, from exact logits."""
        outputs = self._written().predict(x)
        return finished(self._written().module, outputs)

    def trace(self, x: Any) -> tuple[Any, dict[str, NDArray[np.float64]]]:
        """The outputs, and the value of every layer by its name, from the interpreter."""
        recorder = Recorder()
        function = network(self.module)
        inputs = as_inputs(x, argument_names(function))
        results = run(self.module, [to_argument(function, i, value) for i, value in enumerate(inputs)], [recorder])
        outputs = [to_reals(y, t) for y, t in zip(results, function.function_type.outputs.data, strict=True)]
        return finished(self.module, outputs[0] if len(outputs) == 1 else outputs), recorder.values

    def build(self, csim: bool = True, synth: bool = True, **steps: bool) -> str:
        """The test bench, then Vitis HLS synthesis if asked for.

        Raises QdialectError if a step fails, is unknown, or Vitis is not installed.
        """
        if unknown := [name for name, wanted in steps.items() if wanted]:
            raise QdialectError(f"build step {unknown[0]} is not supported; csim and synth are (see run_hls.tcl)")
        if synth and shutil.which("v++") is None:
            raise QdialectError("synthesis needs Vitis (v++) on the PATH; build(synth=False) runs the test bench alone")
        project = self._written()
        return "".join(project.make(step) for step, wanted in (("csim", csim), ("synth", synth)) if wanted)


class Recorder(Interpreter.Listener):
    """Keeps the reals of every named value."""

    def __init__(self) -> None:
        self.values: dict[str, NDArray[np.float64]] = {}

    def did_interpret_op(self, op: Operation, results: PythonValues) -> None:
        for result, value in zip(op.results, results, strict=True):
            if result.name_hint and op.operands:
                self.values[result.name_hint] = to_reals(value, result.type)


def softmax(logits: NDArray[np.float64]) -> NDArray[np.float32]:
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return (shifted / shifted.sum(axis=-1, keepdims=True)).astype(np.float32)


def sigmoid(logits: NDArray[np.float64]) -> NDArray[np.float32]:
    return (1 / (1 + np.exp(-logits))).astype(np.float32)


FOR_HOST: dict[Head, Callable[[NDArray[np.float64]], NDArray[Any]]] = {Head.SOFTMAX: softmax, Head.SIGMOID: sigmoid}
"""What the host computes at the end."""


def finished(module: ModuleOp, outputs: Any) -> Any:
    """The outputs of a network with the activations that are left to the host: what Keras returns."""
    heads = heads_of(network(module))
    several = outputs if isinstance(outputs, list) else [outputs]
    results = [FOR_HOST[h](y) if h.is_left_to_host else y for h, y in zip(heads, several, strict=True)]
    return results if isinstance(outputs, list) else results[0]


def convert_from_keras_model(
    model: Any,
    hls_config: Mapping[str, Any] | None = None,
    output_dir: str = "my-hls-test",
    backend: str = "Vitis",
    io_type: str = "io_parallel",
    **others: Any,
) -> HlsModel:
    """An `HlsModel` of a Keras model or model file.

    `hls_config` sets ReuseFactor (or PE) and Strategy of layers by name; for the whole `Model`, ReuseFactor is the most
    that is wanted. Raises QdialectError for what would have no effect: further arguments of hls4ml, other back ends,
    precisions of inner layers, schedules of layers without products; and for illegal reuse factors.
    """
    if backend not in ("Vitis", "Vivado"):
        raise QdialectError(f"backend '{backend}' is not supported; Vitis is")
    if others:
        raise QdialectError(f"argument {next(iter(others))} is not supported: it would have no effect")
    input_type, configuration = _read(hls_config or {}, io_type)
    return HlsModel(from_keras(model, input_type), output_dir, configuration)


def _read(config: Mapping[str, Any], io_type: str) -> tuple[str | None, Configuration]:
    """The precision set for an input layer, if any, and the schedule; all other precisions must be as they came."""
    layers: Mapping[str, Mapping[str, Any]] = config.get("LayerName", {})
    first = next(iter(layers), None)
    input_type: str | None = None
    schedules: dict[str, dict[str, Any]] = {}
    for name, settings in [("Model", config.get("Model", {})), *layers.items()]:
        precision = settings.get("Precision", AUTO)
        if precision != AUTO and name != first:
            raise QdialectError(
                f"setting Precision={precision!r} of '{name}' is not supported; the types follow from the network"
            )
        input_type = input_type if precision == AUTO else str(precision)
        schedules[name] = {key: value for key, value in settings.items() if key != "Precision"}
    model = schedules.pop("Model")
    return input_type, Configuration(io_type, model=model, layers=schedules)


__all__ = ["HlsModel", "convert_from_keras_model", "softmax"]
