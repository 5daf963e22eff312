"""Where QKeras 0.9.0 breaks its own types: checks that raise ValueError, and the exponents of its powers of two."""

from __future__ import annotations

import numpy as np


def exponent_of(power_of_two: float) -> int:
    return int(np.frexp(power_of_two)[1]) - 1


def check_bits(magnitude_bits: int, integer: int = 0) -> None:
    """float32 holds codes of up to 24 bits; `K.pow(2, integer)` runs in int32."""
    if magnitude_bits < 0:
        raise ValueError("too few bits; use at least 1, or 2 with a sign besides the magnitude")
    if magnitude_bits > 24:
        raise ValueError(
            f"{magnitude_bits} magnitude bits exceed float32, so Keras itself misses its top code; use at most 24"
        )
    if not 0 <= integer <= 30:
        raise ValueError(f"integer={integer} breaks QKeras 0.9.0, which takes 2**integer in int32; use 0 to 30")


def check_symmetric(symmetric: int, limit: int) -> None:
    if not 0 <= symmetric <= limit:
        raise ValueError(f"symmetric={symmetric} leaves no codes below the top; use 0 or 1")


def check_slope(slope: float) -> None:
    if slope and (slope < 0 or np.frexp(slope)[0] != 0.5):
        raise ValueError(f"negative_slope={slope:g} is not a power of two; use one, or 0")


def exponent_bits(bits: int, max_value: float | None) -> int:
    """`_need_exponent_sign_bit_check`: one bit is the exponent's sign unless `max_value` <= 1."""
    return bits - (max_value is None or max_value > 1)


def check_exponent_bits(exponent_bits: int) -> None:
    if exponent_bits < 0:
        raise ValueError("too few bits for an exponent; use 2 or more (3 with a sign)")
    if exponent_bits > 6:
        raise ValueError(
            f"the smallest exponent -{1 << exponent_bits} is below float32's normal numbers, and TensorFlow makes it 0;"
            f" use {exponent_bits - 6} bit(s) less"
        )


def exponent_bounds(bits: int, max_value: float | None, quadratic: bool) -> tuple[int, int]:
    """`_get_min_max_exponents`."""
    limit = 1 << exponent_bits(bits, max_value)
    return -limit, (limit - 1) // 2 * 2 if quadratic else limit - 1
