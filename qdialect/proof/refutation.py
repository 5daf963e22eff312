"""Inputs for which two modules give different outputs: a search, guided by what the proof did not decide."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import ReturnOp
from xdsl.interpreter import Interpreter
from xdsl.ir import SSAValue

from qdialect.dialects.qnn.network import network, results_of
from qdialect.dialects.qnn.types import format_of
from qdialect.interpreter.simulate import interpreter_for
from qdialect.interpreter.values import to_argument, to_reals
from qdialect.numerics import exact
from qdialect.numerics.arrays import Array, IntArray
from qdialect.validation.stimuli import sample_inputs

ROWS = 192
"""Inputs that are tried at once."""
ROUNDS = 12
"""How often inputs are drawn."""
STEPS = 60
"""Steps towards a target."""
SHOWN = 8
"""Numbers of an input in a message."""
KEPT = 16
"""Inputs from which the next step of a search goes on."""


@dataclass(frozen=True)
class Counterexample:
    """An input [1, shape] of each argument, and the two outputs [shape] that differ."""

    inputs: list[Array]
    output: str
    ours: Array
    theirs: Array

    def lines(self) -> list[str]:
        """The beginning of the input and the element that differs."""
        at = tuple(int(i) for i in np.argwhere(self.ours != self.theirs)[0])
        shown = ["  ".join(f"{v:g}" for v in x.reshape(-1)[:SHOWN]) for x in self.inputs]
        return [
            *(
                f"input {i}: {text}{' ...' if x.size > SHOWN else ''}"
                for i, (text, x) in enumerate(zip(shown, self.inputs, strict=True))
            ),
            f"'{self.output}' at {list(at)}: {self.ours[at]:g} and {self.theirs[at]:g}",
        ]


@dataclass(frozen=True)
class Target:
    """An integer that an element of a value of the second module must take for a difference to show."""

    value: SSAValue
    element: int
    code: int

    @staticmethod
    def of_line(value: SSAValue, element: int, scale: int, offset: int, t: int) -> Target:
        """An element that is scale * t + offset."""
        return Target(value, element, scale * t + offset)


class Runs:
    """Both modules on inputs."""

    def __init__(self, a: ModuleOp, b: ModuleOp):
        self.modules = (a, b)
        self.interpreters: list[Interpreter] = [interpreter_for(a), interpreter_for(b)]

    def values(self, which: int, inputs: list[Array]) -> dict[SSAValue, Array]:
        """Every value of a module."""
        function, interpreter = network(self.modules[which]), self.interpreters[which]
        values: dict[SSAValue, Array] = {
            argument: to_argument(function, i, x)
            for i, (argument, x) in enumerate(zip(function.args, inputs, strict=True))
        }
        for op in function.body.block.ops:
            if not isinstance(op, ReturnOp):
                (values[op.results[0]],) = interpreter.run_op(op, tuple(values[v] for v in op.operands))
        return values

    def difference(self, inputs: list[Array], b: dict[SSAValue, Array] | None = None) -> Counterexample | None:
        """The first of some inputs for which an output differs."""
        found = self.values(0, inputs), self.values(1, inputs) if b is None else b
        results = [results_of(network(module)) for module in self.modules]
        for number, (x, y) in enumerate(zip(*results, strict=True)):
            left, right = found[0][x], found[1][y]
            rows = np.argwhere(differ(x, left, y, right).reshape(max(len(left), len(right)), -1).any(axis=1))
            if rows.size:
                row = int(rows[0, 0])
                reals = [to_reals(v, u.type) for v, u in ((left, x), (right, y))]
                ours, theirs = (np.broadcast_to(r, (max(map(len, reals)), *r.shape[1:]))[row] for r in reals)
                name = y.name_hint or f"output {number}"
                return Counterexample([i[row : row + 1] for i in inputs], name, ours, theirs)
        return None


def differ(x: SSAValue, left: Array, y: SSAValue, right: Array) -> Array:
    """Where two values differ, as reals."""
    formats = format_of(x.type), format_of(y.type)
    if formats[0] is None or formats[1] is None:
        return np.asarray(to_reals(left, x.type) != to_reals(right, y.type))
    left, right, _ = exact.align(left, formats[0].lsb, right, formats[1].lsb)
    return np.asarray(left != right)


def refute(a: ModuleOp, b: ModuleOp, targets: list[Target], seed: int) -> Counterexample | None:
    """An input for which the outputs differ: among drawn ones, and those that reach a target. None if the search ends
    without."""
    runs, rng = Runs(a, b), np.random.default_rng(seed)
    for _ in range(ROUNDS):
        found = runs.difference(sample_inputs(network(a), rng, ROWS))
        if found is not None:
            return found
    for target in targets:
        for inputs, values in approached(runs, target, rng):
            found = runs.difference(inputs, values)
            if found is not None:
                return found
    return None


def approached(
    runs: Runs, target: Target, rng: np.random.Generator
) -> Iterator[tuple[list[Array], dict[SSAValue, Array]]]:
    """Inputs that come nearer and nearer to a target: the nearest ones, with some places drawn again."""
    function = network(runs.modules[0])
    inputs = sample_inputs(function, rng, ROWS)
    for _ in range(STEPS):
        values = runs.values(1, inputs)
        yield inputs, values
        codes = values[target.value].reshape(len(values[target.value]), -1)[:, target.element]
        order = np.argsort(np.abs(np.broadcast_to(codes, ROWS) - target.code), kind="stable")[:KEPT]
        inputs = offspring(inputs, order, sample_inputs(function, rng, ROWS), rng)


def offspring(inputs: list[Array], kept: IntArray, drawn: list[Array], rng: np.random.Generator) -> list[Array]:
    """The kept inputs, and copies of them in which some places are drawn again: one, or a share of all."""
    parents = np.append(kept, rng.choice(kept, ROWS - len(kept)))
    made: list[Array] = []
    for x, new in zip(inputs, drawn, strict=True):
        size = int(np.prod(x.shape[1:], dtype=int))
        share = rng.choice([1 / size, 2 / size, 4 / size, 0.1, 0.4], (ROWS, 1)).clip(max=1)
        changed = (rng.random((ROWS, size)) < share) & (np.arange(ROWS) >= len(kept))[:, np.newaxis]
        made.append(np.where(changed.reshape(x.shape), new, x[parents]))
    return made
