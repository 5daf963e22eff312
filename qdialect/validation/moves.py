"""Samples that take integers exactly to thresholds.

Two changes of a sample that lie apart mostly add up in a sum: of the effects of many single ones, those pairs are taken
whose sum is what an integer lacks to a threshold.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from xdsl.ir import SSAValue

from qdialect.numerics.arrays import Array, IntArray
from qdialect.validation.threshold_targets import Targets

TRIES = 4
"""Pairs of changes for a threshold, at most: not all add up."""


def moved(inputs: Sequence[Array], row: int, drawn: Sequence[Array], rng: np.random.Generator) -> list[Array]:
    """A sample, and copies of it in which some neighbouring places are those of other samples: few, or up to a half."""
    rows, sizes = len(drawn[0]), [int(np.prod(x.shape[1:], dtype=int)) for x in drawn]
    total = sum(sizes)
    lengths = np.ceil(total ** rng.random(rows) / 2).astype(int)
    lengths[0] = 0
    starts = (rng.random(rows) * (total - lengths + 1)).astype(int)
    places = np.arange(total)
    changed = (starts[:, np.newaxis] <= places) & (places < (starts + lengths)[:, np.newaxis])
    ports = np.split(changed, np.cumsum(sizes)[:-1], axis=1)
    return [np.where(port.reshape(new.shape), new, x[row]) for x, new, port in zip(inputs, drawn, ports, strict=True)]


def pairs_for(
    targets: Targets, values: Mapping[SSAValue, Array], wanted: NDArray[np.bool_], rows: int, rng: np.random.Generator
) -> IntArray:
    """[pairs, 2]: which two of the copies of the first sample would take it to a wanted threshold, if their changes
    add up; for `rows` thresholds at most."""
    columns = targets.columns(values)
    left = rng.permutation(np.flatnonzero(wanted[targets.changes]))[:rows]
    channels, integers = targets.step.channel_of(targets.changes[left]), targets.integers[left]
    found = [np.zeros((0, 2), np.int64)]
    for channel in np.unique(channels):
        column = columns[:, int(rng.integers(columns.shape[1])), channel]
        effects = column - column[0]
        order = np.argsort(effects, kind="stable")
        lacking = (integers[channels == channel] - column[0])[:, np.newaxis] - effects
        second = order[np.searchsorted(effects, lacking, sorter=order).clip(max=len(order) - 1)]
        for others, fits in zip(second, effects[second] == lacking, strict=True):
            first = rng.permutation(np.flatnonzero(fits))[:TRIES]
            found.append(np.stack([first, others[first]], axis=1))
    return np.concatenate(found)


def joined(inputs: Sequence[Array], pairs: IntArray) -> list[Array]:
    """The first sample with the changes of two copies each."""
    first, second = pairs.T
    return [np.where(x[first] != x[0], x[first], x[second]) for x in inputs]
