"""Writes of a project that are killed at a random moment, and what they leave.

    python tests/py/support/interrupted.py [--count 200] [--convert 20]

Each run writes one of two networks into the same folder, as `write_hls` does once it has their designs or with
`qdialect convert`, and is killed (-9) after a random part of the time that it takes. The folder must hold one project
whole, by the digests of its manifest; files added by hand must be there; and nothing else beside it once another run
has ended.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

Write = Callable[[], object]


def problems(folder: Path) -> list[str]:
    """What is missing, altered or left over of the project that the manifest speaks of."""
    manifest = json.loads((folder / "manifest.json").read_text())
    found: list[str] = []
    for path, wanted in manifest["files"].items():
        file = folder / path
        if not file.exists():
            found.append(f"{path} is missing")
        elif hashlib.sha256(file.read_bytes()).hexdigest() != wanted:
            found.append(f"{path} is of another project")
    sources = {str(path.relative_to(folder)) for path in (folder / "src").rglob("*") if path.is_file()}
    return found + [f"{path} is left over" for path in sorted(sources - set(manifest["files"]))]


def killed(write: Write, after: float) -> bool:
    """Run `write` in a process of its own and kill it after so many seconds. Whether it was still running."""
    child = os.fork()
    if child == 0:
        sink = os.open(os.devnull, os.O_WRONLY)
        os.dup2(sink, 1)
        os.dup2(sink, 2)
        try:
            write()
        finally:
            os._exit(0)
    deadline = time.monotonic() + after
    while time.monotonic() < deadline:
        if os.waitpid(child, os.WNOHANG)[0]:
            return False
        time.sleep(0.0005)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return True


def kill_runs(folder: Path, writes: list[Write], count: int, seed: int) -> tuple[int, int, list[str]]:
    """How many of `count` runs were killed, how many left a whole project, and what was wrong with the others."""
    rng, whole, stopped, wrong = random.Random(seed), 0, 0, list[str]()
    started = time.monotonic()
    for write in writes:
        write()
    longest = (time.monotonic() - started) / len(writes)
    (folder / "notes.txt").write_text("added by hand")
    for number in range(count):
        stopped += killed(writes[number % len(writes)], rng.random() * longest * 1.2)
        found = problems(folder)
        if (folder / "notes.txt").read_text() != "added by hand":
            found.append("notes.txt is altered")
        whole += not found
        wrong += found
    writes[0]()
    beside = [path.name for path in folder.parent.iterdir() if path != folder]
    return stopped, whole, wrong + [f"{name} is left beside the folder" for name in beside]


def main() -> int:
    import qdialect
    from qdialect.backends.projects.origin import Origin
    from qdialect.compiler.hls_config import read_configuration
    from qdialect.compiler.write_hls import design_of, write_design
    from qdialect.tools.cli import main as cli

    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--convert", type=int, default=20)
    options = parser.parse_args()
    root = Path(__file__).resolve().parents[3] / "examples"
    models = [root / name / "model.h5" for name in ("digits_mlp", "digits_cnn")]
    settings = read_configuration(None)
    designs = [design_of(qdialect.from_keras(model), settings, Origin(model.name, "")) for model in models]
    status = 0
    for title, count in (("write_hls", options.count), ("convert", options.convert)):
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch) / "net"
            if title == "write_hls":
                writes: list[Write] = [partial(write_design, design, settings, folder) for design in designs]
            else:
                command = ["-o", str(folder), "--samples", "20"]
                writes = [partial(cli, ["convert", str(model), *command]) for model in models]
            stopped, whole, wrong = kill_runs(folder, writes, count, seed=1)
        print(f"{title}: {whole} of {count} whole, {stopped} killed", *wrong[:5], sep="\n  ", flush=True)
        status |= whole != count or bool(wrong)
    return status


if __name__ == "__main__":
    sys.exit(main())
