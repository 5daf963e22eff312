"""Every operation of the interpreter against its definition in plain Python integers, element by element."""

import itertools
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from xdsl.dialects.builtin import ModuleOp, f32
from xdsl.dialects.func import FuncOp, ReturnOp
from xdsl.ir import Block, Region
from xdsl.rewriter import Rewriter

from qdialect import QdialectError, simulate
from qdialect.dialect.attributes import DeadZoneAttr, NearestPo2Attr, RoundAttr, SignAttr
from qdialect.dialect.constant import ConstantOp
from qdialect.dialect.contractions import Conv2DOp, DenseOp
from qdialect.dialect.elementwise import AddOp, MulOp, ReluOp, ShiftOp
from qdialect.dialect.float_steps import BatchNormOp, DivideOp
from qdialect.dialect.packed import PackOp, PopcountDenseOp
from qdialect.dialect.padding import PadOp, ReshapeOp
from qdialect.dialect.pooling import MaxPool2DOp, SumPool2DOp
from qdialect.dialect.quantize import QuantizeOp, ThresholdOp
from qdialect.dialect.types import BitsType, tensor
from qdialect.dialect.weights import pack_words
from qdialect.interpreter.simulate import RangeCheck, run
from qdialect.numerics.float32 import BatchNormFormula
from qdialect.numerics.formats import BinaryFormat, FixedFormat, Po2Format, TernaryFormat
from qdialect.numerics.quantizers import DeadZone, NearestPo2, Round, Sign
from qdialect.numerics.rounding import Overflow, Rounding

BATCH = 2

NARROW = st.one_of(
    st.builds(FixedFormat, st.integers(1, 6), st.integers(-4, 4), st.booleans()),
    st.builds(
        lambda low, n, *has: Po2Format(low, low + n, *has),
        st.integers(-4, 2),
        st.integers(0, 4),
        st.booleans(),
        st.booleans(),
    ),
    st.just(BinaryFormat()),
    st.just(TernaryFormat()),
)
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
    (result,) = run(module_of(types, build), [as_value(v) if v.dtype == object else v for v in values], [RangeCheck()])
    return result


def positions(shape):
    return itertools.product(*map(range, shape))


# --- element-wise ----------------------------------------------------------------------------------------------------


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
def test_relu(fmt, shape, seed):
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


def batch_norm_in_steps(x, gamma, beta, mean, variance, epsilon, formula):
    """The orders of operations, each result rounded to float32 by hand; scalars."""

    def f(value: Fraction) -> Fraction:
        return Fraction(float(np.float32(float(value)))) if value else Fraction(0)

    deviation = Fraction(float(np.sqrt(np.float32(variance) + np.float32(epsilon))))
    x, gamma, beta, mean = (Fraction(float(v)) for v in (x, gamma, beta, mean))
    match formula:
        case BatchNormFormula.SCALE_OFFSET:
            inv = f(f(1 / deviation) * gamma)
            return f(f(x * inv) + f(beta - f(mean * inv)))
        case BatchNormFormula.FUSED_FMA:
            return f(f(f(x - mean) * f(1 / deviation)) * gamma + beta)
        case BatchNormFormula.FUSED_PRODUCT:
            return f(f(f(x - mean) * f(f(1 / deviation) * gamma)) + beta)
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
    for at in positions(x.shape):
        c = at[-1]
        value = x[at] * 2.0**fmt.lsb
        expected = batch_norm_in_steps(value, gamma[c], beta[c], mean[c], variance[c], 1e-3, formula)
        assert Fraction(float(got[at])) == expected


# --- layers ----------------------------------------------------------------------------------------------------------


@given(ANY, ANY, SEEDS, SIZES, SIZES, st.lists(SIZES, max_size=2).map(tuple))
def test_dense(a, w, seed, inputs, outputs, around):
    x, kernel = draw_codes(a, (BATCH, *around, inputs), seed), draw_codes(w, (inputs, outputs), seed + 1)
    constant = ConstantOp(as_value(kernel), w)
    got = results_of([tensor((*around, inputs), a)], lambda p: [constant, DenseOp(p, constant.result)], x)
    assert got.shape == (BATCH, *around, outputs)
    for *at, j in positions(got.shape):
        assert got[(*at, j)] == sum(x[(*at, i)] * kernel[i, j] for i in range(inputs))


@given(ANY, NARROW, SEEDS, st.data())
def test_conv2d(a, w, seed, data):
    kh, kw, sh, sw, dh, dw = (data.draw(st.integers(1, 3 if i < 4 else 2)) for i in range(6))
    rows, columns = ((k - 1) * d + 1 + data.draw(st.integers(0, 3)) for k, d in ((kh, dh), (kw, dw)))
    channels, filters = data.draw(st.integers(1, 3)), data.draw(st.integers(1, 3))
    x = draw_codes(a, (BATCH, rows, columns, channels), seed)
    kernel = draw_codes(w, (kh, kw, channels, filters), seed + 1)
    constant = ConstantOp(as_value(kernel), w)
    got = results_of(
        [tensor(x.shape[1:], a)], lambda p: [constant, Conv2DOp(p, constant.result, (sh, sw), (dh, dw))], x
    )
    assert got.shape == (BATCH, (rows - (kh - 1) * dh - 1) // sh + 1, (columns - (kw - 1) * dw - 1) // sw + 1, filters)
    for s, r, c, f in positions(got.shape):
        assert got[s, r, c, f] == sum(
            x[s, r * sh + i * dh, c * sw + j * dw, k] * kernel[i, j, k, f] for i, j, k in positions((kh, kw, channels))
        )


@given(ANY, SHAPES, SEEDS, st.data())
def test_pad(fmt, shape, seed, data):
    low, high = ([data.draw(st.integers(0, 2)) for _ in shape] for _ in range(2))
    x = draw_codes(fmt, (BATCH, *shape), seed)
    got = results_of([tensor(shape, fmt)], lambda p: [PadOp(p, low, high)], x)
    assert got.shape[1:] == tuple(n + a + b for n, a, b in zip(shape, low, high, strict=True))
    for s, *at in positions(got.shape):
        source = tuple(i - a for i, a in zip(at, low, strict=True))
        inside = all(0 <= i < n for i, n in zip(source, shape, strict=True))
        assert got[(s, *at)] == (x[(s, *source)] if inside else 0)


@given(ANY, SEEDS, st.sampled_from([(MaxPool2DOp, max), (SumPool2DOp, sum)]), st.data())
def test_pooling(fmt, seed, operation, data):
    """Of the real elements of each window only."""
    op_class, python = operation
    pool = [data.draw(st.integers(1, 3)) for _ in range(2)]
    strides = [data.draw(st.integers(1, 3)) for _ in range(2)]
    low, high = ([data.draw(st.integers(0, k - 1)) for k in pool] for _ in range(2))
    rows, columns = (k + data.draw(st.integers(0, 2)) for k in pool)
    x = draw_codes(fmt, (BATCH, rows, columns, 2), seed)
    got = results_of([tensor(x.shape[1:], fmt)], lambda p: [op_class(p, pool, strides, low, high)], x)
    for s, r, c, k in positions(got.shape):
        window = [
            x[s, i, j, k]
            for i in range(r * strides[0] - low[0], r * strides[0] - low[0] + pool[0])
            for j in range(c * strides[1] - low[1], c * strides[1] - low[1] + pool[1])
            if 0 <= i < rows and 0 <= j < columns
        ]
        assert got[s, r, c, k] == python(window)


def test_sums_beyond_63_bits():
    fmt = FixedFormat(62, 62, signed=False)
    x = np.full((1, 3, 3, 1), fmt.max_code, object)
    assert results_of([tensor((3, 3, 1), fmt)], lambda p: [SumPool2DOp(p, (3, 3), (1, 1))], x) == 9 * fmt.max_code


@given(NARROW, SHAPES, SEEDS)
def test_reshape_keeps_the_row_major_order(fmt, shape, seed):
    x = draw_codes(fmt, (BATCH, *shape), seed)
    size = int(np.prod(shape))
    for target in ((size,), shape[::-1]):
        got = results_of([tensor(shape, fmt)], lambda p, target=target: [ReshapeOp(p, target)], x)
        assert got.tolist() == x.reshape(BATCH, *target).tolist()


@given(st.integers(1, 130), st.integers(1, 3), SEEDS)
def test_popcount_dense_counts_agreements(inputs, outputs, seed):
    x, kernel = (draw_codes(BinaryFormat(), (n, inputs), seed + n) for n in (BATCH, outputs))

    def build(p):
        packed = PackOp(p)
        weights = ConstantOp(pack_words(kernel > 0), BitsType(inputs))
        return [packed, weights, PopcountDenseOp(packed.result, weights.result)]

    got = results_of([tensor((inputs,), BinaryFormat())], build, x)
    for s, j in positions((BATCH, outputs)):
        agreements = sum(a == b for a, b in zip(x[s], kernel[j], strict=True))
        assert got[s, j] == agreements
        assert 2 * agreements - inputs == sum(a * b for a, b in zip(x[s], kernel[j], strict=True))


# --- simulate --------------------------------------------------------------------------------------------------------


@given(NARROW, SHAPES, SEEDS)
def test_a_batch_is_its_samples_one_by_one(fmt, shape, seed):
    fixed = FixedFormat(4, 1, signed=True)
    kernel = ConstantOp(as_value(draw_codes(fixed, (shape[-1], 2), seed)), fixed)
    module = module_of([tensor(shape, fmt)], lambda p: [kernel, DenseOp(p, kernel.result)])
    x = np.ldexp(draw_codes(fmt, (3, *shape), seed).astype(np.float64), fmt.lsb)
    whole = simulate(module, x, check_ranges=True)
    assert whole.dtype == np.float64
    assert np.array_equal(whole, np.concatenate([simulate(module, x[i : i + 1]) for i in range(3)]))
    assert simulate(module, x[:0]).shape == (0, *whole.shape[1:])


def test_check_ranges_names_the_value_that_leaves_its_type():
    """A type that is too narrow, which no pass of ours makes."""
    fmt = FixedFormat(4, 4, signed=True)
    module = module_of([tensor((2,), fmt), tensor((2,), fmt)], lambda a, b: [AddOp(a, b)])
    (op,) = (op for op in module.walk() if isinstance(op, AddOp))
    op.result.name_hint = "total"
    Rewriter.replace_value_with_new_type(op.result, tensor((2,), fmt))
    x = np.array([[7.0, 0.0]])
    assert simulate(module, [x, x]).tolist() == [[14.0, 0.0]]
    with pytest.raises(QdialectError, match=r"value 'total' leaves its type .*: codes \[0, 14\]"):
        simulate(module, [x, x], check_ranges=True)


def one_input(fmt=None, shape=(2, 3)) -> ModuleOp:
    module = module_of([tensor(shape, fmt or f32)], lambda p: [ReluOp(p)])
    next(iter(module.ops)).args[0].name_hint = "image"
    return module


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (np.zeros((4, 3)), r"input 'image' has shape \[batch, 2, 3\], got an array of shape \[4, 3\]"),
        (np.zeros((2, 3)), r"input 'image' has shape \[batch, 2, 3\]"),
        (np.float64(1), r"got an array of shape \[\]"),
        (np.full((1, 2, 3), "1"), "input 'image' must be numeric, got dtype <U1"),
        (np.full((1, 2, 3), None), "input 'image' must be numeric, got dtype object"),
        (np.full((1, 2, 3), 1j), "input 'image' must be numeric, got dtype complex128"),
        (np.full((1, 2, 3), np.nan), "input 'image' contains NaN"),
        ([[[1, 2, 3], [1, 2]]], "input 'image'"),
        ({"picture": np.zeros((1, 2, 3))}, "inputs must be named image, got picture"),
    ],
)
def test_inputs_that_do_not_fit(x, message):
    with pytest.raises(QdialectError, match=message) as error:
        simulate(one_input(), x)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("value", [0.25, 8.0, -9.0, np.inf, 1e30])
def test_values_off_the_grid_of_a_quantized_input_without_quantizer(value):
    with pytest.raises(QdialectError, match=r"input 'image' has values outside !qnn\.fixed<5, 4, signed>"):
        simulate(one_input(FixedFormat(5, 4, signed=True)), np.full((1, 2, 3), value))


def test_wrong_number_of_inputs():
    fmt = FixedFormat(4, 4, signed=True)
    module = module_of([tensor((2,), fmt), tensor((2,), fmt)], lambda a, b: [AddOp(a, b)])
    for x in (np.zeros((1, 2)), [np.zeros((1, 2))] * 3):
        with pytest.raises(QdialectError, match=r"the network has 2 inputs \(arg0, arg1\)"):
            simulate(module, x)
    with pytest.raises(QdialectError, match="batch"):
        simulate(module, [np.zeros((2, 2)), np.zeros((3, 2))])
