"""Plans compute what the interpreter computes: bit by bit, on drawn operations, examples and recorded networks."""

from functools import partial

import numpy as np
import pytest
from drawn_operations import network_of, operations
from hypothesis import given, settings
from hypothesis import strategies as st
from modules import SEEDS, draw_codes, module_of, planned_results
from trained import EXAMPLES, load_example
from xdsl.rewriter import Rewriter

from qdialect.compiler.pipeline import lower
from qdialect.dialects.qnn.attributes import RoundAttr
from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.constant import ConstantOp
from qdialect.dialects.qnn.ops.contractions import DenseOp
from qdialect.dialects.qnn.ops.quantize import QuantizeOp
from qdialect.dialects.qnn.ops.threshold import ThresholdOp
from qdialect.dialects.qnn.types import exact_format_of, format_of, tensor
from qdialect.errors import QdialectError
from qdialect.frontends.keras.importer import from_keras
from qdialect.interpreter import simulate as interpreted
from qdialect.interpreter.simulate import run
from qdialect.numerics.formats import BinaryFormat, FixedFormat
from qdialect.numerics.quantizers import Round
from qdialect.numerics.rounding import Overflow, Rounding
from qdialect.simulator import simulate as planned
from qdialect.simulator.plan import SimulationPlan, plan_of

SAMPLES = 3


def values_for(module, seed):
    found = []
    for argument in module.body.block.first_op.args:
        fmt, shape = format_of(argument.type), (SAMPLES, *shape_of(argument))
        rng = np.random.default_rng(seed)
        if fmt is None:
            found.append(rng.normal(size=shape).astype(np.float32))
        else:
            found.append(draw_codes(fmt, shape, seed).astype(np.int64))
    return found


@pytest.mark.parametrize("seed", range(3))
def test_drawn_operations_are_equal(seed):
    """Every kind of operation, also those that are left to the interpreter."""
    for op in operations(np.random.default_rng(seed)):
        module = network_of(op)
        values = values_for(module, seed)
        for a, b in zip(run(module, values), planned_results(module, values), strict=True):
            assert np.array_equal(*np.broadcast_arrays(a, b)), op


@pytest.mark.parametrize("overflow", list(Overflow))
@pytest.mark.parametrize("rounding", list(Rounding))
def test_every_rounding_of_every_code(rounding, overflow):
    source, x, mode = FixedFormat(10, 5, signed=True), np.arange(-512, 512)[:, np.newaxis], Round(rounding, overflow)
    for bits, int_bits, signed in ((5, 3, True), (4, 4, False), (12, 5, True), (3, 9, True)):
        op = partial(QuantizeOp, mode=RoundAttr(mode), fmt=FixedFormat(bits, int_bits, signed))
        module = module_of([tensor((1,), source)], lambda v, op=op: [op(v)])
        assert np.array_equal(run(module, [x])[0], planned_results(module, [x])[0])


@settings(max_examples=60, deadline=None)
@given(
    levels=st.sampled_from([1, 2, 3, 12, 13, 40]),
    channels=st.sampled_from([1, 3]),
    bits=st.sampled_from([5, 12, 20, 26, 40]),
    turned=st.booleans(),
    binary=st.booleans(),
    seed=SEEDS,
)
def test_thresholds_are_equal(levels, channels, bits, turned, binary, seed):
    """Few levels and many, alone or shared, of narrow and wide operands."""
    rng, fmt = np.random.default_rng(seed), FixedFormat(bits, bits, signed=True)
    table = ConstantOp(rng.integers(fmt.min_code, fmt.max_code, (channels, levels)), fmt)
    signs = ConstantOp(rng.choice([-1, 1], channels), BinaryFormat())
    result = BinaryFormat() if binary and levels == 1 else FixedFormat(7, 7, signed=True)
    first = 0 if levels == 1 else int(rng.integers(0, 3))

    def build(x):
        op = ThresholdOp(x, table.result, signs.result if turned else None, result, first)
        return [table, signs, op]

    module = module_of([tensor((2, 3), fmt)], build)
    x = rng.choice(np.concatenate([table.data.reshape(-1), table.data.reshape(-1) - 1]), (50, 2, 3))
    x = np.concatenate([x, rng.integers(fmt.min_code, fmt.max_code, (50, 2, 3), endpoint=True)])
    x = x.clip(fmt.min_code, fmt.max_code)
    assert np.array_equal(run(module, [x])[0], planned_results(module, [x])[0])


@pytest.mark.parametrize(("bits", "dtype"), [(8, np.float32), (22, np.float64), (52, None)])
def test_products_are_in_the_narrowest_floats_that_hold_their_sums(bits, dtype):
    rng, fmt, narrow = np.random.default_rng(0), FixedFormat(bits, bits, signed=True), FixedFormat(7, 7, signed=True)
    kernel = ConstantOp(rng.integers(-64, 64, (9, 4)), narrow)
    module = module_of([tensor((9,), fmt)], lambda x: [kernel, DenseOp(x, kernel.result)])
    plan = SimulationPlan.of(module)
    ends = [np.where(kernel.data.T > 0, high, low) for low, high in ((fmt.min_code, fmt.max_code),) * 2]
    x = np.concatenate([*ends, np.full((1, 9), fmt.max_code), np.full((1, 9), fmt.min_code)])
    assert plan.results[0].owner.name == "qnn.dense"
    known = plan.known[plan.results[0]]
    assert (None if known is None else known.dtype) == dtype
    assert np.array_equal(run(module, [x])[0], planned_results(module, [x])[0])


def recorded(name):
    example = load_example(name)
    return from_keras(example.model), example.inputs


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_are_equal_after_every_pass(name):
    module, x = recorded(name)
    stages = [module.clone()]
    lower(module, after=lambda _, current: stages.append(current.clone()))
    for stage in stages:
        wanted = interpreted.output_codes(stage, [x[:60]], check_ranges=True)
        for a, b in zip(wanted, planned.output_codes(stage, [x[:60]], check_ranges=True), strict=True):
            assert np.array_equal(a, b)
        assert np.array_equal(interpreted.simulate(stage, x[:5]), planned.simulate(stage, x[:5]))


def test_blocks_join_in_order(monkeypatch):
    module, x = recorded(EXAMPLES[0])
    lowered = lower(module)
    wanted = planned.simulate(lowered, x[:50])
    monkeypatch.setattr(planned, "CACHE_BYTES", 7 * plan_of(lowered).bytes_each)
    assert np.array_equal(planned.simulate(lowered, x[:50]), wanted)


def test_a_plan_is_reused_until_its_module_changes():
    module, x = recorded(EXAMPLES[0])
    lowered = lower(module)
    first = plan_of(lowered)
    assert plan_of(lowered) is first
    before = planned.simulate(lowered, x[:20])
    constant = next(op for op in lowered.walk() if isinstance(op, ConstantOp) and len(op.data) > 5)
    altered = ConstantOp(np.zeros_like(constant.data), exact_format_of(constant.result.type))
    constant.properties |= altered.properties
    assert plan_of(lowered) is not first
    assert not np.array_equal(planned.simulate(lowered, x[:20]), before)


def test_codes_that_leave_their_type_are_named():
    narrow = FixedFormat(3, 3, signed=True)
    kernel = ConstantOp(np.full((4, 1), 3), narrow)

    def build(x):
        op = DenseOp(x, kernel.result)
        op.result.name_hint = "sum"
        return [kernel, op]

    module = module_of([tensor((4,), narrow)], build)
    (op,) = (op for op in module.walk() if isinstance(op, DenseOp))
    wrong = DenseOp.create(
        operands=op.operands, properties=op.properties, result_types=[tensor((1,), FixedFormat(4, 4, signed=True))]
    )
    wrong.result.name_hint = "sum"
    Rewriter.replace_op(op, wrong)
    assert planned.simulate(module, np.full((1, 4), 3.0)).item() == 36
    with pytest.raises(QdialectError, match="value 'sum' leaves its type"):
        planned.simulate(module, np.full((1, 4), 3.0), check_ranges=True)


def test_inputs_are_refused_as_by_the_interpreter():
    module, x = recorded(EXAMPLES[0])
    for wrong in (x[:, :-1], np.full_like(x, np.nan), np.full_like(x, "a", dtype=str), np.full(x.shape, 1e300)):
        with pytest.raises(QdialectError) as plain:
            interpreted.simulate(module, wrong)
        with pytest.raises(QdialectError) as fast:
            planned.simulate(module, wrong)
        assert str(fast.value) == str(plain.value)
