"""Values that reach a sum twice: their ranges are those of the linear form, and attained at corners of the inputs."""

import numpy as np
import pytest
from chains import Network, values_of

from qdialect.analysis import linear_forms
from qdialect.analysis.linear_forms import Cone, is_linear, share_roots
from qdialect.analysis.ranges import ranges
from qdialect.compiler.pipeline import lower
from qdialect.compiler.write_hls import write_hls
from qdialect.dialects.qnn.network import network
from qdialect.dialects.qnn.ops.contractions import Conv2DOp, DenseOp
from qdialect.dialects.qnn.ops.elementwise import AddOp, MulOp, ReluOp, ShiftOp, SubOp
from qdialect.dialects.qnn.ops.functions import FunctionOp, LookupOp
from qdialect.dialects.qnn.ops.moves import ConcatOp, SliceOp, TransposeOp
from qdialect.dialects.qnn.ops.pooling import SumPool2DOp
from qdialect.dialects.qnn.ops.shapes import PadOp, ReshapeOp
from qdialect.interpreter.simulate import interpreter_for, simulate
from qdialect.numerics.formats import FixedFormat
from qdialect.numerics.functions import ElementFunction, FunctionName

CODES = FixedFormat(3, 3, signed=True)
SHAPE = (2, 2, 2)
CORNERS = np.stack(np.meshgrid(*[[-4, 3]] * 8), axis=-1).reshape(-1, *SHAPE)


def constant(net, codes):
    return net.constant(np.array(codes), CODES)


BRANCHES = {
    "itself": lambda net, x: x,
    "tripled": lambda net, x: MulOp(x, constant(net, [3])),
    "biased": lambda net, x: AddOp(x, constant(net, [2, -1])),
    "halved": lambda net, x: ShiftOp(x, -1),
    "dense": lambda net, x: DenseOp(x, constant(net, [[1, -2], [3, 1]])),
    "transposed": lambda net, x: TransposeOp(x, (1, 0, 2)),
    "convolved": lambda net, x: Conv2DOp(
        net.add(PadOp(x, (1, 0, 0), (0, 1, 0))), constant(net, [[[[1, 2], [-1, 1]]] * 2] * 2)
    ),
    "pooled": lambda net, x: SumPool2DOp(x, (2, 1), (1, 1), (0, 0), (1, 0)),
    "swapped": lambda net, x: ConcatOp(
        [net.add(SliceOp(x, (0, 0, 1), (2, 2, 1))), net.add(SliceOp(x, (0,) * 3, (2, 2, 1)))], 2
    ),
}


class Branches(Network):
    def add(self, op):
        """Add an operation, unless it is a value already."""
        return self.then(op) if hasattr(op, "results") else op


def sum_of(first: str, second: str, merge=SubOp) -> Branches:
    net = Branches(SHAPE, CODES)
    net.then(merge(*(net.add(BRANCHES[name](net, net.argument)) for name in (first, second))))
    return net


@pytest.mark.parametrize("merge", [AddOp, SubOp])
@pytest.mark.parametrize("second", BRANCHES)
@pytest.mark.parametrize("first", BRANCHES)
def test_ends_are_attained(first, second, merge):
    """The extremes of a linear function are at corners; 8 inputs have 256."""
    net = sum_of(first, second, merge)
    module, result = net.module(), net.value
    known, values = ranges(module)[result], np.broadcast_to(values_of(module, CORNERS)[result], (256, *SHAPE))
    assert np.array_equal(known.low, values.min(axis=0))
    assert np.array_equal(known.high, values.max(axis=0))


def test_forms_of_many_coefficients_are_left_to_intervals(monkeypatch):
    """Of 8 times 8 where values mix; element-wise forms have one per element."""

    def range_of(first):
        net = sum_of(first, "itself")
        return ranges(net.module())[net.value].hull

    exact = {first: range_of(first) for first in ("dense", "tripled")}
    monkeypatch.setattr(linear_forms, "LARGEST", 64)
    assert range_of("dense") == exact["dense"]
    monkeypatch.setattr(linear_forms, "LARGEST", 63)
    assert range_of("dense") != exact["dense"] == (-12, 9)
    assert range_of("tripled") == exact["tripled"] == (-8, 6)


def range_of_sum(merge, second):
    """Of (x' + r') - x, where x and r = relu(x), two roots, become x' and r'."""
    net = Branches((2, 2), CODES)
    x = net.argument
    r = net.add(ReluOp(x))
    net.then(SubOp(net.add(AddOp(net.add(merge(net, x)), net.add(second(net, r)))), x))
    known = ranges(net.module())[net.value]
    return list(zip(known.low.reshape(-1).tolist(), known.high.reshape(-1).tolist(), strict=True))


def test_forms_of_several_roots(monkeypatch):
    """Each root varies by itself. Of one per element also where a root broadcasts, whatever the number of elements."""
    itself, tripled, dense = (BRANCHES[name] for name in ("itself", "tripled", "dense"))
    # [3 x1 + r0 + 3 r1, -2 x0 - 2 r0 + r1] for each of two rows
    assert range_of_sum(dense, dense) == [(-12, 9 + 3 + 9), (-6 - 6, 8 + 3)] * 2
    assert range_of_sum(dense, itself) == [(-12, 9 + 3), (-6, 8 + 3)] * 2
    monkeypatch.setattr(linear_forms, "LARGEST", 0)
    assert range_of_sum(tripled, itself) == [(-8, 6 + 3)] * 4

    def one_row(net, r):
        return net.add(ReluOp(net.add(SliceOp(r, (0, 0), (1, 2)))))

    assert range_of_sum(itself, one_row) == [(0, 3)] * 4


def test_what_shares_roots():
    net = Branches(SHAPE, CODES)
    x, bias = net.argument, constant(net, [2, -1])
    rest = net.add(ReluOp(x))
    both = net.add(AddOp(x, rest))
    cases = {
        "x + x": (AddOp(x, x), True),
        "x - 3x": (SubOp(x, net.add(BRANCHES["tripled"](net, x))), True),
        "(x + r) - x": (SubOp(both, x), True),
        "r - (x + r)": (SubOp(rest, both), True),
        "x + r": (AddOp(x, rest), False),
        "x + c": (AddOp(x, bias), False),
        "x * x": (MulOp(x, x), False),
        "floats": (AddOp(f := net.add(FunctionOp(x, ElementFunction(FunctionName.TANH))), f), False),
    }
    assert {text: share_roots(op) for text, (op, _) in cases.items()} == {
        text: share for text, (_, share) in cases.items()
    }


def test_what_is_linear():
    """Factors are linear in their first operand, if the second is a constant."""
    net = Branches((2, 2), CODES)
    x, c = net.argument, constant(net, [[1, 2], [3, 1]])
    f = net.add(FunctionOp(x, ElementFunction(FunctionName.TANH)))
    cases = [
        (AddOp(x, x), True),
        (MulOp(x, c), True),
        (DenseOp(x, c), True),
        (ShiftOp(x, 1), True),
        (MulOp(c, x), False),
        (MulOp(x, x), False),
        (DenseOp(x, x), False),
        (ReluOp(x), False),
        (ShiftOp(f, 1), False),
        (MulOp(f, c), False),
    ]
    assert [is_linear(op) for op, _ in cases] == [linear for _, linear in cases]


def test_the_cone_of_a_value():
    """Its operations once, each after those that it needs, and its roots; it computes what the interpreter does."""
    net = Branches((2, 2), CODES)
    x = net.argument
    r = net.add(ReluOp(x))
    tripled = net.add(MulOp(x, constant(net, [3])))
    added = net.add(AddOp(tripled, r))
    net.then(SubOp(added, tripled))
    cone, module = Cone(net.value), net.module()
    assert list(cone.ops) == [tripled.owner, added.owner, net.value.owner]
    assert list(cone.roots) == [x, r]
    codes = np.arange(-4, 4).reshape(2, 2, 2)
    values = values_of(module, codes)
    assert np.array_equal(cone.at({x: codes, r: values[r]}, interpreter_for(module)), values[net.value])
    assert cone.is_elementwise
    assert Cone(x).ops == {}
    assert list(Cone(x).roots) == [x]
    assert not Cone(DenseOp(tripled, constant(Branches((2, 2), CODES), [[1, 2], [3, 1]])).result).is_elementwise


def test_roots_are_not_linear():
    net = Branches(SHAPE, CODES)
    net.then(SubOp(net.add(ReluOp(net.argument)), net.argument))
    assert ranges(net.module())[net.value].hull == (-3, 7)


def test_narrower_types_lose_nothing_in_hardware(tmp_path):
    """3x - x takes 4 bits in [-8, 6] instead of [-15, 13]; a table then needs no more entries than these."""
    net = sum_of("tripled", "itself")
    table = np.arange(-8, 7)[np.newaxis] % 4
    net.then(LookupOp(net.value, net.constant(table, CODES), -8))
    net.then(ReshapeOp(net.value, (8,)))
    module = net.module()
    lowered = lower(module, verify=True)
    (difference,) = (op for op in network(lowered).walk() if isinstance(op, SubOp))
    assert str(difference.result.type) == "tensor<2x2x2x!qnn.fixed<4, 4, signed>>"
    x = np.concatenate([CORNERS, np.random.default_rng(0).integers(-4, 4, (20, *SHAPE))]).astype(np.float64)
    project = write_hls(lowered, tmp_path / "prj", vectors=x)
    assert np.array_equal(project.compile().predict(x), simulate(module, x))
    assert "PASS" in project.make("check")


def test_tables_are_limited_to_the_codes_that_reach_them():
    net = Network((2,), FixedFormat(2, 2, signed=False))
    net.then(AddOp(net.value, net.constant(np.array([1, 3]), CODES)))
    table = np.array([[9, 1, 2, 3, 4, 9, 9, 9], [9, 9, 9, 4, 3, 2, 1, 9]])
    net.then(LookupOp(net.value, net.constant(table, FixedFormat(4, 4, signed=False)), 0))
    known = ranges(net.module())[net.value]
    assert (known.low.tolist(), known.high.tolist()) == ([1, 1], [4, 4])
