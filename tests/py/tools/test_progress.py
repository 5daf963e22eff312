"""Progress: on a terminal at once and as it happens, nowhere else."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import time

from trained import load_example

MODEL = str(load_example("digits_cnn").model)


def steps(*arguments: str) -> tuple[list[str], float]:
    """What a command prints on a terminal as its standard error, and the seconds until the first of it."""
    ours, theirs = pty.openpty()
    started, first, told = time.monotonic(), 0.0, b""
    command = [sys.executable, "-m", "qdialect", *arguments]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=theirs) as process:
        os.close(theirs)
        while True:
            try:
                part = os.read(ours, 1 << 16)
            except OSError:  # the terminal is closed at the other end
                break
            first = first or time.monotonic() - started
            told += part
            if not part:
                break
        assert process.wait() == 0
    os.close(ours)
    return told.decode().splitlines(), first


def test_steps_are_told_as_they_begin() -> None:
    """The first one long before the command ends, and before anything heavy is loaded."""
    started = time.monotonic()
    lines, first = steps("report", MODEL, "--io-type=io_stream")
    assert [line.split(" s  ")[1] for line in lines] == [f"reading {MODEL}", "import", "passes", "hardware"]
    assert first < (time.monotonic() - started) / 2


def test_quiet() -> None:
    assert steps("report", MODEL, "--io-type=io_stream", "--quiet")[0] == []
