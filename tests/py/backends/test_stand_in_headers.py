"""The stand-in `ap_int.h` and `hls_stream.h` for C simulation, held to the vendor's `ap_int.h` by running both."""

import importlib.util
import itertools
import os
import random
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest


def package_dir(name: str) -> Path | None:
    spec = importlib.util.find_spec(name)
    return Path(next(iter(spec.submodule_search_locations))) if spec else None


SOURCES = Path(__file__).parent / "cpp"
STAND_IN = ["-I", package_dir("qdialect") / "backends/hls/sim"]
WARNINGS = "-Wall -Wextra -Wconversion -Wsign-conversion -Wshadow".split()
SANITIZE = ["-fsanitize=undefined", "-fno-sanitize-recover=undefined"]


def gxx(*arguments) -> str:
    """Compiles and returns what the compiler had to say."""
    done = subprocess.run(["g++", *map(str, arguments)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[:3000]
    return done.stderr


# --- against the vendor's header -------------------------------------------------------------------------------------

WIDTHS = [1, 2, 3, 7, 8, 9, 16, 31, 32, 33, 63, 64, 65, 100]
WIDE = [127, 128, 129, 191, 192, 193, 300, 511]


def both_signs(widths: list[int]) -> list[str]:
    return [f"ap_{sign}<{width}>" for width in widths for sign in ("int", "uint")]


AP_TYPES, WIDE_TYPES = both_signs(WIDTHS), both_signs(WIDE)
SIZES = ["char", "short", "int", "long", "long long"]
BUILTINS = ["bool", "char", *(f"{sign} {size}" for sign in ("signed", "unsigned") for size in SIZES)]
CHUNKS = 2  # programs per header, compiled side by side


def operator_cases() -> list[str]:
    """Every type by itself and a fixed sample of pairs, a quarter of it unless QDIALECT_LONG is set: all pairs would
    keep g++ busy for four minutes."""
    chooser = random.Random(0)

    def choose(cases, count: int):
        return chooser.sample(cases, count)[:: 1 if os.environ.get("QDIALECT_LONG") else 4]

    pairs = choose(list(itertools.product(AP_TYPES, AP_TYPES)), 64)
    mixed = choose(list(itertools.product(AP_TYPES, BUILTINS)), 20)
    pairs += mixed + [pair[::-1] for pair in choose(mixed, len(mixed) * 3 // 5)]
    pairs += choose(list(itertools.product(WIDE_TYPES, WIDE_TYPES)), 8)
    pairs += [pair[::side] for side in (1, -1) for pair in choose(list(itertools.product(WIDE_TYPES, AP_TYPES)), 6)]
    pairs += choose(list(itertools.product(WIDE_TYPES, BUILTINS)), 4)
    alone = [*AP_TYPES, *choose(WIDE_TYPES, 6)]
    return [f"binary<{left}, {right}>();" for left, right in pairs] + [f"unary<{ap}>();" for ap in alone]


def build_operators(directory: Path, chunk: int, *options) -> tuple[Path, str]:
    directory.mkdir(parents=True)
    (directory / "cases.inc").write_text("\n".join(operator_cases()[chunk::CHUNKS]))
    program = directory / "operators"
    said = gxx("-std=c++17", "-O0", *options, "-I", directory, SOURCES / "stand_in_operators.cpp", "-o", program)
    return program, said


def output(program: Path, *arguments: str) -> tuple[list[str], str]:
    done = subprocess.run([program, *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout.splitlines(), done.stderr


def test_operators_equal_the_vendors(tmp_path):
    """Values and types of all operators; on the way, no warning and no undefined behaviour in the stand-in."""
    if not (da4ml := package_dir("da4ml")):
        pytest.skip("da4ml, which ships the vendor's ap_int.h, is not installed")
    vendors = ["-w", "-isystem", da4ml / "codegen/hls/source/ap_types/include"]
    ours = [*STAND_IN, *WARNINGS, *SANITIZE]
    with ThreadPoolExecutor(2) as pool:
        vendor_jobs = [pool.submit(build_operators, tmp_path / f"vendor{i}", i, *vendors) for i in range(CHUNKS)]
        stand_in_jobs = [pool.submit(build_operators, tmp_path / f"stand_in{i}", i, *ours) for i in range(CHUNKS)]
    for vendor_job, stand_in_job in zip(vendor_jobs, stand_in_jobs, strict=True):
        vendor, _ = vendor_job.result()
        stand_in, warnings = stand_in_job.result()
        assert warnings == ""
        expected, _ = output(vendor)
        actual, sanitizer = output(stand_in)
        assert sanitizer == ""
        assert len(expected) > 800
        for line, other in itertools.zip_longest(expected, actual):
            if line != other:
                words = (line or other).split(" -> ")[0].split()
                values = zip(output(vendor, *words)[0], output(stand_in, *words)[0], strict=False)
                first = next((pair for pair in values if pair[0] != pair[1]), (line, other))
                pytest.fail(f"{' '.join(words)} (left, right, result, type)\nvendor   {first[0]}\nstand-in {first[1]}")


# --- alone -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def cases(tmp_path_factory):
    """Runs one case of stand_in_cases.cpp, checked or not, compiled as the oldest C++ that HLS tools still parse."""
    directory = tmp_path_factory.mktemp("cases")
    programs = {}

    def run(case: str, checked: bool) -> subprocess.CompletedProcess[str]:
        if checked not in programs:
            programs[checked] = directory / f"cases_{checked}"
            options = ["-O1", "-DAPX_CHECK"] if checked else ["-O2", "-D__SYNTHESIS__"]
            source = SOURCES / "stand_in_cases.cpp"
            assert gxx("-std=c++11", *options, *STAND_IN, *WARNINGS, *SANITIZE, source, "-o", programs[checked]) == ""
        return subprocess.run([programs[checked], case], capture_output=True, text=True)

    return run


# Code that changes a value: the line a checked build prints before it aborts, and z, x, y of an unchecked run.
LOSSES = {
    "construct": ("ap_int<10> loses -5492", "-372 31 9"),
    "initialize": ("ap_int<10> loses -5492", "-372 31 9"),
    "assign": ("ap_uint<4> loses 16", "0 31 0"),
    "negative": ("ap_uint<4> loses -1", "0 31 15"),
    "sign": ("ap_int<6> loses 63", "0 -1 9"),
    "product": ("ap_int<6> loses 279", "0 23 9"),
    "add": ("ap_int<6> loses 32", "0 -32 9"),
    "sum": ("ap_int<6> loses 40", "-15 31 9"),
    "sum-and-back": ("ap_uint<4> loses -22", "10 31 9"),
    "sum-words": ("ap_uint<100> loses -1", "1 31 9"),
    "increment": ("ap_int<6> loses 32", "0 -32 9"),
    "decrement": ("ap_uint<4> loses -1", "0 31 15"),
    "wide": ("ap_int<67> loses 368934881474191032320", "0 31 9"),
    "wide-negative": ("ap_uint<128> loses -368934881474191032320", "0 31 9"),
    "words": ("ap_int<130> loses 747924027142275431244086089546773024473088", "0 31 9"),
    "words-shift": ("ap_uint<200> loses 5 << 199", "0 31 9"),
    "to_int64": ("ap_uint<64> loses 368934881474191032320", "0 31 9"),
    "builtin": ("ap_uint<64> loses 368934881474191032320", "0 31 9"),
    "shift": ("ap_int<6> loses 31 << 1", "-2 31 9"),
    "shift-out": ("ap_uint<4> loses 9 << 70", "0 31 0"),
    "shift-assign": ("ap_uint<4> loses 9 << 1", "0 31 2"),
    "shift-negative": ("ap_uint<4> loses 9 << 1", "0 31 2"),
    "range-too-wide": ("ap_uint<4> loses 652", "0 31 12"),
    "stream-unread": ("hls::stream fifo ends with 2 unread values", "0 31 9"),
}
# Code that has no meaning in any build.
ERRORS = {
    "bit-high": "ap_int<6> has no range(6, 6)",
    "bit-low": "ap_int<6> has no range(-1, -1)",
    "range-high": "ap_int<6> has no range(6, 0)",
    "range-reversed": "ap_int<6> has no range(1, 2)",
    "compare": "ap_uint<40> cannot be compared with -1",
    "compare-equal": "ap_uint<32> cannot be compared with -5492",
    "stream-empty": "hls::stream fifo is read while empty",
}
SIGABRT = -6


@pytest.mark.parametrize("case", LOSSES)
def test_checked_build_aborts_when_a_value_is_lost(cases, case):
    message, unchecked = LOSSES[case]
    done = cases(case, checked=True)
    assert (done.returncode, done.stderr) == (SIGABRT, message + "\n")
    done = cases(case, checked=False)
    assert (done.returncode, done.stdout) == (0, unchecked + "\n")
    assert done.stderr == (message + "\n" if "stream" in message else "")


@pytest.mark.parametrize("checked", [True, False])
@pytest.mark.parametrize("case", ERRORS)
def test_every_build_aborts_on_an_error(cases, case, checked):
    done = cases(case, checked)
    assert (done.returncode, done.stderr) == (SIGABRT, ERRORS[case] + "\n")


@pytest.mark.parametrize("checked", [True, False])
def test_lossless_code_runs(cases, checked):
    done = cases("lossless", checked)
    assert (done.returncode, done.stdout, done.stderr) == (0, "0 31 9\n", "")


def test_check_is_exact(cases):
    """All values of small types into each other: aborts if and only if the target cannot hold the value."""
    assert cases("exact", checked=True).stdout == "0 31 9\n"
    assert cases("exact", checked=False).returncode == 2  # the case itself can fail


def test_several_translation_units(tmp_path):
    program = '#include "ap_int.h"\n#include "hls_stream.h"\nap_int<9> {}(const ap_int<8>& x) {{ return x + x; }}\n'
    (tmp_path / "a.cpp").write_text(program.format("f"))
    (tmp_path / "b.cpp").write_text(program.format("g") + "int main() { return g(3) != 6; }\n")
    gxx("-std=c++11", "-DAPX_CHECK", *STAND_IN, tmp_path / "a.cpp", tmp_path / "b.cpp", "-o", tmp_path / "ab")
    assert subprocess.run([tmp_path / "ab"]).returncode == 0


NOT_COVERED = [
    *("x / 2", "2 % x", "x, x", "x = 0.5", "x.range(3, 0) = 1", "x.range(3, 0) = x.range(7, 4)"),
    *("x.range(3, 0) + x", "1 < x.range(3, 0)", "x.range(3, 0) << 1"),
    *("ap_uint<1024>() + 1", "ap_int<1025>()", "ap_int<0>()"),
]


@pytest.mark.parametrize("statement", NOT_COVERED)
def test_what_is_not_covered_does_not_compile(tmp_path, statement):
    source = tmp_path / "statement.cpp"
    for text, compiles in [("x + x", True), (statement, False)]:
        source.write_text(f'#include "ap_int.h"\nint main() {{ ap_int<8> x; (void)({text}); }}\n')
        done = subprocess.run(["g++", "-std=c++11", "-fsyntax-only", *STAND_IN, source], capture_output=True, text=True)
        assert (done.returncode == 0) == compiles, done.stderr
    if "ap_" in statement:
        assert "has 1 to AP_INT_MAX_W bits" in done.stderr
