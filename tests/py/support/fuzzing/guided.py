"""Bytes of model files and IR texts, guided by the branches of the package that they reach [atheris, libFuzzer].

    make fuzz ENGINE=atheris [SECONDS=600] [SEED=7]

What holds is what `fuzz_files` and `fuzz_ir` say. Prints executions and edges reached per kind; a fault with its
traceback, and keeps its input in `build/fuzz`. It belongs into `tests/corpus`.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[4]
KEEP = ROOT / "build/fuzz"
SECONDS, MEGABYTES = 20, 6000
SUFFIXES = {"onnx": "net.onnx", "h5": "net.h5", "IR texts": ""}


def seeds(kind: str, folder: Path) -> None:
    """Whole inputs of a kind, to begin with."""
    import fuzz_files
    import fuzz_ir

    if kind in fuzz_files.KINDS:
        with tempfile.TemporaryDirectory() as made:
            content = fuzz_files.KINDS[kind](Path(made))[SUFFIXES[kind]]
        (folder / kind).write_bytes(content)
        return
    for number, text in enumerate(fuzz_ir.texts()):
        (folder / f"{number}.mlir").write_text(text)


def reader(kind: str, folder: Path) -> Callable[[bytes], None]:
    """Takes bytes; raises what is a fault."""
    import fuzz_ir

    from qdialect.errors import QdialectError
    from qdialect.frontends.models import import_model

    def text(data: bytes) -> None:
        told = fuzz_ir.outcome(fuzz_ir.check_text, data.decode("utf-8", "replace"))
        assert not told.startswith("fault"), told

    def file(data: bytes) -> None:
        path = folder / SUFFIXES[kind]
        path.write_bytes(data)
        with suppress(QdialectError):
            import_model(path)

    return file if SUFFIXES[kind] else text


def work(kind: str, options: list[str]) -> None:
    """Run libFuzzer in this process, which it ends."""
    import atheris

    with atheris.instrument_imports(include=["qdialect", "xdsl"]), tempfile.TemporaryDirectory() as folder:
        read = reader(kind, Path(folder))
        atheris.Setup([sys.argv[0], *options], read)
        atheris.Fuzz()


def run(kind: str, seed: int, seconds: int) -> bool:
    """Whether no input is a fault."""
    KEEP.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as corpus:
        seeds(kind, Path(corpus))
        limits = [f"-timeout={SECONDS}", f"-rss_limit_mb={MEGABYTES}", f"-max_total_time={seconds}"]
        kept = [f"-seed={seed}", "-max_len=65536", f"-artifact_prefix={KEEP}/guided-", "-print_final_stats=1"]
        command = [sys.executable, "-W", "ignore", __file__, "--kind", kind, "--", *limits, *kept, corpus]
        done = subprocess.run(command, capture_output=True, text=True)
    executions, edges = last(r"number_of_executed_units:\s*(\d+)", done.stderr), last(r"\bcov: (\d+)", done.stderr)
    ok = done.returncode == 0 and executions > 0
    print(f"{kind}: {executions} executions, {edges} edges")
    if not ok:
        print(done.stdout[-3000:], done.stderr[-3000:], sep="\n")
    return ok


def last(pattern: str, text: str) -> int:
    """The last number of a pattern; 0 if there is none."""
    return int([0, *re.findall(pattern, text)][-1])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kind", choices=SUFFIXES)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("options", nargs="*", help="of libFuzzer, for one kind in this process")
    given = parser.parse_args()
    if given.options:
        work(given.kind, given.options)
    kinds = [given.kind] if given.kind else list(SUFFIXES)
    faults = [kind for kind in kinds if not run(kind, given.seed, given.seconds // len(kinds))]
    print(f"{len(faults)} of {len(kinds)} kinds have a fault")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
