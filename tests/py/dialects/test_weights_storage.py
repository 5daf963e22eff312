"""Constants: what `encode` stores is what `decode` reads, in no more bits than the element type has."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from xdsl.dialects.builtin import ModuleOp, f32
from xdsl.utils.exceptions import VerifyException

from qdialect.compiler.registry import make_context
from qdialect.dialects.qnn.ops.constant import ConstantOp
from qdialect.dialects.qnn.storage import decode, encode, pack_words, raw_data, storage_shape
from qdialect.dialects.qnn.text import parse_module
from qdialect.dialects.qnn.types import BinaryType, BitsType, FixedType, Po2Type, TernaryType, tensor
from qdialect.numerics.float32 import dyadic
from qdialect.numerics.formats import BinaryFormat, FixedFormat, TernaryFormat

SHAPES = st.lists(st.integers(1, 11), min_size=1, max_size=4).map(tuple)

FIXED = st.one_of(
    st.builds(FixedType, st.integers(1, 64), st.integers(-70, 70)),
    st.builds(lambda w, i: FixedType(w, i, signed=False), st.integers(1, 63), st.integers(-70, 70)),
)
PO2 = st.builds(
    lambda low, n, *has: Po2Type(low, low + n, *has),
    st.integers(-40, 9),
    st.integers(0, 90),
    st.booleans(),
    st.booleans(),
)
ELEMENTS = st.one_of(st.just(BinaryType()), st.just(TernaryType()), FIXED, PO2)


@st.composite
def constants(draw):
    """An element type and an array of its codes, the ends included."""
    element, shape = draw(ELEMENTS), draw(SHAPES)
    fmt, rng = element.format, np.random.default_rng(draw(st.integers(0, 99)))
    if isinstance(element, FixedType):
        span = fmt.max_code - fmt.min_code
        codes = [fmt.min_code + int(f * span) for f in rng.random(np.prod(shape))]
    else:
        codes = [fmt.codes()[i] for i in rng.integers(0, len(fmt.codes()), np.prod(shape))]
    codes[0], codes[-1] = fmt.min_code, fmt.max_code
    return element, np.array(codes, object).reshape(shape)


@given(constants())
def test_codes_survive(constant):
    element, codes = constant
    decoded = decode(encode(codes, element), tensor(codes.shape, element))
    assert decoded.tolist() == codes.tolist()


@given(constants())
def test_the_operation_holds_them_and_verifies(constant):
    element, codes = constant
    op = ConstantOp(codes, element)
    op.verify()
    assert op.data.tolist() == codes.tolist()


@given(SHAPES, st.integers(0, 99))
def test_floats_survive_bit_for_bit(shape, seed):
    values = np.random.default_rng(seed).integers(0, 1 << 32, shape, np.uint32).view(np.float32)
    stored = decode(encode(values, f32), tensor(shape, f32))
    assert stored.tobytes() == values.tobytes()


@given(SHAPES, st.integers(1, 200), st.integers(0, 99))
def test_packed_words_survive(shape, count, seed):
    bits = np.random.default_rng(seed).random((*shape, count)) < 0.5
    words = pack_words(bits)
    element = BitsType(count)
    assert decode(encode(words, element), tensor(shape, element)).tolist() == words.tolist()
    for at in np.ndindex(shape):
        assert [bool(int(words[at][i // 64]) >> (i % 64) & 1) for i in range(count)] == bits[at].tolist()


@given(arrays(np.float32, SHAPES, elements=st.floats(-8, 8, width=32, allow_subnormal=False)))
def test_float_weights_are_stored_as_they_are_where_codes_take_more(values):
    codes, fmt = dyadic(values)
    assume(fmt.width <= 64)
    attribute = encode(values, tensor(values.shape, fmt).element_type)
    assert len(attribute.data.data) <= values.nbytes
    assert decode(attribute, tensor(values.shape, fmt)).tolist() == codes.tolist()


@pytest.mark.parametrize(
    ("number", "message"),
    [(0.75, "no multiples of 2..-1"), (np.nan, "no multiples"), (2.0**40, "outside"), (-(2.0**39), None)],
)
def test_stored_numbers_must_be_codes(number, message):
    op = ConstantOp(np.array([number], np.float32), FixedFormat(41, 40, signed=True))
    if message is None:
        op.verify()
        return
    with pytest.raises(VerifyException, match=message):
        op.verify()


def bits_stored(codes: np.ndarray, element) -> int:
    return 8 * len(encode(codes, element).data.data)


@pytest.mark.parametrize("shape", [(8,), (3, 16), (3, 3, 5, 64)])
def test_binary_takes_one_bit_and_ternary_two(shape):
    """In rows of whole bytes; a row is filled up to the next byte."""
    ones = np.ones(shape, np.int64)
    assert bits_stored(ones, BinaryType()) == ones.size * BinaryFormat().bits == ones.size
    assert bits_stored(ones, TernaryType()) == ones.size * TernaryFormat().bits == 2 * ones.size
    rows = ones.size // shape[-1]
    assert bits_stored(ones[..., :-1], BinaryType()) == rows * shape[-1]


@pytest.mark.parametrize(
    ("width", "signed", "stored"),
    [(8, True, 8), (9, True, 16), (7, False, 8), (8, False, 16), (16, True, 16), (17, True, 32), (33, True, 64)],
)
def test_fixed_point_takes_the_smallest_integer_that_holds_it(width, signed, stored):
    element = FixedType(width, width, signed)
    assert bits_stored(np.array([element.format.max_code]), element) == stored


@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize("width", [65, 127, 200])
def test_wider_codes_are_words(width, signed):
    element = FixedType(width, width, signed)
    codes = np.array([[element.format.min_code, 0], [element.format.max_code, 1]], object)
    constant = ConstantOp(codes, element)
    constant.verify()
    assert raw_data(constant.value).shape == (2, 2, -(-width // 64))
    assert (constant.data == codes).all()
    with pytest.raises(VerifyException, match="outside"):
        ConstantOp(codes * 2, FixedType(width, width, signed)).verify()


@given(constants())
def test_storage_has_the_documented_shape(constant):
    element, codes = constant
    assert raw_data(encode(codes, element)).shape == storage_shape(codes.shape, element)


@given(arrays(np.float32, st.integers(1, 3), elements=st.floats(width=32, allow_nan=False)))
def test_floats_are_what_their_text_says(values):
    text = str(ModuleOp([ConstantOp(values, None)]))
    (constant,) = parse_module(make_context(), text).ops
    np.testing.assert_array_equal(constant.data, values)
    assert str(constant.parent_op()) == text
