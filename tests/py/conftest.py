"""Shared fixtures: the example networks, and legacy Keras for QKeras."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings
from trained import EXAMPLES, Example, load_example

from qdialect.backends.hls.lint import lint_project
from qdialect.backends.hls.project import Project

os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

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
