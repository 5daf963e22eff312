"""Inputs of a test bench that notices changes: found by a search, few of them.

Samples are drawn, over the whole type of the input and near zero, or they are all that there are. One after the other,
those are taken that meet most changes of a constant (`qdialect.validation.changes`) that the samples before have not
shown, where they show one.
Then the samples whose integers come nearest to the thresholds that are left are the parents of new ones: with some
places drawn again, or with two changes whose effects add up to what is missing (`qdialect.validation.moves`), mostly in
the way that has shown more for its work the last time. The search ends where it finds nothing new, or after a fixed
amount of work, so that it finds the same on every machine.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import FuncOp

from qdialect.analysis.ranges import ranges
from qdialect.dialects.qnn.indices import index_limits
from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.types import FixedType, format_of, tensor_type
from qdialect.numerics.arrays import Array, IntArray
from qdialect.numerics.exact import FLOAT64_SCALES
from qdialect.simulator.plan import plan_of
from qdialect.validation.changes import Changes
from qdialect.validation.moves import joined, moved, pairs_for
from qdialect.validation.stimuli import every_input, sample_inputs
from qdialect.validation.threshold_targets import Targets, targets_of

WORK = 1 << 27
"""Of a search: elements that steps of the network read and write; of one among all inputs, half of them."""
ROWS, ELEMENTS = 1024, 1 << 24
"""Samples that are drawn at once, and elements of all their values, at most."""
MOST_INPUTS = 1 << 16
"""Of a network whose inputs are all tried."""
MOST_TRIES = 256
"""Samples that meet a change and show it or do not, at most."""
IDLE = 4
"""How often in a row samples that show nothing new are followed by others."""
EXPLORED = 0.1
"""How often samples are taken in any way."""
SMALLER = 12
"""Bits by which drawn samples are smaller than the type, at most."""


def telling_inputs(module: ModuleOp, samples: int) -> list[Array]:
    """Reals [rows, ...] for each argument of a network at integer level: at most `samples` rows, each of which shows
    a change that those before do not."""
    search = Search(module, np.random.default_rng(0), samples)
    search.choose()
    while not search.ended():
        search.go_on()
    return [np.concatenate([x[:0], *chosen]) for x, chosen in zip(search.inputs, search.chosen, strict=True)]


class Search:
    """Drawn samples with all their values and the changes that they meet; the chosen ones, and what they have shown."""

    def __init__(self, module: ModuleOp, rng: np.random.Generator, samples: int):
        self.samples = samples
        plan, known = plan_of(module), ranges(module)
        self.function, self.rng, self.changes = plan.function, rng, Changes(plan)
        self.targets: list[Targets] = [each for step in self.changes.steps if (each := targets_of(step, known))]
        self.work = WORK
        self.cost = int(self.changes.work[0]) + self.changes.meeting
        held = sum(int(np.prod(shape_of(step.result))) for step in plan.steps)
        self.rows = max(min(WORK // 32 // max(self.cost, 1), ELEMENTS // max(held, 1), ROWS), 1)
        self.missing, self.idle, self.found = self.changes.wanted(), 0, 0
        self.tries = np.zeros(len(self.missing), np.int64)
        self.every = every_input(self.function, MOST_INPUTS)
        if self.every:
            self.work *= 2
            order = rng.permutation(len(self.every[0]))
            self.every = [x[order] for x in self.every]
        self.chosen: list[list[Array]] = [[] for _ in self.function.args]
        ways = [self._vary, *([self._meet] if self.targets else [])] if self.every is None else [self._go_through]
        self.yields: dict[Callable[[], None], float] = dict.fromkeys(ways, math.inf)
        self._run(self._next() if self.every else drawn(self.function, rng, self.rows))

    def _next(self) -> list[Array]:
        """Of all inputs those that are the next ones."""
        assert self.every is not None, "as asked"
        taken, self.every = [x[: self.rows] for x in self.every], [x[self.rows :] for x in self.every]
        return taken

    def _run(self, inputs: list[Array]) -> None:
        self.inputs = inputs
        self.values = self.changes.values(inputs)
        self.met = self.changes.met(self.values, len(inputs[0]))
        self.work -= self.cost * len(inputs[0])

    def ended(self) -> bool:
        """Nothing is left to find, or to search with."""
        tried = self.idle > IDLE if self.every is None else not self.every[0].size
        done = not self.missing.any() or sum(map(len, self.chosen[:1])) >= self.samples
        return self.work <= 0 or done or tried

    def choose(self) -> None:
        """Take samples as long as one shows something new, those first that meet most of what is missing."""
        self.met[self.missing == 0] = False
        counts, first = self.met.sum(axis=0), self._alive() * self.changes.count
        self.idle += 1
        while self.work > 0 and counts.any() and sum(map(len, self.chosen[:1])) < self.samples:
            row = int((counts + first * (counts > 0)).argmax())
            changes = np.flatnonzero(self.met[:, row])
            shown = changes[self.changes.shown(self.values, row, changes)]
            self.work -= self.changes.work_of(changes)
            self.tries[changes] += 1
            self.missing[shown] -= 1
            self.found += shown.size
            self.missing[changes[self.tries[changes] >= MOST_TRIES]] = 0
            self.idle = 0 if shown.size else self.idle
            done = changes[self.missing[changes] == 0]
            counts -= self.met[done].sum(axis=0)
            self.met[done] = self.met[:, row] = False
            counts[row] = 0
            if shown.size:
                for chosen, x in zip(self.chosen, self.inputs, strict=True):
                    chosen.append(x[row : row + 1])

    def _alive(self) -> NDArray[np.bool_]:
        """Samples with an output between the least and the largest: others hide what happens before."""
        alive = np.zeros(len(self.inputs[0]), np.bool_)
        for result in self.changes.plan.results:
            codes = self.values[result].reshape(len(alive), -1)
            alive |= ((codes.min() < codes) & (codes < codes.max())).any(axis=1)
        return alive

    def go_on(self) -> None:
        """Take other samples, and choose among them: in the way that has shown most for its work, and now and then in
        any."""
        ways = list(self.yields)
        explore = self.rng.random() < EXPLORED
        way = ways[int(self.rng.integers(len(ways)))] if explore else max(ways, key=self.yields.__getitem__)
        found, work = self.found, self.work
        way()
        self.yields[way] = (self.found - found) / max(work - self.work, 1)

    def _go_through(self) -> None:
        """The next of all."""
        self._run(self._next())
        self.choose()

    def _vary(self) -> None:
        """Drawn samples; one half next to thresholds that are missing, with some places drawn again."""
        rows, counts = np.unique(self._near(), return_counts=True)
        new = drawn(self.function, self.rng, self.rows)
        kept = rows[np.argsort(-counts, kind="stable")][: self.rows // 2]
        self._run(offspring(self.inputs, kept, new, self.rng) if kept.size else new)
        self.choose()

    def _meet(self) -> None:
        """A sample next to a threshold that is missing with single changes, then with two that take it to one."""
        if not (near := self._near()).size:
            return self._vary()
        row, new = int(self.rng.choice(near)), drawn(self.function, self.rng, self.rows)
        self._run(moved(self.inputs, row, new, self.rng))
        self.choose()
        missing = self.missing > 0
        pairs = np.concatenate([pairs_for(each, self.values, missing, self.rows, self.rng) for each in self.targets])
        if pairs.size:
            self._run(joined(self.inputs, self.rng.permutation(pairs)[: self.rows]))
            self.choose()

    def _near(self) -> IntArray:
        """For each missing threshold the sample that comes nearest."""
        near = [each.nearest(self.values, self.missing > 0) for each in self.targets]
        return np.concatenate([np.zeros(0, np.int64), *near])


def drawn(function: FuncOp, rng: np.random.Generator, rows: int) -> list[Array]:
    """Samples over the whole type of each input; three quarters of them are divided by powers of two."""
    inputs = sample_inputs(function, rng, rows)
    shifts = rng.integers(0, SMALLER, rows) * (rng.random(rows) < 0.75)
    for index, (x, argument) in enumerate(zip(inputs, function.args, strict=True)):
        fmt = format_of(argument.type)
        if fmt is None or not isinstance(tensor_type(argument.type).element_type, FixedType):
            continue
        if index_limits(function, index) is None and max(fmt.max_code.bit_length(), abs(fmt.lsb)) <= FLOAT64_SCALES:
            smaller = np.trunc(np.ldexp(x, -fmt.lsb - shifts.reshape(-1, *[1] * (x.ndim - 1))))
            low, high = fmt.min_code, fmt.max_code
            inputs[index] = np.where(
                shifts.reshape(-1, *[1] * (x.ndim - 1)) > 0, np.ldexp(smaller.clip(low, high), fmt.lsb), x
            )
    return inputs


def offspring(inputs: Sequence[Array], kept: IntArray, drawn: Sequence[Array], rng: np.random.Generator) -> list[Array]:
    """The kept samples, and copies of them in which some places are drawn again: one, or a share of all."""
    rows = len(drawn[0])
    made: list[Array] = []
    for x, new in zip(inputs, drawn, strict=True):
        size = int(np.prod(x.shape[1:], dtype=int))
        share = rng.choice([1 / size, 2 / size, 4 / size, 0.1, 0.4], (rows, 1)).clip(max=1)
        changed = (rng.random((rows, size)) < share) & (np.arange(rows) >= len(kept))[:, np.newaxis]
        made.append(np.where(changed.reshape(new.shape), new, x[np.resize(kept, rows)]))
    return made
