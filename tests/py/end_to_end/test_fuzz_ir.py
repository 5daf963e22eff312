"""A share of `make fuzz-ir`, the same in every run, and every entry of `tests/corpus/ir`.

An entry is an IR text whose first lines say the passes and what must happen: `// PASSES: a,b{x=1}` and `// MUST:
accepted`, or the words of the one line that refuses it.
"""

from __future__ import annotations

import random
import re
from pathlib import Path

import fuzz_ir
import pytest

CORPUS = sorted((fuzz_ir.ROOT / "tests/corpus/ir").glob("*.mlir"))
TEXTS = fuzz_ir.texts()


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_corpus_is_refused_or_compiled_as_recorded(path: Path) -> None:
    text = path.read_text()
    passes, must = (re.findall(rf"^// {key}: (.*)$", text, flags=re.M) for key in ("PASSES", "MUST"))
    for pipeline in passes:
        told = fuzz_ir.in_a_process(fuzz_ir.check_pipeline, text, pipeline)
        assert must[0] in told, told


@pytest.mark.parametrize("seed", range(0, 60, 20))
def test_mutated_texts(seed: int) -> None:
    for i in range(seed, seed + 20):
        rng = random.Random(i)
        text = fuzz_ir.mutated(rng.choice(TEXTS), TEXTS, rng)
        told = fuzz_ir.in_a_process(fuzz_ir.check_text, text)
        assert not told.startswith("fault"), (i, told)


def test_random_pipelines() -> None:
    good = [text for text in TEXTS[::5] if fuzz_ir.outcome(fuzz_ir.check_text, text) == "accepted"]
    for i in range(15):
        rng = random.Random(i)
        text, passes = rng.choice(good), fuzz_ir.pipeline(rng)
        told = fuzz_ir.in_a_process(fuzz_ir.check_pipeline, text, passes)
        assert not told.startswith("fault"), (i, passes, told)


def test_what_counts_as_a_fault() -> None:
    assert "ValueError" in fuzz_ir.in_a_process(int, "one")
    assert "SIGXCPU" in fuzz_ir.in_a_process(exec, "while True: pass", seconds=1)
    assert "SIGKILL" in fuzz_ir.in_a_process(exec, "import os; os.kill(os.getpid(), 9)")
    assert "MemoryError" in fuzz_ir.in_a_process(exec, f"bytearray(2 * {fuzz_ir.BYTES})")
