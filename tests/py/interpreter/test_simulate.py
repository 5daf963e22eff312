"""`simulate`: batches, range checks, and inputs that do not fit."""

import numpy as np
import pytest
from hypothesis import given
from modules import NARROW, SEEDS, SHAPES, as_value, draw_codes, module_of
from xdsl.dialects.builtin import ModuleOp, f32
from xdsl.rewriter import Rewriter

from qdialect.dialects.qnn.ops.constant import ConstantOp
from qdialect.dialects.qnn.ops.contractions import DenseOp
from qdialect.dialects.qnn.ops.elementwise import AddOp, ReluOp
from qdialect.dialects.qnn.types import tensor
from qdialect.errors import QdialectError
from qdialect.interpreter.simulate import simulate
from qdialect.numerics.formats import FixedFormat


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
