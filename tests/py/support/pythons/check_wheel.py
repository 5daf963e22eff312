"""A sdist, the wheel of it, a clean environment with that wheel, and `qdialect convert` there, far from the checkout.

Run as `python check_wheel.py FOLDER`; exit status 1 where a step fails.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[4]
MODEL = ROOT / "examples" / "digits_cnn" / "model.h5"


def main(folder: Path) -> int:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    shutil.copy(MODEL, folder)
    bin_ = folder / "clean" / "bin"
    steps = [
        [sys.executable, "-m", "build", "--outdir", folder / "dist", ROOT],  # the wheel is that of the sdist
        [sys.executable, "-m", "venv", folder / "clean"],
        [bin_ / "pip", "install", "-q", "WHEEL"],
        [bin_ / "qdialect", "convert", "model.h5", "-o", "net", "--samples", "50"],
        [bin_ / "qopt", "model.h5", "-p", "default", "-t", "remarks"],
    ]
    for step in steps:
        wheels = [str(path) for path in (folder / "dist").glob("*.whl")]
        command = [word for each in step for word in (wheels if each == "WHEEL" else [str(each)])]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
        if done.returncode:
            print(f"{' '.join(command)}: {(done.stderr or done.stdout).strip().splitlines()[-1]}")
            return 1
    names = sorted(path.name for path in (folder / "dist").iterdir())
    print(f"{', '.join(names)}: installed alone, and converts {MODEL.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve()))
