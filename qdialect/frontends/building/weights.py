"""Weights as integers with a step, and float32 numbers as such weights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qdialect.errors import QdialectError
from qdialect.numerics.arrays import Float32Array, IntArray
from qdialect.numerics.exact import parts
from qdialect.numerics.float32 import codes_of, dyadic_format
from qdialect.numerics.formats import Format


@dataclass(frozen=True)
class QuantizedWeights:
    """Weights as integers: `codes * 2**format.lsb * scale`.

    data: in the shape of the weights, their codes as the shortest integers that hold every code of the format; of
        powers of two, and of weights without quantizer, the numbers codes * 2**lsb themselves, as float32.
    scale: float32, broadcastable to that shape; None stands for 1.
    deviation: the largest |weight in QKeras - value here|, nonzero only where QKeras' straight-through sum
        x + (q - x) rounds: scales that are no powers of two, weights far beyond the format. Of the scales of
        binary and ternary 'auto', the last bits depend on TensorFlow's order of summation; not counted.
    uncertain: number of weights whose code or power-of-two scale lies so close to a tie that TensorFlow's
        logarithm or order of summation decides.
    """

    data: NDArray[np.generic]
    format: Format
    scale: Float32Array | None = None
    deviation: float = 0.0
    uncertain: int = 0

    @property
    def codes(self) -> IntArray:
        """As integers; Python's where int64 is too short."""
        return codes_of(self.data, self.format.lsb) if self.data.dtype == np.float32 else self.data

    @property
    def apart(self) -> float:
        """`deviation` of the codes, before the scale is applied."""
        scale = np.float32(1) if self.scale is None else np.abs(self.scale)[self.scale != 0].min(initial=np.inf)
        return self.deviation / float(scale)

    def values(self) -> Float32Array:
        """The weights, float32."""
        numbers = self.data.astype(np.float32, copy=False)
        grid = numbers if self.data.dtype == np.float32 else np.ldexp(numbers, self.format.lsb)
        return grid if self.scale is None else grid * self.scale


def check_finite(w: Float32Array, where: str) -> None:
    """Raise QdialectError for numbers that are not finite; `where` names them in messages."""
    if not all(np.isfinite(part).all() for part in parts(w)):
        raise QdialectError(f"{where}: {np.count_nonzero(~np.isfinite(w))} weights are NaN or infinite; train again")


def exact_weights(w: Float32Array, where: str) -> QuantizedWeights:
    """float32 numbers as they are: codes of their common step. Raises QdialectError as `check_finite` does."""
    check_finite(w, where)
    return QuantizedWeights(w, dyadic_format(w))
