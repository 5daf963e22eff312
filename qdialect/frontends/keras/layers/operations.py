"""Handlers: calls of TensorFlow (or `keras.ops`) functions in a Functional model, which Keras records as layers.

Only functions with an exact meaning are here; everything else is refused by name. Each takes the arguments under the
names that TensorFlow and Keras give them; tensors are values, all else is plain data.
"""

from __future__ import annotations

import inspect
import math
import re
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
from xdsl.ir import SSAValue

from qdialect.dialects.qnn.attributes import RoundAttr
from qdialect.dialects.qnn.comparisons import MaximumOp, MinimumOp
from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.elementwise import AddOp, BinaryOp, MulOp, ReluOp, ShiftOp, SubOp
from qdialect.dialects.qnn.ops.moves import ConcatOp, SliceOp, TransposeOp
from qdialect.dialects.qnn.ops.quantize import QuantizeOp
from qdialect.dialects.qnn.ops.shapes import PadOp, ReshapeOp
from qdialect.dialects.qnn.types import format_of
from qdialect.errors import QdialectError
from qdialect.frontends.keras.builder import Builder, handles
from qdialect.frontends.keras.exact_form import exact
from qdialect.frontends.keras.model.nodes import Operand
from qdialect.frontends.keras.model.source import Layer, without_leading_ones
from qdialect.frontends.keras.quantizers.weights import quantize_weights
from qdialect.numerics.formats import FixedFormat
from qdialect.numerics.quantizers import Round
from qdialect.numerics.rounding import Rounding

Function: TypeAlias = Callable[..., SSAValue]

FUNCTIONS: dict[str, Function] = {}

ANY_BATCH = 1 << 62
"""More samples than any batch has."""


def computes(*names: str) -> Callable[[Function], Function]:
    def register(function: Function) -> Function:
        FUNCTIONS.update(dict.fromkeys(names, function))
        return function

    return register


@handles("TFOpLambda")
def operation(b: Builder, layer: Layer, *inputs: SSAValue) -> SSAValue:
    """The function named by the last part of 'math.add', '__operators__.getitem' or Keras 3's class 'GetItem'."""
    name = str(layer.option("function"))
    function = FUNCTIONS.get(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name.rpartition(".")[2]).lower())
    if function is None:
        raise layer.error(f"function {name} is not supported; supported are {', '.join(sorted(FUNCTIONS))}")
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
        case _:
            return value


def binary(b: Builder, op: type[BinaryOp], x: Any, y: Any) -> SSAValue:
    """`op` on two tensors, or on a tensor and a number or an array of them."""
    rank = max(len(shape_of(v)) for v in (x, y) if isinstance(v, SSAValue))
    a, c = (exact(b, v) if isinstance(v, SSAValue) else numbers(b, v, rank) for v in (x, y))
    return b.emit(op(a, c))


def numbers(b: Builder, value: Any, rank: int) -> SSAValue:
    """A float32 number, or an array of them that broadcasts along the `rank` axes of a sample, as a constant.

    Raises QdialectError for what is neither, and for arrays that differ along the batch.
    """
    if isinstance(value, str | None):
        raise QdialectError(f"expected a tensor, a number or an array, got {value!r:.60}")
    array = without_leading_ones(np.atleast_1d(np.asarray(value, np.float32)))
    if array.ndim > rank:
        raise QdialectError(f"an array of shape {list(array.shape)} differs along the batch")
    dyadic = quantize_weights(None, array, "the constant")
    return b.constant(dyadic.data, dyadic.format, "number")


@computes("add")
def add(b: Builder, x: Any, y: Any, name: Any = None) -> SSAValue:
    return binary(b, AddOp, x, y)


@computes("subtract", "sub")
def subtract(b: Builder, x: Any, y: Any, name: Any = None) -> SSAValue:
    return binary(b, SubOp, x, y)


@computes("multiply", "mul")
def multiply(b: Builder, x: Any, y: Any, name: Any = None) -> SSAValue:
    x, y = (x, y) if isinstance(x, SSAValue) else (y, x)
    shift = None if isinstance(y, SSAValue) else _exponent(y)
    return binary(b, MulOp, x, y) if shift is None else b.emit(ShiftOp(exact(b, x), shift))


@computes("negative", "neg")
def negative(b: Builder, x: SSAValue, name: Any = None) -> SSAValue:
    return binary(b, MulOp, x, -1)


@computes("truediv", "divide", "true_divide")
def divide(b: Builder, x: Any, y: Any, name: Any = None) -> SSAValue:
    shift = None if isinstance(y, SSAValue) else _exponent(y)
    if shift is None or not isinstance(x, SSAValue):
        raise QdialectError("only a division by a power of two is exact; multiply by the reciprocal")
    return b.emit(ShiftOp(exact(b, x), -shift))


def _exponent(value: Any) -> int | None:
    """k for the number 2**k."""
    if isinstance(value, list):
        return None
    mantissa, exponent = math.frexp(float(value))
    return exponent - 1 if mantissa == 0.5 else None


@computes("minimum")
def minimum(b: Builder, x: Any, y: Any, name: Any = None) -> SSAValue:
    return binary(b, MinimumOp, x, y)


@computes("maximum")
def maximum(b: Builder, x: Any, y: Any, name: Any = None) -> SSAValue:
    return binary(b, MaximumOp, x, y)


@computes("floor")
def floor(b: Builder, x: SSAValue, name: Any = None) -> SSAValue:
    return rounded(b, x, Rounding.FLOOR)


@computes("round")
def round_half_even(b: Builder, x: SSAValue, name: Any = None) -> SSAValue:
    return rounded(b, x, Rounding.HALF_EVEN)


def rounded(b: Builder, x: SSAValue, rounding: Rounding) -> SSAValue:
    """To integers; the result type holds all of them, nothing saturates."""
    x = exact(b, x)
    fmt = format_of(x.type)
    if fmt is None:
        raise QdialectError("its input is not quantized; put a QActivation before it, or give input_type")
    if fmt.lsb >= 0:
        return x
    step = 1 << -fmt.lsb
    integers = FixedFormat.holding(fmt.min_code // step, -(-fmt.max_code // step), 0)
    return b.emit(QuantizeOp(x, RoundAttr(Round(rounding)), integers))


@computes("relu")
def relu(b: Builder, features: SSAValue, name: Any = None) -> SSAValue:
    return b.emit(ReluOp(features))


@computes("identity", "stop_gradient")
def identity(b: Builder, input: SSAValue, name: Any = None) -> SSAValue:
    return input


@computes("cast")
def cast(b: Builder, x: SSAValue, dtype: Any, name: Any = None) -> SSAValue:
    if dtype != "float32":
        raise QdialectError(f"dtype {dtype} is not supported, only float32")
    return x


@computes("pad")
def pad(
    b: Builder,
    tensor: SSAValue,
    paddings: Sequence[Sequence[int]],
    mode: str = "CONSTANT",
    name: Any = None,
    constant_values: float = 0,
) -> SSAValue:
    batch, *axes = paddings
    if any(batch) or mode.upper() != "CONSTANT" or constant_values != 0:
        raise QdialectError("only zeros around the sample's axes are supported")
    return b.emit(PadOp(tensor, [before for before, _ in axes], [after for _, after in axes]))


@computes("concat", "concatenate")
def concat(b: Builder, values: Sequence[SSAValue], axis: int, name: Any = None) -> SSAValue:
    return b.emit(ConcatOp(values, _sample_axis(axis, len(shape_of(values[0])))))


@computes("reshape")
def reshape(b: Builder, tensor: SSAValue, shape: Sequence[int], name: Any = None) -> SSAValue:
    batch, *axes = shape
    if batch != -1:
        raise QdialectError(f"shape {list(shape)} must begin with -1, the batch")
    return b.emit(ReshapeOp(tensor, axes))


@computes("expand_dims")
def expand_dims(b: Builder, input: SSAValue, axis: int, name: Any = None) -> SSAValue:
    shape = list(shape_of(input))
    shape.insert(_sample_axis(axis, len(shape) + 1), 1)
    return b.emit(ReshapeOp(input, shape))


@computes("squeeze")
def squeeze(b: Builder, input: SSAValue, axis: Any = None, name: Any = None) -> SSAValue:
    shape = shape_of(input)
    axes = range(1, len(shape) + 1) if axis is None else axis if isinstance(axis, list) else [axis]
    gone = {_sample_axis(one, len(shape)) for one in axes if axis is not None or shape[one - 1] == 1}
    return b.emit(ReshapeOp(input, [n for i, n in enumerate(shape) if i not in gone]))


@computes("transpose")
def transpose(b: Builder, a: SSAValue, perm: Sequence[int], name: Any = None, conjugate: bool = False) -> SSAValue:
    batch, *axes = perm
    if batch != 0:
        raise QdialectError(f"permutation {list(perm)} moves the batch axis")
    return b.emit(TransposeOp(a, [axis - 1 for axis in axes]))


def _sample_axis(axis: int, rank: int) -> int:
    """The axis without the batch. Raises QdialectError for the batch axis."""
    if axis in (0, -rank - 1):
        raise QdialectError("the batch axis cannot be changed")
    return axis - 1 if axis > 0 else rank + axis


@computes("getitem", "get_item")
def getitem(b: Builder, x: SSAValue, slice_spec: Any) -> SSAValue:
    """Slices without steps, and single positions, which drop their axis."""
    batch, *axes = slice_spec if isinstance(slice_spec, list) else [slice_spec]
    if _bounds(batch, ANY_BATCH) != (0, ANY_BATCH, True):
        raise QdialectError("the batch axis cannot be sliced")
    shape = shape_of(x)
    if len(axes) > len(shape):
        raise QdialectError(f"{len(axes)} axes are sliced, the sample has {len(shape)}")
    bounds = [_bounds(spec, n) for spec, n in zip(axes, shape, strict=False)]
    bounds += [(0, n, True) for n in shape[len(axes) :]]
    part = b.emit(SliceOp(x, [start for start, _, _ in bounds], [stop - start for start, stop, _ in bounds]), "part")
    return b.emit(ReshapeOp(part, [stop - start for start, stop, kept in bounds if kept]))


def _bounds(spec: Any, size: int) -> tuple[int, int, bool]:
    """First position, the one after the last, and whether the axis is kept."""
    if isinstance(spec, int):
        position = range(size)[spec]
        return position, position + 1, False
    fields = spec.get("config", spec) if isinstance(spec, dict) else {}
    if not {"start", "stop", "step"} <= fields.keys() or fields["step"] not in (None, 1):
        raise QdialectError(f"slice {spec!r:.60} is not supported, only start and stop")
    positions = range(size)[slice(fields["start"], fields["stop"])]
    return positions.start, positions.stop, True
