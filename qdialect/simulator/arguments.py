"""The ends of a plan: reals become codes, and codes reals."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from xdsl.dialects.func import FuncOp
from xdsl.ir import Attribute

from qdialect.dialects.qnn.network import argument_quantizer
from qdialect.dialects.qnn.storage import pack_codes
from qdialect.dialects.qnn.types import BitsType, FixedType, exact_format_of, format_of, tensor_type
from qdialect.interpreter.values import to_argument, to_reals
from qdialect.numerics.arrays import Array
from qdialect.numerics.quantizers import Round
from qdialect.numerics.rounding import Overflow, Rounding, clamp_bounds
from qdialect.simulator.codes import Codes, Made, of_format
from qdialect.simulator.rounding import ROUNDINGS

NORMAL = 100
"""Steps 2**-NORMAL to 1 scale float32 numbers to others exactly, or beyond all codes."""


def argument(function: FuncOp, index: int) -> Made:
    """Reals as the value of an argument. What is out of the ordinary goes to the interpreter, which says so."""
    value, mode = function.args[index], argument_quantizer(function, index)
    fmt = format_of(value.type)
    codes = None if fmt is None else of_format(fmt)
    element = tensor_type(value.type).element_type

    def plain(x: Array) -> Array:
        given = to_argument(function, index, x)
        return given if codes is None else given.astype(codes.dtype)

    if codes is None or fmt is None or codes.dtype is not np.float32 or not -NORMAL <= fmt.lsb <= 0:
        return Made(plain, codes)
    if mode is None and isinstance(element, FixedType):
        return Made(_on_grid(plain, codes, fmt.lsb), codes)
    if isinstance(mode, Round) and mode.overflow is not Overflow.WRAP:
        low, high = clamp_bounds(fmt.min_code, fmt.max_code, mode.overflow)
        return Made(_rounded(plain, Codes(low, high, np.float32), fmt.lsb, mode.rounding), codes)
    return Made(plain, codes)


def _on_grid(plain: Callable[[Array], Array], codes: Codes, lsb: int) -> Callable[[Array], Array]:
    """Numbers that are codes already."""

    def run(x: Array) -> Array:
        if x.dtype.kind != "f" or not x.size:
            return plain(x)
        y = np.multiply(x, x.dtype.type(2.0**-lsb))
        fits = codes.low <= y.min() and y.max() <= codes.high and np.array_equal(np.rint(y), y)
        return y.astype(np.float32, copy=False) if fits else plain(x)

    return run


def _rounded(plain: Callable[[Array], Array], codes: Codes, lsb: int, rounding: Rounding) -> Callable[[Array], Array]:
    """Numbers between codes, as float32 first. One half is added where that is exact, to numbers of some size."""
    scale, nearest = np.float32(2.0**-lsb), ROUNDINGS[rounding]
    adds = rounding not in (Rounding.HALF_EVEN, Rounding.FLOOR, Rounding.CEIL, Rounding.ZERO, Rounding.AWAY)

    def run(x: Array) -> Array:
        if adds or x.dtype.kind != "f" or not x.size:
            return plain(x)
        with np.errstate(over="ignore"):
            y = np.multiply(x.astype(np.float32, copy=False), scale)
        if not (np.isfinite(y.min()) and np.isfinite(y.max())):
            return plain(x)
        y = nearest(y)
        return np.clip(y, np.float32(codes.low), np.float32(codes.high), out=y)

    return run


def as_interpreted(value: Array, codes: Codes | None, type_: Attribute) -> Array:
    """A value as the interpreter has it: codes as integers, packed where its type is."""
    if codes is None:
        return value
    element, integers = tensor_type(type_).element_type, value.astype(np.int64)
    return pack_codes(integers, element.element) if isinstance(element, BitsType) else integers


def as_reals(value: Array, codes: Codes | None, type_: Attribute) -> Array:
    """A value as float64."""
    if codes is None:
        return to_reals(value, type_)
    if isinstance(tensor_type(type_).element_type, BitsType):
        return value.astype(np.float64)
    # the rounding of a negative number to zero leaves it its sign
    return np.ldexp(value.astype(np.float64), exact_format_of(type_).lsb) + 0.0
