"""Witnesses: the interpreter reaches the proven ends with them, so one bit less overflows."""

from io import StringIO

import numpy as np
import pytest
from chains import FORMATS, Network, draw_codes
from modules import module_of

from qdialect.analysis.ranges import ranges
from qdialect.analysis.witnesses import Witness, window, witness
from qdialect.compiler.loop_level import scheduled
from qdialect.compiler.pipeline import lower
from qdialect.compiler.registry import make_context
from qdialect.compiler.targets.range_report import RangeReportTarget
from qdialect.dialects.qnn.attributes import Count
from qdialect.dialects.qnn.network import network
from qdialect.dialects.qnn.ops.contractions import ContractionOp, Conv2DOp, DenseOp, DepthwiseConv2DOp
from qdialect.dialects.qnn.ops.elementwise import AddOp
from qdialect.dialects.qnn.ops.packed import PackOp, PopcountDenseOp
from qdialect.dialects.qnn.ops.shapes import ReshapeOp
from qdialect.dialects.qnn.storage import pack_codes
from qdialect.dialects.qnn.types import BinaryType, BitsType, TernaryType, format_of, tensor
from qdialect.frontends.keras.importer import from_keras
from qdialect.interpreter.simulate import interpreter_for
from qdialect.numerics.formats import BinaryFormat, FixedFormat, Po2Format, TernaryFormat
from qdialect.tools.cli import main

POSITIVE = Po2Format(-1, 2, signed=False)
CONTRACTIONS = {
    "dense": (DenseOp, (3, 5), (5, 4), {}),
    "conv": (Conv2DOp, (4, 5, 2), (2, 3, 2, 3), {"strides": (2, 1)}),
    "dilated": (Conv2DOp, (5, 4, 1), (2, 2, 1, 3), {"dilations": (3, 2)}),
    "depthwise": (DepthwiseConv2DOp, (3, 4, 2), (2, 2, 2, 3), {"strides": (1, 2)}),
}


def reached(module, op, at, found: Witness) -> int:
    """The sum at position `at` that the interpreter computes from a witness."""
    (sums,) = interpreter_for(module).run_op(op, (found.operand[np.newaxis], found.kernel[np.newaxis]))
    return int(sums[(0, *at)])


def assert_reached(module, op, known) -> list[bool]:
    """Every end of every sum; which of them are whole sums."""
    x, result = known[op.operand], known[op.result]
    whole = []
    for at in np.ndindex(result.low.shape):
        for end, bound in (("lowest", result.low[at]), ("highest", result.high[at])):
            found = witness(op, x, at, end)
            assert ((x.low <= found.operand) & (found.operand <= x.high)).all()
            assert reached(module, op, at, found) == bound
            whole.append(found.whole)
    return whole


@pytest.mark.parametrize("kind", CONTRACTIONS)
@pytest.mark.parametrize("kernel_format", FORMATS, ids=str)
@pytest.mark.parametrize("fmt", FORMATS, ids=str)
def test_every_sum_reaches_both_ends(fmt, kernel_format, kind):
    op, shape, kernel, options = CONTRACTIONS[kind]
    net = Network(shape, fmt)
    codes = draw_codes(np.random.default_rng(7), kernel_format, kernel)
    net.then(op(net.value, net.constant(codes, kernel_format), **options))
    module = net.module()
    whole = assert_reached(module, net.value.owner, ranges(module))
    # powers of two without sign are never zero: one of the ends is the empty sum, or that of some products
    assert all(whole) == (fmt != POSITIVE)


def test_witnesses_by_hand():
    """Of x in [-4, 3], [1, 8] and [-4, 3]: where the weight is zero, and outside of the window, the lowest code; the
    second product is never below zero."""
    net = Network((2, 3), FixedFormat(3, 3, signed=True))
    net.then(AddOp(net.value, net.constant(np.array([0, 5, 0]), FixedFormat(4, 4, signed=True))))
    codes = np.array([[0, 1], [0, 2], [0, -3]])
    net.then(DenseOp(net.value, net.constant(codes, FixedFormat(3, 3, signed=True))))
    op, known = net.value.owner, ranges(net.module())
    low = [[-4, 1, -4], [-4, 1, -4]]
    highest, lowest = (witness(op, known[op.operand], (1, 1), end) for end in ("highest", "lowest"))
    assert highest.operand.tolist() == [low[0], [3, 8, -4]]
    assert highest.read.tolist() == [3, 8, -4]
    assert (highest.whole, highest.kernel.tolist()) == (True, codes.tolist())
    assert lowest.operand.tolist() == [low[0], [-4, 1, 3]]
    assert (lowest.whole, lowest.kernel.tolist()) == (False, [[0, 1], [0, 0], [0, -3]])
    nothing = witness(op, known[op.operand], (0, 0), "highest")
    assert nothing.operand.tolist() == low
    assert nothing.whole


@pytest.mark.parametrize(
    ("kind", "at", "read", "used"),
    [
        ("dense", (1, 2), np.s_[1, :], np.s_[:, 2]),
        ("conv", (1, 1, 2), np.s_[2:4, 1:4, :], np.s_[:, :, :, 2]),
        ("dilated", (1, 1, 0), np.s_[[[1], [4]], [1, 3], :], np.s_[:, :, :, 0]),
        ("depthwise", (1, 1, 4), np.s_[1:3, 2:4, 1], np.s_[:, :, 1, 1]),
    ],
)
def test_windows(kind, at, read, used):
    """What a sum reads of the operand and of the kernel."""
    op, shape, kernel, options = CONTRACTIONS[kind]
    net, fmt = Network(shape, FixedFormat(3, 3, signed=True)), FixedFormat(7, 7, signed=False)
    net.then(op(net.value, net.constant(np.arange(np.prod(kernel)).reshape(kernel), fmt), **options))
    of_operand, of_kernel = window(net.value.owner, at)
    x = np.arange(np.prod(shape)).reshape(shape)
    assert x[of_operand].tolist() == x[read].tolist()
    weights = np.arange(np.prod(kernel)).reshape(kernel)
    assert weights[of_kernel].tolist() == weights[used].tolist()


def test_kernels_that_are_computed_have_no_witness():
    module = module_of([tensor((2,), FORMATS[0])], lambda x: [y := ReshapeOp(x, (2, 1)), DenseOp(x, y.result)])
    op = network(module).body.block.last_op.operands[0].owner
    assert witness(op, ranges(module)[op.operand], (0,), "highest") is None


def test_the_proven_width_is_minimal(example, capsys):
    """Single layers of the trained networks: some sum needs every bit of its type; reports say for which input."""
    module = scheduled(lower(from_keras(example.model)))
    RangeReportTarget().emit(make_context(), module, report := StringIO())
    assert main(["report", str(example.model), "--ranges"]) == 0
    assert report.getvalue() in capsys.readouterr().out
    known = ranges(module)
    contractions = [op for op in network(module).walk() if isinstance(op, ContractionOp)]
    assert contractions
    for op in contractions:
        result, fmt = known[op.result], format_of(op.result.type)
        ends = []
        for end, at in (("lowest", result.low.argmin()), ("highest", result.high.argmax())):
            at = np.unravel_index(at, result.low.shape)
            ends.append(reached(module, op, at, witness(op, known[op.operand], at, end)))
        assert fmt == FixedFormat.holding(min(ends), max(ends), fmt.lsb)
        assert f"{op.result.name_hint} is highest at" in report.getvalue()


@pytest.mark.parametrize("kernel", [BinaryFormat(), TernaryFormat()], ids=str)
@pytest.mark.parametrize("count", list(Count))
def test_counts_reach_both_ends(kernel, count):
    """Of the activations that are the kernel's signs every product agrees, of the opposite ones none."""
    net = Network((70,), BinaryFormat())
    codes = draw_codes(np.random.default_rng(5), kernel, (4, 70))
    bits = BitsType(70, BinaryType() if kernel == BinaryFormat() else TernaryType())
    net.then(PackOp(net.value))
    net.then(PopcountDenseOp(net.value, net.constant(pack_codes(codes, bits.element), bits), count))
    module, op = net.module(), net.value.owner
    known, interpreter = ranges(module)[net.value], interpreter_for(module)
    signs = np.where(codes > 0, 1, -1)
    for operand, ends in ((signs, known.high), (-signs, known.low)):
        words = pack_codes(operand, BinaryType())
        (counts,) = interpreter.run_op(op, (words, op.kernel.owner.data[np.newaxis]))
        assert np.array_equal(np.diagonal(counts), ends)
