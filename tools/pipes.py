"""Commands in a pipe."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

P = ParamSpec("P")


def until_reader_stops(main: Callable[P, int]) -> Callable[P, int]:
    """A command that ends with exit status 1 when the reader of its output (head, less) has seen enough."""

    @wraps(main)
    def piped(*args: P.args, **kwargs: P.kwargs) -> int:
        try:
            status = main(*args, **kwargs)
            sys.stdout.flush()
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # keeps Python from flushing again at exit
            return 1
        return status

    return piped
