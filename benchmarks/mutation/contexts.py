"""Which tests reach which functions, and how long each takes: recorded once, by functions that tell when they are
called. Tracing all calls of Python takes several times as long as the tests."""

from __future__ import annotations

import ast
import builtins
import json
import signal
import time
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from types import FrameType

import pytest
from functions import exchange, outermost, source_of

TOLD = "__called__"
"""The builtin that a function calls first."""
LONGEST_TEST = 10.0
"""Seconds of a test that is recorded: a longer one is stopped, as none would be run for a mutant."""


def tell_calls(root: Path, folders: list[Path], called: set[str]) -> None:
    """Have every function of some folders add its key, file and name, to `called` where it is called."""
    setattr(builtins, TOLD, called.add)
    for path in sorted(file for folder in folders for file in folder.rglob("*.py")):
        tree = ast.parse(source_of(path))
        for name, function in outermost(tree):
            key = ast.Constant(f"{path.relative_to(root)}: {name}")
            call = ast.Expr(ast.Call(ast.Name(TOLD, ast.Load()), [key], []))
            place = ast.get_docstring(function, clean=False) is not None
            function.body.insert(int(place), ast.copy_location(call, function.body[0]))
        exchange(path, compile(ast.fix_missing_locations(tree), str(path), "exec"))


def _stop(_signal: int, _frame: FrameType | None) -> None:
    pytest.fail(f"longer than {LONGEST_TEST:.0f} s")


class Recorder:
    """A plugin of pytest that writes, for each test that passes, its seconds and the functions that it calls.

    After some seconds it ends the session: what is left of a file of tests is not recorded.
    """

    def __init__(self, called: set[str], target: Path, seconds: float):
        self.called, self.target = called, target
        self.end = time.monotonic() + seconds
        self.tests: dict[str, tuple[float, list[str]]] = {}
        self.not_passed: set[str] = set()

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        self.called.clear()
        start = time.perf_counter()
        signal.signal(signal.SIGALRM, _stop)
        signal.setitimer(signal.ITIMER_REAL, LONGEST_TEST)
        yield
        signal.setitimer(signal.ITIMER_REAL, 0)
        self.tests[item.nodeid] = (time.perf_counter() - start, sorted(self.called))
        if time.monotonic() > self.end:
            item.session.shouldstop = "enough is recorded"

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed or report.skipped:
            self.not_passed.add(report.nodeid)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        passed = {test: found for test, found in self.tests.items() if test not in self.not_passed}
        self.target.write_text(json.dumps(passed))


def _case(cases: Counter[str], test: str) -> int:
    """The number of a case among those of one test so far."""
    name, *_ = test.split("[")
    cases[name] += 1
    return cases[name]


class Contexts:
    """For each function the tests that reach it: one case of each first, and those that reach fewest others."""

    def __init__(self, files: list[Path]):
        self.seconds: dict[str, float] = {}
        self.reaching: dict[str, list[str]] = {}
        reached: dict[str, int] = {}
        for file in files:
            for test, (seconds, keys) in json.loads(file.read_text()).items():
                self.seconds[test], reached[test] = seconds, len(keys)
                for key in keys:
                    self.reaching.setdefault(key, []).append(test)
        for tests in self.reaching.values():
            cases = Counter[str]()
            tests.sort(key=reached.__getitem__)
            tests.sort(key=partial(_case, cases))

    def tests_of(self, key: str, seconds: float, most: int) -> list[str]:
        """The first tests of a function that take so long together, at most."""
        chosen: list[str] = []
        for test in self.reaching.get(key, [])[:most]:
            seconds -= self.seconds[test]
            if chosen and seconds < 0:
                break
            chosen.append(test)
        return chosen
