"""Contractions, pooling and reshapes of the interpreter against their definitions, element by element."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from modules import ANY, BATCH, NARROW, SEEDS, SHAPES, SIZES, as_value, draw_codes, positions, results_of

from qdialect.dialects.qnn.ops.constant import ConstantOp
from qdialect.dialects.qnn.ops.contractions import Conv2DOp, DenseOp
from qdialect.dialects.qnn.ops.packed import PackOp, PopcountDenseOp
from qdialect.dialects.qnn.ops.pooling import MaxPool2DOp, SumPool2DOp
from qdialect.dialects.qnn.ops.shapes import PadOp, ReshapeOp
from qdialect.dialects.qnn.storage import pack_words
from qdialect.dialects.qnn.types import BitsType, tensor
from qdialect.numerics.formats import BinaryFormat, FixedFormat


@given(ANY, ANY, SEEDS, SIZES, SIZES, st.lists(SIZES, max_size=2).map(tuple))
def test_dense_equals_sums_of_python_integers(a, w, seed, inputs, outputs, around):
    x, kernel = draw_codes(a, (BATCH, *around, inputs), seed), draw_codes(w, (inputs, outputs), seed + 1)
    constant = ConstantOp(as_value(kernel), w)
    got = results_of([tensor((*around, inputs), a)], lambda p: [constant, DenseOp(p, constant.result)], x)
    assert got.shape == (BATCH, *around, outputs)
    for *at, j in positions(got.shape):
        assert got[(*at, j)] == sum(x[(*at, i)] * kernel[i, j] for i in range(inputs))


@given(ANY, NARROW, SEEDS, st.data())
def test_conv2d_equals_sums_of_python_integers(a, w, seed, data):
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
def test_pad_equals_numpy(fmt, shape, seed, data):
    low, high = ([data.draw(st.integers(0, 2)) for _ in shape] for _ in range(2))
    x = draw_codes(fmt, (BATCH, *shape), seed)
    got = results_of([tensor(shape, fmt)], lambda p: [PadOp(p, low, high)], x)
    assert got.shape[1:] == tuple(n + a + b for n, a, b in zip(shape, low, high, strict=True))
    for s, *at in positions(got.shape):
        source = tuple(i - a for i, a in zip(at, low, strict=True))
        inside = all(0 <= i < n for i, n in zip(source, shape, strict=True))
        assert got[(s, *at)] == (x[(s, *source)] if inside else 0)


@given(ANY, SEEDS, st.sampled_from([(MaxPool2DOp, max), (SumPool2DOp, sum)]), st.data())
def test_pooling_equals_windows_of_numpy(fmt, seed, operation, data):
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
