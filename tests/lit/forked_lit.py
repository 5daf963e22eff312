"""lit whose RUN lines start Python programs as forks of a process that has imported them: most of such a program's
time goes into its imports.

    python forked_lit.py -j2 tests/lit
"""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
import traceback
from collections.abc import Sequence
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import lit.main
import lit.TestRunner

from qdialect.passes import PASSES, pass_loader

IMPORTED = ("filecheck.main", "qdialect.compiler.verify", "qdialect.tools.driver", "qdialect.tools.pass_list")
SCRIPTS = Path(sys.executable).parent


def is_ours(program: str) -> bool:
    """Whether a program is a Python script of this environment."""
    return Path(program).parent == SCRIPTS and Path(program).read_bytes().startswith(b"#!" + sys.executable.encode())


def run_in_place(program: str, arguments: Sequence[str], environment: dict[str, str]) -> None:
    """Be the program, in a process that is about to execute it; does not return."""
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))  # the parent waits for the last of them, as for an execution
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = list(arguments)
    sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w"), open(2, "w", buffering=1)
    status: object = 1
    try:
        runpy.run_path(program, run_name="__main__")
        status = 0
    except SystemExit as ended:
        status = ended.code
    except BaseException:
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status if isinstance(status, int) else int(status is not None))


class ForkedProgram(subprocess.Popen[str]):
    def __init__(self, args: Sequence[str], *, executable: str, env: dict[str, str], **options: Any) -> None:
        forked = partial(run_in_place, executable, args, env) if is_ours(executable) else None
        super().__init__(args, executable=executable, env=env, preexec_fn=forked, **options)


def main() -> None:
    for name in IMPORTED:
        import_module(name)
    for name in PASSES:
        pass_loader(name)()
    lit.TestRunner.subprocess.Popen = ForkedProgram
    lit.main.main()


if __name__ == "__main__":
    main()
