"""Which tests reach which functions, and how long each takes: recorded once, by functions that tell when they are
called. Tracing all calls of Python takes several times as long as the tests."""

from __future__ import annotations

import ast
import builtins
import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from functions import exchange, outermost, source_of

TOLD = "__called__"
"""The builtin that a function calls first."""


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


class Recorder:
    """A plugin of pytest that writes, for each test that passes, its seconds and the functions that it calls."""

    def __init__(self, called: set[str], target: Path):
        self.called, self.target = called, target
        self.tests: dict[str, tuple[float, list[str]]] = {}
        self.not_passed: set[str] = set()

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        self.called.clear()
        start = time.perf_counter()
        yield
        self.tests[item.nodeid] = (time.perf_counter() - start, sorted(self.called))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed or report.skipped:
            self.not_passed.add(report.nodeid)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        passed = {test: found for test, found in self.tests.items() if test not in self.not_passed}
        self.target.write_text(json.dumps(passed))


class Contexts:
    """For each function the tests that reach it, the fastest first."""

    def __init__(self, files: list[Path]):
        self.seconds: dict[str, float] = {}
        self.reaching: dict[str, list[str]] = {}
        for file in files:
            for test, (seconds, keys) in json.loads(file.read_text()).items():
                self.seconds[test] = seconds
                for key in keys:
                    self.reaching.setdefault(key, []).append(test)
        for tests in self.reaching.values():
            tests.sort(key=self.seconds.__getitem__)

    def tests_of(self, key: str, seconds: float, most: int) -> list[str]:
        """The fastest tests of a function that take so long together, at most."""
        chosen: list[str] = []
        for test in self.reaching.get(key, [])[:most]:
            seconds -= self.seconds[test]
            if chosen and seconds < 0:
                break
            chosen.append(test)
        return chosen
