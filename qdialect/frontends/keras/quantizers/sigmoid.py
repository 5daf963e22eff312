"""The quantizers of QKeras 0.9.0 after a sigmoid: its hard form clip(x/2 + 1/2, 0, 1), or the real function."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from qdialect.frontends.keras.quantizers.limits import check_bits, check_symmetric
from qdialect.numerics.formats import FixedFormat, Format


@dataclass(frozen=True)
class QuantizedTanh:
    """`quantized_tanh`: signed fixed point in [-1, 1); of 2 * hard_sigmoid(x) - 1 unless `use_real_tanh`."""

    name: ClassVar[str] = "quantized_tanh"
    bits: int = 8
    use_stochastic_rounding: bool = False
    symmetric: int = 0
    use_real_tanh: bool = False

    def __post_init__(self) -> None:
        check_bits(self.bits - 1)
        check_symmetric(self.symmetric, 1 << (self.bits - 1))

    @property
    def format(self) -> Format:
        return FixedFormat(self.bits, 1, signed=True)


@dataclass(frozen=True)
class QuantizedSigmoid:
    """`quantized_sigmoid`: unsigned fixed point in [symmetric * step, 1); of hard_sigmoid unless
    `use_real_sigmoid`."""

    name: ClassVar[str] = "quantized_sigmoid"
    bits: int = 8
    symmetric: int = 0
    use_real_sigmoid: bool = False
    use_stochastic_rounding: bool = False

    def __post_init__(self) -> None:
        check_bits(self.bits)
        check_symmetric(self.symmetric, (1 << self.bits) - 1)

    @property
    def format(self) -> Format:
        return FixedFormat(self.bits, 0, signed=False)


@dataclass(frozen=True)
class QuantizedUlaw:
    """`quantized_ulaw`: companded levels, no fixed point: a table of floats."""

    name: ClassVar[str] = "quantized_ulaw"
    bits: int = 8
    integer: int = 0
    symmetric: int = 0
    u: float = 255.0

    def __post_init__(self) -> None:
        check_bits(self.bits - 1, self.integer)
        check_symmetric(self.symmetric, 1 << (self.bits - 1))
        if self.u <= 0:
            raise ValueError(f"u={self.u:g} is not positive; use 255")
