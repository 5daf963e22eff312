"""Random codes of any format, and networks of a few operations around them."""

import itertools

import numpy as np
from hypothesis import strategies as st
from rationals import formats
from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import FuncOp, ReturnOp
from xdsl.ir import Block, Region

from qdialect.interpreter.simulate import RangeCheck, run
from qdialect.numerics.formats import FixedFormat
from qdialect.simulator.arguments import as_interpreted
from qdialect.simulator.plan import SimulationPlan

BATCH = 2

NARROW = formats(6, 4, (-4, 2), 4)
WIDE = st.builds(FixedFormat, st.sampled_from([31, 32, 40, 60, 61, 62, 63]), st.integers(-4, 4), st.booleans())
ANY = st.one_of(NARROW, NARROW, WIDE)
SIZES = st.integers(1, 4)
SHAPES = st.lists(SIZES, min_size=1, max_size=3).map(tuple)
SEEDS = st.integers(0, 999)


def draw_codes(fmt, shape, seed) -> np.ndarray:
    """Random codes of a format as Python integers, its ends among them."""
    rng = np.random.default_rng(seed)
    count = int(np.prod(shape))
    if isinstance(fmt, FixedFormat):
        span = fmt.max_code - fmt.min_code
        codes = [fmt.min_code + int(f * span) for f in rng.random(count)]
    else:
        codes = [int(c) for c in rng.choice(np.array(fmt.codes(), object), count)]
    codes[0], codes[-1] = fmt.min_code, fmt.max_code
    return np.array([*codes, None], object)[:-1].reshape(shape)


def as_value(codes: np.ndarray) -> np.ndarray:
    """As the interpreter holds codes: int64 where 62 bits suffice."""
    return codes.astype(np.int64) if all(abs(c) < 1 << 62 for c in codes.flat) else codes


def module_of(types, build) -> ModuleOp:
    """A network with arguments of these types; `build` makes its operations, the last gives the result."""
    block = Block(arg_types=types)
    ops = build(*block.args)
    block.add_ops(ops)
    block.add_op(ReturnOp(ops[-1].results[0]))
    outputs = [ops[-1].results[0].type]
    module = ModuleOp([FuncOp("net", (types, outputs), Region(block))])
    module.verify()
    return module


def results_of(types, build, *values) -> np.ndarray:
    """What the interpreter computes, checked to stay within the result type."""
    module, given = module_of(types, build), [as_value(v) if v.dtype == object else v for v in values]
    (result,) = run(module, given, [RangeCheck()])
    (planned,) = planned_results(module, given)
    assert np.array_equal(*np.broadcast_arrays(planned, result)), "the plan differs from the interpreter"
    return result


def planned_results(module: ModuleOp, values) -> list[np.ndarray]:
    """The results of the network's plan for values as the interpreter holds them."""
    plan = SimulationPlan.of(module)
    known = [plan.known[argument] for argument in plan.function.args]
    given = [v if k is None else v.astype(k.dtype) for v, k in zip(values, known, strict=True)]
    results = plan.compute(dict(zip(plan.function.args, given, strict=True)), check_ranges=True)
    return [as_interpreted(value, plan.known[v], v.type) for value, v in zip(results, plan.results, strict=True)]


def positions(shape):
    return itertools.product(*map(range, shape))
