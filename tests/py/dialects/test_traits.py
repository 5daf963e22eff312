"""Every trait on drawn values: the operations that declare it do what it says, as the interpreter runs them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from drawn_operations import argument, constant, operations
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation

from qdialect.dialects.qnn import traits
from qdialect.dialects.qnn.attributes import RoundAttr
from qdialect.dialects.qnn.dialect import QNN
from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.comparisons import LeakyReluOp
from qdialect.dialects.qnn.ops.constant import constant_of
from qdialect.dialects.qnn.ops.contractions import DenseOp, DepthwiseConv2DOp
from qdialect.dialects.qnn.ops.elementwise import AddOp, MulOp, ReluOp, SubOp
from qdialect.dialects.qnn.ops.moves import TransposeOp
from qdialect.dialects.qnn.ops.packed import PackOp
from qdialect.dialects.qnn.ops.pooling import MaxPool2DOp, SumPool2DOp
from qdialect.dialects.qnn.ops.quantize import QuantizeOp
from qdialect.dialects.qnn.ops.shapes import ReshapeOp
from qdialect.dialects.qnn.storage import pack_codes
from qdialect.dialects.qnn.types import BitsType, format_of, tensor
from qdialect.interpreter.simulate import interpreter_for
from qdialect.numerics.formats import BinaryFormat, FixedFormat
from qdialect.numerics.quantizers import Round

INTERPRETER = interpreter_for(ModuleOp([]))
ROUNDS = 4


@dataclass
class Function:
    """What an operation computes of its operands that are no constants."""

    op: Operation

    def __post_init__(self):
        self.sources = [v.owner.operand if isinstance(v.owner, PackOp) else v for v in self.op.operands]
        self.free = [i for i, v in enumerate(self.sources) if constant_of(v) is None]

    def draw(self, rng, small=False):
        """Values of the free operands, reals as multiples of their steps; `small`: sums stay within the types."""
        arrays = []
        for v in (self.sources[i] for i in self.free):
            fmt, shape = format_of(v.type), (1, *shape_of(v))
            if fmt is None:
                arrays.append(rng.normal(0, 3, shape).astype(np.float32))
            elif isinstance(fmt, BinaryFormat):
                arrays.append(rng.choice([-1, 1], shape))
            else:
                low, high = (fmt.min_code // 4, fmt.max_code // 4) if small else (fmt.min_code, fmt.max_code)
                arrays.append(rng.integers(low, high + 1, shape))
        return arrays

    def __call__(self, *arrays, constants=None):
        """The result for the free operands, and for other values of constants, by their index."""
        given = dict(zip(self.free, arrays, strict=True)) | (constants or {})
        codes = []
        for i, (operand, source) in enumerate(zip(self.op.operands, self.sources, strict=True)):
            array = given[i] if i in given else constant_of(source)[np.newaxis]
            codes.append(INTERPRETER.run_op(operand.owner, (array,))[0] if operand is not source else array)
        return INTERPRETER.run_op(self.op, tuple(codes))[0]


def changed(f, rng, arrays, where):
    """The arrays with other values at `where` of the first."""
    others = f.draw(rng)
    return [np.where(where, others[0], arrays[0]), *arrays[1:]]


def per_channel(f, rng):
    arrays = f.draw(rng)
    where = np.zeros(arrays[0].shape, bool)
    where[..., 0] = True
    one, other = f(*arrays), f(*changed(f, rng, arrays, where))
    assert (one[..., 1:] == other[..., 1:]).all()


def elementwise(f, rng):
    arrays = f.draw(rng)
    where = rng.random(arrays[0].shape) < 0.3
    one, other = f(*arrays), f(*changed(f, rng, arrays, where))
    assert one.shape == arrays[0].shape
    assert (one == other)[~where].all()
    per_channel(f, rng)


def rising(f, rng):
    one, other = f.draw(rng), f.draw(rng)
    low, high = (f(*map(end, one, other)) for end in (np.minimum, np.maximum))
    assert (low <= high).all()


def linear(f, rng):
    if format_of(f.op.results[0].type) is None or len(f.free) < len(f.op.operands):
        return
    one, other = f.draw(rng, small=True), f.draw(rng, small=True)
    assert (f(*map(np.add, one, other)) == f(*one) + f(*other)).all()


def bilinear(f, rng):
    if format_of(f.op.results[0].type) is None:
        return
    one, other = f.draw(rng, small=True), f.draw(rng, small=True)
    for i in range(len(f.free)):
        a, b, both = list(one), list(one), list(one)
        b[i], both[i] = other[i], one[i] + other[i]
        assert (f(*both) == f(*a) + f(*b)).all()


def moves(f, rng):
    """Renaming all values before is renaming them after; zero keeps its name where zeros are added."""
    fmt = format_of(f.op.operands[0].type)
    names = rng.permutation(np.arange(fmt.min_code, fmt.max_code + 1))
    if f.op.has_trait(traits.AddsZeros):
        at = np.flatnonzero(names == 0)[0]
        names[[at, -fmt.min_code]] = names[[-fmt.min_code, at]]
    arrays = f.draw(rng)
    renamed = [names[array - fmt.min_code] for array in arrays]
    assert (f(*renamed) == names[f(*arrays) - fmt.min_code]).all()


def adds_zeros(f, rng):
    arrays = [np.ones_like(array) for array in f.draw(rng)]
    assert set(np.unique(f(*arrays))) == {0, 1}


def arithmetic(f, rng):
    """The format follows from the operands alone, holds every result, and is no wider for a wider result type."""
    shape, fmt = f.op.inferred()
    if fmt is None:
        return
    wide = type(f.op).create(
        operands=f.op.operands,
        properties=f.op.properties,
        result_types=[tensor(shape, FixedFormat(60, 60 + fmt.lsb, signed=True))],
    )
    assert wide.inferred() == (shape, fmt)
    assert all(int(code) in fmt for code in f(*f.draw(rng)).flat)


def accumulates(f, rng):
    """Some result has several terms, and changes at two sets of places add up."""
    arithmetic(f, rng)
    if format_of(f.op.results[0].type) is None:
        return
    arrays = f.draw(rng)
    part = rng.integers(0, 3, arrays[0].shape)
    others = f.draw(rng)[0]

    def at(*parts):
        return f(np.where(np.isin(part, parts), others, arrays[0]), *arrays[1:])

    assert (at(1, 2) + at() == at(1) + at(2)).all()
    assert most_terms(f, arrays) > 1


def most_terms(f, arrays):
    """The most elements of operands that one element of the result depends on; a constant counts as one."""
    terms, result = len(f.op.operands) - len(f.free), f(*arrays)
    for i, array in enumerate(arrays):
        for place in np.ndindex(array.shape):
            others = [each.copy() for each in arrays]
            others[i][place] *= -1
            others[i][place] += array[place] == 0
            terms = terms + (f(*others) != result)
    return np.max(terms)


def weighted_sums(f, rng):
    """Changes at two sets of weights add up, and some result depends on several weights."""
    accumulates(f, rng)
    if format_of(f.op.results[0].type) is None or 1 in f.free:
        return
    arrays, type_ = f.draw(rng), f.op.operands[1].type.element_type
    packs = isinstance(type_, BitsType)
    shape = (*shape_of(f.op.operands[1]), *([type_.count.data] if packs else []))
    first, second = (rng.choice([-1, 1], shape) for _ in range(2))
    part = rng.integers(0, 3, shape)

    def result(weights):
        stored = pack_codes(weights, type_.element) if packs else weights
        return f(*arrays, constants={1: stored[np.newaxis]})

    def at(*parts):
        return result(np.where(np.isin(part, parts), second, first))

    assert (at(1, 2) + at() == at(1) + at(2)).all()
    each = [np.where(np.arange(first.size).reshape(shape) == i, -first, first) for i in range(first.size)]
    assert sum((result(weights) != result(first)).astype(int) for weights in each).max() > 1


def mixes_channels(f, rng):
    """Some change of each channel of the operand changes every channel of the result."""
    arrays = f.draw(rng)
    for channel in range(arrays[0].shape[-1]):
        where = np.zeros(arrays[0].shape, bool)
        where[..., channel] = True
        tried = [f(*changed(f, rng, arrays, where)) != f(*arrays) for _ in range(20)]
        assert np.any(tried, axis=tuple(range(tried[0].ndim))).all()


def row_per_channel(f, rng):
    """Channels in another order, and rows with them, give the channels of the result in that order."""
    arrays = f.draw(rng)
    order = rng.permutation(arrays[0].shape[-1])
    rows = {i: constant_of(v)[np.newaxis] for i, v in enumerate(f.op.operands) if i not in f.free}
    assert all(len(row[0]) in (1, len(order)) for row in rows.values())
    moved = {i: row[:, order] if len(row[0]) > 1 else row for i, row in rows.items()}
    assert (f(arrays[0][..., order], constants=moved) == f(*arrays)[..., order]).all()


def selects(f, rng):
    arrays = f.draw(rng)
    assert set(np.unique(f(*arrays))) <= {0, *(int(v) for array in arrays for v in array.flat)}


PROPERTIES: dict[type[traits.OpTrait], Callable] = {
    traits.PerChannel: per_channel,
    traits.Elementwise: elementwise,
    traits.Rising: rising,
    traits.Linear: linear,
    traits.Bilinear: bilinear,
    traits.Moves: moves,
    traits.AddsZeros: adds_zeros,
    traits.Arithmetic: arithmetic,
    traits.Accumulates: accumulates,
    traits.WeightedSums: weighted_sums,
    traits.MixesChannels: mixes_channels,
    traits.RowPerChannel: row_per_channel,
    traits.Selects: selects,
}


def declared(op_class):
    return [trait for trait in PROPERTIES if any(type(each) is trait for each in op_class.traits)]


def holds(trait, op, seed=0):
    rng = np.random.default_rng(seed)
    for _ in range(ROUNDS):
        PROPERTIES[trait](Function(op), rng)


SAMPLES = list(operations(np.random.default_rng(0)))


def test_every_declaration_is_drawn():
    drawn = {type(op) for op in SAMPLES}
    assert [op.name for op in QNN.operations if declared(op) and op not in drawn] == []


@pytest.mark.parametrize(
    ("trait", "op"),
    [pytest.param(t, op, id=f"{t.__name__}-{op.name}-{i}") for i, op in enumerate(SAMPLES) for t in declared(type(op))],
)
def test_declarations_hold(trait, op):
    op.verify()
    holds(trait, op)


WRONG = [
    (traits.PerChannel, DenseOp(argument(), constant(np.random.default_rng(2), (2, 2)))),
    (traits.Elementwise, TransposeOp(argument((3, 3, 2)), (1, 0, 2))),
    (traits.Elementwise, SumPool2DOp(argument(), (3, 3), (1, 1), (1, 1), (1, 1))),
    (traits.Rising, SubOp(argument(), argument())),
    (traits.Rising, MulOp(argument(), argument())),
    (traits.Linear, ReluOp(argument())),
    (traits.Linear, MaxPool2DOp(argument(), (2, 2), (1, 1))),
    (traits.Bilinear, AddOp(argument(), argument())),
    (traits.Moves, MaxPool2DOp(argument(), (2, 2), (1, 1))),
    (traits.AddsZeros, ReshapeOp(argument(), (24,))),
    (traits.Arithmetic, QuantizeOp(argument(), RoundAttr(Round()), FixedFormat(3, 3, signed=True))),
    (traits.Accumulates, MaxPool2DOp(argument(), (2, 2), (1, 1))),
    (traits.Accumulates, LeakyReluOp(argument(), -1)),
    (traits.WeightedSums, AddOp(argument(), constant(np.random.default_rng(3), (2,)))),
    (traits.MixesChannels, DepthwiseConv2DOp(argument(), constant(np.random.default_rng(4), (1, 1, 2, 1)))),
    (traits.RowPerChannel, DenseOp(argument(), constant(np.random.default_rng(5), (2, 2)))),
    (traits.Selects, SumPool2DOp(argument(), (2, 2), (1, 1))),
]
"""Declarations that would be wrong."""


@pytest.mark.parametrize(("trait", "op"), WRONG, ids=lambda each: getattr(each, "name", getattr(each, "__name__", "")))
def test_wrong_declarations_are_caught(trait, op):
    with pytest.raises(AssertionError):
        holds(trait, op)
