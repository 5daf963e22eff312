"""A lemma: a claim that z3 proves, with a false variant that it refutes."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import z3


@dataclass(frozen=True)
class Lemma:
    """A claim for all values of its variables, and a false one beside it."""

    statement: str
    widths: str
    prove: Callable[[], tuple[Any, Any]]

    def holds(self) -> bool:
        return proves(self.prove()[0])

    def can_fail(self) -> bool:
        return not proves(self.prove()[1])


def proves(claim: Any) -> bool:
    solver = z3.Solver()
    solver.set("timeout", 60_000)
    solver.add(z3.Not(claim))
    return solver.check() == z3.unsat


LEMMAS: dict[str, Lemma] = {}


def lemma(widths: str) -> Callable[[Callable[[], tuple[Any, Any]]], Callable[[], tuple[Any, Any]]]:
    """Register a function that returns a claim and its false variant, by its name; the docstring is the statement."""

    def register(function: Callable[[], tuple[Any, Any]]) -> Callable[[], tuple[Any, Any]]:
        LEMMAS[function.__name__.replace("_", "-")] = Lemma(inspect.getdoc(function) or "", widths, function)
        return function

    return register


def largest_of(a: Any, b: Any) -> Any:
    return z3.If(a >= b, a, b)
