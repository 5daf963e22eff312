"""Printed kernels, compiled and compared with numpy.

Against the stand-in `ap_int.h` in checked mode, and against the vendor's headers that da4ml ships.
"""

from __future__ import annotations

import itertools
import subprocess
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from printed import BIT, S8, U4, U8
from xdsl.builder import ImplicitBuilder
from xdsl.dialects.builtin import ModuleOp

from qdialect.backends.hls.text.printer import print_source
from qdialect.backends.hls.text.spelling import c_type
from qdialect.dialects.hlscpp import builder as b
from qdialect.dialects.hlscpp import directives
from qdialect.dialects.hlscpp.expressions import AddOp, AndOp, MulOp, NegOp, NotOp, OrOp, ShlOp, ShrOp, SubOp, XorOp
from qdialect.dialects.hlscpp.structure import FuncOp, is_written
from qdialect.dialects.hlscpp.types import IntType, array_type

REPOSITORY = Path(__file__).parents[3]
STAND_IN = REPOSITORY / "qdialect" / "backends" / "hls" / "sim"
HEADERS = {
    "stand-in": (STAND_IN, "-DAPX_CHECK"),
    "stand-in, synthesis view": (STAND_IN, "-D__SYNTHESIS__"),
    "vendor": (None, "-O0"),
}
WARNINGS = "-Wall -Wextra -Wconversion -Wsign-conversion -Wshadow -Wno-unknown-pragmas -Wno-unused-label -Werror"


def compiler(headers: str) -> list[str]:
    directory, flag = HEADERS[headers]
    if directory is None:
        spec = find_spec("da4ml")
        assert spec is not None
        assert spec.origin is not None
        directory = Path(spec.origin).parent / "codegen" / "hls" / "source" / "ap_types" / "include"
    return ["g++", "-std=c++11", flag, *WARNINGS.split(), "-isystem", str(directory)]


def run(module: ModuleOp, headers: str, directory: Path, **inputs: np.ndarray) -> dict[str, np.ndarray]:
    """Compile the module with all warnings as errors, and run its top function."""
    module.verify()
    printed = print_source(module, inline_roms=False)
    for path, content in {
        f"{printed.top}.h": printed.header,
        f"{printed.top}.cpp": printed.source,
        **printed.weights,
    }.items():
        (directory / path).parent.mkdir(exist_ok=True)
        (directory / path).write_text(content)
    top = next(op for op in module.ops if isinstance(op, FuncOp) and op.top is not None)
    main, words, results = "", list[int](), dict[str, tuple[int, ...]]()
    for argument in top.args:
        name, type = argument.name_hint, array_type(argument)
        assert name is not None
        shape, word = type.get_shape(), "long long" if type.element_type.signed else "unsigned long long"
        size, spec = int(np.prod(shape)), "%lld" if type.element_type.signed else "%llu"
        main += f"  static {c_type(type.element_type)} {name}{''.join(f'[{n}]' for n in shape)};\n"
        if not is_written(argument):
            words += inputs[name].ravel().tolist()
            main += f"  for (int i = 0; i < {size}; i++) {{\n    {word} v;\n"
            main += f'    if (std::scanf("{spec}", &v) != 1) return 1;\n'
            main += f"    (&{name}{'[0]' * len(shape)})[i] = {c_type(type.element_type)}(v);\n  }}\n"
        else:
            results[name] = shape
    main += f"  {printed.top}({', '.join(argument.name_hint or '' for argument in top.args)});\n"
    for name, shape in results.items():
        main += f"  for (int i = 0; i < {int(np.prod(shape))}; i++)\n"
        main += f'    std::printf("%lld\\n", (&{name}{"[0]" * len(shape)})[i].to_int64());\n'
    text = f'#include "{printed.top}.cpp"\n#include <cstdio>\nint main() {{\n{main}  return 0;\n}}\n'
    (directory / "main.cpp").write_text(text)
    subprocess.run([*compiler(headers), "main.cpp", "-o", "main"], cwd=directory, check=True)
    done = subprocess.run(
        [directory / "main"], input=" ".join(map(str, words)), capture_output=True, text=True, check=True
    )
    numbers = iter(map(int, done.stdout.split()))
    return {
        name: np.array(list(itertools.islice(numbers, int(np.prod(shape))))).reshape(shape)
        for name, shape in results.items()
    }


def dense(kernel: np.ndarray, bias: np.ndarray) -> None:
    """y = relu(kernel @ x + bias), saturated to 8 bits."""
    acc_type = IntType(18)
    with b.function("dense", ("x", b.array(S8, 20)), ("y", b.array(U8, 6))) as (_, (x, y)):
        w = b.rom("dense_kernel", kernel, IntType(6))
        offsets = b.rom("dense_bias", bias, IntType(12))
        directives.array_partition(w, dim=0)
        with b.loop("OUT", 6) as j:
            directives.pipeline(ii=1)
            acc = b.variable("acc", acc_type, offsets[j].cast(acc_type))
            with b.loop("IN", 20) as i:
                directives.unroll()
                acc.set((acc.get() + x[i] * w[j, i]).cast(acc_type))
            total = (acc.get() >> 2).named("total")
            positive = b.select(total > 0, total, b.constant(0, acc_type))
            y[j] = b.select(positive > 255, b.constant(255, acc_type), positive).cast(U8)


def conv(kernel: np.ndarray) -> None:
    """Two input and three output channels, 3 x 3, stride 2, zero padding of 1 on top and left."""
    acc_type = IntType(15)
    with b.function("conv", ("x", b.array(U4, 6, 6, 2)), ("y", b.array(acc_type, 3, 3, 3))) as (_, (x, y)):
        w = b.rom("conv_kernel", kernel, IntType(5))
        with b.loop("ROW", 3) as r, b.loop("COLUMN", 3) as c, b.loop("FILTER", 3) as f:
            directives.pipeline(ii=1)
            acc = b.variable("acc", acc_type, 0)
            with b.loop("KERNEL_ROW", 3) as u, b.loop("KERNEL_COLUMN", 3) as v:
                row, column = (2 * r + u - 1).named("row"), (2 * c + v - 1).named("column")
                with b.when((row >= 0) & (column >= 0)), b.loop("CHANNEL", 2) as k:
                    acc.set((acc.get() + x[row, column, k] * w[u, v, k, f]).cast(acc_type))
            y[r, c, f] = acc.get()


def binary_dense(words: np.ndarray, thresholds: np.ndarray) -> None:
    """One bit per output: no more mismatches than its threshold."""
    word, count = IntType(64, False), IntType(8, False)
    with b.function("binary_dense", ("x", b.array(word, 2)), ("y", b.array(BIT, 7))) as (_, (x, y)):
        w = b.rom("binary_kernel", words, word)
        t = b.rom("binary_thresholds", thresholds, IntType(7, False))
        with b.loop("OUT", 7) as j:
            mismatches = b.variable("mismatches", count, 0)
            with b.loop("WORD", 2) as i:
                mismatches.set((mismatches.get() + b.popcount(x[i] ^ w[j, i])).cast(count))
            y[j] = mismatches.get() <= t[j]


@pytest.mark.parametrize("headers", HEADERS)
def test_kernels_equal_numpy(headers: str, tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    x = rng.integers(-128, 128, 20)
    kernel, bias = rng.integers(-32, 32, (6, 20)), rng.integers(-2048, 2048, 6)
    image, filters = rng.integers(0, 16, (6, 6, 2)), rng.integers(-16, 16, (3, 3, 2, 3))
    bits, weight_bits = rng.integers(0, 2, 100), rng.integers(0, 2, (7, 100))
    thresholds = rng.integers(46, 54, 7)

    def pack(signs: np.ndarray) -> np.ndarray:
        padded = np.zeros((*signs.shape[:-1], 128), np.uint8)
        padded[..., : signs.shape[-1]] = signs
        return np.packbits(padded, axis=-1, bitorder="little").view(np.uint64)

    module = ModuleOp([])
    with ImplicitBuilder(module.body):
        dense(kernel, bias)
        conv(filters)
        binary_dense(pack(weight_bits), thresholds)
        ports = {
            "x1": b.array(S8, 20), "y1": b.array(U8, 6),
            "x2": b.array(U4, 6, 6, 2), "y2": b.array(IntType(15), 3, 3, 3),
            "x3": b.array(IntType(64, False), 2), "y3": b.array(BIT, 7),
        }  # fmt: skip
        with b.function("net", *ports.items(), top=True) as (_, (x1, y1, x2, y2, x3, y3)):
            directives.dataflow()
            b.call("dense", x1, y1)
            b.call("conv", x2, y2)
            b.call("binary_dense", x3, y3)
    results = run(module, headers, tmp_path, x1=x, x2=image, x3=pack(bits))

    assert (results["y1"] == np.clip((kernel @ x + bias) >> 2, 0, 255)).all()
    padded = np.pad(image, ((1, 0), (1, 0), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(0, 1))[::2, ::2]
    assert (results["y2"] == np.einsum("rckuv,uvkf->rcf", windows, filters)).all()
    assert (results["y3"] == ((bits != weight_bits).sum(axis=1) <= thresholds)).all()


S5, WIDE = IntType(5), IntType(40)
OPERATORS: list[tuple[Callable[[b.Value, b.Value], b.Value], Callable[[int, int], int]]] = [
    (lambda a, c: a + c, lambda a, c: a + c),
    (lambda a, c: a - c, lambda a, c: a - c),
    (lambda a, c: c - a, lambda a, c: c - a),
    (lambda a, c: a * c, lambda a, c: a * c),
    (lambda a, c: -a, lambda a, c: -a),
    (lambda a, c: -c, lambda a, c: -c),
    (lambda a, c: a & c, lambda a, c: a & c),
    (lambda a, c: a | c, lambda a, c: a | c),
    (lambda a, c: a ^ c, lambda a, c: a ^ c),
    (lambda a, c: ~a, lambda a, c: ~a),
    (lambda a, c: ~c, lambda a, c: 15 - c),
    (lambda a, c: a.cast(IntType(20)) << c, lambda a, c: a << c),
    (lambda a, c: a >> c, lambda a, c: a >> c),
    (lambda a, c: c >> 1, lambda a, c: c >> 1),
    (lambda a, c: a < c, lambda a, c: a < c),
    (lambda a, c: a <= c, lambda a, c: a <= c),
    (lambda a, c: a > c, lambda a, c: a > c),
    (lambda a, c: a >= c, lambda a, c: a >= c),
    (lambda a, c: a.eq(c), lambda a, c: a == c),
    (lambda a, c: a.ne(c), lambda a, c: a != c),
    (lambda a, c: (a < 3).eq(c > 4), lambda a, c: (a < 3) == (c > 4)),
    (lambda a, c: (a < 3) + (c > 4) + 1, lambda a, c: (a < 3) + (c > 4) + 1),
    (lambda a, c: ~(a < 3), lambda a, c: a >= 3),
    (lambda a, c: b.select(a < c, a + c, a - c), lambda a, c: a + c if a < c else a - c),
    (lambda a, c: b.select((a < 0) | (c < 7), a, c.cast(S5)), lambda a, c: a if a < 0 or c < 7 else c),
    (lambda a, c: b.select(a.eq(-16), b.constant(-16, S5), a), lambda a, c: a),
    (lambda a, c: b.select(a < c, a < 3, a > 3), lambda a, c: a < 3 if a < c else a > 3),
    (lambda a, c: b.select(a.bit(1), a, c.cast(S5)), lambda a, c: a if a >> 1 & 1 else c),
    (lambda a, c: b.select(a.bit(1), a.bit(2), c.bit(2)), lambda a, c: (a if a >> 1 & 1 else c) >> 2 & 1),
    (lambda a, c: a.bit(4) + (a + c).bit(0), lambda a, c: (a < 0) + (a + c & 1)),
    (lambda a, c: a.bit(0).eq(c.bit(0)), lambda a, c: (a ^ c) & 1 == 0),
    (lambda a, c: b.popcount(c), lambda a, c: c.bit_count()),
    (lambda a, c: b.popcount(c.cast(IntType(70, False)) * 3), lambda a, c: (c * 3).bit_count()),
    (lambda a, c: (a + 2**31) - 2**31, lambda a, c: a),
    (lambda a, c: (a * 1 + -(2**31)) * 2, lambda a, c: 2 * (a - 2**31)),
]


@pytest.mark.parametrize("headers", HEADERS)
def test_operators_equal_python(headers: str, tmp_path: Path) -> None:
    pairs = list(itertools.product(range(-16, 16), range(8)))
    module = ModuleOp([])
    ports = {"a": b.array(S5, len(pairs)), "c": b.array(U4, len(pairs))}
    result = b.array(WIDE, len(OPERATORS), len(pairs))
    with ImplicitBuilder(module.body), b.function("net", *ports.items(), ("y", result), top=True) as (_, (a, c, y)):
        with b.loop("PAIR", len(pairs)) as i:
            for k, (operator, _) in enumerate(OPERATORS):
                y[k, i] = operator(a[i], c[i]).cast(WIDE)
    columns = np.array(pairs)
    results = run(module, headers, tmp_path, a=columns[:, 0], c=columns[:, 1])
    expected = [[int(reference(*pair)) for pair in pairs] for _, reference in OPERATORS]
    assert results["y"].tolist() == expected


@pytest.mark.parametrize("headers", ["stand-in", "vendor"])
def test_result_types_are_those_of_ap_int(headers: str, tmp_path: Path) -> None:
    operators = {AddOp: "+", SubOp: "-", MulOp: "*", AndOp: "&", OrOp: "|", XorOp: "^"}
    types = [S5, S8, IntType(33), BIT, U8, IntType(33, False)]
    checks = list[str]()

    def check(expression: str, type: object) -> None:
        assert isinstance(type, IntType)
        checks.append(f'static_assert(std::is_same<decltype({expression}), {c_type(type)}>::value, "");')

    for lhs in types:
        value = f"std::declval<const {c_type(lhs)} &>()"
        check(f"-{value}", NegOp.infer(lhs))
        check(f"~{value}", NotOp.infer(lhs))
        check(f"{value} << 3", ShlOp.infer(lhs, U8))
        check(f"{value} >> std::declval<const ap_uint<8> &>()", ShrOp.infer(lhs, U8))
        for rhs in types:
            for op, operator in operators.items():
                check(f"{value} {operator} std::declval<const {c_type(rhs)} &>()", op.infer(lhs, rhs))
    source = "\n".join(['#include "ap_int.h"', "#include <type_traits>", "#include <utility>", *checks])
    (tmp_path / "types.cpp").write_text(source + "\n")
    subprocess.run([*compiler(headers), "-fsyntax-only", "types.cpp"], cwd=tmp_path, check=True)
