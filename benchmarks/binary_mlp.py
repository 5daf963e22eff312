"""The binary MLP 784-256-256-10 of QKeras' documentation: XNOR-popcount against ordinary integer multiplication.

Random {-1, +1} weights, batch normalization as thresholds. The same network is lowered twice: with `binary-to-xnor`
(packed bits, popcounts) and without (one integer product per weight). Printed: bytes of kernels, g++ time, samples per
second of the C simulation and of the interpreter, and that both give the same outputs.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import FuncOp, ReturnOp
from xdsl.ir import Block, Operation, Region, SSAValue

from qdialect import lower, simulate, write_hls
from qdialect.dialect.constant import ConstantOp
from qdialect.dialect.contractions import DenseOp
from qdialect.dialect.quantize import ThresholdOp
from qdialect.dialect.types import tensor
from qdialect.numerics.formats import BinaryFormat, FixedFormat
from qdialect.passes import DEFAULT_PIPELINE
from qdialect.report import report

LAYERS = (784, 256, 256, 10)
SAMPLES = 2000


def binary_mlp(rng: np.random.Generator) -> ModuleOp:
    """Dense layers of binary weights with a threshold per unit between them; the last one returns its sums."""
    block = Block(arg_types=[tensor((LAYERS[0],), BinaryFormat())])
    block.args[0].name_hint = "x"
    x: SSAValue = block.args[0]

    def emit(op: Operation, name: str) -> SSAValue:
        block.add_op(op)
        op.results[0].name_hint = name
        return op.results[0]

    for i, (inputs, outputs) in enumerate(pairwise(LAYERS), 1):
        kernel = emit(ConstantOp(rng.choice([-1, 1], (inputs, outputs)), BinaryFormat()), f"fc{i}_kernel")
        x = emit(DenseOp(x, kernel), f"fc{i}")
        if outputs != LAYERS[-1]:
            levels = rng.integers(-9, 10, (outputs, 1))
            table = emit(ConstantOp(levels, FixedFormat.holding(-9, 9, 0)), f"sign{i}_thresholds")
            x = emit(ThresholdOp(x, table, None, BinaryFormat()), f"sign{i}")
    block.add_op(ReturnOp(x))
    return ModuleOp([FuncOp("binary_mlp", ([block.args[0].type], [x.type]), Region(block))])


def seconds(run: Callable[[], object]) -> float:
    """Wall time of the fastest of three runs."""
    times: list[float] = []
    for _ in range(3):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return min(times)


def measure(module: ModuleOp, x: NDArray[np.float64]) -> tuple[NDArray[np.float64], list[float]]:
    """Outputs, and kernel bytes, g++ seconds, C simulation and interpreter samples per second."""
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        project = write_hls(module, Path(folder) / "net").compile()
        compiling = time.perf_counter() - start
        outputs = project.predict(x)
        figures = [len(x) / seconds(lambda: project.predict(x)), len(x) / seconds(lambda: simulate(module, x))]
    return outputs, [report(module).kernel_bits / 8, compiling, *figures]


def main() -> None:
    rng = np.random.default_rng(0)
    network = binary_mlp(rng)
    x = rng.choice([-1.0, 1.0], (SAMPLES, LAYERS[0]))
    plain = [name for name in DEFAULT_PIPELINE if name != "binary-to-xnor"]
    xnor, with_xnor = measure(lower(network), x)
    multiplied, with_products = measure(lower(network, plain), x)
    assert np.array_equal(xnor, multiplied)
    assert np.array_equal(xnor, simulate(network, x))
    print(f"binary MLP {'-'.join(map(str, LAYERS))}, {SAMPLES} samples, outputs of all forms equal\n")
    print(f"{'':34}{'xnor-popcount':>16}{'multiplication':>16}{'ratio':>8}")
    titles = ("kernel bytes", "write and g++ (s)", "C simulation (samples/s)", "interpreter (samples/s)")
    for title, a, b in zip(titles, with_xnor, with_products, strict=True):
        print(f"{title:34}{a:16.6g}{b:16.6g}{a / b:8.2f}")


if __name__ == "__main__":
    main()
