"""Conversion between reals and codes at the inputs and outputs of a network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from xdsl.dialects.func import FuncOp
from xdsl.ir import Attribute

from qdialect.dialects.qnn.network import argument_quantizer, keras_name
from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.storage import unpack_codes
from qdialect.dialects.qnn.types import BitsType, format_of, tensor_type
from qdialect.errors import QdialectError
from qdialect.numerics.arrays import Array
from qdialect.numerics.exact import codes_of_reals, nearest_reals


def to_float32(x: Array, name: str) -> Array:
    """The nearest float32. Raises QdialectError for finite numbers beyond them."""
    if x.dtype == np.float64 and (np.isfinite(x) & (np.abs(x) > np.finfo(np.float32).max)).any():
        raise QdialectError(f"input '{name}' has values beyond float32")
    return x.astype(np.float32)


def expect_numbers(function: FuncOp, index: int, x: Array) -> None:
    """Raise QdialectError for arrays of another shape than that of an argument, or of no numbers."""
    argument = function.args[index]
    shape, name = shape_of(argument), keras_name(argument, f"arg{index}")
    if x.shape[1:] != shape:
        raise QdialectError(
            f"input '{name}' has shape [batch, {', '.join(map(str, shape))}], got an array of shape {list(x.shape)}"
        )
    if x.dtype.kind not in "biuf":
        raise QdialectError(f"input '{name}' must be numeric, got dtype {x.dtype}")


def to_argument(function: FuncOp, index: int, x: Array) -> Array:
    """Reals [batch, ...] as the value of an argument: float32, or the codes that its quantizer gives.

    Raises QdialectError for a wrong shape, for NaN and what float32 does not hold, and for reals off the grid of an
    argument without quantizer.
    """
    argument, x = function.args[index], np.asarray(x)
    name = keras_name(argument, f"arg{index}")
    expect_numbers(function, index, x)
    if np.isnan(x).any():
        raise QdialectError(f"input '{name}' contains NaN")
    fmt, quantizer = format_of(argument.type), argument_quantizer(function, index)
    if fmt is None:
        return to_float32(x, name)
    if quantizer is not None:
        return quantizer.reals(to_float32(x, name), fmt)
    codes, multiples = codes_of_reals(x, fmt.lsb)
    if not multiples.all() or not all(c in fmt for c in np.unique(codes).tolist()):
        raise QdialectError(f"input '{name}' has values outside {tensor_type(argument.type).element_type}")
    return codes


def to_reals(value: Array, type_: Attribute) -> Array:
    """A value as float64: the nearest one beyond 53 significant bits. Packed bits become the values they stand for."""
    element = tensor_type(type_).element_type
    if isinstance(element, BitsType):
        return unpack_codes(value, element).astype(np.float64)
    fmt = format_of(type_)
    return value.astype(np.float64) if fmt is None else nearest_reals(value, fmt.lsb)


def as_inputs(x: Any, names: Sequence[str]) -> list[Array]:
    """One array per input from an array, a list of arrays, or a dict by name.

    Raises QdialectError where the inputs do not match `names`.
    """
    if isinstance(x, dict):
        if set(x) != set(names):
            raise QdialectError(f"inputs must be named {', '.join(names)}, got {', '.join(map(str, x))}")
        return _as_arrays([x[name] for name in names], names)
    several = isinstance(x, list | tuple) and len(x) == len(names) and all(isinstance(v, np.ndarray) for v in x)
    inputs: list[Any] = list(x) if several or (isinstance(x, list | tuple) and len(names) > 1) else [x]
    if len(inputs) != len(names):
        raise QdialectError(f"the network has {len(names)} inputs ({', '.join(names)}), got {len(inputs)}")
    return _as_arrays(inputs, names)


def expect_samples(inputs: Sequence[Array]) -> list[Array]:
    """The inputs. Raises QdialectError if they hold no sample."""
    if any(value.ndim and not len(value) for value in inputs):
        raise QdialectError("the inputs hold no sample; at least one is needed")
    return list(inputs)


def _as_arrays(inputs: Sequence[Any], names: Sequence[str]) -> list[Array]:
    arrays: list[Array] = []
    for name, value in zip(names, inputs, strict=True):
        try:
            arrays.append(np.asarray(value))
        except ValueError:
            raise QdialectError(f"input '{name}' is no array: its rows differ in length") from None
    if len({array.shape[:1] for array in arrays}) > 1:
        raise QdialectError(f"inputs must have the same batch size, got {[len(array) for array in arrays]}")
    return arrays


def as_list(outputs: Any) -> list[Array]:
    """One array, or a list of them, as a list of arrays."""
    return [np.asarray(y) for y in (outputs if isinstance(outputs, list) else [outputs])]
