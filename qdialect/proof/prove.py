"""Two modules for all inputs: a certificate, an input that shows a difference, or what could not be decided."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import SSAValue

from qdialect.dialects.qnn.network import keras_name, network, results_of
from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.types import format_of
from qdialect.errors import QdialectError
from qdialect.numerics import exact
from qdialect.numerics.arrays import Array
from qdialect.proof.columns import Digest, PolynomialColumns
from qdialect.proof.numbering import Numbering
from qdialect.proof.packed import is_packed
from qdialect.proof.pool import FunctionAtom, Pool
from qdialect.proof.refutation import Counterexample, Runs, Target, refute
from qdialect.validation.stimuli import every_input

SEED = 0x51D1A1EC7
MOST_INPUTS = 1 << 16
"""Of modules that are compared at each of them."""
MOST_ELEMENTS = 1 << 29
"""Of all values, constants too, for all of these inputs."""
ROWS = 1 << 10
"""Inputs that are compared at once."""
TARGETS = 24
"""Differences of functions whose inputs are searched for."""


@dataclass(frozen=True)
class Output:
    """Of an output's elements, how many are proved equal."""

    name: str
    proved: int
    total: int


@dataclass(frozen=True)
class Proof:
    """What is proved of two modules; `undecided` names values of the second one that have the name of a value of the
    first one and are not proved equal to it, in order."""

    outputs: list[Output]
    tried: int
    seed: int
    undecided: list[str] = field(default_factory=list[str])
    counterexample: Counterexample | None = None

    @property
    def certified(self) -> bool:
        """Whether the modules give the same outputs for all inputs."""
        return all(output.proved == output.total for output in self.outputs)

    @property
    def verdict(self) -> str:
        if self.certified:
            return "certified"
        return "undecided" if self.counterexample is None else "refuted"

    @property
    def summary(self) -> str:
        """One line."""
        proved, total = (sum(getattr(output, name) for output in self.outputs) for name in ("proved", "total"))
        shares = f"{proved} of {total} elements of outputs are equal for all inputs"
        if self.counterexample is not None:
            return f"refuted: an input shows that '{self.counterexample.output}' differs; {shares}"
        return f"{self.verdict}: {shares}"

    def lines(self) -> list[str]:
        """The summary, an input that shows a difference, and values that are not decided, in order."""
        lines = [self.summary, f"{self.tried} values of functions were tried, the rest is proved at random points"]
        if self.counterexample is not None:
            lines += self.counterexample.lines()
        if self.undecided:
            lines.append(f"not decided: {', '.join(self.undecided)}")
        return lines


def prove(a: ModuleOp, b: ModuleOp, seed: int = SEED, search: bool = True) -> Proof:
    """Whether `b` gives the outputs of `a` for all inputs. `seed` determines the random points of the proof; `search`
    looks for an input where it fails. Raises QdialectError for modules whose inputs or outputs do not correspond."""
    expect_alike(a, b)
    pool = Pool(seed)
    first, second = Numbering.of(a, pool), Numbering.of(b, pool)
    outputs = [
        Output(keras_name(y, f"output {i}"), *count(equal(first, x, second, y)))
        for i, (x, y) in enumerate(zip(results_of(network(a)), results_of(network(b)), strict=True))
    ]
    if all(output.proved == output.total for output in outputs):
        return Proof(outputs, pool.tried, seed)
    if exhausted(a, b):
        return Proof([Output(each.name, each.total, each.total) for each in outputs], pool.tried, seed)
    pairs = undecided_pairs(first, second)
    counterexample = refute(a, b, targets(pool, first, second, pairs), seed) if search else None
    return Proof(outputs, pool.tried, seed, [y.name_hint or "" for _, y in pairs], counterexample)


def exhausted(a: ModuleOp, b: ModuleOp) -> bool:
    """Whether the inputs of two modules are few enough to try all of them, and no output differs."""
    ports = [(network(m).function_type.inputs, network(m).arg_attrs) for m in (a, b)]
    size = sum(math.prod(shape_of(value)) for m in (a, b) for op in network(m).body.block.ops for value in op.results)
    inputs = every_input(network(a), min(MOST_INPUTS, MOST_ELEMENTS // max(size, 1))) if ports[0] == ports[1] else None
    if inputs is None:
        return False
    runs = Runs(a, b)
    starts = range(0, len(inputs[0]), ROWS)
    return all(runs.difference([x[start : start + ROWS] for x in inputs]) is None for start in starts)


def expect_alike(a: ModuleOp, b: ModuleOp) -> None:
    for what, left, right in (
        ("inputs", network(a).args, network(b).args),
        ("outputs", results_of(network(a)), results_of(network(b))),
    ):
        shapes = [[list(shape_of(value)) for value in values] for values in (left, right)]
        if shapes[0] != shapes[1]:
            raise QdialectError(
                f"the modules have {what} of shapes {shapes[0]} and {shapes[1]}; only equal ones compare"
            )


def equal(first: Numbering, x: SSAValue, second: Numbering, y: SSAValue) -> Array:
    """Which elements of two values have the same column."""
    left, right = first.values[x], second.values[y]
    formats = [None if is_packed(v) else format_of(v.type) for v in (x, y)]
    if (formats[0] is None) != (formats[1] is None):
        return np.zeros(shape_of(y), bool)
    if formats[0] is not None and formats[1] is not None:
        left, right, _ = exact.align(left, formats[0].lsb, right, formats[1].lsb)
    return np.asarray((left == right).all(axis=0))


def count(elements: Array) -> tuple[int, int]:
    return int(elements.sum()), elements.size


def undecided_pairs(first: Numbering, second: Numbering) -> list[tuple[SSAValue, SSAValue]]:
    """Values of the same name and shape that are not proved equal."""
    names = {value.name_hint: value for value in varying(first)}
    return [
        (x, y)
        for y in varying(second)
        if y.name_hint and (x := names.get(y.name_hint)) is not None
        if first.values[x].shape[1:] == second.values[y].shape[1:]
        and (format_of(x.type) is None if not is_packed(x) else 0)
        == (format_of(y.type) is None if not is_packed(y) else 0)
        and not equal(first, x, second, y).all()
    ]


def targets(pool: Pool, first: Numbering, second: Numbering, pairs: list[tuple[SSAValue, SSAValue]]) -> list[Target]:
    """Integers at which two functions of the same polynomial differ, in the first values that are not proved equal, as
    codes of an element of the second module that is a multiple of that polynomial."""
    found: list[Target] = []
    elements = carriers(second)
    for x, y in pairs:
        left, right = (flat(numbering.values[v]) for numbering, v in ((first, x), (second, y)))
        for i in np.flatnonzero((left != right).any(axis=0)).tolist():
            terms = [pool.terms.get(PolynomialColumns(side[:, i : i + 1]).digests[0]) for side in (left, right)]
            a, b = (term if isinstance(term, FunctionAtom) else None for term in terms)
            if (a or b) is not None and (t := first_difference(a, b)) is not None:
                source = (a or b).source  # pyright: ignore[reportOptionalMemberAccess]
                found += [elements[source](at) for at in t if source in elements]
            if len(found) >= TARGETS:
                return found[:TARGETS]
    return found


def flat(values: Array) -> Array:
    return values.reshape(len(values), -1)


def first_difference(a: FunctionAtom | None, b: FunctionAtom | None) -> list[int] | None:
    """Integers at which one of two functions of a polynomial steps and the other one does not."""
    if a is None or b is None or a.source != b.source:
        known = a or b
        return None if known is None else known.steps.starts[1:4].tolist()
    return np.setxor1d(a.steps.starts, b.steps.starts)[:4].tolist() or a.steps.starts[1:3].tolist()


def carriers(numbering: Numbering) -> dict[Digest, Callable[[int], Target]]:
    """For each primitive polynomial the target for its value t: an element that is a multiple of it."""
    found: dict[Digest, Callable[[int], Target]] = {}
    for value in varying(numbering):
        if is_packed(value) or format_of(value.type) is None:
            continue
        columns = PolynomialColumns(flat(numbering.values[value]))
        for i, name in enumerate(columns.digests):
            target = partial(Target.of_line, value, i, int(columns.scale[i]), int(columns.offset[i]))
            found.setdefault(name, target)
    return found


def varying(numbering: Numbering) -> list[SSAValue]:
    """The values that are no constants."""
    return [value for value, columns in numbering.values.items() if len(columns) > 1]
