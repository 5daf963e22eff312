"""The binary MLP 784-256-256-10 of QKeras' documentation: XNOR-popcount against ordinary integer multiplication.

Random {-1, +1} weights, batch normalization as thresholds. The same network is lowered twice: with `binary-to-xnor`
(packed bits, popcounts) and without (one integer product per weight). Printed: bytes of kernels, g++ time, samples per
second of the C simulation and of the interpreter, and that both give the same outputs.
"""

from __future__ import annotations

import tempfile
from itertools import pairwise
from pathlib import Path

import numpy as np
from measured import REPEATS, seconds
from numpy.typing import NDArray
from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import FuncOp, ReturnOp
from xdsl.ir import Block, Operation, Region, SSAValue

from qdialect.analysis.costs import report
from qdialect.backends.hls.project.project import Project
from qdialect.compiler.pipeline import lower
from qdialect.compiler.write_hls import write_hls
from qdialect.dialects.qnn.ops.constant import ConstantOp
from qdialect.dialects.qnn.ops.contractions import DenseOp
from qdialect.dialects.qnn.ops.threshold import ThresholdOp
from qdialect.dialects.qnn.types import tensor
from qdialect.numerics.formats import BinaryFormat, FixedFormat
from qdialect.passes import DEFAULT_PIPELINE
from qdialect.simulator.simulate import simulate

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


def measure(module: ModuleOp, x: NDArray[np.float64]) -> tuple[NDArray[np.float64], list[float]]:
    """Outputs, and kernel bytes, seconds to write and compile, C simulation and interpreter samples per second."""
    with tempfile.TemporaryDirectory() as folder:
        projects: list[Project] = []
        building = seconds(lambda: projects.append(write_hls(module, Path(folder) / "net").compile()))
        outputs = projects[0].predict(x)
        csim, interpreter = (
            seconds(run, REPEATS) for run in (lambda: projects[0].predict(x), lambda: simulate(module, x))
        )
    return outputs, [report(module).kernel_bits / 8, building, len(x) / csim, len(x) / interpreter]


def compare(title: str, network: ModuleOp, x: NDArray[np.float64], without: str, names: tuple[str, str]) -> None:
    """Prints the figures of a network lowered by the default pipeline and by the same without one pass."""
    (a, figures), (b, others) = (
        measure(lower(network, pipeline), x)
        for pipeline in (DEFAULT_PIPELINE, [name for name in DEFAULT_PIPELINE if name != without])
    )
    assert np.array_equal(a, b)
    assert np.array_equal(a, simulate(network, x))
    print(f"{title}, {len(x)} samples, outputs of all forms equal\n")
    print(f"{'':34}{names[0]:>16}{names[1]:>16}{'ratio':>8}")
    titles = ("kernel bytes", "write and g++ (s)", "C simulation (samples/s)", "interpreter (samples/s)")
    for row, first, second in zip(titles, figures, others, strict=True):
        print(f"{row:34}{first:16.6g}{second:16.6g}{first / second:8.2f}")
    print()


def main() -> None:
    rng = np.random.default_rng(0)
    x = rng.choice([-1.0, 1.0], (SAMPLES, LAYERS[0]))
    title = f"binary MLP {'-'.join(map(str, LAYERS))}"
    compare(title, binary_mlp(rng), x, "binary-to-xnor", ("xnor-popcount", "multiplication"))


if __name__ == "__main__":
    main()
