"""The power-of-two quantizers of QKeras 0.9.0 and the exponents they reach."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from qdialect.frontends.keras.quantizers.limits import check_slope
from qdialect.numerics.float32_steps import SMALLEST_NORMAL, rounded_log2
from qdialect.numerics.formats import Format, Po2Format


@dataclass(frozen=True)
class QuantizedPo2:
    """`quantized_po2`: sign(x) * 2**e, zero only where the least exponent is below float32's normal numbers."""

    name: ClassVar[str] = "quantized_po2"
    bits: int = 8
    max_value: float | None = None
    use_stochastic_rounding: bool = False
    quadratic_approximation: bool = False
    log2_rounding: str = "rnd"
    qnoise_factor: float = 1.0
    var_name: str | None = None
    use_ste: bool = True
    use_variables: bool = False

    def __post_init__(self) -> None:
        _check_exponent_bits(_exponent_bits(self.bits - 1, self.max_value))

    @property
    def exponent_bounds(self) -> tuple[int, int]:
        """Bounds of the rounded logarithm, before a quadratic approximation doubles it."""
        return _exponent_bounds(self.bits - 1, self.max_value, self.quadratic_approximation)

    @property
    def format(self) -> Format:
        return _po2_format(self, signed=True)


@dataclass(frozen=True)
class QuantizedReluPo2:
    """`quantized_relu_po2`: 2**e; x <= 0 gives the smallest power (or, with a slope, a negative one), zero where that
    is below float32's normal numbers."""

    name: ClassVar[str] = "quantized_relu_po2"
    bits: int = 8
    max_value: float | None = None
    negative_slope: float = 0
    use_stochastic_rounding: bool = False
    quadratic_approximation: bool = False
    log2_rounding: str = "rnd"
    qnoise_factor: float = 1.0
    var_name: str | None = None
    use_ste: bool = True
    use_variables: bool = False

    def __post_init__(self) -> None:
        _check_exponent_bits(_exponent_bits(self.bits, self.max_value))
        check_slope(self.negative_slope)

    @property
    def exponent_bounds(self) -> tuple[int, int]:
        """Bounds of the rounded logarithm, before a quadratic approximation doubles it."""
        return _exponent_bounds(self.bits, self.max_value, self.quadratic_approximation)

    @property
    def format(self) -> Format:
        return _po2_format(self, signed=self.negative_slope != 0)


def _exponent_bits(bits: int, max_value: float | None) -> int:
    """`_need_exponent_sign_bit_check`: one bit is the exponent's sign unless `max_value` <= 1."""
    return bits - (max_value is None or max_value > 1)


def _check_exponent_bits(exponent_bits: int) -> None:
    if exponent_bits < 0:
        raise ValueError("too few bits for an exponent; use 2 or more (3 with a sign)")


MOST_EXPONENT_BITS = 8
"""More reach no other float32."""
LARGEST = 127
"""Exponent of the largest power of two in float32."""


def _exponent_bounds(bits: int, max_value: float | None, quadratic: bool) -> tuple[int, int]:
    """`_get_min_max_exponents`."""
    limit = 1 << min(_exponent_bits(bits, max_value), MOST_EXPONENT_BITS)
    return -limit, (limit - 1) // 2 * 2 if quadratic else limit - 1


def _po2_format(q: QuantizedPo2 | QuantizedReluPo2, *, signed: bool) -> Po2Format:
    """`_clip_power_of_two`: magnitudes lie in [1e-7, max_value], so exponents in [-24, log2(max_value)]; smaller
    ones, and zero, give the lower bound itself (not doubled by a quadratic approximation), or 0 where TensorFlow
    flushes that."""
    low, high = q.exponent_bounds
    factor = 2 if q.quadratic_approximation else 1
    if q.max_value is not None:
        top = rounded_log2(np.array(q.max_value, np.float32), q.quadratic_approximation, q.log2_rounding)
        high = int(np.clip(top, low, high))
    lowest, highest = max(factor * low, -24), min(max(low, factor * high), LARGEST)
    if low < SMALLEST_NORMAL:
        return Po2Format(min(lowest, highest), highest, signed, zero=True)
    return Po2Format(min(low, lowest), highest, signed)
