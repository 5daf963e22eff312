"""The quantizers of QKeras 0.9.0 as plain data.

One frozen dataclass per QKeras class, with QKeras' names, order and defaults of the options, so that positional
spellings bind as they do there. `format` is the set of codes the quantizer produces, before any scale `alpha`.
Options that do nothing at inference (stochastic rounding, temperatures, variables) are kept and have no effect.
A constructor raises ValueError where QKeras itself cannot represent its type; `quantizers.read_quantizer`
turns that into a `QdialectError`. Functions named in docstrings are those of `qkeras/quantizers.py`.

QKeras' `integer` excludes the sign bit, `FixedFormat.int_bits` includes it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, TypeAlias

import numpy as np

from qdialect.frontends.keras.quantizers.limits import check_bits, check_slope, check_symmetric, exponent_of
from qdialect.frontends.keras.quantizers.plug_in import PlugInQuantizer
from qdialect.frontends.keras.quantizers.po2 import QuantizedPo2, QuantizedReluPo2
from qdialect.frontends.keras.quantizers.sigmoid import QuantizedSigmoid, QuantizedTanh, QuantizedUlaw
from qdialect.numerics.formats import BinaryFormat, FixedFormat, Format, TernaryFormat

Alpha: TypeAlias = "float | str | tuple[Alpha, ...] | None"
"""A scale: None or a number, 'auto' / 'auto_po2' (from the data), or nested tuples for an array."""


def is_automatic(alpha: Alpha) -> bool:
    """Whether the scale depends on the data ('auto', 'auto_po2')."""
    return isinstance(alpha, str)


@dataclass(frozen=True)
class QuantizedBits:
    """`quantized_bits`: fixed point, or a sign when one signed bit is left (whatever `integer` says).

    At most 31 magnitude bits, 23 with an automatic scale: with 24, the straight-through sum rounds as soon as a value
    is clipped, and from 25 on float32 lacks the top code. All values below it are exact. QKeras 0.9.0 stops at a
    negative `integer`, qkeras-v3 computes with it.
    """

    name: ClassVar[str] = "quantized_bits"
    bits: int = 8
    integer: int = 0
    symmetric: int = 0
    keep_negative: bool = True
    alpha: Alpha = None
    use_stochastic_rounding: bool = False
    scale_axis: int | None = None
    qnoise_factor: float = 1.0
    var_name: str | None = None
    use_ste: bool = True
    use_variables: bool = False

    def __post_init__(self) -> None:
        check_bits(self.magnitude_bits, self.integer, 23 if is_automatic(self.alpha) else 31, lowest=-30)
        check_symmetric(self.symmetric, 1 << self.magnitude_bits)

    @property
    def magnitude_bits(self) -> int:
        return self.bits - self.keep_negative

    @property
    def has_top(self) -> bool:
        """Whether float32 holds the top code, at which Keras clips."""
        return self.magnitude_bits <= 24

    @property
    def format(self) -> Format:
        """With an automatic scale the codes are symmetric and signed even if `keep_negative` is false."""
        if self.magnitude_bits == 0 and not is_automatic(self.alpha):
            return BinaryFormat()
        signed = self.keep_negative or is_automatic(self.alpha)
        return FixedFormat(self.bits, self.integer + self.keep_negative, signed)


@dataclass(frozen=True)
class QuantizedLinear(QuantizedBits):
    """`quantized_linear` of qkeras-v3: `quantized_bits` whose scale moves the range as well as the codes.

    A scale from the data keeps the sign as given, and rounds half to even.
    """

    name: ClassVar[str] = "quantized_linear"
    use_ste: ClassVar[bool] = True  # pyright: ignore[reportIncompatibleVariableOverride]
    symmetric: int = 1

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.magnitude_bits == 0:
            raise ValueError("one signed bit is plus or minus half a step; use binary")

    @property
    def format(self) -> FixedFormat:
        return FixedFormat(self.bits, self.integer + self.keep_negative, self.keep_negative)

    def with_scale(self) -> QuantizedBits:
        """Without a number as `alpha`. Raises ValueError for one that is no power of two."""
        if self.alpha is None or is_automatic(self.alpha):
            return self
        mantissa, exponent = np.frexp(np.asarray(self.alpha, np.float32))
        if np.any(mantissa != 0.5) or np.any(exponent != exponent.flat[0]):
            raise ValueError(f"alpha={self.alpha} is not one power of two; use one, 'auto' or 'auto_po2'")
        integer = self.integer + int(exponent.flat[0]) - 1
        return QuantizedBits(self.bits, integer, self.symmetric, self.keep_negative, alpha=1.0)


@dataclass(frozen=True)
class QuantizedHswish:
    """`quantized_hswish`: quantized_bits of x * min(relu(x + relu_shift), relu_upper_bound) / relu_upper_bound."""

    name: ClassVar[str] = "quantized_hswish"
    keep_negative: ClassVar[bool] = True
    bits: int = 8
    integer: int = 0
    symmetric: int = 0
    alpha: Alpha = None
    use_stochastic_rounding: bool = False
    scale_axis: int | None = None
    qnoise_factor: float = 1.0
    var_name: str | None = None
    use_ste: bool = True
    use_variables: bool = False
    relu_shift: float = 3
    relu_upper_bound: float = 6

    def __post_init__(self) -> None:
        if self.relu_shift <= 0 or self.relu_upper_bound <= 0:
            raise ValueError("relu_shift and relu_upper_bound must be positive")
        _ = self.result

    @property
    def result(self) -> QuantizedBits:
        """The quantizer applied after the float function."""
        return QuantizedBits(
            self.bits, self.integer, self.symmetric, alpha=self.alpha, scale_axis=self.scale_axis, use_ste=self.use_ste
        )

    @property
    def format(self) -> Format:
        return self.result.format


@dataclass(frozen=True)
class QuantizedRelu:
    """`quantized_relu`: unsigned fixed point; a leaky slope (power of two) adds a sign, `use_sigmoid` doubles the
    step except for the top code."""

    name: ClassVar[str] = "quantized_relu"
    bits: int = 8
    integer: int = 0
    use_sigmoid: bool = False
    negative_slope: float = 0.0
    use_stochastic_rounding: bool = False
    relu_upper_bound: float | None = None
    is_quantized_clip: bool = True
    qnoise_factor: float = 1.0
    var_name: str | None = None
    use_ste: bool = True
    use_variables: bool = False

    def __post_init__(self) -> None:
        check_bits(self.magnitude_bits, self.integer)
        check_slope(self.negative_slope)
        if self.upper_bound is not None and self.upper_bound < 0:
            raise ValueError(f"relu_upper_bound={self.upper_bound:g} is negative; use a positive number, or None")

    @property
    def magnitude_bits(self) -> int:
        return self.bits - (self.negative_slope != 0)

    @property
    def upper_bound(self) -> float | None:
        """The float bound on the result; QKeras ignores it under `is_quantized_clip`, and a bound of 0."""
        return None if self.is_quantized_clip or not self.relu_upper_bound else self.relu_upper_bound

    def check_grid(self) -> None:
        """Raise ValueError for an upper bound between two codes."""
        bound = self.upper_bound
        if bound is not None and not float(np.ldexp(bound, -self.lsb)).is_integer():
            raise ValueError(
                f"relu_upper_bound={bound:g} with is_quantized_clip=False is no multiple of the step 2**{self.lsb};"
                " use a bound on the grid or is_quantized_clip=True"
            )

    @property
    def lsb(self) -> int:
        """Exponent of the step: 2**integer / 2**magnitude_bits, or the lowest value if a small slope is finer."""
        step = self.integer - self.magnitude_bits
        return min(step, self.integer + exponent_of(self.negative_slope)) if self.negative_slope else step

    @property
    def format(self) -> Format:
        def code(value: float) -> int:
            return int(np.ldexp(value, -self.lsb))

        top = 2.0**self.integer - 2.0 ** (self.integer - self.magnitude_bits)
        high = top if self.upper_bound is None else min(top, self.upper_bound)
        return FixedFormat.holding(code(-self.negative_slope * 2.0**self.integer), code(high), self.lsb)


@dataclass(frozen=True)
class Binary:
    """`binary`: the sign with sign(0) = +1, in {-1, +1}, or {0, 1} under `use_01`."""

    name: ClassVar[str] = "binary"
    use_01: bool = False
    alpha: Alpha = None
    use_stochastic_rounding: bool = False

    @property
    def format(self) -> Format:
        return FixedFormat(1, 1, signed=False) if self.use_01 else BinaryFormat()


@dataclass(frozen=True)
class StochasticBinary:
    """`stochastic_binary`: at inference the same as `binary`."""

    name: ClassVar[str] = "stochastic_binary"
    use_01: ClassVar[bool] = False
    alpha: Alpha = None
    temperature: float = 6.0
    use_real_sigmoid: bool = True
    format: ClassVar[Format] = BinaryFormat()


@dataclass(frozen=True)
class Ternary:
    """`ternary`: sign(x) where |x| >= threshold (None: 0.33), else 0; with an automatic scale S, where |x| > S/2."""

    name: ClassVar[str] = "ternary"
    alpha: Alpha = None
    threshold: float | None = None
    use_stochastic_rounding: bool = False
    number_of_unrolls: int = 5
    format: ClassVar[Format] = TernaryFormat()


@dataclass(frozen=True)
class StochasticTernary:
    """`stochastic_ternary`: at inference the same as `ternary`."""

    name: ClassVar[str] = "stochastic_ternary"
    use_stochastic_rounding: ClassVar[bool] = False
    alpha: Alpha = None
    threshold: float | None = None
    temperature: float = 8.0
    use_real_sigmoid: bool = True
    number_of_unrolls: int = 5
    format: ClassVar[Format] = TernaryFormat()


@dataclass(frozen=True)
class Function:
    """A function without options, under its Keras or QKeras name. QKeras' meaning wins where both have one:
    `hard_sigmoid` in a QKeras layer is x/2 + 1/2, in a Keras `Activation` it is 0.2 x + 0.5."""

    name: str


Quantizer: TypeAlias = (
    QuantizedBits
    | QuantizedHswish
    | QuantizedRelu
    | Binary
    | StochasticBinary
    | Ternary
    | StochasticTernary
    | QuantizedPo2
    | QuantizedReluPo2
    | QuantizedTanh
    | QuantizedSigmoid
    | QuantizedUlaw
    | Function
    | PlugInQuantizer
)


def with_trainable_rule(quantizer: Quantizer | None) -> Quantizer | None:
    """The quantizer as a layer uses it for its kernels, gamma and variance: `alpha=None` becomes 'auto_po2', and
    fixed point becomes symmetric (`_set_trainable_parameter`). Biases, beta, mean and activations keep None."""
    match quantizer:
        case QuantizedBits(alpha=None) | QuantizedHswish(alpha=None):
            return replace(quantizer, alpha="auto_po2", symmetric=1)
        case Binary(alpha=None) | StochasticBinary(alpha=None) | Ternary(alpha=None) | StochasticTernary(alpha=None):
            return replace(quantizer, alpha="auto_po2")
        case _:
            return quantizer
