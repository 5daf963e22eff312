"""Verification from end to end: Keras = imported IR = IR after each pass = compiled C++, with equality.

Where Keras' own float32 rounds, its outputs need not be the exact ones: there they must lie within the enclosure of
Keras' float32 rounding (`qdialect/validation/enclosures.py`), and the later stages are compared with the imported IR.
Outputs whose enclosure is wider than a step are reported as undecided.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation
from xdsl.passes import ModulePass

from qdialect.backends.hls.project.project import Project
from qdialect.backends.projects.directory import check_replaceable
from qdialect.backends.rtl.project import RtlProject
from qdialect.compiler.built import Built, Progress, build, silent
from qdialect.compiler.design import design_from
from qdialect.compiler.hardware import Hardware
from qdialect.compiler.hls_config import Config
from qdialect.compiler.pipeline import EquivalenceWitness
from qdialect.compiler.rtl_configuration import RtlConfig
from qdialect.compiler.subject import Subject
from qdialect.dialects.qnn.heads import Head, heads_of
from qdialect.dialects.qnn.network import argument_names, keras_name, network, results_of
from qdialect.dialects.qnn.owner import layer_of
from qdialect.dialects.qnn.types import exact_format_of
from qdialect.errors import QdialectError
from qdialect.frontends.building.input_types import InputTypes
from qdialect.frontends.keras.keras_run.keras_model import finish_of, keras_outputs, load_keras
from qdialect.frontends.models import is_onnx
from qdialect.interpreter.blocks import bytes_of
from qdialect.interpreter.values import as_inputs, as_list, expect_samples, to_argument
from qdialect.numerics.arrays import Array
from qdialect.numerics.heads import SoftmaxTables, head_bounds
from qdialect.passes import ChangesFunction
from qdialect.simulator.simulate import simulate
from qdialect.validation.comparison import (
    AFTER,
    Reference,
    Stage,
    compare,
    compare_with_keras,
    effect_of,
    verification_lines,
)
from qdialect.validation.enclosures import enclosed
from qdialect.validation.stimuli import sample_inputs

RECORDED_WORDS = 1 << 22
"""Numbers in the files of the test bench: some 20 MB of text. Samples beyond are compared by `predict` alone."""


@dataclass
class Verification:
    """The stages, what was built, and the written project."""

    built: Built
    compared_with: Reference
    stages: list[Stage]
    project: Project | RtlProject
    """To be compiled before it predicts; gone where no directory was given."""
    outputs: list[Array] = field(repr=False)

    @property
    def reference(self) -> str:
        """What the first stage is compared with."""
        return self.compared_with.name

    @property
    def note(self) -> str:
        """What could not be run, and what was compared instead."""
        return self.compared_with.note

    @property
    def network(self) -> ModuleOp:
        """The network that was lowered: as imported, with the roundings that its settings ask for."""
        return self.built.subject.network

    @property
    def lowered(self) -> ModuleOp:
        """The network after all passes, at integer level."""
        return self.built.lowered

    @property
    def ok(self) -> bool:
        """No stage contradicts the reference."""
        return all(stage.ok for stage in self.stages)

    @property
    def undecided(self) -> bool:
        """Outputs differ from Keras', and its float32 roundings may be wider than a step: nothing contradicts the
        reference, and nothing confirms it."""
        return any(stage.undecided for stage in self.stages)

    def lines(self) -> list[str]:
        """The lines of a readable table."""
        return verification_lines(self.reference, self.note, self.stages)

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
    rtl: RtlConfig = None,
    progress: Progress = silent,
) -> Verification:
    """Compare every stage of the compilation of `model`, a live Keras model or a model file, with Keras
    or, of an ONNX graph, with its recorded outputs. A design stands for a model with `config`, `input_type` and `rtl`.

    `x` are inputs, by default `samples` drawn at codes, ties and ends of the input type. The reference is `expected`
    (recorded outputs) if given, otherwise Keras itself where it is installed and loads the file, otherwise the imported
    IR, which a note says. Where Keras ends in a softmax or sigmoid its probabilities are compared with those that the
    same activation gives for the logits of the IR; recorded outputs may be either. Later stages are compared with the
    imported IR. The project is written to `directory` if given, as `config` says (see `write_hls`); with
    settings `rtl` it is an RTL project (see `write_rtl`). `progress` is told what begins.
    Raises QdialectError if the model cannot be compiled, or a pass changes the function.
    """
    if directory is not None:
        check_replaceable(Path(directory))
    design = design_from(model, config, input_type, rtl)
    built = build(design, progress)
    subject, imported, hardware = built.subject, built.subject.module, built.hardware
    inputs = _inputs(subject, x, samples)
    progress(f"network IR: {len(inputs[0])} samples")
    wanted, layers = as_list(simulate(imported, inputs)), _layers(imported)
    progress("reference")
    reference = _reference(design.model, subject, inputs, wanted, expected)
    within = partial(enclosed, imported, inputs, subject.roundings)
    stages = [compare_with_keras("network IR", reference, heads_of(network(imported)), wanted, within, layers)]
    if subject.network is not imported:
        progress("rounded layers")
        stages.append(effect_of("rounded layers", wanted, got := as_list(simulate(subject.network, inputs))))
        wanted = got
    wanted = _after_passes(subject.network, built.after_each, inputs, wanted, stages, progress)
    scratch = nullcontext(directory) if directory is not None else tempfile.TemporaryDirectory()
    with scratch as folder:
        target = Path(folder) / "project" if directory is None else Path(folder)
        project, outputs = _compiled(hardware, target, inputs, wanted, stages, progress)
    return Verification(built, reference, stages, project, outputs)


def _after_passes(
    imported: ModuleOp,
    after_each: Sequence[tuple[ModulePass, ModuleOp]],
    inputs: list[Array],
    wanted: list[Array],
    stages: list[Stage],
    progress: Progress,
) -> list[Array]:
    """Adds a stage for each pass; returns what is wanted after the last."""
    witness, before = EquivalenceWitness(imported), imported
    for pass_, module in after_each:
        progress(f"{AFTER}{pass_.name}")
        got = as_list(simulate(module, inputs, check_ranges=True))
        if isinstance(pass_, ChangesFunction):
            wanted = _through_head(before, module, wanted, got, stages)
        else:
            stages.append(compare(f"{AFTER}{pass_.name}", wanted, got, _layers(module)))
        witness(pass_, module)
        before = module
    return wanted


def _compiled(
    hardware: Hardware,
    directory: Path,
    inputs: list[Array],
    wanted: list[Array],
    stages: list[Stage],
    progress: Progress,
) -> tuple[Project | RtlProject, list[Array]]:
    """Adds the stages of the written project; returns it with its outputs.

    A test bench that passes has compared the outputs of all samples that it holds with the interpreter's. The
    simulation is compiled a second time, to be called from here, for more samples or to tell which outputs differ.
    """
    recorded = min(max(RECORDED_WORDS // hardware.design.words, 1), len(inputs[0]))
    progress("project")
    project = hardware.write(directory, [value[:recorded] for value in inputs])
    benched = _test_bench(project, hardware, recorded, progress)
    known = benched.ok and recorded == len(inputs[0])
    outputs = as_list(simulate(project.module, inputs) if known else project.compile().predict(inputs))
    stages += [compare(hardware.compiled, wanted, outputs, _layers(project.module)), benched]
    return project, outputs


def _through_head(
    before: ModuleOp, after: ModuleOp, wanted: list[Array], got: list[Array], stages: list[Stage]
) -> list[Array]:
    """What is compared with after `lower-head`: the indices of the largest logits, or the softmax of the IR, whose
    largest is that of the logits and which lies in the bounds of Keras' float32 softmax, widened by the error of its
    tables."""
    heads, values = heads_of(network(after)), results_of(network(before))
    results: list[Array] = []
    for head, was, w, g, value in zip(heads, heads_of(network(before)), wanted, got, values, strict=True):
        name, layer = f"output '{keras_name(value)}'", [keras_name(value)]
        if head is was:
            stages.append(compare(name, [w], g, layer))
            results.append(w)
        elif head is Head.ARGMAX:
            results.append(w.argmax(axis=-1)[..., np.newaxis])
            stages.append(compare(f"argmax, {name}", results[-1:], g, layer))
        else:
            stages.append(compare(f"argmax of softmax, {name}", [w.argmax(axis=-1)], g.argmax(axis=-1), layer))
            bits = exact_format_of(results_of(network(after))[len(results)].type).bits
            error = SoftmaxTables(w.shape[-1], bits, exact_format_of(value.type).lsb).error
            low, high = head_bounds(Head.SOFTMAX, w)
            inside = (low - error <= g) & (g <= high + error)
            stages.append(compare(f"softmax in bounds, {name}", [np.ones_like(inside)], inside, layer))
            results.append(g)
    return results


def _layers(module: ModuleOp) -> list[str]:
    """The layer of each output."""
    return [
        layer_of(value.owner) if isinstance(value.owner, Operation) else keras_name(value)
        for value in results_of(network(module))
    ]


def _test_bench(project: Project | RtlProject, hardware: Hardware, samples: int, progress: Progress) -> Stage:
    """The written test bench on the recorded vectors."""
    try:
        progress(hardware.compiled)
        project.make(hardware.program)
        progress(hardware.benched)
        project.make(hardware.bench)
    except QdialectError:
        return Stage(hardware.benched, 0, samples)
    return Stage(hardware.benched, samples, samples)


def _inputs(subject: Subject, x: Any, samples: int) -> list[Array]:
    function = network(subject.module)
    if x is not None:
        values = subject.given(as_inputs(x, argument_names(function)))
        for i, value in enumerate(values):
            to_argument(function, i, value)  # refuses what does not fit, before Keras runs
        expect_samples(values)
        return [value.astype(np.float32) for value in values]
    rng = np.random.default_rng(0)
    return [value.astype(np.float32) for value in sample_inputs(function, rng, samples)]


def _reference(model: Any, subject: Subject, inputs: list[Array], exact: list[Array], expected: Any) -> Reference:
    """Recorded outputs if given, else Keras', else those of the imported network, with a note."""
    if expected is not None:
        return Reference("recorded outputs", list(subject.expected(as_list(expected))))
    try:
        if is_onnx(model):
            raise QdialectError("ONNX graphs are not run here, their recorded outputs can be given as expected")
        keras = load_keras(model)
        function = network(subject.module)
        each = bytes_of(function.body.block.ops, function.args)
        return Reference("Keras", keras_outputs(keras, inputs, each), finish_of(keras))
    except QdialectError as error:
        note = f"{error}; the stages are compared with the imported IR"
        return Reference("imported IR", exact, note=note, compared=False)
