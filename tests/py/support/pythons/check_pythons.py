"""The README's ten lines on every version of Python that uv finds or gets: a row each, exit status 1 where one fails.

Run as `python check_pythons.py FOLDER`; the environments stand in FOLDER.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[4]
VERSIONS = ("3.11", "3.12", "3.13", "3.14")


SEARCHED = os.pathsep.join([*map(str, Path.home().glob(".pyenv/versions/*/bin")), os.environ["PATH"]])
"""Folders in which uv looks for a version before it downloads it; pyenv's own are links that may lead nowhere."""


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, env={**os.environ, "PATH": SEARCHED}, capture_output=True, text=True)


def uv(*arguments: str) -> subprocess.CompletedProcess[str]:
    return run(sys.executable, "-m", "uv", *arguments)


def verdict(version: str, folder: Path) -> tuple[str, bool]:
    """What a version of Python makes of the README, and whether that is a failure."""
    environment = folder / version
    found = uv("venv", "--clear", "--python", version, str(environment))
    if found.returncode:
        return "not on this machine, and not to be had", False
    python = str(environment / "bin" / "python")
    for step in (
        uv("pip", "install", "--python", python, str(ROOT)),
        run(python, "-W", "error::SyntaxWarning", "-c", ten_lines()),
    ):
        if step.returncode:
            return step.stderr.strip().splitlines()[-1], True
    return f"{run(python, '-V').stdout.split()[1]}: the README's lines run", False


def ten_lines() -> str:
    (block,) = re.findall(r"^```python\n(.*?)^```", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL)
    return block


def main(folder: Path) -> int:
    failed = []
    for version in VERSIONS:
        text, fails = verdict(version, folder)
        print(f"{version:6}{text}", flush=True)
        failed += [version] * fails
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
