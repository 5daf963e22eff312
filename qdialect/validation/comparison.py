"""Outputs of a network against a reference, value by value."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qdialect.dialects.qnn.heads import Head
from qdialect.errors import QdialectError
from qdialect.interpreter.values import as_list
from qdialect.numerics.arrays import Array, Mask
from qdialect.numerics.heads import finish, head_bounds
from qdialect.text import columns
from qdialect.validation.enclosures import Enclosed
from qdialect.validation.undecided import Undecided, output_step

AFTER = "after "
"""Begins the names of the stages of passes."""


@dataclass(frozen=True)
class Mismatch:
    """The first value that contradicts the reference: of which layer, sample and element, and both values."""

    layer: str
    sample: int
    channel: Sequence[int]
    """The index of the element in its sample."""
    reference: float
    here: float

    def __str__(self) -> str:
        at = ", ".join(map(str, self.channel))
        where = f"layer '{self.layer}', channel [{at}], sample {self.sample}"
        return f"{where}: {self.here!r}, the reference {self.reference!r}"


@dataclass(frozen=True)
class Stage:
    """One way of computing the network, compared with the reference: equal and all output values."""

    name: str
    equal: int
    total: int
    samples_off: Sequence[int] = ()
    """The first samples with a difference."""
    enclosed: int = 0
    """How many outputs are not equal, but lie within Keras' float32 rounding."""
    undecided: int = 0
    """How many of those have an enclosure that is wider than a step."""
    width: str = ""
    """How far those that are not equal are off, and how wide their enclosures are."""
    layers: Mapping[str, Undecided] = field(default_factory=dict[str, Undecided])
    """Where enclosures are wider than the step of the next quantizer, if not all outputs are equal."""
    first: Mismatch | None = None
    """The first of the outputs that contradict the reference."""
    effect: str = ""
    """Of a rounding that was asked for, what it does to the outputs; they need not be equal."""

    @property
    def all_equal(self) -> bool:
        return self.equal == self.total

    @property
    def ok(self) -> bool:
        """No output contradicts the reference."""
        return bool(self.effect) or self.equal + self.enclosed == self.total

    @property
    def verdict(self) -> str:
        if self.effect:
            return f"{self.effect}; below: equal to this stage"
        if not self.ok:
            return f"samples {list(self.samples_off)}; below: equal to this stage"
        if self.undecided:
            cause = f"{self.undecided} of {self.enclosed} within float32 roundings of Keras wider than a step"
            return f"undecided, {cause} ({self.width}); below: equal to this stage"
        if self.enclosed:
            return f"ok, {self.enclosed} within Keras' own float32 roundings ({self.width}); below: equal to this stage"
        return "ok"

    def notes(self) -> list[str]:
        """The first difference; one line for each layer that float32 leaves undecided."""
        first = [] if self.first is None else [f"{self.name}: first difference in {self.first}"]
        return first + [f"layer '{layer}': {undecided}" for layer, undecided in self.layers.items()]


def verification_lines(reference: str, note: str, stages: Sequence[Stage]) -> list[str]:
    """What the reference was if it was not Keras; a row for each stage, one for all passes where all are equal; the
    first difference of each stage."""
    passes = [stage for stage in stages if stage.name.startswith(AFTER)]
    if len(passes) > 1 and all(stage.all_equal for stage in passes):
        at = stages.index(passes[0])
        together = replace(passes[0], name=f"after each of {len(passes)} passes")
        stages = [*stages[:at], together, *(stage for stage in stages[at:] if stage not in passes)]
    rows = [(stage.name, f"{stage.equal} / {stage.total}", stage.verdict) for stage in stages]
    head = [f"not compared with Keras: {note}"] if note else []
    return [*head, *columns([("stage", f"equal to {reference}", ""), *rows]), *(n for s in stages for n in s.notes())]


@dataclass(frozen=True)
class Reference:
    """What a network is compared with: outputs that are logits or, after a softmax or sigmoid, probabilities.

    finish: the last activation on logits, as the reference computes it.
    note: what could not be run, and what is compared instead.
    compared: whether it is another one than the imported network.
    """

    name: str
    outputs: list[Array]
    finish: Callable[[str, Array], Array] = finish
    note: str = ""
    compared: bool = True


def compare(name: str, wanted: Sequence[Array], got: Any, layers: Sequence[str]) -> Stage:
    """Equality of values of the outputs of these layers. Raises QdialectError if the reference has other shapes."""
    got = as_list(got)
    expect_shapes(name, wanted, got)
    same = [a.astype(np.float64) == b for a, b in zip(wanted, got, strict=True)]
    return replace(stage_of(name, same), first=first_mismatch(layers, same, wanted, got))


def effect_of(name: str, before: Sequence[Array], after: Sequence[Array]) -> Stage:
    """How far a rounding that was asked for moves outputs, and for how many samples the largest output is another."""
    moved = highest([np.abs(a - b) for a, b in zip(before, after, strict=True)])
    largest = highest([np.abs(a) for a in before])
    effect = f"rounding moves outputs by at most {moved:.2g}, of values up to {largest:.2g}"
    for a, b in zip(before, after, strict=True):
        if a.shape[-1] > 1:
            same = np.count_nonzero(a.argmax(axis=-1) == b.argmax(axis=-1))
            effect += f", {same} of {a[..., 0].size} largest outputs stay"
    return replace(stage_of(name, [a == b for a, b in zip(before, after, strict=True)]), effect=effect)


def first_mismatch(
    layers: Sequence[str], good: Sequence[Mask], wanted: Sequence[Array], got: Sequence[Array]
) -> Mismatch | None:
    """The first value that is not good, in the first output that has one; None if all are."""
    for layer, flags, a, b in zip(layers, good, wanted, got, strict=True):
        if not flags.all():
            sample, *channel = map(int, np.unravel_index(np.argmin(flags), flags.shape))
            at = (sample, *channel)
            return Mismatch(layer, sample, channel, float(a[at]), float(b[at]))
    return None


def compare_with_keras(
    name: str,
    reference: Reference,
    heads: Sequence[Head],
    exact: Sequence[Array],
    enclosed: Callable[[], Enclosed],
    layers: Sequence[str],
) -> Stage:
    """Exact outputs against Keras' float32: equal are values, and float32 numbers that are the nearest to the exact
    ones; other outputs must lie in their enclosure, and are undecided where that is wider than a step.
    Probabilities are compared with probabilities.

    Raises QdialectError if the reference has other shapes.
    """
    expect_shapes(name, reference.outputs, exact)
    triples = list(zip(heads, reference.outputs, exact, strict=True))
    read = [read_as(head, given, y) for head, given, y in triples]
    ours = [
        y if head is Head.LINEAR else reference.finish(head, to_float32(y)) for head, y in zip(read, exact, strict=True)
    ]
    same = [equal_as_float32(given, y) for given, y in zip(reference.outputs, ours, strict=True)]
    stage = stage_of(name, same)
    if stage.ok:
        return stage
    known = enclosed()
    ends = [head_bounds(head, *e.ends) for head, e in zip(read, known.outputs, strict=True)]
    pairs = zip(same, reference.outputs, ends, strict=True)
    held = [s | ((low <= given) & (given <= high)) for s, given, (low, high) in pairs]
    wide = [(high - low)[~s] for (low, high), s in zip(ends, same, strict=True)]
    own = [step if head is Head.LINEAR else 0.0 for head, step in zip(read, known.steps, strict=True)]
    steps = [output_step(given, step) for given, step in zip(reference.outputs, own, strict=True)]
    return replace(
        stage,
        samples_off=samples_off(held),
        enclosed=count(held) - stage.equal,
        undecided=count([width > step for width, step in zip(wide, steps, strict=True)]),
        width=_width(reference.outputs, ours, same, wide),
        layers=known.undecided,
        first=first_mismatch(layers, held, reference.outputs, ours),
    )


def _width(given: Sequence[Array], ours: Sequence[Array], same: Sequence[Mask], wide: Sequence[Array]) -> str:
    """How far the outputs that are not equal are off, the width of their enclosures, and the largest output."""
    off = [np.abs(g - y.astype(np.float64))[~s] for g, y, s in zip(given, ours, same, strict=True)]
    largest = highest([np.abs(g) for g in given])
    return f"at most {highest(off):.1e} off in enclosures of {highest(wide):.1e}, outputs up to {largest:.2g}"


def read_as(head: Head, given: Array, logits: Array) -> Head:
    """What recorded values of an output are: its logits, or what a head makes of them. Probabilities of a softmax are
    recognized also where the network ends in the logits, if their rows are such probabilities and no value is equal to
    a logit."""
    if head is Head.LINEAR and logits.shape[-1] > 1 and not equal_as_float32(given, logits).any():
        rows_of_one = bool((given >= 0).all() and (np.abs(given.sum(axis=-1) - 1) < 1e-3).all())
        head = Head.SOFTMAX if rows_of_one else head
    return head if is_probability(head, given, logits) else Head.LINEAR


def is_probability(head: Head, given: Array, logits: Array) -> bool:
    """Whether recorded values of an output are what the head makes of its logits, rather than the logits: the reading
    that more values agree with, and if none does, their range."""
    if not head.is_left_to_host:
        return False
    low, high = head_bounds(head, logits)
    as_logits, as_probabilities = equal_as_float32(given, logits).sum(), ((low <= given) & (given <= high)).sum()
    within = bool(((given >= 0) & (given <= 1)).all())
    return within if as_logits == as_probabilities else bool(as_probabilities > as_logits)


def to_float32(values: Array) -> NDArray[np.float32]:
    return values.astype(np.float32)


def equal_as_float32(given: Array, exact: Array) -> Mask:
    """Whether `given` is the exact value or, as a float32, the nearest to it."""
    same = given.astype(np.float64) == exact
    return same | (given == to_float32(exact)) if given.dtype == np.float32 else same


def expect_shapes(name: str, wanted: Sequence[Array], got: Sequence[Array]) -> None:
    shapes, reference = ([list(y.shape) for y in outputs] for outputs in (got, wanted))
    if shapes != reference:
        raise QdialectError(f"{name} gives outputs of shape {shapes}, the reference has {reference}")


def stage_of(name: str, same: list[Mask]) -> Stage:
    return Stage(name, count(same), sum(s.size for s in same), samples_off(same))


def count(flags: list[Mask]) -> int:
    return int(sum(flag.sum() for flag in flags))


def samples_off(good: list[Mask]) -> list[int]:
    """The first samples of which not all outputs are good."""
    return np.flatnonzero(np.any([~g.reshape(len(g), -1).all(axis=1) for g in good], axis=0))[:5].tolist()


def highest(parts: Sequence[Array]) -> float:
    return max(float(np.max(part, initial=0)) for part in parts)
