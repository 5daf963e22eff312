"""Verification from end to end: Keras = imported IR = IR after each pass = compiled C++, with equality.

Where Keras' own float32 rounds, its outputs need not be the exact ones: there they must lie in the enclosure of all
that float32 may give (`qdialect/validation/enclosures.py`), and the later stages are compared with the imported IR.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass

from qdialect.backends.hls.project.project import Project
from qdialect.compiler.configuration import Configuration, NetworkLayers
from qdialect.compiler.hls_config import Config, read_configuration
from qdialect.compiler.pipeline import lower
from qdialect.compiler.write_hls import design_of, write_design
from qdialect.dialects.qnn.network import argument_names, network, results_of
from qdialect.dialects.qnn.types import exact_format_of
from qdialect.errors import QdialectError
from qdialect.frontends.keras.importer import InputTypes, import_with_roundings, read_source
from qdialect.frontends.keras.keras_run.keras_model import keras_outputs, load_keras
from qdialect.frontends.keras.model.graph import read_graph
from qdialect.interpreter.simulate import simulate
from qdialect.interpreter.values import as_inputs, as_list
from qdialect.numerics.arrays import Array
from qdialect.numerics.heads import SoftmaxTables, softmax_bounds
from qdialect.text import columns
from qdialect.validation.enclosure_rules import Enclosure
from qdialect.validation.enclosures import enclosures
from qdialect.validation.stimuli import sample_inputs


@dataclass(frozen=True)
class Stage:
    """One way of computing the network, compared with the reference: equal and all output values."""

    name: str
    equal: int
    total: int
    samples_off: Sequence[int] = ()
    """The first samples with a difference."""
    enclosed: int = 0
    """How many outputs are not equal, but what Keras' own float32 may give."""

    @property
    def ok(self) -> bool:
        return self.equal + self.enclosed == self.total

    @property
    def verdict(self) -> str:
        if not self.ok:
            return f"samples {list(self.samples_off)}"
        if self.enclosed:
            return f"ok, {self.enclosed} within Keras' own float32 roundings; below: equal to this stage"
        return "ok"


@dataclass
class Verification:
    """The stages, the modules they ran, and the written project."""

    reference: str
    stages: list[Stage]
    network: ModuleOp
    lowered: ModuleOp
    project: Project
    outputs: list[Array] = field(repr=False)

    @property
    def ok(self) -> bool:
        return all(stage.ok for stage in self.stages)

    def lines(self) -> list[str]:
        """A table for people."""
        rows = [(stage.name, f"{stage.equal} / {stage.total}", stage.verdict) for stage in self.stages]
        return columns([("stage", f"equal to {self.reference}", ""), *rows])

    def __str__(self) -> str:
        return "\n".join(self.lines())


def verify(
    model: Any,
    x: Any = None,
    samples: int = 1000,
    expected: Any = None,
    input_type: InputTypes = None,
    config: Config = None,
    directory: str | os.PathLike[str] | None = None,
) -> Verification:
    """Compare every stage of the compilation of `model`, a live Keras model or a model file, with Keras.

    `x` are inputs, by default `samples` drawn at codes, ties and ends of the input type. The reference is `expected`
    (recorded outputs) if given, otherwise Keras itself where TensorFlow is installed, otherwise the imported IR; a
    softmax at the end is left out on all sides. The project is written to `directory` if given, as `config` says (see
    `write_hls`).
    Raises QdialectError if the model cannot be compiled, or a pass changes the function.
    """
    graph = read_graph(read_source(model))
    settings = read_configuration(config).named_in(NetworkLayers.of_graph(graph))
    if input_type is not None and settings.input_types:
        raise QdialectError("the type of inputs is given twice: as input_type, and as Precision in the configuration")
    imported, roundings = import_with_roundings(graph, input_type or settings.input_types)
    inputs = _inputs(imported, x, samples)
    reference, wanted = _reference(model, imported, inputs, expected)
    exact = as_list(simulate(imported, inputs))
    stages = [_compare("network IR", wanted, exact)]
    if not stages[0].ok:
        stages = [_enclosed(stages[0], wanted, exact, enclosures(imported, inputs, roundings))]
        wanted = exact if stages[0].ok else wanted

    def after(pass_: ModulePass, module: ModuleOp) -> None:
        stages.append(_compare(f"after {pass_.name}", wanted, simulate(module, inputs, check_ranges=True)))

    lowered = lower(imported, settings.passes, verify=True, after=after)
    if settings.head_passes:
        logits, lowered = lowered, lower(lowered, settings.head_passes)
        wanted = _through_head(settings, logits, wanted, as_list(simulate(lowered, inputs)), stages)
    scratch = nullcontext(directory) if directory is not None else tempfile.TemporaryDirectory()
    with scratch as folder:
        target = Path(folder) / "project" if directory is None else folder
        rest = replace(settings, passes=None, head="logits")
        project = write_design(design_of(lowered, rest), rest, Path(target), vectors=inputs)
        outputs = as_list(project.compile().predict(inputs))
        stages.append(_compare("compiled C++", wanted, outputs))
        stages.append(_test_bench(project, len(inputs[0])))
    return Verification(reference, stages, imported, lowered, project, outputs)


def _through_head(
    settings: Configuration, logits: ModuleOp, wanted: list[Array], got: list[Array], stages: list[Stage]
) -> list[Array]:
    """What compiled C++ is compared with: the indices of Keras' largest outputs, or the softmax of the IR, whose
    largest is Keras' and which lies in the bounds of Keras' float32 softmax, widened by the error of its tables."""
    if settings.head == "argmax":
        pairs = zip(wanted, got, strict=True)
        wanted = [w if w.shape == g.shape else w.argmax(axis=-1)[..., np.newaxis] for w, g in pairs]
        stages.append(_compare("argmax", wanted, got))
        return wanted
    largest = [[y.argmax(axis=-1) for y in outputs] for outputs in (wanted, got)]
    stages.append(_compare("argmax of softmax", *largest))
    inside: list[NDArray[np.bool_]] = []
    for w, g, value in zip(wanted, got, results_of(network(logits)), strict=True):
        error = SoftmaxTables(w.shape[-1], settings.softmax_bits, exact_format_of(value.type).lsb).error
        low, high = softmax_bounds(w.astype(np.float32))
        inside.append((g == w) | ((low - error <= g) & (g <= high + error)))
    stages.append(_compare("softmax in bounds", [np.ones_like(i) for i in inside], inside))
    return got


def _test_bench(project: Project, samples: int) -> Stage:
    """The written test bench in checked mode: no conversion loses a value, no undefined behaviour."""
    try:
        project.make("check")
    except QdialectError:
        return Stage("test bench, checked", 0, samples)
    return Stage("test bench, checked", samples, samples)


def _inputs(module: ModuleOp, x: Any, samples: int) -> list[Array]:
    function = network(module)
    if x is not None:
        return [value.astype(np.float32) for value in as_inputs(x, argument_names(function))]
    rng = np.random.default_rng(0)
    return [value.astype(np.float32) for value in sample_inputs(function, rng, samples)]


def _reference(model: Any, module: ModuleOp, inputs: list[Array], expected: Any) -> tuple[str, list[Array]]:
    if expected is not None:
        return "recorded outputs", as_list(expected)
    if not isinstance(model, str | os.PathLike):
        return "Keras", keras_outputs(model, module, inputs)
    if find_spec("tensorflow") and find_spec("qkeras"):
        return "Keras", keras_outputs(load_keras(model), module, inputs)
    return "imported IR", as_list(simulate(module, inputs))


def _compare(name: str, wanted: list[Array], got: Any) -> Stage:
    """Equality of values; Raises QdialectError if the reference has other shapes."""
    got = as_list(got)
    if [y.shape for y in wanted] != [y.shape for y in got]:
        raise QdialectError(
            f"{name} gives outputs of shape {[list(y.shape) for y in got]}, "
            f"the reference has {[list(y.shape) for y in wanted]}"
        )
    same = [a.astype(np.float64) == b for a, b in zip(wanted, got, strict=True)]
    return Stage(name, _count(same), sum(s.size for s in same), _samples_off(same))


def _enclosed(stage: Stage, wanted: list[Array], got: list[Array], kept: Sequence[Enclosure]) -> Stage:
    """The comparison of `got` with Keras' outputs `wanted`, of which those in an enclosure are as good as equal."""
    held = [(w == g) | enclosure.holds(w) for w, g, enclosure in zip(wanted, got, kept, strict=True)]
    return replace(stage, samples_off=_samples_off(held), enclosed=_count(held) - stage.equal)


def _count(flags: list[NDArray[np.bool_]]) -> int:
    return int(sum(flag.sum() for flag in flags))


def _samples_off(good: list[NDArray[np.bool_]]) -> list[int]:
    """The first samples of which not all outputs are good."""
    return np.flatnonzero(np.any([~g.reshape(len(g), -1).all(axis=1) for g in good], axis=0))[:5].tolist()
