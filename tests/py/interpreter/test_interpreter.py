"""Every element-wise operation of the interpreter against its definition in plain Python integers."""

from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from modules import ANY, BATCH, NARROW, SEEDS, SHAPES, as_value, draw_codes, module_of, positions, results_of
from xdsl.dialects.builtin import f32

from qdialect.dialects.qnn.attributes import DeadZoneAttr, NearestPo2Attr, RoundAttr, SignAttr
from qdialect.dialects.qnn.ops.constant import ConstantOp
from qdialect.dialects.qnn.ops.elementwise import AddOp, MulOp, ReluOp, ShiftOp
from qdialect.dialects.qnn.ops.float_steps import BatchNormOp, DivideOp
from qdialect.dialects.qnn.ops.quantize import QuantizeOp
from qdialect.dialects.qnn.ops.threshold import ThresholdOp
from qdialect.dialects.qnn.types import tensor
from qdialect.interpreter.simulate import RangeCheck, run
from qdialect.numerics.float32 import BatchNormFormula
from qdialect.numerics.formats import BinaryFormat, FixedFormat, Po2Format, TernaryFormat
from qdialect.numerics.quantizers import DeadZone, NearestPo2, Round, Sign
from qdialect.numerics.rounding import Overflow, Rounding
from qdialect.numerics.vectorized import rsqrt


@st.composite
def broadcasting_shapes(draw):
    """Two shapes per sample that broadcast, possibly of different rank."""
    shape = draw(SHAPES)
    other = tuple(draw(st.sampled_from([n, 1])) for n in shape)[draw(st.integers(0, len(shape) - 1)) :]
    return draw(st.permutations([shape, other]))


@given(ANY, ANY, broadcasting_shapes(), SEEDS, st.sampled_from([(AddOp, int.__add__), (MulOp, int.__mul__)]))
def test_add_and_mul(a, b, shapes, seed, operation):
    """a * 2^i + b * 2^j and a * b * 2^(i + j), with a batch axis and numpy's broadcasting per sample."""
    op_class, python = operation
    x, y = (draw_codes(f, (BATCH, *shape), seed + i) for i, (f, shape) in enumerate(zip((a, b), shapes, strict=True)))
    got = results_of(
        [tensor(shape, f) for f, shape in zip((a, b), shapes, strict=True)], lambda p, q: [op_class(p, q)], x, y
    )
    fine = min(a.lsb, b.lsb)
    for sample in range(BATCH):
        left, right = np.broadcast_arrays(x[sample], y[sample])
        assert got[sample].shape == left.shape
        for at in positions(left.shape):
            p, q = int(left[at]), int(right[at])
            if op_class is AddOp:
                p, q = p << (a.lsb - fine), q << (b.lsb - fine)
            assert got[(sample, *at)] == python(p, q)


@given(ANY, SHAPES, SEEDS, st.integers(-5, 5))
def test_shift_moves_the_binary_point(fmt, shape, seed, by):
    x = draw_codes(fmt, (BATCH, *shape), seed)
    module = module_of([tensor(shape, fmt)], lambda p: [ShiftOp(p, by)])
    assert run(module, [as_value(x)], [RangeCheck()])[0].tolist() == x.tolist()
    (output,) = (f.function_type.outputs.data[0] for f in module.ops)
    assert output.element_type.format.lsb == fmt.lsb + by


@given(ANY, SHAPES, SEEDS)
def test_relu_equals_the_maximum_with_zero(fmt, shape, seed):
    x = draw_codes(fmt, (BATCH, *shape), seed)
    got = results_of([tensor(shape, fmt)], lambda p: [ReluOp(p)], x)
    assert got.ravel().tolist() == [max(c, 0) for c in x.ravel().tolist()]


MODES = st.one_of(
    st.builds(
        lambda r, o, f: (RoundAttr(Round(r, o)), f),
        st.sampled_from(Rounding),
        st.sampled_from(Overflow),
        st.builds(FixedFormat, st.integers(1, 8), st.integers(-4, 4), st.booleans()),
    ),
    st.just((SignAttr(Sign()), BinaryFormat())),
    st.just((DeadZoneAttr(DeadZone(float(np.float32(0.33)))), TernaryFormat())),
    st.just((NearestPo2Attr(NearestPo2(2.0)), Po2Format(-4, 3, signed=True))),
)


@given(NARROW, SHAPES, SEEDS, MODES)
def test_quantize_does_the_same_to_codes_and_to_floats(fmt, shape, seed, mode_and_format):
    """What each mode means is proved in test_numerics.py."""
    mode, target = mode_and_format
    x = draw_codes(fmt, (BATCH, *shape), seed)
    reals = np.ldexp(x.astype(np.float64), fmt.lsb).astype(np.float32)
    got = results_of([tensor(shape, fmt)], lambda p: [QuantizeOp(p, mode, target)], x)
    from_floats = results_of([tensor(shape, f32)], lambda p: [QuantizeOp(p, mode, target)], reals)
    assert got.tolist() == mode.data.codes(as_value(x), fmt.lsb, target).tolist() == from_floats.tolist()


@given(NARROW, SEEDS, st.integers(1, 4), st.integers(1, 3), st.booleans(), st.booleans())
def test_threshold_counts_the_levels_reached(fmt, seed, channels, levels, shared, directed):
    """result = the (first + #{k : d*x >= d*T[channel, k]})-th code."""
    rng = np.random.default_rng(seed)
    x = draw_codes(fmt, (BATCH, 2, channels), seed)
    rows = 1 if shared else channels
    table = rng.integers(fmt.min_code - 1, fmt.max_code + 2, (rows, levels))
    directions = rng.choice([-1, 1], rows)
    target, first = FixedFormat(3, 1, signed=True), 2

    def build(p):
        thresholds = ConstantOp(table, FixedFormat(10, 10 + fmt.lsb, signed=True))
        direction = ConstantOp(directions, BinaryFormat())
        op = ThresholdOp(p, thresholds.result, direction.result if directed else None, target, first)
        return [thresholds, *([direction] if directed else []), op]

    got = results_of([tensor((2, channels), fmt)], build, x)
    for at in positions(x.shape):
        row = 0 if shared else at[-1]
        d = int(directions[row]) if directed else 1
        count = sum(d * x[at] >= d * int(level) for level in table[row])
        assert got[at] == target.codes()[first + count]


@given(NARROW, SHAPES, SEEDS, st.integers(1, 49))
def test_divide_is_the_correctly_rounded_quotient(fmt, shape, seed, divisor):
    x = draw_codes(fmt, (BATCH, *shape), seed)
    constant = ConstantOp(np.array([divisor], np.float32), None)
    got = results_of([tensor(shape, fmt)], lambda p: [constant, DivideOp(p, constant.result)], x)
    assert got.dtype == np.float32
    for at in positions(x.shape):
        exact, value = Fraction(x[at]) * Fraction(2) ** fmt.lsb / divisor, got[at]
        error = abs(Fraction(float(value)) - exact)
        for neighbour in (np.nextafter(value, np.float32(-np.inf)), np.nextafter(value, np.float32(np.inf))):
            assert error <= abs(Fraction(float(neighbour)) - exact)


def batch_norm_in_steps(x, gamma, beta, mean, deviation, root, formula):
    """The orders of operations, each result rounded to float32 by hand; scalars. root: TensorFlow's 1 / deviation."""

    def f(value: Fraction) -> Fraction:
        return Fraction(float(np.float32(float(value)))) if value else Fraction(0)

    x, gamma, beta, mean, deviation, root = (Fraction(float(v)) for v in (x, gamma, beta, mean, deviation, root))
    match formula:
        case BatchNormFormula.SCALE_OFFSET:
            inv = f(root * gamma)
            return f(f(x * inv) + f(beta - f(mean * inv)))
        case BatchNormFormula.FUSED_FMA:
            return f(f(f(x - mean) * f(1 / deviation)) * gamma + beta)
        case BatchNormFormula.FUSED_PRODUCT:
            return f(f(f(x - mean) * f(root * gamma)) + beta)
        case BatchNormFormula.FUSED_SCALE:
            return f(f(f(x - mean) * f(gamma / deviation)) + beta)


@given(st.sampled_from(BatchNormFormula), SEEDS, st.integers(1, 9))
def test_batch_norm_is_its_formula_step_by_step(formula, seed, channels):
    """Parameters of 11 bits, so that a float64 holds every product and sum before it is rounded to float32."""
    rng = np.random.default_rng(seed)
    gamma, beta, mean = (rng.integers(-1024, 1025, channels).astype(np.float32) / 512 for _ in range(3))
    variance = rng.integers(1, 2048, channels).astype(np.float32) / 256
    fmt = FixedFormat(10, 6, signed=True)
    x = draw_codes(fmt, (BATCH, 2, channels), seed)

    def build(p):
        constants = [ConstantOp(v, None) for v in (gamma, beta, mean, variance)]
        return [*constants, BatchNormOp(p, [c.result for c in constants], 1e-3, formula)]

    got = results_of([tensor((2, channels), fmt)], build, x)
    shifted = variance + np.float32(1e-3)
    deviation, root = np.sqrt(shifted), rsqrt(shifted)
    for at in positions(x.shape):
        c = at[-1]
        value = x[at] * 2.0**fmt.lsb
        expected = batch_norm_in_steps(value, gamma[c], beta[c], mean[c], deviation[c], root[c], formula)
        assert Fraction(float(got[at])) == expected
