"""One reader per quantizer option, from the values in model files and live objects to those of the dataclass field.

A reader raises ValueError with the option's name, the value and what would work.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeGuard, cast

import numpy as np

from qdialect.frontends.keras.quantizers.classes import Alpha
from qdialect.numerics import limits

Reader = Callable[[str, object], object]


def short(value: object) -> str:
    """A value in one line of an error message."""
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else text[:57] + "..."


def read_option(name: str, value: object) -> object:
    """The value of the dataclass field `name`."""
    return _READERS[name](name, _plain(value))


def _plain(value: object) -> object:
    """Python values for NumPy and TensorFlow ones; arrays become nested lists."""
    if hasattr(value, "numpy"):
        value = cast(Any, value).numpy()
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    return value


def _refuse(name: str, value: object, expected: str) -> ValueError:
    return ValueError(f"{name}={short(value)} is not supported; use {expected}")


def _int(name: str, value: object) -> int:
    if isinstance(value, int | float) and float(value).is_integer():
        return int(value)
    raise _refuse(name, value, "an integer")


def _is_number(value: object) -> TypeGuard[int | float]:
    """Whether Keras can compute with a value."""
    return isinstance(value, int | float) and abs(value) <= limits.MAX_PARAMETER  # NaN is not


def _number(name: str, value: object) -> float:
    if _is_number(value):
        return float(value)
    raise _refuse(name, value, "a finite number up to 2^64")


def _optional(read: Reader) -> Reader:
    return lambda name, value: None if value is None else read(name, value)


def _flag(name: str, value: object) -> bool:
    """QKeras asks for the truth of the value, so 0, 1, None and any number will do."""
    if value is None or isinstance(value, int | float):
        return bool(value)
    raise _refuse(name, value, "True or False")


def _bit(name: str, value: object) -> bool:
    """QKeras computes with the value."""
    if isinstance(value, int | float) and value in (0, 1):
        return bool(value)
    raise _refuse(name, value, "True or False")


def _positive(name: str, value: object) -> float:
    number = _number(name, value)
    if number <= 0:
        raise _refuse(name, value, "a positive number")
    return number


def _positive_int(name: str, value: object) -> int:
    number = _int(name, value)
    if number < 1:
        raise _refuse(name, value, "an integer from 1 on")
    return number


def _no_noise(name: str, value: object) -> float:
    """Below 1 the quantizer returns a mix of x and its quantized value."""
    if _number(name, value) != 1:
        raise _refuse(name, value, "1.0: set it before saving, otherwise outputs are not quantized")
    return 1.0


def _log2_rounding(name: str, value: object) -> str:
    if value in ("rnd", "floor"):
        return cast(str, value)
    raise _refuse(name, value, "'rnd' or 'floor'")


def _alpha(name: str, value: object) -> Alpha:
    match value:
        case None | "auto" | "auto_po2":
            return cast(str | None, value)
        case {"class_name": "__numpy__" | "__tensor__", "config": {"value": inner}}:
            return _alpha(name, _plain(inner))
        case list() | tuple():
            return tuple(_alpha_element(name, item) for item in cast(list[object], value))
        case _:
            return _alpha_element(name, value)


def _alpha_element(name: str, value: object) -> Alpha:
    if isinstance(value, list | tuple):
        return tuple(_alpha_element(name, item) for item in cast(list[object], value))
    if _is_number(value):
        return float(value)
    raise _refuse(name, value, "None, a finite number up to 2^64, an array, 'auto' or 'auto_po2'")


def _inert(name: str, value: object) -> object:
    return value


_READERS: Mapping[str, Reader] = {
    "bits": _positive_int,
    "integer": _int,
    "symmetric": _int,
    "keep_negative": _bit,
    "alpha": _alpha,
    "scale_axis": _optional(_int),
    "qnoise_factor": _no_noise,
    "use_ste": _flag,
    "use_sigmoid": _flag,
    "negative_slope": _number,
    "relu_upper_bound": _optional(_number),
    "is_quantized_clip": _flag,
    "use_01": _flag,
    "threshold": _optional(_number),
    "number_of_unrolls": _positive_int,
    "max_value": _optional(_positive),
    "quadratic_approximation": _flag,
    "log2_rounding": _log2_rounding,
    "use_real_tanh": _flag,
    "use_real_sigmoid": _flag,
    "u": _number,
    "relu_shift": _number,
    "use_stochastic_rounding": _flag,
    "temperature": _inert,
    "var_name": _inert,
    "use_variables": _inert,
}
