"""Arrays of any size in C simulation: they do not lie on the stack, and every thread has its own."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest
from xdsl.parser import Parser

from qdialect.backends.hls.text.functions import STACK_BYTES
from qdialect.compiler.configuration import IO_TYPES
from qdialect.compiler.registry import make_context
from qdialect.compiler.write_hls import write_hls
from qdialect.interpreter.simulate import simulate

STACK_KIB = 512
"""A stack that none of the arrays below would fit."""


def network(size: int, channels: int) -> str:
    """Two element-wise layers after a convolution of 1 x 1 on an image."""
    x, y, relu, z = (
        f"tensor<{size}x{size}x{n}x!qnn.fixed<{bits}>>"
        for n, bits in (
            (2, "4, 4, signed"),
            (channels, "7, 7, signed"),
            (channels, "6, 6, unsigned"),
            (1, "18, 18, signed"),
        )
    )
    kernels = [np.resize([1, -1, 0], (1, 1, 2, channels)), np.resize([1, 0, -1], (1, 1, channels, 1))]
    first, second = (kernel.tolist() for kernel in kernels)
    k, w = (f"tensor<1x1x{a}x{b}x!qnn.fixed<2, 2, signed>>" for a, b in ((2, channels), (channels, 1)))
    return f"""
    func.func @net(%x : {x}) -> {z} {{
      %k = qnn.constant dense<{first}> : tensor<1x1x2x{channels}xi8> as {k}
      %w = qnn.constant dense<{second}> : tensor<1x1x{channels}x1xi8> as {w}
      %conv = qnn.conv2d %x, %k : {x}, {k} -> {y}
      %relu = qnn.relu %conv : {y} -> {relu}
      %out = qnn.conv2d %relu, %w : {relu}, {w} -> {z}
      func.return %out : {z}
    }}"""


@pytest.mark.parametrize("io_type", IO_TYPES)
def test_large_arrays(io_type: str, tmp_path: Path) -> None:
    """With little stack the test bench passes, and `predict` on all cores gives what the interpreter gives."""
    module = Parser(make_context(), network(96, 16)).parse_module()
    rng = np.random.default_rng(0)
    x = rng.integers(-8, 8, (5, 96, 96, 2)).astype(np.float64)
    project = write_hls(module, tmp_path / "prj", {"io_type": io_type}, vectors=x[:2]).compile()
    assert (project.predict(x) == simulate(module, x)).all()
    for target in ("csim", "check"):
        limited = f"ulimit -s {STACK_KIB} && exec make -s {target}"
        run = subprocess.run(["bash", "-c", limited], cwd=project.directory, capture_output=True, text=True)
        assert "PASS" in run.stdout, run.stderr


@pytest.mark.parametrize("size", [4, 64])
def test_small_arrays_are_plain_locals(size: int, tmp_path: Path) -> None:
    module = Parser(make_context(), network(size, 4)).parse_module()
    source = (write_hls(module, tmp_path / "prj").directory / "src" / "net.cpp").read_text()
    assert ("static thread_local" in source) == (size * size * 4 * 8 > STACK_BYTES)
