"""What an operation is, declared on its class: the facts that analyses and passes ask for with `has_trait`.

Each holds for every operation that declares it, whatever its properties and types; `tests/py/dialects/test_traits.py`
draws values for all of them.
"""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.traits import OpTrait


@dataclass(frozen=True)
class PerChannel(OpTrait):
    """A channel (index of the last axis) of the result depends on the same channel of the operands alone."""


@dataclass(frozen=True)
class Elementwise(PerChannel):
    """An element of the result depends on the elements in its place alone, and on constants of its channel."""


@dataclass(frozen=True)
class Rising(OpTrait):
    """Monotone: larger operands never give smaller results, also where they are rounded to float32."""


@dataclass(frozen=True)
class Linear(OpTrait):
    """f(a + b) = f(a) + f(b) for all operands together, in exact arithmetic."""


@dataclass(frozen=True)
class Bilinear(OpTrait):
    """Linear in each of two operands while the other stays, in exact arithmetic."""


@dataclass(frozen=True)
class Selects(OpTrait):
    """Every element of the result is an element of an operand, or zero."""


@dataclass(frozen=True)
class Moves(Selects):
    """The elements of the result are elements of the operands, or zeros; their places alone decide which."""


@dataclass(frozen=True)
class AddsZeros(OpTrait):
    """Some elements of the result may be zeros that do not come from an operand."""


@dataclass(frozen=True)
class Arithmetic(OpTrait):
    """The result is computed exactly from quantized operands, and its type follows from theirs; a proven range may
    narrow it."""


@dataclass(frozen=True)
class Accumulates(Arithmetic):
    """Elements of the result are sums with a term for each element, which hardware adds step by step."""


@dataclass(frozen=True)
class WeightedSums(Accumulates):
    """The terms are products with weights, the second operand; several of these take part in an element."""


@dataclass(frozen=True)
class MixesChannels(OpTrait):
    """Every channel of the result depends on every channel of the first operand."""


@dataclass(frozen=True)
class RowPerChannel(OpTrait):
    """The operands after the first hold one row per channel of the result, or one row for all channels."""
