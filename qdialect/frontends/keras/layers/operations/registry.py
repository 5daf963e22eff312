"""The supported functions by name, and the reading of their arguments.

Only functions with an exact meaning are here; everything else is refused by name. Each takes the arguments under the
names that TensorFlow and Keras give them; tensors are values, all else is plain data. The first argument is the tensor
itself, whatever its name; where TensorFlow and Keras 3 name another one differently, both names are there.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Sequence
from types import EllipsisType
from typing import Any, TypeAlias, TypeVar

import numpy as np
from xdsl.ir import SSAValue

from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.types import format_of
from qdialect.errors import QdialectError
from qdialect.frontends.building.builder import Builder
from qdialect.frontends.building.exact_form import exact
from qdialect.frontends.building.weights import exact_weights
from qdialect.frontends.keras.handlers import handles
from qdialect.frontends.keras.model.nodes import Operand
from qdialect.frontends.keras.model.source import Layer, without_leading_ones

Function: TypeAlias = Callable[..., SSAValue | Sequence[SSAValue]]
FUNCTIONS: dict[str, Function] = {}
F = TypeVar("F", bound=Function)


def computes(*names: str) -> Callable[[F], F]:
    """Register a function under the last parts of its names in TensorFlow and `keras.ops`."""

    def register(function: F) -> F:
        FUNCTIONS.update(dict.fromkeys(names, function))
        return function

    return register


@handles("TFOpLambda")
def operation(b: Builder, layer: Layer, *inputs: SSAValue) -> SSAValue | Sequence[SSAValue]:
    """The function named by the last part of 'math.add', '__operators__.getitem' or Keras 3's class 'GetItem'."""
    name = str(layer.option("function"))
    function = FUNCTIONS.get(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name.rpartition(".")[2]).lower())
    if function is None:
        raise layer.error(f"function {name} is not supported; docs/coverage.md lists those that are")
    arguments = [_with_tensors(value, inputs) for value in layer.option("arguments")]
    keywords = {key: _with_tensors(value, inputs) for key, value in layer.option("keywords").items()}
    try:
        bound = inspect.signature(function).bind(b, *arguments, **keywords)
    except TypeError as error:
        raise layer.error(f"{error} in the call of {name}") from None
    try:
        return function(*bound.args, **bound.kwargs)
    except QdialectError as error:
        raise layer.error(f"{name}: {error}") from None


def _with_tensors(value: Any, inputs: Sequence[SSAValue]) -> Any:
    match value:
        case Operand(index):
            return inputs[index]
        case list():
            return [_with_tensors(item, inputs) for item in value]
        case {"class_name": "__ellipsis__"}:
            return ...
        case {"class_name": "__tensor__" | "__numpy__", "config": {"value": constant}}:
            return constant
        case _:
            return value


def numbers(b: Builder, value: Any, rank: int) -> SSAValue:
    """A float32 number, or an array of them that broadcasts along the `rank` axes of a sample, as a constant.

    Raises QdialectError for what is neither, and for arrays that differ along the batch.
    """
    dyadic = exact_weights(float_array(value, rank), "the constant")
    return b.constant(dyadic.data, dyadic.format, "number")


def float_array(value: Any, rank: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Of at least one axis and at most `rank`; raises what `numbers` does."""
    if isinstance(value, str | None | EllipsisType):
        raise QdialectError(f"expected a tensor, a number or an array, got {value!r:.60}")
    array = without_leading_ones(np.atleast_1d(np.asarray(value, np.float32)))
    if array.ndim > max(rank, 1):
        raise QdialectError(f"an array of shape {list(array.shape)} differs along the batch")
    if not np.isfinite(array).all():
        raise QdialectError("its constant has values that are not finite")
    return array


def quantized(b: Builder, x: SSAValue) -> SSAValue:
    """The exact form of a tensor. Raises QdialectError for inputs of the network that are not quantized."""
    x = exact(b, x)
    if format_of(x.type) is None:
        raise QdialectError("its input is not quantized; put a QActivation before it, or give input_type")
    return x


def as_value(b: Builder, x: Any, rank: int) -> SSAValue:
    """A tensor in its exact form, or a constant."""
    return exact(b, x) if isinstance(x, SSAValue) else numbers(b, x, rank)


def rank_of(*operands: Any) -> int:
    """Axes of a sample of the tensor with most of them."""
    return max(len(shape_of(x)) for x in operands if isinstance(x, SSAValue))


def sample_axis(axis: int, rank: int) -> int:
    """The axis without the batch, of `rank` axes. Raises QdialectError for the batch axis and for axes beyond."""
    if axis in (0, -rank - 1):
        raise QdialectError("the batch axis cannot be changed")
    if not -rank <= axis <= rank:
        raise QdialectError(f"axis {axis} is none of a tensor with {rank + 1} axes")
    return axis - 1 if axis > 0 else rank + axis


def sample_axes(axis: Any, rank: int) -> list[int]:
    """One axis, a list of them, or None for all, which the batch axis is among, in ascending order."""
    if axis is None:
        raise QdialectError("it takes all axes, the batch among them; name the axes of a sample")
    return sorted({sample_axis(int(one), rank) for one in (axis if isinstance(axis, list) else [axis])})


def per_sample(values: Sequence[int], neutral: int, what: str) -> list[int]:
    """One number for each axis of a sample. Raises QdialectError unless that of the batch axis is `neutral`."""
    batch, *axes = values
    if batch != neutral:
        raise QdialectError(f"{what} {list(values)} changes the batch axis")
    return [int(n) for n in axes]
