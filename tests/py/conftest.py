"""Shared fixtures: the example networks, and legacy Keras for QKeras."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings
from trained import EXAMPLES, Example, load_example

os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

settings.register_profile("no_deadline", deadline=None)  # the machine may be busy
settings.load_profile("no_deadline")


@pytest.fixture(params=EXAMPLES)
def example(request: pytest.FixtureRequest) -> Example:
    return load_example(request.param)
