"""Profiles: the values of weights and activations against their types, on data.

Of a module or a model file the interpreter traces every value, exactly. Of a live Keras model the trace is Keras' own,
in float32 and before each activation: that needs no finished quantizers, and so helps to choose them.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import NDArray
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation, SSAValue

from qdialect.dialect.constant import ConstantOp
from qdialect.dialect.contractions import ContractionOp
from qdialect.dialect.elementwise import BinaryOp
from qdialect.dialect.float_steps import FloatOp
from qdialect.dialect.pooling import SumPool2DOp
from qdialect.dialect.quantize import QuantizeOp
from qdialect.dialect.types import format_of, type_of
from qdialect.frontends.keras.importer import from_keras
from qdialect.frontends.keras.trace import trace_live
from qdialect.interpreter.simulate import (
    argument_names,
    as_inputs,
    interpreter_for,
    keras_name,
    network,
    to_argument,
    to_reals,
)
from qdialect.numerics.formats import FixedFormat, Format, Po2Format
from qdialect.report import columns

Array = NDArray[Any]
QUANTILES = (0, 25, 50, 75, 100)
Traced = tuple[str, str, Array, Format | None]
"""Name, kind, values, type."""
StepsOfLayer = tuple[str, str, Format | None]
TIME_STEP = re.compile(r"_step\d+(?=_|$)")
"""In the names of values of unrolled layers, whose steps are profiled together."""
COMPUTED = (BinaryOp, ContractionOp, FloatOp, SumPool2DOp)
"""What is profiled beside quantizers: operations that make new values, not those that move them."""
TITLES = ("value", "kind", "type", "lowest", "highest", "integer bits", "of", "saturated", "vanished", "elements")


@dataclass(frozen=True)
class ProfiledValue:
    """The distribution of one tensor over a data set, against the type that holds it or that it is quantized to.

    kind: 'weights'; 'activations'; 'before' for what a quantizer reads, where `format` is what it gives.
    box: quantiles of log2 |x| over the elements that are not zero (above zero before a relu): lowest, quartiles,
    highest; None if there are none.
    saturated: elements more than half a step beyond the ends of the type; negative ones under a type without sign
    (a relu) are not counted. vanished: elements that are not zero but less than half a step from it.
    """

    name: str
    kind: str
    format: Format | None
    lowest: float
    highest: float
    box: tuple[float, ...] | None
    saturated: int
    vanished: int
    elements: int

    @staticmethod
    def of(name: str, kind: str, values: Array, fmt: Format | None) -> ProfiledValue:
        x = np.asarray(values, np.float64).reshape(-1)
        magnitudes = x[x > 0] if kind == "before" and is_unsigned(fmt) else np.abs(x[x != 0])
        box = tuple(np.percentile(np.log2(magnitudes), QUANTILES).tolist()) if magnitudes.size else None
        saturated, vanished = losses(x, fmt)
        return ProfiledValue(name, kind, fmt, float(x.min()), float(x.max()), box, saturated, vanished, x.size)

    @property
    def needed(self) -> int:
        """Integer bits, with the sign, of the narrowest fixed-point range that holds every value: unsigned where a
        relu cuts negative values off."""
        signed = self.lowest < 0 and not (self.kind == "before" and is_unsigned(self.format))
        ends = [self.highest, self.lowest] if signed else [max(self.highest, 0.0)]
        return max((integer_bits(end, signed) for end in ends if end), default=0)

    @property
    def available(self) -> int | None:
        """Integer bits of the type, with the sign; None for floats, and for signs, which stand for any magnitude."""
        match self.format:
            case FixedFormat(int_bits=bits):
                return bits
            case Po2Format(max_exp=top, signed=signed):
                return top + 1 + signed
            case _:
                return None

    def cells(self) -> tuple[str, ...]:
        type_ = "-" if self.format is None else str(type_of(self.format)).removeprefix("!qnn.")
        counts = ("-", "-") if self.available is None else (str(self.saturated), str(self.vanished))
        of = "-" if self.available is None else str(self.available)
        ends = (f"{self.lowest:.6g}", f"{self.highest:.6g}")
        return (self.name, self.kind, type_, *ends, str(self.needed), of, *counts, str(self.elements))


def is_unsigned(fmt: Format | None) -> bool:
    return fmt is not None and fmt.min_code >= 0


def integer_bits(x: float, signed: bool) -> int:
    """The smallest I with x < 2^(I - signed), or x >= -2^(I - 1) for negative x; x is not zero."""
    mantissa, exponent = math.frexp(x)
    return exponent + signed - (mantissa == -0.5)


def losses(x: Array, fmt: Format | None) -> tuple[int, int]:
    """How many elements saturate, and how many vanish."""
    match fmt:
        case FixedFormat():
            low, high, half = (math.ldexp(code, fmt.lsb) for code in (fmt.min_code, fmt.max_code, 0.5))
            saturated = (x > high + half) | ((x < low - half) if fmt.signed else False)
            vanished = (np.abs(x) < half) & ((x != 0) if fmt.signed else (x > 0))
            return int(saturated.sum()), int(vanished.sum())
        case Po2Format():
            return int((np.abs(x) > 2.0 ** (fmt.max_exp + 0.5)).sum()), 0
        case _:
            return 0, 0


@dataclass(frozen=True)
class Profile:
    """The values of a network in the order in which they are computed; weights first."""

    values: Sequence[ProfiledValue]

    def lines(self) -> list[str]:
        """A table for people, and the values that lose the most."""
        lines = columns([TITLES, *(value.cells() for value in self.values)])
        saturated = sum(value.saturated for value in self.values)
        return [*lines, f"{saturated} of {sum(value.elements for value in self.values)} elements saturate"]

    def plot(self, path: str | PathLike[str]) -> None:
        """Box plots of the magnitudes, with the ranges of the types behind; .png, .svg or .pdf.

        Raises QdialectError without matplotlib, and for other file names.
        """
        from qdialect.profile_plot import plot

        plot(self.values, path)


def profile(model: Any, x: Any, input_type: str | None = None) -> Profile:
    """What the values of a network are on inputs `x`, one array or a list or dict of them.

    `model` is a module (at network or integer level) or a model file, which the interpreter runs; or a live Keras
    model, which Keras runs. `input_type` is for files, as in `from_keras`. Raises QdialectError for inputs that do
    not fit.
    """
    if isinstance(model, str | PathLike | list | tuple):
        model = from_keras(model, input_type)
    traced = trace_module(model, x) if isinstance(model, ModuleOp) else trace_live(model, x)
    values = steps_together(traced)
    return Profile(sorted(values, key=lambda value: value.kind != "weights"))


def steps_together(traced: Iterable[Traced]) -> list[ProfiledValue]:
    """The profile of each traced value; one for the time steps of an unrolled layer."""
    values: list[ProfiledValue | StepsOfLayer] = []
    steps: dict[StepsOfLayer, list[Array]] = {}
    for name, kind, array, fmt in traced:
        layer = TIME_STEP.sub("", name)
        key = (layer, kind, fmt)
        if layer == name:
            values.append(ProfiledValue.of(name, kind, array, fmt))
        elif key in steps:
            steps[key].append(np.ravel(array))
        else:
            steps[key] = [np.ravel(array)]
            values.append(key)
    return [
        value
        if isinstance(value, ProfiledValue)
        else ProfiledValue.of(*value[:2], np.concatenate(steps[value]), value[2])
        for value in values
    ]


def trace_module(module: ModuleOp, x: Any) -> Iterator[Traced]:
    """Name, kind, reals and type of every value that is not only moved."""
    function, interpreter = network(module), interpreter_for(module)
    inputs = as_inputs(x, argument_names(function))
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
            yield keras_name(result), "before", to_reals(operands[0], op.operand.type), format_of(result.type)
        elif isinstance(op, COMPUTED):
            yield keras_name(result), "activations", to_reals(values[result], result.type), format_of(result.type)
        elif is_weight(op):
            yield keras_name(result), "weights", to_reals(values[result], result.type), format_of(result.type)
        for operand in op.operands:
            left[operand] -= 1
            if not left[operand]:
                del values[operand]


def is_weight(op: Operation) -> bool:
    """Kernels and biases."""
    return isinstance(op, ConstantOp) and any(
        isinstance(use.operation, ContractionOp | BinaryOp) and format_of(op.result.type) is not None
        for use in op.result.uses
    )
