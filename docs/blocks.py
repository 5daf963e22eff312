"""Every code block of the pages, with what runs it: `python docs/blocks.py FOLDER` runs those that nothing else does.

Python blocks and the commands of a page run one after the other in a folder of its own, beside the examples; blocks of
`extending.md` that name a file, and blocks of IR, are run by tests. Exit status 1 where a block fails.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
EXECUTED = {
    "mlir": "tests/lit, tests/py/test_docs.py",
    "file": "tests/py/test_extending.py",
    "cpp": "shown: a part of what qopt -t hls prints",
    "text": "shown",
}
"""What runs the blocks that are not run here."""
PROGRAMS = ("qdialect ", "qopt ", "xdsl-opt ", "$ qopt ")
BESIDE = {
    "examples": "examples",
    "model.h5": "examples/digits_mlp/model.h5",
    "net.h5": "examples/digits_cnn/model.h5",
    "x.npy": "examples/digits_mlp/inputs.npy",
    "y.npy": "examples/digits_mlp/labels.npy",
}
"""What commands find in their folder."""
BEFORE = """\
import numpy as np, qdialect
model, x = "examples/digits_mlp/model.h5", np.load("examples/digits_mlp/inputs.npy")
"""
"""What Python blocks take for granted, where their page does not say it."""


@dataclass(frozen=True)
class Block:
    """The lines between fences; `kind` is python, commands, toml, or a key of `EXECUTED`."""

    page: Path
    line: int
    kind: str
    text: str

    @property
    def where(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks(page: Path) -> Iterator[Block]:
    text = page.read_text()
    for match in re.finditer(r"^```([^\n]*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        yield Block(page, text[: match.start()].count("\n") + 1, kind_of(match[1], match[2]), match[2])


def kind_of(info: str, text: str) -> str:
    """What a block is, by the words at its fence and, without them, by its lines."""
    if " " in info:
        return "file"
    if info:
        return info
    lines = [line for line in text.splitlines() if line.strip()]
    return "commands" if lines and lines[0].startswith(PROGRAMS) else "text"


def commands_of(block: Block) -> list[str]:
    """The commands without what they print."""
    joined = block.text.replace("\\\n", " ")
    return [line.removeprefix("$ ") for line in joined.splitlines() if line.startswith(PROGRAMS)]


def run(block: Block, folder: Path) -> str:
    """What is wrong with a block that is run here; empty if nothing is."""
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    if block.kind == "toml":
        (folder / ("plan.toml" if "[sweep]" in block.text else "qdialect.toml")).write_text(block.text)
        return ""
    script = [sys.executable, "-W", "ignore", "-c", BEFORE + block.text]
    for command in [script] if block.kind == "python" else [["sh", "-ec", line] for line in commands_of(block)]:
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
        if done.returncode:
            return f"{command[-1].splitlines()[0]}: {(done.stderr or done.stdout).strip().splitlines()[-1]}"
    return ""


def write_float_network(file: Path) -> None:
    """A plain Keras network for the inputs of the examples, not trained."""
    import tf_keras as keras

    layers = [keras.layers.Dense(16, activation="relu", name="fc"), keras.layers.Dense(10, activation="softmax")]
    keras.Sequential([keras.Input((64,)), *layers]).save(file)


def main(folder: Path, pages: list[Path]) -> int:
    failed = 0
    for page in pages:
        inside = folder / page.stem
        inside.mkdir(parents=True, exist_ok=True)
        for name, target in BESIDE.items():
            if not (inside / name).exists():
                (inside / name).symlink_to(ROOT / target)
        if "float.keras" in page.read_text():
            write_float_network(inside / "float.keras")
        for block in blocks(page):
            if block.kind in ("python", "commands", "toml"):
                wrong = run(block, inside)
                failed += bool(wrong)
                told = wrong or "runs"
            else:
                told = EXECUTED[block.kind]
            print(f"{block.where:28} {block.kind:9} {told}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    given = [Path(name).resolve() for name in sys.argv[2:]]
    generated = ("dialect.md", "passes.md")  # of lit tests
    every = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    sys.exit(main(Path(sys.argv[1]).resolve(), given or [page for page in every if page.name not in generated]))
