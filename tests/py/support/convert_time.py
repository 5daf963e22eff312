"""Seconds of `qdialect convert` on the digits MLP: until its first line, until its end, beside those of `make csim`.

Run as `python convert_time.py FOLDER` on a machine with nothing else to do. Outputs are recorded ones: no TensorFlow.
"""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import time
from pathlib import Path

EXAMPLE = Path(__file__).parents[3] / "examples" / "digits_mlp"


def watched(command: list[str]) -> list[tuple[float, str]]:
    """What a command tells on a terminal as its standard error, with the seconds from its start; its end at last."""
    ours, theirs = pty.openpty()
    started, told = time.monotonic(), []
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=theirs) as process:
        os.close(theirs)
        with os.fdopen(ours, errors="replace") as terminal:
            try:
                for line in filter(str.strip, terminal):
                    told.append((time.monotonic() - started, line.strip()))
            except OSError:  # the terminal is closed at the other end
                pass
        if process.wait():
            raise SystemExit(f"{' '.join(command)}: exit status {process.returncode}")
    return [*told, (time.monotonic() - started, "end")]


def main(folder: Path) -> None:
    project = folder / "net"
    files = ("--data", EXAMPLE / "inputs.npy", "--expected", EXAMPLE / "logits.npy")
    command = [sys.executable, "-m", "qdialect", "convert", EXAMPLE / "model.h5", "-o", project, *files]
    told = watched([str(word) for word in command])
    csim = watched(["make", "-s", "-C", str(project), "csim"])[-1][0]
    begins = [seconds for seconds, _ in told]
    for (seconds, line), end in zip(told, begins[1:], strict=False):
        print(f"{seconds:7.2f} s, {end - seconds:6.2f} s  {line.partition(' s  ')[2]}")
    print(
        f"first line {begins[0]:.2f} s, all {begins[-1]:.2f} s, make csim {csim:.2f} s: ratio {begins[-1] / csim:.1f}"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
