"""Batch normalization: the float32 formulas are Keras' own, and integer thresholds are those of the formulas."""

import numpy as np
import pytest
from processor import assert_rooted

from qdialect.analysis.step_functions import first_reaching
from qdialect.compiler.pipeline import lower
from qdialect.dialects.qnn.ops.constant import constant_of
from qdialect.dialects.qnn.ops.float_steps import BatchNormOp
from qdialect.dialects.qnn.ops.quantize import QuantizeOp
from qdialect.dialects.qnn.ops.threshold import ThresholdOp
from qdialect.dialects.qnn.types import exact_format_of
from qdialect.frontends.keras.importer import from_keras
from qdialect.interpreter.simulate import simulate
from qdialect.numerics import float32
from qdialect.numerics.float32 import BatchNormFormula

keras = pytest.importorskip("tf_keras")
qkeras = pytest.importorskip("qkeras")
pytestmark = pytest.mark.filterwarnings("ignore")

EPSILON = 1e-3


def parameters(rng, channels: int) -> list[np.ndarray]:
    """gamma (of both signs), beta, mean, variance."""
    gamma, beta, mean = (rng.normal(size=channels).astype(np.float32) for _ in range(3))
    return [gamma, beta, mean * 3, rng.uniform(0.01, 9, channels).astype(np.float32)]


def batch_norm_model(shape, values, *after):
    layers = [keras.layers.Input(shape, name="x"), keras.layers.BatchNormalization(epsilon=EPSILON, name="bn"), *after]
    model = keras.Sequential(layers, name="net")
    model.get_layer("bn").set_weights(values)
    return model


def formula_of(module) -> BatchNormFormula:
    (op,) = (op for op in module.walk() if isinstance(op, BatchNormOp))
    return op.formula.data


@pytest.mark.parametrize(
    ("shape", "formula"),
    [
        ((1,), BatchNormFormula.SCALE_OFFSET),
        ((3,), BatchNormFormula.SCALE_OFFSET),
        ((8,), BatchNormFormula.SCALE_OFFSET),
        ((19,), BatchNormFormula.SCALE_OFFSET),
        ((2, 2, 2, 19), BatchNormFormula.FUSED_PRODUCT),
        ((2, 3, 4), BatchNormFormula.FUSED_FMA),
        ((2, 3, 8), BatchNormFormula.FUSED_FMA),
        ((2, 3, 16), BatchNormFormula.FUSED_FMA),
        ((2, 3, 1), BatchNormFormula.FUSED_SCALE),
        ((2, 3, 3), BatchNormFormula.FUSED_SCALE),
        ((2, 3, 5), BatchNormFormula.FUSED_SCALE),
        ((2, 3, 10), BatchNormFormula.FUSED_SCALE),
    ],
)
@pytest.mark.parametrize("seed", range(3))
def test_formulas_give_the_bits_of_keras(shape, formula, seed):
    rng = np.random.default_rng(seed)
    values = parameters(rng, shape[-1])
    x = (rng.integers(-512, 513, (200, *shape)) / 64).astype(np.float32)
    model = batch_norm_model(shape, values, qkeras.QActivation("quantized_relu(4)", name="q"))
    assert formula_of(from_keras(model, "fixed<16, 8>")) is formula
    expected = keras.Model(model.input, model.get_layer("bn").output).predict(x, verbose=0)
    assert_rooted(lambda ulps: float32.batch_norm(x, *values, EPSILON, formula, ulps), expected)


def with_special_gammas(values: list[np.ndarray]) -> list[np.ndarray]:
    """One channel constant, one far beyond the quantizer, one at a negative integer scale."""
    values[0][:3] = 0.0, 40.0, -1.0
    return values


QUANTIZERS = ("quantized_relu(4,2)", "quantized_bits(3,1,alpha=1)", "binary()", "ternary()")


def lowered_network(shape, quantizer: str, seed: int):
    """The Keras model, the network before folding, and after; accumulators are fixed<10, 6>."""
    values = with_special_gammas(parameters(np.random.default_rng(seed), shape[-1]))
    model = batch_norm_model(shape, values, qkeras.QActivation(quantizer, name="q"))
    module = from_keras(model, "fixed<10, 6>")
    return model, module, lower(module, ["fold-batchnorm"])


CODES = np.arange(-512, 512)  # of fixed<10, 6>, step 1/16


def threshold_table(lowered) -> tuple[ThresholdOp, np.ndarray, np.ndarray]:
    """The op, its levels [channels, levels] and directions."""
    (op,) = (op for op in lowered.walk() if isinstance(op, ThresholdOp))
    levels = constant_of(op.thresholds)
    return op, levels, np.ones(len(levels), int) if op.direction is None else constant_of(op.direction)


def is_at_uncertified(op, levels, directions, codes: np.ndarray) -> np.ndarray:
    """Which codes [codes, channels] stand at or right before a threshold of an uncertified channel."""
    uncertified = set(op.uncertified.get_values()) if op.uncertified is not None else set()
    at = np.zeros((len(codes), len(levels)), bool)
    for c in uncertified:
        at[:, c] = np.isin(codes, [*levels[c], *(levels[c] - directions[c])])
    return at


@pytest.mark.parametrize("quantizer", QUANTIZERS)
@pytest.mark.parametrize("shape", [(3,), (8,), (16,), (1, 1, 4), (1, 1, 16), (1, 1, 5)], ids=str)
@pytest.mark.parametrize("seed", range(2))
def test_thresholds_give_the_outputs_of_keras(quantizer, shape, seed):
    """Over the whole accumulator range, except at the thresholds that the op lists as uncertified."""
    model, _, lowered = lowered_network(shape, quantizer, seed)
    x = np.broadcast_to(CODES.reshape(-1, *[1] * len(shape)) / 16, (len(CODES), *shape)).astype(np.float32)
    expected = model.predict(x, verbose=0).astype(np.float64).reshape(len(CODES), -1)
    ours = simulate(lowered, x).reshape(len(CODES), -1)
    differs = ours != expected
    assert not (differs & ~is_at_uncertified(*threshold_table(lowered), CODES)).any()


@pytest.mark.parametrize("quantizer", QUANTIZERS)
@pytest.mark.parametrize("shape", [(8,), (1, 1, 4), (1, 1, 5)], ids=str)
def test_thresholds_equal_brute_force(quantizer, shape):
    """T_k = min{a : q(f(a)) >= code_k}, or max{a : ...} where f falls; beyond the range where there is none."""
    _, module, lowered = lowered_network(shape, quantizer, seed=5)
    (bn,) = (op for op in module.walk() if isinstance(op, BatchNormOp))
    (quantize,) = (op for op in module.walk() if isinstance(op, QuantizeOp) and op.operand is bn.result)
    fmt = exact_format_of(quantize.result.type)
    values = [constant_of(v) for v in bn.operands[1:]]
    x = np.repeat(CODES[:, np.newaxis] / 16, shape[-1], axis=1).astype(np.float32)
    steps = float32.batch_norm(x, *values, EPSILON, bn.formula.data)
    positions = np.searchsorted(fmt.codes(), quantize.mode.data.reals(steps, fmt))  # [codes, channels]

    op, levels, directions = threshold_table(lowered)
    for channel, (row, direction) in enumerate(zip(levels, directions, strict=True)):
        function = positions[:, channel]
        assert (np.diff(function) * direction >= 0).all()
        for k, level in enumerate(row):
            reaching = CODES[function >= op.first.value.data + k + 1]
            if direction > 0:
                assert level == (reaching.min() if len(reaching) else CODES.max() + 1)
            else:
                assert level == (reaching.max() if len(reaching) else CODES.min() - 1)
    assert op.first.value.data == positions.min()
    assert op.first.value.data + levels.shape[1] == positions.max()


def test_certificates_tell_most_thresholds_from_few():
    """Random parameters: about one threshold in five thousand is uncertified."""
    counted = uncertified = 0
    for seed in range(6):
        op, levels, _ = threshold_table(lowered_network((1, 1, 64), "quantized_relu(4,2)", seed)[2])
        counted += levels.size
        uncertified += 0 if op.uncertified is None else len(op.uncertified)
    assert uncertified <= counted // 200


def test_bisection_of_ranges_beyond_int64():
    """Ends that int64 holds, at a distance that it does not."""
    end = np.array([6 * 10**18])
    found = first_reaching(lambda x: (x >= 12345).astype(int) + (x >= -7).astype(int), -end, end, np.array([1, 2]))
    assert found.tolist() == [[-7], [12345]]
