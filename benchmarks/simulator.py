"""Samples per CPU second of one network each way: Keras, the interpreter, bare products, the simulator, compiled C++.

All ways take turns for REPEATS rounds in one process; a ratio is the median over these rounds, which other work on the
machine slows alike. One core runs them: where two are threads of one, each second of work takes nearly two of theirs.
Bare products are the matrix products of the layers in float32, without anything between them. Printed first: the
machine. `--against FILE` compares the ratios with those that the file has recorded, and fails where one has become
smaller than three quarters of it.
"""

from __future__ import annotations

import argparse
import math
import os
import platform
import re
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median

os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_USE_LEGACY_KERAS": "1"}

import numpy as np
import qkeras
import tf_keras as keras
from documentation_networks import documentation_cnn
from measured import seconds
from threadpoolctl import threadpool_info
from xdsl.dialects.builtin import ModuleOp

import qdialect
from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.contractions import Conv2DOp, DenseOp, DepthwiseConv2DOp
from qdialect.interpreter import simulate as interpreter
from qdialect.numerics.arrays import Array

REPEATS = 5
WORKING_SET = 1 << 20
"""Bytes of a block of bare products."""
BATCH = 1024
LOST = 0.75


def jet_tagger() -> keras.Model:
    bits = "quantized_bits(6, 0, alpha=1)"
    x = given = keras.layers.Input((16,))
    x = qkeras.QActivation("quantized_bits(16, 5, alpha=1)")(x)
    for units in (64, 32, 32):
        x = qkeras.QDense(units, kernel_quantizer=bits, bias_quantizer=bits)(x)
        x = qkeras.QActivation("quantized_relu(6)")(x)
    return keras.Model(given, qkeras.QDense(5, kernel_quantizer=bits, bias_quantizer=bits)(x))


def binary_mlp() -> keras.Model:
    x = given = keras.layers.Input((784,))
    x = qkeras.QActivation("quantized_bits(8, 0, alpha=1)")(x)
    for units in (256, 256):
        x = qkeras.QDense(units, kernel_quantizer="binary(alpha=1)", use_bias=False)(x)
        x = qkeras.QActivation("binary(alpha=1)")(keras.layers.BatchNormalization()(x))
    return keras.Model(given, qkeras.QDense(10, kernel_quantizer="binary(alpha=1)", use_bias=False)(x))


NETWORKS = {"jet_tagger": (jet_tagger, 10_000), "binary_mlp": (binary_mlp, 10_000), "cnn": (documentation_cnn, 1_000)}


def bare_products(module: ModuleOp, samples: int) -> Callable[[], None]:
    """The products of all layers with as many rows as samples have positions, a block after the other."""
    shapes: list[tuple[int, int, int, int]] = []
    for op in module.walk():
        if isinstance(op, DenseOp | Conv2DOp | DepthwiseConv2DOp):
            *positions, outputs = shape_of(op.result)
            *taps, _ = shape_of(op.kernel)
            times = taps[-1] if isinstance(op, DepthwiseConv2DOp) else 1  # a product for each channel
            shapes.append((times, math.prod(positions), math.prod(taps) // times, outputs // times))
    size = max(WORKING_SET // max(4 * rows * (k + n) for _, rows, k, n in shapes), 1)
    blocks = -(-samples // size)
    layers = [
        (
            times,
            np.ones((size * rows, k), np.float32),
            np.ones((k, n), np.float32),
            np.empty((size * rows, n), np.float32),
        )
        for times, rows, k, n in shapes
    ]

    def run() -> None:
        for _ in range(blocks):
            for times, x, kernel, y in layers:
                for _ in range(times):
                    np.matmul(x, kernel, out=y)

    return run


def ways(model: keras.Model, x: Array, folder: Path) -> dict[str, Callable[[], object]]:
    """What is measured, after all have been compared once."""
    module = qdialect.lower(qdialect.from_keras(model))
    project = qdialect.write_hls(module, folder / "net", vectors=x[:20]).compile()
    outputs = qdialect.simulate(module, x)
    assert np.array_equal(outputs, project.predict(x))
    assert np.array_equal(outputs[:200], interpreter.simulate(module, x[:200]))
    # the network level has its layers as products, before popcounts and powers of two take their place
    return {
        "Keras": lambda: model.predict(x, batch_size=BATCH, verbose=0),
        "interpreter": lambda: interpreter.simulate(module, x),
        "products": bare_products(qdialect.from_keras(model), len(x)),
        "simulator": lambda: qdialect.simulate(module, x),
        "C++": lambda: project.predict(x),
    }


def measured(name: str) -> tuple[dict[str, float], float, float]:
    """Samples per CPU second each way, and the simulator's ratio to Keras and to bare products."""
    build, samples = NETWORKS[name]
    keras.utils.set_random_seed(0)
    model = build()
    x = np.random.default_rng(0).uniform(-1.2, 1.2, (samples, *model.input_shape[1:])).astype(np.float32)
    with tempfile.TemporaryDirectory() as scratch:
        runs = ways(model, x, Path(scratch))
        times = {way: [0.0] * REPEATS for way in runs}
        for turn in range(REPEATS):
            for way, run in runs.items():
                times[way][turn] = seconds(run).cpu
    rates = {way: samples / median(each) for way, each in times.items()}
    to_keras, to_products = (
        median(other / own for other, own in zip(times[way], times["simulator"], strict=True))
        for way in ("Keras", "products")
    )
    return rates, to_keras, to_products


def recorded(text: str, name: str) -> tuple[float, float] | None:
    """The ratios of a network in the text of earlier results."""
    found = re.search(rf"^{name} +.* ([0-9.]+) +([0-9.]+)$", text, re.MULTILINE)
    return None if found is None else (float(found[1]), float(found[2]))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--against", type=Path)
    known = parser.parse_args().against
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    blas = ", ".join(f"{each['internal_api']} {each['version']}" for each in threadpool_info())
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
        f"numpy {np.__version__}, {blas}"
    )
    print(
        f"{'samples per CPU second':24}"
        + "".join(f"{way:>12}" for way in ("Keras", "interpreter", "products", "simulator", "C++"))
    )
    slower: list[str] = []
    for name in NETWORKS:
        rates, *ratios = measured(name)
        shown = "".join(f"{rate:12.0f}" for rate in rates.values())
        print(f"{name:24}{shown}  simulator / Keras, products: {ratios[0]:.2f} {ratios[1]:.2f}", flush=True)
        before = recorded(known.read_text(), name) if known is not None else None
        if before is not None:
            print(f"{'':24}recorded: {before[0]:.2f} {before[1]:.2f}")
            slower += [name] * any(now < LOST * then for now, then in zip(ratios, before, strict=True))
    if slower:
        sys.exit(f"slower than recorded: {', '.join(slower)}")


if __name__ == "__main__":
    main()
