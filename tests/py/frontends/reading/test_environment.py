"""What TensorFlow says of itself is not shown; what is said before an error is."""

from __future__ import annotations

import subprocess
import sys

from trained import load_example

NOISY = """
import os, warnings
from qdialect.frontends.keras.keras_run.environment import quietly

with quietly():
    os.write(2, b"about cards\\n")
    warnings.warn("about seeds", UserWarning, stacklevel=1)
os.write(2, b"between\\n")
with quietly():
    os.write(2, b"the cause\\n")
    raise SystemExit("the end")
"""


def said(*command: str) -> str:
    """What a program writes to standard error."""
    return subprocess.run([sys.executable, *command], capture_output=True, text=True).stderr


def test_noise_is_dropped_unless_an_error_follows() -> None:
    assert said("-c", NOISY) == "between\nthe cause\nthe end\n"


def test_keras_loads_a_model_without_a_word() -> None:
    model = load_example("digits_mlp").model
    program = f"from qdialect.frontends.keras.keras_run.keras_model import load_keras; load_keras({str(model)!r})"
    assert said("-c", program) == ""
