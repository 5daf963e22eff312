"""Functions that no quantizer follows, from tables: within the stated error of the function, the same in C++."""

import re

import numpy as np
import pytest
from accounting import assert_integer
from sequences import K, dense, keras, network_of, q, remarks

from qdialect.compiler.pipeline import lower
from qdialect.compiler.write_hls import write_hls
from qdialect.dialects.qnn.ops.constant import ConstantOp
from qdialect.dialects.qnn.types import format_of
from qdialect.errors import QdialectError
from qdialect.frontends.keras.importer import from_keras
from qdialect.interpreter.simulate import simulate
from qdialect.numerics.float32 import ROUNDOFF
from qdialect.validation.equivalence import check_equivalent

pytestmark = pytest.mark.filterwarnings("ignore")

PASSES = ["interpolate-functions", "default"]
FUNCTIONS = ["tanh", "sigmoid", "softplus", "elu", "selu", "swish", "gelu"]
TYPES = ["fixed<30, 6>", "fixed<26, 12>", "fixed<24, 3>", "fixed<20, 4, unsigned>", "fixed<14, 8>", "fixed<6, 9>"]


def error_of(module) -> float:
    (text,) = (text for text in remarks(module) if "from a table" in text)
    return float(re.search(r"at most (\S+)", text)[1])


@pytest.mark.parametrize("type_", TYPES)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_within_the_stated_error(name, type_):
    """The interpreter rounds the argument, selu's constant and the result to float32."""
    model, _ = network_of((4,), K.Activation(name), K.Reshape((2, 2)))
    module = from_keras(model, type_)
    bits, whole = (int(n) for n in re.findall(r"\d+", type_)[:2])
    codes = np.random.default_rng(bits).integers(-(2 ** (bits - 1)), 2 ** (bits - 1), (5000, 4))
    near = codes % 2**15 - 2**14
    x = np.ldexp(np.concatenate([codes, near, near >> 7, np.full((1, 4), 0)]).astype(np.float64), whole - bits)
    x = np.abs(x) if "unsigned" in type_ else x
    expected, lowered = simulate(module, x), lower(module, PASSES)
    error = error_of(lowered)
    assert error < 2**-15
    assert (np.abs(simulate(lowered, x) - expected) <= 1.05 * error + 3 * ROUNDOFF * np.abs(expected)).all()
    assert_integer(lowered)


def test_compiled_interpolation_computes_the_interpreters_bits(tmp_path):
    model, x = network_of((6,), q("quantized_bits(16,5,alpha=1)"), dense(), K.Activation("selu"), dense(), K.ReLU())
    module = from_keras(model)
    lowered = lower(module, PASSES)
    assert np.array_equal(write_hls(lowered, tmp_path / "prj").compile().predict(x), simulate(lowered, x))
    with pytest.raises(QdialectError, match="interpolate-functions"):
        lower(module)


def test_each_pass_is_verified_and_only_what_tables_change_is_left_out():
    model, _ = network_of((6,), q(), dense(), K.Activation("swish"), dense(), K.ReLU())
    module = from_keras(model)
    lowered = lower(module, PASSES, verify=True)
    assert str(lowered) == str(lower(module, PASSES))
    check_equivalent(module, lower(module, PASSES[:1]), "tables", other_results=True)
    wrong = module.clone()
    kernel = next(op for op in wrong.walk() if isinstance(op, ConstantOp))
    kernel.value = ConstantOp(np.zeros_like(kernel.data), format_of(kernel.result.type)).value
    with pytest.raises(QdialectError, match="changes value"):
        check_equivalent(module, lower(wrong, PASSES[:1]), "tables", other_results=True)


def test_before_a_quantizer_functions_stay_exact():
    model, _ = network_of((6,), q(), dense(6), K.Activation("swish"), K.Reshape((2, 3)), q())
    module = from_keras(model)
    assert not any("from a table" in text for text in remarks(lower(module, PASSES)))
    assert [type(op) for op in lower(module, PASSES).walk()] == [type(op) for op in lower(module).walk()]


@pytest.mark.parametrize("layer", ["LSTM", "GRU", "SimpleRNN"])
def test_products_of_two_functions_before_a_quantizer(layer, tmp_path):
    """The last output of a gated layer is a product of two functions, which no table has."""
    model, x = network_of((3, 4), q(), getattr(K, layer)(3), q("quantized_bits(6,1,alpha=1)"))
    lowered = lower(from_keras(model), PASSES)
    assert_integer(lowered)
    assert np.array_equal(write_hls(lowered, tmp_path / "prj").compile().predict(x), simulate(lowered, x))


def test_a_value_times_its_own_function_stays_exact():
    """x * sigmoid(x) depends on one value."""
    x = np.random.default_rng(0).uniform(-4, 4, (50, 6)).astype(np.float32)
    given = K.Input((6,))
    summed = dense(6)(q()(given))
    module = from_keras(keras.Model(given, q()(K.Multiply()([summed, K.Activation("sigmoid")(summed)]))))
    lowered = lower(module, PASSES)
    assert not any("from a table" in text for text in remarks(lowered))
    assert np.array_equal(simulate(lowered, x), simulate(module, x))
