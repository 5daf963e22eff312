"""Mutants of the compiler against its tests: which changes of a function would no test notice?

    python benchmarks/mutation/mutants.py [--count N] [--seed N] [--tests PATH...] [--only WORDS]

A sample of mutations with a fixed seed, as many of each group of folders. Each is made in a fork of this process, which
has imported everything: the code of the one function is exchanged, then tests that reach it run until one fails: first
one case of each, those that reach fewest other functions before others, files of the lit suite last. What tests reach
is recorded once, in build/mutants, by a fork for each file of tests; with --again anew. Survivors are listed with their
judgements in judgements.toml: `equivalent` mutants do not count; one without a judgement, and less than 95 % of the
others killed, is a failure.

Libraries for this (mutmut, cosmic-ray) copy the package and start or import it again for each mutant, which with
TensorFlow takes longer than the tests; and their lit suite is none.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tomllib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from time import monotonic, perf_counter

import pytest
from contexts import Contexts, Recorder, tell_calls
from forks import ABSENT, LATE, NOTHING, SURVIVED, in_a_fork
from functions import exchange, functions_by_file, source_of
from hypothesis import HealthCheck, Phase, settings
from mutations import Mutation, mutated, mutations

ROOT = Path(__file__).resolve().parents[2]
RECORDED = ROOT / "build/mutants"
JUDGEMENTS = Path(__file__).with_name("judgements.toml")
GROUPS = {
    "numerics": ("qdialect/numerics",),
    "analysis": ("qdialect/analysis",),
    "passes": ("passes", "qdialect/rewrites"),
    "lowering": ("qdialect/lowering",),
    "printer": ("qdialect/backends/hls/text",),
    "importers": ("qdialect/frontends",),
}
SUBJECTS = [ROOT / folder for folders in GROUPS.values() for folder in folders]
OTHER_TESTS = ("end_to_end", "sweeps", "support", "data")
"""Folders of tests that are not recorded: of whole networks, and of nothing."""
LIT = ".mlir"
ROUNDS = ((10.0, 40), (30.0, 200))
"""Seconds of tests for a mutant, by their recorded times, and how many; then for those that survive them."""
PATIENCE, LEAST_SECONDS = 5, 60
"""How many times its recorded seconds a run may take, and what it may always take."""
FILE_SECONDS = 150
"""Of recording a file of tests."""
LIT_SECONDS = 600
"""Of recording the lit suite."""
WANTED = 0.95
OPTIONS = ["-q", "--no-header", "--hypothesis-profile=mutants", f"--rootdir={ROOT}", f"-c{ROOT / 'pyproject.toml'}"]
settings.register_profile(
    "mutants",
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)


@dataclass(frozen=True)
class Judgement:
    verdict: str
    reason: str


def judgements() -> dict[str, Judgement]:
    """Of survivors, by name."""
    entries = tomllib.loads(JUDGEMENTS.read_text())["survivor"]
    return {each["mutant"]: Judgement(each["verdict"], each["reason"]) for each in entries}


def warm() -> None:
    """Import what tests import; qdialect/passes is a link, which is not followed."""
    os.environ |= {"TF_USE_LEGACY_KERAS": "1", "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    package = ROOT / "qdialect"
    for path in sorted([*package.rglob("*.py"), *(package / "passes").rglob("*.py")]):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        if not name.endswith("__main__"):
            with suppress(ImportError):
                import_module(name)
    for name in ("tensorflow", "tf_keras", "qkeras", "filecheck.main", "lit.main"):
        with suppress(ImportError):
            import_module(name)
    sys.path.insert(0, str(ROOT / "tests/lit"))
    functions_by_file()


def record(file: Path, target: Path) -> int:
    called: set[str] = set()
    tell_calls(ROOT, SUBJECTS, called)
    plugin = Recorder(called, target, FILE_SECONDS)
    return int(pytest.main([*OPTIONS, str(file)], plugins=[plugin]) > pytest.ExitCode.INTERRUPTED)


def record_lit(target: Path) -> int:
    """What the programs of each file call, and their seconds; each program writes its own before it ends."""
    called, forked_lit = set[str](), import_module("forked_lit")
    tell_calls(ROOT, SUBJECTS, called)
    told = target.with_suffix("")
    told.mkdir(parents=True, exist_ok=True)
    run = forked_lit.run_in_place

    def recorded(program: str, arguments: Sequence[str], environment: dict[str, str]) -> None:
        start, leave = perf_counter(), os._exit
        called.clear()

        def tell(status: int) -> None:
            for file in {str(Path(each).resolve()) for each in arguments if each.endswith(LIT)}:
                entry = {file: (perf_counter() - start, sorted(called))}
                (told / f"{os.getpid()}.json").write_text(json.dumps(entry))
            leave(status)

        os._exit = tell
        run(program, arguments, environment)

    forked_lit.__dict__["run_in_place"] = recorded
    status = run_lit([str(ROOT / "tests/lit")])
    target.write_text(json.dumps(merged([json.loads(each.read_text()) for each in told.iterdir()])))
    return status


def merged(entries: list[dict[str, tuple[float, list[str]]]]) -> dict[str, tuple[float, list[str]]]:
    """Of the programs of each file together."""
    found: dict[str, tuple[float, list[str]]] = {}
    for entry in entries:
        for file, (seconds, keys) in entry.items():
            before, others = found.get(file, (0.0, []))
            found[file] = before + seconds, sorted({*keys, *others})
    return found


def contexts(paths: list[Path], again: bool) -> Contexts:
    """Of all test files below the paths; those that are not recorded yet are."""
    files = sorted({file for path in paths for file in ([path] if path.is_file() else path.rglob("test_*.py"))})
    targets = {file: RECORDED / f"{file.relative_to(ROOT / 'tests/py')}.json" for file in files}
    missing = [file for file in files if again or not targets[file].exists()]
    for target in targets.values():
        target.parent.mkdir(parents=True, exist_ok=True)

    def run(file: Path) -> None:
        target, seconds = targets[file], PATIENCE * FILE_SECONDS
        outcome = in_a_fork(partial(record, file, target), seconds, target.with_suffix(".log"))
        if not target.exists():
            target.write_text("{}")
        print(f"recorded {file.relative_to(ROOT)}: {outcome}", flush=True)

    lit = RECORDED / "lit.json"
    if again or not lit.exists():
        outcome = in_a_fork(partial(record_lit, lit), LIT_SECONDS, lit.with_suffix(".log"))
        if outcome != SURVIVED:
            sys.exit(f"the lit suite does not pass without a mutant: {lit.with_suffix('.log')}")
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(run, missing))
    return Contexts([*targets.values(), lit])


# --- mutants ---------------------------------------------------------------------------------------------------------


def test_folders() -> list[Path]:
    folders = [path for path in (ROOT / "tests/py").iterdir() if path.is_dir()]
    return sorted(path for path in folders if path.name not in OTHER_TESTS)


def sample(count: int, seed: int) -> list[Mutation]:
    """As many mutations of each group, those that come first by a digest of their names: an edit of a function changes
    none of another's."""

    def place(mutation: Mutation) -> bytes:
        return sha256(f"{seed} {mutation.name}".encode()).digest()

    chosen: list[Mutation] = []
    for number, folders in enumerate(GROUPS.values()):
        every = [
            mutation
            for folder in folders
            for path in sorted((ROOT / folder).rglob("*.py"))
            for mutation in mutations(path.read_text(), str(path.relative_to(ROOT)))
        ]
        chosen += sorted(every, key=place)[: (count + len(GROUPS) - 1 - number) // len(GROUPS)]
    return chosen


def run_tests(mutation: Mutation, tests: list[str]) -> int:
    """Nothing is proved by a mutant that cannot be made, or by tests that are not found."""
    path = ROOT / mutation.path
    try:
        made = exchange(path, mutated(source_of(path), mutation, str(path)), (mutation.function, mutation.line))
    except ValueError:  # it needs fewer variables of the outer function
        made = 0
    if not made:
        return NOTHING
    lit = [test for test in tests if test.endswith(LIT)]
    python = [test for test in tests if not test.endswith(LIT)]
    status = pytest.main([*OPTIONS, "-x", *python]) if python else pytest.ExitCode.OK
    if status in (pytest.ExitCode.USAGE_ERROR, pytest.ExitCode.NO_TESTS_COLLECTED):
        return NOTHING
    return int(status != pytest.ExitCode.OK) or (run_lit(lit) if lit else 0)


def run_lit(files: list[str]) -> int:
    """Files of the lit suite in this process, their programs as forks of it."""
    forked_lit = import_module("forked_lit")
    sys.argv = ["lit", "-q", "-j1", "--no-progress-bar", *files]
    try:
        forked_lit.main()
    except SystemExit as ended:
        return int(bool(ended.code))
    return 0


def outcomes(chosen: list[Mutation], found: Contexts) -> Iterator[tuple[Mutation, str, int]]:
    """What becomes of each mutant, and how many tests may notice it; two at a time."""

    def run(number: int, mutation: Mutation) -> tuple[Mutation, str, int]:
        outcome, run_before, log = SURVIVED, list[str](), RECORDED / f"mutant_{number}.log"
        for rounds, most in ROUNDS:
            tests = found.tests_of(f"{mutation.path}: {mutation.function}", rounds, most)[len(run_before) :]
            if outcome == SURVIVED and tests:
                seconds = LEAST_SECONDS + PATIENCE * sum(map(found.seconds.__getitem__, tests))
                outcome = in_a_fork(partial(run_tests, mutation, tests), seconds, log)
                run_before += tests
        return mutation, outcome, len(run_before)

    with ThreadPoolExecutor(2) as pool:
        yield from pool.map(run, range(len(chosen)), chosen)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=600)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="", help="words of names: mutants with them alone")
    parser.add_argument("--again", action="store_true", help="record anew what tests reach")
    parser.add_argument("--tests", nargs="+", type=Path, default=test_folders())
    options = parser.parse_args()
    RECORDED.mkdir(parents=True, exist_ok=True)
    os.chdir(ROOT)
    warm()
    found = contexts([path.resolve() for path in options.tests], options.again)
    chosen = [each for each in sample(options.count, options.seed) if options.only in each.name]
    known, start = judgements(), monotonic()
    survivors: list[Mutation] = []
    late = absent = 0
    for mutation, outcome, tests in outcomes(chosen, found):
        late, absent = late + (outcome == LATE), absent + (outcome == ABSENT)
        if outcome == SURVIVED:
            survivors.append(mutation)
            verdict = known[mutation.name].verdict if mutation.name in known else "no judgement"
            print(f"survived {tests} tests: {mutation.name}  [{verdict}]", flush=True)
    judged = [known.get(each.name) for each in survivors]
    equivalent = sum(each is not None and each.verdict == "equivalent" for each in judged)
    made = len(chosen) - absent
    killed, counted = made - len(survivors), made - equivalent
    print(f"{made} mutants in {monotonic() - start:.0f} s: {killed} killed, {late} of them by time;")
    print(f"of {len(survivors)} survivors {equivalent} are equivalent, {judged.count(None)} without a judgement;")
    print(f"{killed} of {counted} that are not equivalent are killed: {killed / max(counted, 1):.1%}")
    sys.exit(int(judged.count(None) > 0 or killed < WANTED * counted))


if __name__ == "__main__":
    main()
