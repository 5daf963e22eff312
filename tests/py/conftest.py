"""Shared fixtures: the example networks, and legacy Keras for QKeras."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from coverage_page import PAGE, Seen, claims, is_whole, observed, page
from hypothesis import settings
from trained import EXAMPLES, Example, load_example

from qdialect.backends.hls.lint import lint_project
from qdialect.backends.hls.project.project import Project

os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")  # off by itself without AVX-512
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
os.environ.setdefault("CXXFLAGS", "-O0")  # optimizing a network's text takes longer than its few samples do

settings.register_profile("no_deadline", deadline=None)  # the machine may be busy
settings.load_profile("no_deadline")


@pytest.fixture(params=EXAMPLES)
def example(request: pytest.FixtureRequest) -> Example:
    return load_example(request.param)


@pytest.fixture(scope="session", autouse=True)
def _every_compiled_project_is_linted() -> Iterator[None]:
    compile_ = Project.compile

    def linted(self: Project, *arguments: Any, **options: Any) -> Project:
        assert lint_project(self.directory) == []
        return compile_(self, *arguments, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Project, "compile", linted)
        yield


# --- docs/coverage.md: what passed tests marked `covers` have seen ---------------------------------------------------


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "covers: compares results with Keras'; what it imports is on docs/coverage.md")


@pytest.fixture(scope="session")
def _watched_importer() -> Iterator[Seen]:
    with observed() as seen:
        yield seen


@pytest.fixture(autouse=True)
def _covers(request: pytest.FixtureRequest) -> Iterator[None]:
    if request.node.get_closest_marker("covers") is None:
        yield
        return
    seen: Seen = request.getfixturevalue("_watched_importer")
    seen.facts = set()
    yield
    request.node.user_properties.append(("covers", sorted(seen.facts)))


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Writes the page where asked to; fails the session where every marked test has passed and the page claims more."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if hasattr(session.config, "workerinput") or reporter is None:
        return
    passed = {report.nodeid for report in reporter.stats.get("passed", [])}
    ended = [report for report in reporter.stats.get("", []) if report.when == "teardown" and report.nodeid in passed]
    found = {report.nodeid: facts for report in ended for key, facts in report.user_properties if key == "covers"}
    text = page({tuple(fact) for facts in found.values() for fact in facts})
    if path := os.environ.get("QDIALECT_COVERAGE_PAGE"):
        Path(path).write_text(text)
    elif session.exitstatus == 0 and is_whole(found, session.config):
        untrue = sorted(claims(PAGE.read_text()) - claims(text))
        reporter.write_line(f"docs/coverage.md: {untrue or 'all'} {'not ' if untrue else ''}covered by the tests")
        session.exitstatus = 1 if untrue else 0
