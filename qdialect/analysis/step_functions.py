"""Float functions of one integer, followed by a quantizer or the network's output, as functions of the integer's code.

Keras evaluates batch normalization, tanh, the division of an average, ... in float32; a quantizer follows. Whatever
the float operations are, if all of them together depend on one quantized value, element by element, then code in,
code out: a table over the source's codes or, where the function is monotone, the integers at which it steps

    T_k = min { a : quantize(f(a)) >= code_k }      (max { ... <= } for a falling function: negative gamma)

found by evaluating the float32 function itself: solving the real-number equation would be off by one step at about
one threshold in 6,000 (measured). Steps and entries that TensorFlow's other formulas, or the known error of its
functions, would move are listed as uncertified. An output without a quantizer is a table of the float32 results.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from xdsl.dialects.builtin import ModuleOp

from qdialect.analysis.code_range import Range
from qdialect.analysis.float_functions import FloatFunction, QuantizedFunction, StepFunction, codes_at
from qdialect.dialects.qnn.ops.functions import MAX_TABLE
from qdialect.dialects.qnn.types import exact_format_of
from qdialect.interpreter.simulate import interpreter_for
from qdialect.numerics.arrays import IntArray
from qdialect.numerics.exact import holding, magnitude
from qdialect.numerics.float32 import dyadic
from qdialect.numerics.formats import Format, Po2Format

COMPARED_AT_ONCE = 15  # so many thresholds are compared in parallel; of more, a table may be cheaper

OUTPUT_TABLE_BITS = 1 << 20  # an output of more is cheaper, and hardly different, as an exact product and sum

MAX_ENUMERATED = 1 << 22  # so many codes of all channels are tried for a function that rises and falls

MAX_STEPS = 1 << 22  # thresholds of all channels: a minute of searching; a layer of as many is larger than any device

LARGEST_CODE_BITS = 63  # of an output's table, whose codes are int64


def first_reaching(f: StepFunction, low: IntArray, high: IntArray, levels: IntArray) -> IntArray:
    """The smallest codes [levels, channels] in [low, high] with f >= level, high + 1 where there is none.

    `f` rises in every channel.
    """
    span = magnitude(low) + magnitude(high) + 2  # the distance between the ends may take a bit more than they do
    low, high = holding(low, span), holding(high, span)
    below = np.broadcast_to(low - 1, (len(levels), len(low)))
    reached = np.broadcast_to(high + 1, below.shape)
    while (reached - below > 1).any():
        middle = below + (reached - below) // 2
        yes = f(middle.clip(low, high)) >= levels[:, np.newaxis]
        open_ = reached - below > 1
        reached = np.where(open_ & yes, middle, reached)
        below = np.where(open_ & ~yes, middle, below)
    return reached


@dataclass(frozen=True)
class Thresholds:
    """A monotone step function per channel: positions from `first` on, [channels, levels] and directions. `disagree`
    [channels, levels] says where TensorFlow may step elsewhere."""

    levels: IntArray
    directions: IntArray
    first: int
    disagree: NDArray[np.bool_]

    @property
    def uncertified(self) -> list[int]:
        """The channels of such steps, once per step."""
        return sorted(int(channel) for channel in np.nonzero(self.disagree)[0])

    def __str__(self) -> str:
        count = self.levels.shape[1]
        return "one comparison per channel" if count == 1 else f"{count} thresholds per channel"


@dataclass(frozen=True)
class Table:
    """Any function per channel: codes [channels, codes] of `format`, from the source's code `first` on."""

    codes: IntArray
    format: Format
    first: int
    uncertified: list[int]

    def __str__(self) -> str:
        return f"table of {self.codes.shape[1]} codes{'' if len(self.codes) == 1 else ' per channel'}"


@dataclass(frozen=True)
class Staircase:
    """A step function that rises or falls on a few stretches: how many of `thresholds` are reached is the place of the
    result in `codes` [channels, places]."""

    thresholds: Thresholds
    codes: IntArray

    @property
    def uncertified(self) -> list[int]:
        return self.thresholds.uncertified

    def __str__(self) -> str:
        return f"{self.thresholds}, then a table of {self.codes.shape[1]} codes"


def find_steps(quantized: QuantizedFunction, source: Range) -> Thresholds | Table | Staircase | None:
    """The cheapest exact form over the range of the source: few thresholds, a table of at most 2^16 codes, or many
    thresholds, with a table after them where the function or its quantizer rises and falls. None for a function that
    rises and falls over more than MAX_ENUMERATED codes of all channels or elements, and for one of more than MAX_STEPS
    thresholds."""
    low, high = quantized.bounds(source)
    entries = int(high.max()) - int(low.min()) + 1
    operand, result = (exact_format_of(v.type) for v in (quantized.function.source, quantized.quantizer.result))
    few = not quantized.of_elements or entries * len(low) <= MAX_ENUMERATED
    tabulable = entries <= MAX_TABLE and few and not isinstance(operand, Po2Format)
    if not quantized.monotone:
        if tabulable:
            return find_table(quantized, low, high)
        if quantized.rises_on_stretches:
            return find_staircase(quantized, low, high)
        enumerable = entries * len(low) <= MAX_ENUMERATED and not isinstance(operand, Po2Format)
        return find_runs(quantized, low, high) if enumerable else None
    found = find_thresholds(quantized, low, high)
    if found is None:
        return find_table(quantized, low, high) if tabulable else None
    levels = found.levels.shape[1]
    cheaper = levels > COMPARED_AT_ONCE and entries * result.bits <= 2 * levels * entries.bit_length()
    return find_table(quantized, low, high) if tabulable and cheaper else found


def find_thresholds(quantized: QuantizedFunction, low: IntArray, high: IntArray) -> Thresholds | None:
    """The thresholds of a monotone function between the codes `low` and `high` [channels]; None for more than
    MAX_STEPS."""
    f = quantized.step_function()
    ends = f(np.stack([low, high]))
    directions = np.where(ends[1] >= ends[0], 1, -1)

    def rising(g: StepFunction) -> StepFunction:
        return lambda codes: g(codes * directions)

    start, stop = np.minimum(low * directions, high * directions), np.maximum(low * directions, high * directions)
    first, last = int(ends.min()), int(ends.max())
    if (last - first) * len(low) > MAX_STEPS:
        return None
    codes = exact_format_of(quantized.quantizer.result.type).count
    if not quantized.rises_on_stretches:
        first = min(first, codes - 2)  # constant: a level always reached
    levels = np.arange(first + 1, max(last, first + 1) + 1)
    steps = first_reaching(rising(f), start, stop, levels)

    disagree = np.zeros(steps.shape, bool)
    for variant in quantized.variants():
        g = rising(variant)
        at, before = steps.clip(start, stop), (steps - 1).clip(start, stop)
        disagree |= (steps <= stop) & (g(at) < levels[:, np.newaxis])
        disagree |= (steps > start) & (g(before) >= levels[:, np.newaxis])
    return Thresholds((steps * directions).T, directions, first, disagree.T)


def find_staircase(quantized: QuantizedFunction, low: IntArray, high: IntArray) -> Staircase | None:
    """The thresholds of the stretches; those that coincide in every channel are one. None for too many."""
    found = find_thresholds(quantized, low, high)
    if found is None:
        return None
    last = np.flatnonzero(np.append((found.levels[:, 1:] != found.levels[:, :-1]).any(axis=0), True))
    disagree = np.logical_or.reduceat(found.disagree, np.append(0, last[:-1] + 1), axis=1)
    positions = found.first + np.append(0, last + 1)
    result = exact_format_of(quantized.quantizer.result.type)
    thresholds = Thresholds(found.levels[:, last], found.directions, 0, disagree)
    return Staircase(thresholds, codes_at(result, positions)[np.newaxis])


def find_runs(quantized: QuantizedFunction, low: IntArray, high: IntArray) -> Staircase | None:
    """The codes at which the function changes, and the results between them; None if a table does not hold these. What
    TensorFlow may compute differently counts for the nearest change."""
    first, positions, disagree = enumerated(quantized, low, high)
    changes = [np.flatnonzero(np.diff(column)) + 1 for column in positions.T]
    count = max(1, *map(len, changes))
    if count >= MAX_TABLE:
        return None
    levels = np.full((len(low), count), first + len(positions))
    places = np.repeat(positions[-1][:, np.newaxis], count + 1, axis=1)
    uncertain = np.zeros(levels.shape, bool)
    for channel, at in enumerate(changes):
        levels[channel, : len(at)] = first + at
        places[channel, : len(at) + 1] = positions[np.append(0, at), channel]
        nearest = np.searchsorted((at[1:] + at[:-1]) / 2, np.flatnonzero(disagree[:, channel]))
        uncertain[channel, nearest] = True
    thresholds = Thresholds(levels, np.ones(len(low), np.int64), 0, uncertain)
    return Staircase(thresholds, codes_at(exact_format_of(quantized.quantizer.result.type), places))


def find_table(quantized: QuantizedFunction, low: IntArray, high: IntArray) -> Table:
    """The result for every code from the lowest to the highest of any channel."""
    first, positions, disagree = enumerated(quantized, low, high)
    uncertified = sorted(int(channel) for channel in np.nonzero(disagree)[1])
    result = exact_format_of(quantized.quantizer.result.type)
    return Table(codes_at(result, positions.T), result, first, uncertified)


def enumerated(quantized: QuantizedFunction, low: IntArray, high: IntArray) -> tuple[int, IntArray, NDArray[np.bool_]]:
    """The first code of all channels, positions [codes, channels] from it on, and where TensorFlow may differ."""
    first, last = int(low.min()), int(high.max())
    codes = np.repeat(np.arange(first, last + 1)[:, np.newaxis], len(low), axis=1)
    positions = quantized.step_function()(codes)
    used = (codes >= low) & (codes <= high)
    disagree = np.zeros(positions.shape, bool)
    for variant in quantized.variants():
        disagree |= used & (variant(codes) != positions)
    return first, positions, disagree


def find_values(function: FloatFunction, source: Range) -> Table | None:
    """The float32 results over the range of the source: Keras' own, but for functions the nearest.

    None if the table is larger than OUTPUT_TABLE_BITS.
    """
    low, high = (int(end) for end in source.hull)
    channels = 1 if function.shared else source.low.shape[-1]
    too_many = (high - low + 1) * channels > OUTPUT_TABLE_BITS
    if too_many or isinstance(exact_format_of(function.source.type), Po2Format):
        return None
    every = np.repeat(np.arange(low, high + 1)[:, np.newaxis], channels, axis=1)
    codes, format_ = dyadic(function.results(interpreter_for(ModuleOp([])), every))
    if codes.size * format_.bits > OUTPUT_TABLE_BITS or format_.bits > LARGEST_CODE_BITS:
        return None
    return Table(codes.T, format_, low, [])
