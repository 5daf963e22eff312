"""The vectors of a test bench notice a constant changed by one wherever an input exists that shows it."""

import numpy as np
import pytest
from modules import module_of

from qdialect.backends.projects.files import bench_inputs
from qdialect.dialects.qnn.attributes import RoundAttr
from qdialect.dialects.qnn.network import network
from qdialect.dialects.qnn.ops.constant import ConstantOp
from qdialect.dialects.qnn.ops.contractions import DenseOp
from qdialect.dialects.qnn.ops.functions import LookupOp
from qdialect.dialects.qnn.ops.quantize import QuantizeOp
from qdialect.dialects.qnn.ops.threshold import ThresholdOp
from qdialect.dialects.qnn.storage import encode
from qdialect.dialects.qnn.types import exact_format_of, tensor, tensor_type
from qdialect.numerics.formats import BinaryFormat, FixedFormat
from qdialect.numerics.quantizers import Round
from qdialect.numerics.rounding import Overflow, Rounding
from qdialect.simulator.simulate import output_codes
from qdialect.validation.stimuli import sample_inputs

BITS = 3
WEIGHT, CODE = FixedFormat(4, 4, True), FixedFormat(BITS, BITS, True)


def constant(codes, fmt):
    return ConstantOp(np.asarray(codes, np.int64), fmt)


def network_of(step, seed):
    """Three inputs, a layer of three outputs with a step function, and one of two sums."""
    rng = np.random.default_rng(seed)

    def build(x):
        kernels = [constant(rng.integers(-7, 7, shape), WEIGHT) for shape in ((3, 3), (3, 2))]
        sums = DenseOp(x, kernels[0].result)
        constants, result = step(sums.result, rng)
        return [*kernels, sums, *constants, result, DenseOp(result.result, kernels[1].result)]

    return module_of([tensor((3,), CODE)], build)


def thresholds(sums, rng):
    levels = constant(
        np.sort(rng.choice(np.arange(-30, 30), (3, 4), replace=False), axis=1), exact_format_of(sums.type)
    )
    signs = constant([1, -1, 1], BinaryFormat())
    return [levels, signs], ThresholdOp(sums, levels.result, signs.result, FixedFormat(3, 3, False))


def rounding(sums, rng):
    mode = RoundAttr(Round(Rounding.HALF_EVEN, Overflow.SATURATE))
    return [], QuantizeOp(sums, mode, FixedFormat(2, 7, True))


def table(sums, rng):
    index = QuantizeOp(sums, RoundAttr(Round(Rounding.FLOOR, Overflow.SATURATE)), FixedFormat(5, 6, True))
    entries = constant(rng.integers(-8, 7, (1, 32)), WEIGHT)
    return [index, entries], LookupOp(index.result, entries.result, -16)


def mutants(module):
    """The module with each element of each constant changed by one either way, where its type holds that."""
    for number, op in enumerate(network(module).body.block.ops):
        if isinstance(op, ConstantOp):
            for place in range(op.data.size):
                for step in (-1, 1):
                    data = op.data.copy()
                    data.flat[place] += step
                    if int(data.flat[place]) in exact_format_of(op.result.type):
                        other = module.clone()
                        changed = list(network(other).body.block.ops)[number]
                        changed.properties["value"] = encode(data, tensor_type(op.result.type).element_type)
                        yield f"{op.name} {number} [{place}] {step:+}", other


def differ(module, other, inputs):
    return any(
        not np.array_equal(a, b) for a, b in zip(*(output_codes(m, inputs) for m in (module, other)), strict=True)
    )


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("step", [thresholds, rounding, table])
def test_vectors_notice_what_some_input_shows(step, seed):
    module = network_of(step, seed)
    codes = np.arange(-(1 << BITS - 1), 1 << BITS - 1)
    everything = [np.stack(np.meshgrid(codes, codes, codes), axis=-1).reshape(-1, 3).astype(np.float64)]
    vectors, drawn = bench_inputs(module), sample_inputs(network(module), np.random.default_rng(0), 32)
    shown = [(name, other) for name, other in mutants(module) if differ(module, other, everything)]
    assert len(shown) > 20
    assert len(vectors[0]) < 100
    assert any(not differ(module, other, drawn) for _, other in shown)
    assert [name for name, other in shown if not differ(module, other, vectors)] == []
    assert np.array_equal(vectors, bench_inputs(module.clone()))


def test_changes_that_leave_a_table_are_not_taken_for_shown():
    """Sums of three codes that are 0 or 1, and a table of these sums alone: with the code -1 of a changed rounding
    nobody knows what is read."""

    def build(x):
        codes = QuantizeOp(x, RoundAttr(Round(Rounding.FLOOR, Overflow.SATURATE)), FixedFormat(2, 2, True))
        kernel = constant(np.ones((3, 1)), WEIGHT)
        sums = DenseOp(codes.result, kernel.result)
        entries = constant([[5, -3, 2, 4]], WEIGHT)
        return [codes, kernel, sums, entries, LookupOp(sums.result, entries.result, 0)]

    module = module_of([tensor((3,), FixedFormat(3, 2, False))], build)
    vectors = bench_inputs(module)
    assert {int(code) for code in output_codes(module, vectors)[0].flat} == {5, -3, 2, 4}
