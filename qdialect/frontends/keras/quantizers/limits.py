"""Types that QKeras 0.9.0 itself cannot represent: checks that raise ValueError."""

from __future__ import annotations

import numpy as np


def exponent_of(power_of_two: float) -> int:
    return int(np.frexp(power_of_two)[1]) - 1


def check_bits(magnitude_bits: int, integer: int = 0, limit: int = 24, lowest: int = 0) -> None:
    """float32 holds codes of up to 24 bits; `K.pow(2, integer)` runs in int32, where negative powers are errors, in
    those classes that qkeras-v3 has not moved to float32."""
    if magnitude_bits < 0:
        raise ValueError("too few bits; use at least 1, or 2 with a sign besides the magnitude")
    if magnitude_bits > limit:
        raise ValueError(
            f"{magnitude_bits} magnitude bits exceed float32, so Keras itself misses its top code; use at most {limit}"
        )
    if not lowest <= integer <= 30:
        raise ValueError(f"integer={integer} breaks QKeras 0.9.0, which takes 2**integer in int32; use {lowest} to 30")


def check_symmetric(symmetric: int, limit: int) -> None:
    if not 0 <= symmetric <= limit:
        raise ValueError(f"symmetric={symmetric} leaves no codes below the top; use 0 or 1")


def check_slope(slope: float) -> None:
    if slope and (slope < 0 or np.frexp(slope)[0] != 0.5):
        raise ValueError(f"negative_slope={slope:g} is not a power of two; use one, or 0")
