"""Running a network fast: reals in, reals out, a leading batch axis everywhere; equal to the interpreter.

Samples are run in blocks that stay in the cache, on all cores: numpy computes without Python's lock.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

import numpy as np
from threadpoolctl import ThreadpoolController
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Attribute

from qdialect.dialects.qnn.network import argument_names
from qdialect.interpreter.blocks import joined
from qdialect.interpreter.values import as_inputs, expect_numbers
from qdialect.numerics.arrays import Array
from qdialect.simulator.arguments import as_interpreted, as_reals
from qdialect.simulator.codes import Known
from qdialect.simulator.plan import SimulationPlan, plan_of

CACHE_BYTES = 1 << 20
"""What a step of a block reads and writes: about the cache of a core."""

Conversion = Callable[[Array, Known, Attribute], Array]


def simulate(module: ModuleOp, x: Any, check_ranges: bool = False) -> Any:
    """The network's outputs for real inputs: float64 arrays with a leading batch axis.

    `x` is one array, or a list or dict of arrays for several inputs; several outputs come back as a list.
    `check_ranges` asserts after every op that no value has left its type.
    Raises QdialectError for inputs that do not fit.
    """
    plan = plan_of(module)
    outputs = _run(plan, as_inputs(x, argument_names(plan.function)), as_reals, check_ranges)
    return outputs[0] if len(outputs) == 1 else outputs


def output_codes(module: ModuleOp, inputs: Sequence[Array], check_ranges: bool = False) -> list[Array]:
    """The network's raw outputs for one array of reals per input: what a test bench compares."""
    return _run(plan_of(module), inputs, as_interpreted, check_ranges)


def _run(plan: SimulationPlan, inputs: Sequence[Array], convert: Conversion, check_ranges: bool) -> list[Array]:
    def block(part: Sequence[Array]) -> list[Array]:
        outputs = (
            convert(value, plan.known[result], result.type)
            for value, result in zip(plan.run(part, check_ranges), plan.results, strict=True)
        )
        return [np.broadcast_to(y, (len(part[0]), *y.shape[1:])).copy() for y in outputs]

    for i, x in enumerate(inputs):
        expect_numbers(plan.function, i, x)
    samples, size = len(inputs[0]), max(CACHE_BYTES // max(plan.bytes_each, 1), 1)
    parts = [[x[start : start + size] for x in inputs] for start in range(0, max(samples, 1), size)]
    if len(parts) == 1:
        return block(parts[0])
    with controller().limit(limits=1, user_api="blas"), ThreadPoolExecutor(cores()) as pool:
        return joined([*pool.map(block, parts)])


@cache
def controller() -> ThreadpoolController:
    """Of the threads of BLAS: its own would wait for each other beside those of blocks."""
    return ThreadpoolController()


@cache
def cores() -> int:
    """How many cores this process may use; of the machine, where the system does not say."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
