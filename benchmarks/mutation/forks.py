"""Work in forks of this process, and what becomes of it."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep

KILLED, SURVIVED, LATE, ABSENT = "killed", "survived", "killed by time", "no mutant"
NOTHING = 9
"""The status of a fork in which no mutant ran."""


def in_a_fork(work: Callable[[], int], seconds: float, log: Path) -> str:
    """What becomes of `work` in a fork: its survival is 0, returned in time; ABSENT says that there was nothing."""
    child = os.fork()
    if child == 0:
        os.setsid()
        target = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(target, 1)
        os.dup2(target, 2)
        status = 1
        with suppress(BaseException):
            try:
                status = work()
            except BaseException:
                traceback.print_exc()
        sys.stdout.flush()
        os._exit(status)
    end = monotonic() + seconds
    while monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return {0: SURVIVED, NOTHING: ABSENT}.get(os.waitstatus_to_exitcode(status), KILLED)
        sleep(0.02)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return LATE
