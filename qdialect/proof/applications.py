"""Functions of one value applied to elements."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from qdialect.numerics.arrays import Array, IntArray
from qdialect.numerics.exact import add, multiply
from qdialect.proof.columns import Digest, PolynomialColumns
from qdialect.proof.elements import ElementColumns
from qdialect.proof.functions import BISECTED, MAX_EXHAUSTED, Lane, Steps, Unary
from qdialect.proof.maxima import Choice
from qdialect.proof.pool import FunctionAtom, MaximumAtom, Pool


@dataclass(frozen=True)
class Image:
    """Columns and ranges of results; `done` says which of them are known."""

    values: IntArray
    low: IntArray
    high: IntArray
    done: IntArray

    @staticmethod
    def unknown(shape: tuple[int, int]) -> Image:
        zeros = np.zeros(shape[1], object)
        return Image(np.zeros(shape, object), zeros, zeros.copy(), np.zeros(shape[1], bool))

    def take(self, at: list[int], values: IntArray, low: int, high: int) -> None:
        self.values[:, at], self.low[at], self.high[at], self.done[at] = values, low, high, True


@dataclass(frozen=True)
class Group:
    """Elements that are scale * u + offset of their primitive polynomials: u is the polynomial itself, between two
    integers, or the function `inner` of another one. Of constants, scale is 0."""

    lane: Lane
    scale: int
    offset: int
    span: tuple[int, int]
    inner: Steps | None = None

    @property
    def width(self) -> int:
        """How many integers the function is to be known at."""
        return self.span[1] - self.span[0] + 1

    def arguments(self, is_float: bool) -> tuple[IntArray, Array]:
        """Where the argument of the function may change, and the argument from there on."""
        starts = np.arange(self.span[0], self.span[1] + 1) if self.inner is None else self.inner.starts
        u = starts if self.inner is None else self.inner.values
        if is_float:
            return starts, u.astype(np.float32)
        return starts, add(multiply(u, np.array([self.scale])), np.array([self.offset]))


def apply(pool: Pool, f: Unary, x: ElementColumns, is_float: bool) -> Image:
    """f(x) by tables; `is_float` says that the results are floats. Not done where x is a float of which no table is
    known, and where it takes more values than can be tried."""
    columns, image = PolynomialColumns(x.values), Image.unknown(x.values.shape)
    groups: dict[Group, list[int]] = {}
    maxima: dict[int, MaximumAtom] = {}
    for i, (name, scale, offset) in enumerate(
        zip(columns.digests, columns.scale.tolist(), columns.offset.tolist(), strict=True)
    ):
        term, lane = pool.terms.get(name), int(x.lanes[i])
        if isinstance(term, MaximumAtom):
            maxima[i] = term
        elif isinstance(term, FunctionAtom):
            groups.setdefault(Group(lane, scale, offset, (0, 0), term.steps), []).append(i)
        elif scale == 0:
            groups.setdefault(Group(lane, 0, offset, (0, 0)), []).append(i)
        elif not x.is_float:
            span = pool.span(name, *between(int(x.low[i]), int(x.high[i]), scale, offset))
            groups.setdefault(Group(lane, scale, offset, span), []).append(i)
    for group, steps in tabulated(pool, f, x, list(groups)).items():
        write(pool, columns, groups[group], steps, image, is_float)
    left = through_maxima(pool, f, x, columns, maxima, image, is_float)
    for group, at in left.items():
        (steps,) = tabulated(pool, f, x, [group]).values() or (None,)
        if steps is not None:
            write(pool, columns, at, steps, image, is_float)
    return image


def between(low: int, high: int, scale: int, offset: int) -> tuple[int, int]:
    """The least and the largest t for which scale * t + offset lies between two integers."""
    if scale < 0:
        low, high, scale, offset = -high, -low, -scale, -offset
    return -((offset - low) // scale), (high - offset) // scale


def tabulated(pool: Pool, f: Unary, x: ElementColumns, groups: list[Group]) -> dict[Group, Steps]:
    """f of each group as a function of its primitive polynomial; groups that are too wide are left out."""
    found = bisected(f, [group for group in groups if group.width > BISECTED])
    narrow = {
        group: group.arguments(x.is_float) for group in groups if group not in found and group.width <= MAX_EXHAUSTED
    }
    lanes: dict[Lane, list[Array]] = {}
    for group, (_, values) in narrow.items():
        lanes.setdefault(group.lane, []).append(values)
    domains = {lane: union(parts, x.is_float) for lane, parts in lanes.items()}
    pool.tried += sum(map(len, domains.values()))
    images = f.on(domains) if domains else {}
    for group, (starts, values) in narrow.items():
        results = images[group.lane][np.searchsorted(domains[group.lane], values)]
        last = group.span[1] if group.inner is None else group.inner.last
        found[group] = Steps.of(starts, results, last)
    return found


def union(parts: list[Array], is_float: bool) -> Array:
    """The values of several arrays, ascending; with those between them where that is hardly more."""
    if not is_float:
        low, high = min(int(part.min()) for part in parts), max(int(part.max()) for part in parts)
        if high - low < 2 * max(map(len, parts)):
            return np.arange(low, high + 1)
    return np.unique(np.concatenate(parts))


def bisected(f: Unary, groups: list[Group]) -> dict[Group, Steps]:
    """f of wide groups: each lane is searched once, over all its groups."""
    found: dict[Group, Steps] = {}
    for lane in {group.lane for group in groups}:
        of = [group for group in groups if group.lane == lane]
        ends = [group.scale * t + group.offset for group in of for t in group.span]
        steps = f.bisected(lane, min(ends), max(ends))
        if steps is not None:
            found |= {group: steps.of_line(group.scale, group.offset, *group.span) for group in of}
    return found


def write(pool: Pool, columns: PolynomialColumns, at: list[int], steps: Steps, image: Image, is_float: bool) -> None:
    """The columns of elements of one group from the function of their primitive polynomials."""
    if is_float:
        for i in at:
            source, t = polynomial(pool, columns, i)
            image.take([i], pool.function(source, t, steps)[:, np.newaxis], 0, 0)
        return
    low, high = int(steps.values.min()), int(steps.values.max())
    line = steps.line()
    scale, offset, normal = (0, 0, steps) if line is not None else steps.normal()
    for i in at:
        source, t = polynomial(pool, columns, i)
        if line is not None:
            value = add(multiply(t, np.array([line[0]])), np.array([line[1]]))
        else:
            value = add(multiply(pool.function(source, t, normal), np.array([scale])), np.array([offset]))
        image.take([i], value[:, np.newaxis], low, high)


def polynomial(pool: Pool, columns: PolynomialColumns, i: int) -> tuple[Digest, IntArray]:
    """The primitive polynomial that an element is a function of: its name and its column."""
    name = columns.digests[i]
    term = pool.terms.get(name)
    return (term.source, term.column) if isinstance(term, FunctionAtom) else (name, columns.primitive[:, i])


def through_maxima(
    pool: Pool,
    f: Unary,
    x: ElementColumns,
    columns: PolynomialColumns,
    maxima: dict[int, MaximumAtom],
    image: Image,
    is_float: bool,
) -> dict[Group, list[int]]:
    """A monotone function of a maximum as a maximum of the function. Returns the elements of which it is not known."""
    left: dict[Group, list[int]] = {}
    signs: list[tuple[int, int, range]] = []
    parts: list[ElementColumns] = []
    for i, term in maxima.items():
        scale, offset, lane = int(columns.scale[i]), int(columns.offset[i]), int(x.lanes[i])
        elements = parts_of(term, scale, offset, lane, x.is_float)
        direction = slope(pool, f, x, i, elements)
        if direction is None and not x.is_float:
            name = columns.digests[i]
            span = pool.span(name, *between(int(x.low[i]), int(x.high[i]), scale, offset))
            left.setdefault(Group(lane, scale, offset, span), []).append(i)
        elif direction is not None:
            first = sum(part.values.shape[1] for part in parts)
            parts.append(elements)
            sign = term.sign * (1 if scale > 0 else -1) * direction
            signs.append((i, sign, range(first, first + elements.values.shape[1])))
    if not parts:
        return left
    inner = apply(pool, f, ElementColumns.joined(parts), is_float)
    results = ElementColumns(inner.values, inner.low, inner.high, is_float, inner.low)
    for i, sign, places in signs:
        at = np.array(places)
        if inner.done[at].all():
            ends = max if sign > 0 else min
            value = Choice(results, at[np.newaxis]).columns(pool, sign)
            image.take([i], value, ends(inner.low[at]), ends(inner.high[at]))
    return left


def parts_of(term: MaximumAtom, scale: int, offset: int, lane: Lane, is_float: bool) -> ElementColumns:
    """The elements of scale * maximum + offset."""
    lanes = np.full(term.parts.shape[1], lane)
    if is_float:
        return ElementColumns(term.parts, term.low, term.high, True, lanes)
    factor, rest = np.array([scale]), np.array([offset])
    ends = [add(multiply(end, factor), rest) for end in (term.low, term.high)]
    return ElementColumns(add(multiply(term.parts, factor), rest), np.minimum(*ends), np.maximum(*ends), False, lanes)


def slope(pool: Pool, f: Unary, x: ElementColumns, i: int, parts: ElementColumns) -> int | None:
    """+1 where f rises on all values of an element, -1 where it falls, None where it does neither or is not known."""
    lane = int(x.lanes[i])
    if x.is_float:
        terms = [pool.terms.get(name) for name in PolynomialColumns(parts.values).digests]
        if not all(isinstance(term, FunctionAtom) for term in terms):
            return None
        domain = np.unique(np.concatenate([term.steps.values for term in terms if isinstance(term, FunctionAtom)]))
    else:
        low, high = int(parts.low.min()), int(parts.high.max())
        wide = high - low >= MAX_EXHAUSTED
        if wide and not f.monotone:
            return None
        domain = np.array([low, high]) if wide else np.arange(low, high + 1)
    results = f.on({lane: domain})[lane]
    changes = [b >= a for a, b in pairwise(results[np.append(True, results[1:] != results[:-1])].tolist())]
    return (1 if all(changes) else None) if not changes or changes[0] else (None if any(changes) else -1)
