"""What front ends build layers of, by itself: exact where the numbers are, one operation fewer where none is needed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import FuncOp, ReturnOp
from xdsl.ir import Block, Region, SSAValue

from qdialect.dialects.qnn.ops.constant import ConstantOp
from qdialect.dialects.qnn.ops.float_steps import BatchNormOp
from qdialect.dialects.qnn.ops.functions import FunctionOp
from qdialect.dialects.qnn.types import format_of, tensor
from qdialect.frontends.building.builder import Builder
from qdialect.frontends.building.functions import hard_sigmoid, hard_tanh
from qdialect.frontends.building.quotients import divided, lifted, linear_operand
from qdialect.frontends.keras.layers.operations.arithmetic import rounded
from qdialect.frontends.keras.layers.operations.slices import gathered
from qdialect.frontends.qonnx.model.graph import Node
from qdialect.interpreter.simulate import simulate
from qdialect.numerics.float32 import BatchNormFormula, Roundings
from qdialect.numerics.formats import FixedFormat, Format
from qdialect.numerics.rounding import Rounding

Build = Callable[[Builder, SSAValue], SSAValue]


def begun(fmt: Format, shape: tuple[int, ...] = (1,)) -> tuple[Builder, SSAValue]:
    block = Block(arg_types=[tensor(shape, fmt)])
    b = Builder(block)
    b.layer = Node("Any", "any", "", [], [], {}, 13)
    b.layer_name = "any"
    return b, block.args[0]


def computed(fmt: FixedFormat, build: Build) -> tuple[np.ndarray, np.ndarray, int]:
    """All numbers of a format, what is built of them, and of how many operations."""
    b, x = begun(fmt)
    y = build(b, x)
    count = len(list(b.block.ops))
    b.block.add_op(ReturnOp(y))
    module = ModuleOp([FuncOp("net", ([x.type], [y.type]), Region(b.block))])
    numbers = np.ldexp(np.arange(fmt.min_code, fmt.max_code + 1.0), fmt.lsb)[:, np.newaxis]
    return numbers, simulate(module, numbers), count


@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize(
    ("rounding", "function"), [(Rounding.FLOOR, np.floor), (Rounding.CEIL, np.ceil), (Rounding.HALF_EVEN, np.rint)]
)
def test_integers_of_numbers_are_never_cut(
    rounding: Rounding, function: Callable[..., np.ndarray], signed: bool
) -> None:
    """Also those beyond the ends of the format; integers are left as they are."""
    for int_bits, operations in ((3, 1), (5, 1), (6, 0), (8, 0)):
        x, y, count = computed(FixedFormat(6, int_bits, signed), lambda b, x: rounded(b, x, rounding))
        assert np.array_equal(y, function(x))
        assert count == operations


def test_hard_functions_are_exact_where_float32_is() -> None:
    """Half of a step must be a float32 number beside 1."""
    for function, real in (
        (hard_sigmoid, lambda x: np.clip(x / 2 + 0.5, 0, 1)),
        (hard_tanh, lambda x: np.clip(x, -1, 1)),
    ):
        x, y, _ = computed(FixedFormat(8, 3, signed=True), function)
        assert np.array_equal(y, real(x))
        for fmt, exact in (
            (FixedFormat(24, 1, signed=True), True),
            (FixedFormat(24, 0, signed=True), False),
            (FixedFormat(25, 6, signed=True), False),
        ):
            b, x = begun(fmt)
            function(b, x)
            assert any(isinstance(op, FunctionOp) for op in b.block.ops) != exact


def test_positions_are_gathered_in_runs() -> None:
    b, x = begun(FixedFormat(6, 6, signed=True), (3, 5))
    y = gathered(b, x, 1, [3, 4, 0, 0, 1, 2])
    assert len(list(b.block.ops)) == 4
    b.block.add_op(ReturnOp(y))
    module = ModuleOp([FuncOp("net", ([x.type], [y.type]), Region(b.block))])
    numbers = np.arange(30).reshape(2, 3, 5)
    assert np.array_equal(simulate(module, numbers), numbers[:, :, [3, 4, 0, 0, 1, 2]])


def test_contractions_read_exact_numbers() -> None:
    """Of a batch normalization its exact form; of an average the quotient, which comes after the sum."""
    b, x = begun(FixedFormat(6, 3, signed=True), (2,))
    parameters = [ConstantOp(np.full(2, value, np.float32), None) for value in (0.5, 1.0, 0.0, 1.0)]
    b.block.add_ops(parameters)
    norm = b.emit(BatchNormOp(x, [p.result for p in parameters], 0.0, BatchNormFormula.SCALE_OFFSET), "norm")
    assert format_of(linear_operand(b, norm).type) is not None
    third = divided(b, x, 3)
    assert linear_operand(b, third) is third
    quarter = divided(b, x, 4)
    assert linear_operand(b, quarter) is quarter
    assert format_of(quarter.type) == FixedFormat(6, 1, signed=True)


def test_a_constant_times_a_count_is_one_with_roundings_as_many_times_as_large() -> None:
    b, _ = begun(FixedFormat(4, 4, signed=True))
    plain, rounded_once = (b.constant(np.array([-5, 3]), FixedFormat(4, 2, signed=True), None) for _ in range(2))
    b.roundings[rounded_once] = Roundings(1, 0.25, 0.5)
    for value, roundings in ((plain, None), (rounded_once, Roundings(1, 0.75, 1.5))):
        assert lifted(b, value, 1) is value
        times_three = lifted(b, value, 3)
        assert isinstance(times_three.owner, ConstantOp)
        assert times_three.owner.data.tolist() == [-15, 9]
        assert format_of(times_three.type) == FixedFormat(5, 3, signed=True)
        assert b.roundings.get(times_three) == roundings
