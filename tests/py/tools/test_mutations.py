"""The tool behind `make mutants`: what it changes, and that a changed function is one in this process."""

from __future__ import annotations

import ast
import importlib.util
from pathlib import Path

import pytest
from contexts import Contexts
from functions import exchange, functions_by_file, outermost, source_of
from mutations import mutated, mutations

SOURCE = '''
"""Text."""
LIMIT = 3


def clamped(x: int, low: int = 0) -> int:
    """At least low."""
    if x < low:
        raise ValueError(f"{x + 1} is too low")
    return max(min(x, 7), [y for y in (x, low) if y > 0 and not y == 2][0])


class Counter:
    @property
    def twice(self) -> int:
        def add(a: int) -> int:
            return a + a

        return add(5)
'''


@pytest.fixture
def module(tmp_path):
    path = tmp_path / "mutated_module.py"
    path.write_text(SOURCE)
    spec = importlib.util.spec_from_file_location("mutated_module", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    functions_by_file.cache_clear()
    yield path, module
    functions_by_file.cache_clear()
    source_of.cache_clear()


def test_mutations_change_what_a_function_computes_alone(module):
    assert [each.what for each in mutations(SOURCE, "m.py") if each.function == "clamped"] == [
        "if x < low: -> if not x < low:",
        "x < low -> x <= low",
        "max(min(x, 7), [y for y in (x, low) if y > 0 and (not y =... -> "
        "min(min(x, 7), [y for y in (x, low) if y > 0 and (not y =...",
        "min(x, 7) -> max(x, 7)",
        "7 -> 8",
        " for y in (x, low) if y > 0 and (not y == 2) ->  for y in (x, low)",
        "y > 0 and (not y == 2) -> y > 0 or not y == 2",
        "y > 0 -> y >= 0",
        "0 -> 1",
        "not y == 2 -> y == 2",
        "y == 2 -> y != 2",
        "2 -> 3",
        "0 -> 1 (2)",
    ]


def test_an_exchanged_function_is_the_changed_one_wherever_it_is_known(module):
    path, loaded = module
    known = loaded.clamped
    seven = next(each for each in mutations(SOURCE, "m.py") if each.what == "7 -> 8")
    assert known(100) == 100
    assert loaded.clamped(5, 1) == 5
    assert exchange(path, mutated(SOURCE, seven, str(path)), (seven.function, seven.line)) == 1
    plus = next(each for each in mutations(SOURCE, "m.py") if each.what == "a + a -> a - a")
    assert plus.function == "Counter.twice"
    assert loaded.Counter().twice == 10
    assert exchange(path, mutated(SOURCE, plus, str(path)), (plus.function, plus.line)) == 1
    assert loaded.Counter().twice == 0
    assert known is loaded.clamped
    assert 8 in known.__code__.co_consts
    assert 7 not in known.__code__.co_consts


def test_every_mutation_of_the_package_compiles_to_its_function():
    root = Path(__file__).resolve().parents[3]
    path = root / "qdialect/numerics/rounding.py"
    source = source_of(path)
    names = {name for name, _ in outermost(ast.parse(source))}
    found = mutations(source, "rounding.py")
    assert len({each.name for each in found}) == len(found) > 50
    for each in found:
        assert each.function in names
        assert mutated(source, each, str(path)) != compile(source, str(path), "exec")


def test_the_fastest_tests_of_a_function_are_taken_first(tmp_path):
    file = tmp_path / "a.json"
    file.write_text('{"slow": [9.0, ["f", "g"]], "fast": [0.5, ["f"]], "middle": [2.0, ["f"]]}')
    contexts = Contexts([file])
    assert contexts.tests_of("f", 3, 10) == ["fast", "middle"]
    assert contexts.tests_of("f", 100, 2) == ["fast", "middle"]
    assert contexts.tests_of("g", 3, 10) == ["slow"]
    assert contexts.tests_of("h", 3, 10) == []
