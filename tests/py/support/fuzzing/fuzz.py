"""Ten minutes of everything that is drawn: Keras models, QONNX graphs, IR texts, pipelines, configurations, files.

    make fuzz [SECONDS=600] [SEED=7]

Two processes, each kind the same time, which begins when it is set up. A case is a seed, and what must hold is what the
tests of its kind say: results are equal, or one line says why not; a crash, 20 s of CPU or 6 GB are faults. Prints
executions, and how many functions of the package they have called; a fault with its seed, and keeps its input, an IR
text with every line left out that the fault does not need. It belongs into `tests/corpus`.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import monotonic
from types import FrameType
from typing import Any

from contexts import tell_calls
from functions import outermost, source_of

os.environ |= {"TF_USE_LEGACY_KERAS": "1", "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}

ROOT = Path(__file__).resolve().parents[4]
FOLDERS = ("qdialect", "passes", "tools")
KEEP = ROOT / "build/fuzz"
SECONDS, BYTES = 20, 6 << 30
NETWORKS = 24
Case = Callable[[int], str]
"""Of a seed: 'accepted', 'refused: ...' or 'fault: ...'."""


class TooLong(BaseException):
    """Raised by the timer; no handler of exceptions takes it."""


def too_long(number: int, frame: FrameType | None) -> None:
    raise TooLong(f"more than {SECONDS} s")


# --- kinds -----------------------------------------------------------------------------------------------------------


def texts() -> Case:
    import fuzz_ir

    parts = fuzz_ir.texts()

    def case(seed: int) -> str:
        rng = random.Random(seed)
        text = fuzz_ir.mutated(rng.choice(parts), parts, rng)
        return kept(seed, text, lambda shorter: fuzz_ir.outcome(fuzz_ir.check_text, shorter))

    return case


def pipelines() -> Case:
    import fuzz_ir
    from fuzz_networks import networks

    parts = networks(0, NETWORKS) + [p for p in fuzz_ir.texts() if fuzz_ir.outcome(fuzz_ir.check_text, p) == "accepted"]

    def case(seed: int) -> str:
        rng = random.Random(seed)
        passes, text = fuzz_ir.pipeline(rng), rng.choice(parts)
        told = kept(seed, text, lambda shorter: fuzz_ir.outcome(fuzz_ir.check_pipeline, shorter, passes))
        return f"{told}\n{passes}" if told.startswith("fault") else told

    return case


def configurations() -> Case:
    import fuzz_ir
    from fuzz_networks import networks

    from qdialect.compiler.hls_config import KNOWN, LAYER_SETTINGS, read_configuration
    from qdialect.compiler.origin import Origin
    from qdialect.compiler.write_hls import design_of

    parts = networks(0, NETWORKS)
    layers = ["Model", "LayerName", "LayerType"]
    values = ["io_parallel", "io_stream", "logits", "argmax", "softmax", "ports", "axis", "m_axi", "ap_ctrl_chain"]
    values += ["s_axilite", "Latency", "Resource", "fixed<8, 3>", "ap_fixed<8,3>", "cmssw", "net", "", "12%", "1ns"]
    numbers = [0, 1, 2, 3, 4, 8, 64, -1, 1 << 40, 2.5, 1e300, True, None, float("nan"), [], {}]

    def drawn(rng: random.Random) -> Any:
        return rng.choice(values if rng.random() < 0.6 else numbers)

    def check(text: str, config: dict[str, Any]) -> None:
        module = fuzz_ir.parsed(text)
        design = design_of(module, read_configuration(config), Origin("", "", {}))
        fuzz_ir.expect_cpp(design.source) if not design.source.weights else None

    def case(seed: int) -> str:
        rng = random.Random(seed)
        config: dict[str, Any] = {"io_type": rng.choice(["io_parallel", "io_stream"])}
        for key in rng.choices([*KNOWN, *layers], k=rng.choice([0, 1, 1, 2, 3])):
            settings = {rng.choice(LAYER_SETTINGS): drawn(rng) for _ in range(rng.choice([1, 1, 2]))}
            nested = settings if key == "Model" else {rng.choice(["QDense", "dense", "net"]): settings}
            config[key] = nested if key in layers and rng.random() < 0.9 else drawn(rng)
        text = rng.choice(parts)
        told = kept(seed, text, lambda shorter: fuzz_ir.outcome(check, shorter, config))  # pyright: ignore
        return f"{told}\n{config}" if told.startswith("fault") else told

    return case


def keras_models() -> Case:
    sys.path.insert(0, str(ROOT / "tests/py/end_to_end"))
    import pytest
    import test_keras_networks

    def case(seed: int) -> str:
        with tempfile.TemporaryDirectory() as folder:
            try:
                test_keras_networks.test_random_network(1000 + seed, Path(folder))
            except pytest.skip.Exception as skipped:
                return f"refused: {skipped}"
        return "accepted"

    return case


def qonnx_graphs() -> Case:
    sys.path.insert(0, str(ROOT / "tests/py/frontends/qonnx"))
    import hypothesis
    import test_drawn_graphs

    inner: Any = test_drawn_graphs.test_drawn_graph_is_its_definition.hypothesis.inner_test  # pyright: ignore

    def case(seed: int) -> str:
        given = hypothesis.given(test_drawn_graphs.graphs())(inner)
        few = hypothesis.settings(
            max_examples=3, deadline=None, database=None, suppress_health_check=list(hypothesis.HealthCheck)
        )
        hypothesis.seed(seed)(few(given))()
        return "accepted"

    return case


def files() -> Case:
    import fuzz_files

    def case(seed: int) -> str:
        kind = list(fuzz_files.KINDS)[seed % len(fuzz_files.KINDS)]
        with tempfile.TemporaryDirectory() as folder:
            rng = random.Random(seed)
            content = fuzz_files.flipped(fuzz_files.KINDS[kind](Path(folder)), rng)
            path = fuzz_files.write(kind, content, Path(folder), rng)
            found = fuzz_files.fault(path)
        return f"fault: make flips --kind {kind}: {found}" if found else "accepted"

    return case


KINDS: dict[str, Callable[[], Case]] = {
    "Keras models": keras_models,
    "QONNX graphs": qonnx_graphs,
    "IR texts": texts,
    "pipelines": pipelines,
    "configurations": configurations,
    "files": files,
}


def kept(seed: int, text: str, outcome: Callable[[str], str]) -> str:
    """The outcome of a text; that of a fault is kept, with the lines that it needs."""
    told = outcome(text)
    if told.startswith("fault"):
        lines, cause, number = text.splitlines(), told.splitlines()[-1], 0
        while number < len(lines):
            fewer = lines[:number] + lines[number + 1 :]
            if outcome("\n".join(fewer)).splitlines()[-1] == cause:
                lines = fewer
            else:
                number += 1
        KEEP.mkdir(parents=True, exist_ok=True)
        (KEEP / f"{seed}.mlir").write_text("\n".join(lines) + "\n")
    return told


# --- processes -------------------------------------------------------------------------------------------------------


def work(kind: str, seed: int, seconds: float, target: Path) -> None:
    """Run cases from a seed on, in this process, for so long; writes what has become of them, and before each its seed
    and the seconds that are left."""
    called: set[str] = set()
    told, faults = Counter[str](), list[str]()
    case = KINDS[kind]()
    tell_calls(ROOT, [ROOT / folder for folder in FOLDERS], called)
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    signal.signal(signal.SIGVTALRM, too_long)

    def tell() -> float:
        left = end - monotonic()
        of_cases = {"next": seed, "told": told, "faults": faults, "called": sorted(called)}
        target.write_text(json.dumps(of_cases | {"left": left}))
        return left

    end = monotonic() + seconds
    while tell() > 0:
        signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
        try:
            outcome = case(seed)
        except BaseException as error:
            outcome = "fault: " + "".join(traceback.format_exception(error)[-3:])
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        told[outcome.split(":")[0]] += 1
        if outcome.startswith("fault"):
            faults.append(f"{kind}, seed {seed}: {outcome}")
        seed += 1


def run(kind: str, seed: int, seconds: float) -> dict[str, Any]:
    """What has become of the cases of a kind; a process that ends before its time is a fault of its last case."""
    total: dict[str, Any] = {"told": Counter[str](), "faults": [], "called": set[str]()}
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "told.json"
        while seconds > 0:
            target.unlink(missing_ok=True)
            arguments = ["--kind", kind, "--seed", str(seed), "--seconds", str(seconds), "--target", str(target)]
            done = subprocess.run(
                [sys.executable, "-W", "ignore", __file__, *arguments], capture_output=True, text=True
            )
            if not target.exists():
                total["faults"].append(f"{kind}: {done.stderr[-2000:]}")
                break
            found = json.loads(target.read_text())
            total["told"] += Counter(found["told"])
            total["faults"] += found["faults"]
            total["called"] |= set(found["called"])
            seed, seconds = found["next"] + 1, found["left"]
            if done.returncode:
                total["faults"].append(
                    f"{kind}, seed {found['next']}: ended with {done.returncode}: {done.stderr[-1000:]}"
                )
    if not total["told"]:
        total["faults"].append(f"{kind}: no case")
    print(f"{kind}: {sum(total['told'].values())} executions, {dict(total['told'])}", flush=True)
    return total


def functions() -> set[str]:
    """The keys of all functions of the package."""
    files = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")]
    return {f"{path.relative_to(ROOT)}: {name}" for path in files for name, _ in outermost(ast.parse(source_of(path)))}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kind", choices=KINDS)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--target", type=Path)
    given = parser.parse_args()
    if given.target:
        work(given.kind, given.seed, given.seconds, given.target)
        return
    kinds = [given.kind] if given.kind else list(KINDS)
    share = given.seconds * min(2, len(kinds)) / len(kinds)
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda kind: run(kind, given.seed, share), kinds))
    every = functions()
    called = set[str]().union(*(each["called"] for each in found))
    faults = [fault for each in found for fault in each["faults"]]
    executions = sum(sum(each["told"].values()) for each in found)
    print("\n".join(faults))
    print(
        f"{executions} executions from seed {given.seed}, {len(called & every)} of {len(every)} functions called,"
        f" {len(faults)} faults"
    )
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
