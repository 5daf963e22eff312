"""What a command is doing, on standard error: only where a person watches."""

from __future__ import annotations

import sys
import time


class Watched:
    """Prints each step with the seconds since the start of the command, on a terminal and unless it is to be quiet."""

    def __init__(self, quiet: bool):
        self.shown = not quiet and sys.stderr.isatty()
        self.started = time.monotonic()

    def __call__(self, step: str) -> None:
        if self.shown:
            print(f"{time.monotonic() - self.started:6.1f} s  {step}", file=sys.stderr, flush=True)
