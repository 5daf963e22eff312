"""The interval of codes of a value, per channel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from xdsl.ir import SSAValue

from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.types import format_of
from qdialect.numerics.arrays import Array
from qdialect.numerics.quantizers import QuantizerFunction, Whole

FLOAT32_BITS = 24
"""float32 holds every integer up to 2^24."""


@dataclass(frozen=True)
class Range:
    """Lowest and highest code (float for f32 values) per element; both have the shape of the tensor."""

    low: Array
    high: Array

    @property
    def ends(self) -> Array:
        """[2, ...]: both ends as a batch."""
        return np.stack([self.low, self.high])

    def within(self, low: Array, high: Array) -> Range:
        """The intersection with another range of the same values."""
        return Range(np.maximum(self.low, low), np.minimum(self.high, high))

    def per_channel(self, channels: int) -> Range:
        """Of all positions, the last axis of `channels` elements alone."""
        low, high = (end.reshape(-1, channels) for end in (self.low, self.high))
        return Range(low.min(axis=0), high.max(axis=0))

    @property
    def hull(self) -> tuple[int, int]:
        """The lowest and highest code of all elements."""
        return int(self.low.min()), int(self.high.max())


def float32_bits(known: Range) -> int:
    """The bits of a significand that holds every code, and with it every partial sum of a sum."""
    return max(max(map(abs, known.hull)) - 1, 0).bit_length()


def whole_type(value: SSAValue, quantizer: QuantizerFunction | None = None) -> Range | None:
    """Every code that the type, and the quantizer that makes the value, allow; None for float values."""
    fmt = format_of(value.type)
    if fmt is None:
        return None
    return Range(*(np.broadcast_to(end, shape_of(value)) for end in (quantizer or Whole()).bounds(fmt)))
