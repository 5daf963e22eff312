"""Functions of wide fixed-point numbers from short tables, within a computed error.

    f(x) = slope * max(x, 0) + g(x)        g is nearly constant below -reach and above reach
    g(t) ~ V[i] + (V[i+1] - V[i]) * r      t = clip(x), t = i * h + r * h, 0 <= r < 1, h = 2**-SEGMENT

The chord of a function over a step h is at most h**2 / 8 * max |g''| away from it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qdialect.numerics.arrays import IntArray
from qdialect.numerics.float32 import ROUNDOFF
from qdialect.numerics.formats import FixedFormat
from qdialect.numerics.functions import SELU_ALPHA, SELU_SCALE, ElementFunction, FunctionName

SEGMENT = 8
"""Tables have 2**SEGMENT entries per unit."""

STEP = -20
"""Entries of the table are multiples of 2**STEP."""


@dataclass(frozen=True)
class Shape:
    """slope, largest |g''|, and the exponent of the reach: 2**reach."""

    slope: float
    curvature: float
    reach: int = 4


SHAPES = {
    FunctionName.TANH: Shape(0, 0.77),  # 4 / (3 sqrt(3))
    FunctionName.SIGMOID: Shape(0, 0.1),  # 1 / (6 sqrt(3))
    FunctionName.SOFTPLUS: Shape(1, 0.25),
    FunctionName.ELU: Shape(1, 1),  # times alpha
    FunctionName.SELU: Shape(float(np.float32(SELU_SCALE)), SELU_SCALE * SELU_ALPHA),
    FunctionName.SWISH: Shape(1, 0.5),
    FunctionName.GELU: Shape(1, 0.8),  # 2 / sqrt(2 pi)
}
"""Functions that interpolate well; the curvature of g is that of f on either side of zero, where g may bend."""


@dataclass(frozen=True)
class Interpolation:
    """The interpolation of `function` on numbers of the format `source`. Raises KeyError for a function not in
    SHAPES."""

    function: ElementFunction
    source: FixedFormat

    @property
    def shape(self) -> Shape:
        return SHAPES[self.function.name]

    @property
    def clipped(self) -> FixedFormat:
        """The source's format, no wider than the reach, or 16 steps."""
        reach = max(self.shape.reach, self.source.lsb + 4)
        bits = min(self.source.int_bits, reach + self.source.signed)
        return FixedFormat(bits - self.source.lsb, bits, self.source.signed)

    @property
    def segment(self) -> int:
        """The table has 2**segment entries per unit: no more than there are numbers."""
        return min(SEGMENT, -self.source.lsb)

    @property
    def first(self) -> int:
        """The index of the first entry: that of the least clipped number."""
        return self.clipped.min_code >> self.rest_bits

    @property
    def rest_bits(self) -> int:
        """The bits of a clipped number below its index."""
        return -self.segment - self.source.lsb

    def values(self) -> IntArray:
        """The entries V, one more than there are indices, in units of 2**STEP."""
        last = (self.clipped.max_code >> self.rest_bits) + 1
        return np.rint(
            np.ldexp(self.bounded(np.ldexp(np.arange(self.first, last + 1.0), -self.segment)), -STEP)
        ).astype(np.int64)

    def bounded(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """g in float64, from the function's nearest float32."""
        return self.function(x.astype(np.float32)).astype(np.float64) - self.shape.slope * np.maximum(x, 0)

    @property
    def error(self) -> float:
        """The largest distance from the real function with float32 constants: the chord, what lies beyond the reach,
        the function's nearest float32, and the roundings to the step of the table, of its entries and of the result."""
        shape, reach = self.shape, 2.0**self.shape.reach
        scale = max([1.0, shape.curvature, *self.function.parameters])
        chord = 2.0 ** (-2 * SEGMENT - 3) * shape.curvature * scale
        beyond = (1 + reach) * math.exp(1 - reach) * scale  # the last number before the reach is above reach - 1
        return chord + beyond + ROUNDOFF * reach * scale + 2.0**STEP
