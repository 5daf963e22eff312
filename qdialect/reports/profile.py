"""Profiles: the values of weights and activations against their types, on data.

Of a module or a model file the interpreter traces every value, exactly. Of a live Keras model the trace is Keras' own,
in float32 and before each activation: that needs no finished quantizers, and so helps to choose them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from os import PathLike
from typing import Any

from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation, SSAValue

from qdialect.compiler.design import design_from, is_design
from qdialect.compiler.subject import subject_of
from qdialect.dialects.qnn.names import identifier
from qdialect.dialects.qnn.network import argument_names, keras_name, network
from qdialect.dialects.qnn.ops.constant import ConstantOp
from qdialect.dialects.qnn.ops.contractions import ContractionOp
from qdialect.dialects.qnn.ops.elementwise import BinaryOp
from qdialect.dialects.qnn.ops.float_steps import FloatOp
from qdialect.dialects.qnn.ops.quantize import QuantizeOp
from qdialect.dialects.qnn.owner import layer_of, step_of
from qdialect.dialects.qnn.traits import Accumulates
from qdialect.dialects.qnn.types import format_of
from qdialect.frontends.building.input_types import InputTypes
from qdialect.frontends.keras.keras_run.trace import trace_live
from qdialect.interpreter.blocks import blocks, bytes_of
from qdialect.interpreter.simulate import interpreter_for
from qdialect.interpreter.values import as_inputs, expect_samples, to_argument, to_reals
from qdialect.numerics.arrays import Array
from qdialect.numerics.formats import Format
from qdialect.reports.profiled_value import ProfiledValue
from qdialect.text import columns

Traced = tuple[str, str, Array, Format | None]
"""Name, kind, values, type."""

TITLES = ("value", "kind", "type", "lowest", "highest", "integer bits", "of", "saturated", "vanished", "elements")


@dataclass(frozen=True)
class Profile:
    """The values of a network in the order in which they are computed; weights first."""

    values: Sequence[ProfiledValue]

    def lines(self) -> list[str]:
        """The lines of a readable table, and the values that lose the most."""
        lines = columns([TITLES, *(value.cells() for value in self.values)])
        saturated = sum(value.saturated for value in self.values)
        return [*lines, f"{saturated} of {sum(value.elements for value in self.values)} elements saturate"]

    def plot(self, path: str | PathLike[str]) -> None:
        """Box plots of the magnitudes, with the ranges of the types behind; .png, .svg or .pdf.

        Raises QdialectError without matplotlib, and for other file names.
        """
        from qdialect.reports.profile_plot import plot

        plot(self.values, path)


def profile(model: Any, x: Any, input_type: InputTypes = None) -> Profile:
    """What the values of a network are on inputs `x`, one array or a list or dict of them.

    `model` is a module (at network or integer level), a model file or a design, which the interpreter runs; or a live
    Keras model, which Keras runs. `input_type` is for files, as in `from_keras`. Raises QdialectError for inputs that
    do not fit.
    """
    if is_design(model) or isinstance(model, str | PathLike | list | tuple):
        model = subject_of(design_from(model, input_type=input_type)).network
    traced = trace_module(model, x) if isinstance(model, ModuleOp) else trace_live(model, x)
    values = steps_together(traced)
    return Profile(sorted(values, key=lambda value: value.kind != "weights"))


def steps_together(traced: Iterable[Traced]) -> list[ProfiledValue]:
    """The profile of each traced value; one for all blocks of samples, and for the time steps of an unrolled layer,
    which have one name and type."""
    found: dict[tuple[str, str, Format | None], ProfiledValue] = {}
    for name, kind, array, fmt in traced:
        value, key = ProfiledValue.of(name, kind, array, fmt), (name, kind, fmt)
        found[key] = found[key].with_more(value) if key in found else value
    return list(found.values())


def name_over_steps(op: Operation) -> str:
    """The name of the value of an operation, without the time step of its layer."""
    name, step, layer = keras_name(op.results[0]), step_of(op), identifier(layer_of(op)).replace(".", "_")
    return name if step is None else layer + name.removeprefix(layer).replace(f"_step{step}", "", 1)


def trace_module(module: ModuleOp, x: Any) -> Iterator[Traced]:
    """Name, kind, reals and type of every value that is not only moved, for blocks of samples; weights once."""
    function = network(module)
    inputs = expect_samples(as_inputs(x, argument_names(function)))
    each = bytes_of(function.body.block.ops, function.args)
    for number, block in enumerate(blocks(inputs, each)):
        yield from (traced for traced in trace_block(module, block) if number == 0 or traced[1] != "weights")


def trace_block(module: ModuleOp, inputs: Sequence[Array]) -> Iterator[Traced]:
    """As `trace_module`, for some of the samples."""
    function, interpreter = network(module), interpreter_for(module)
    values: dict[SSAValue, Array] = {
        argument: to_argument(function, i, inputs[i]) for i, argument in enumerate(function.args)
    }
    left: Counter[SSAValue] = Counter({v: len(list(v.uses)) for op in function.body.block.ops for v in op.results})
    for op in function.body.block.ops:
        if not op.results:
            continue
        operands, (result,) = [values[v] for v in op.operands], op.results
        (values[result],) = interpreter.run_op(op, tuple(operands))
        if isinstance(op, QuantizeOp):
            yield name_over_steps(op), "before", to_reals(operands[0], op.operand.type), format_of(result.type)
        elif makes_values(op):
            yield name_over_steps(op), "activations", to_reals(values[result], result.type), format_of(result.type)
        elif is_weight(op):
            yield name_over_steps(op), "weights", to_reals(values[result], result.type), format_of(result.type)
        for operand in op.operands:
            left[operand] -= 1
            if not left[operand]:
                del values[operand]


def makes_values(op: Operation) -> bool:
    """Whether an operation makes values that are profiled beside those of quantizers."""
    return op.has_trait(Accumulates) or isinstance(op, BinaryOp | FloatOp)


def is_weight(op: Operation) -> bool:
    """Kernels and biases."""
    return isinstance(op, ConstantOp) and any(
        isinstance(use.operation, ContractionOp | BinaryOp) and format_of(op.result.type) is not None
        for use in op.result.uses
    )
