"""Batch normalization wherever Keras networks have it: any axis, quantized, folded, in sequence, around pooling."""

import os

import numpy as np
import pytest
from accounting import accounted_for, normalizations
from processor import assert_rooted
from sequences import (
    BN,
    QBN,
    SAMPLES,
    K,
    assert_equal,
    conv,
    dense,
    keras,
    network_of,
    q,
    qkeras,
    random_weight,
    relu,
    remarks,
)

from qdialect.errors import QdialectError
from qdialect.frontends.keras.importer import from_keras
from qdialect.interpreter.simulate import simulate
from qdialect.numerics import float32
from qdialect.numerics.float32 import BatchNormFormula

pytestmark = [pytest.mark.covers, pytest.mark.filterwarnings("ignore")]

ALL = "QDIALECT_DRAWS" in os.environ
"""Every kind in every place, instead of a plain one and another in each; every number of channels."""
CHANNELS = [3, 4, 5, 8, 16] if ALL else [3, 8]
"""With and without a rest beside TensorFlow's vectors of four."""


# --- where it stands -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shape", "axis"),
    [((5, 4, 3), 1), ((4, 4, 3), 1), ((5, 4, 3), 2), ((5, 4, 4), 3), ((6, 4), 1), ((6, 8), 2)]
    + [((2, 3, 4, c), a) for c in (5, 8) for a in (1, 3, -1)],
)
def test_normalization_over_any_axis_computes_keras_bits(shape, axis):
    assert_equal(*network_of(shape, q(), BN(axis=axis), relu()))


@pytest.mark.parametrize(
    ("rank", "axis", "channels", "formula"),
    [
        (2, 1, 8, BatchNormFormula.SCALE_OFFSET),
        (3, 1, 8, BatchNormFormula.SCALE_OFFSET),
        (4, 1, 8, BatchNormFormula.FUSED_SCALE),
        (4, 2, 8, BatchNormFormula.SCALE_OFFSET),
        (4, 3, 8, BatchNormFormula.FUSED_FMA),
        (4, 3, 5, BatchNormFormula.FUSED_SCALE),
        (5, 1, 5, BatchNormFormula.FUSED_PRODUCT),
        (5, 3, 5, BatchNormFormula.SCALE_OFFSET),
        (5, 4, 5, BatchNormFormula.FUSED_PRODUCT),
        (6, 5, 4, BatchNormFormula.SCALE_OFFSET),
    ],
)
def test_formula_by_rank_and_axis(rank, axis, channels, formula):
    shape = [2] * (rank - 1)
    shape[axis - 1] = channels
    model, x = network_of(tuple(shape), BN(axis=axis))
    values = [np.asarray(w) for w in model.layers[-1].weights]
    moved, expected = (np.moveaxis(v, axis, -1) for v in (x, model.predict(x, verbose=0)))
    assert_rooted(lambda ulps: float32.batch_norm(moved, *values, 1e-3, formula, ulps), expected)


@pytest.mark.parametrize("channels", CHANNELS)
@pytest.mark.parametrize(
    "layers",
    [
        lambda c: [dense(c), BN(scale=False), relu()],
        lambda c: [dense(c), BN(center=False), relu()],
        lambda c: [dense(c), BN(scale=False, center=False), K.ReLU(), q("quantized_bits(5,3,alpha=1)")],
        lambda c: [dense(c), BN(), BN(), relu()],
        lambda c: [dense(c), K.ReLU(), BN(), K.ReLU(), BN(), relu()],
        lambda c: [dense(c), relu(), BN(), q("binary(alpha=1)")],
        lambda c: [BN(), relu(), dense(c), BN(), q("ternary(alpha=1)")],
    ],
)
def test_in_sequence(layers, channels):
    assert_equal(*network_of((6,), q(), *layers(channels), seed=channels))


@pytest.mark.parametrize(
    "layers",
    [
        lambda: [conv(4), BN(), K.MaxPooling2D(2), K.ReLU(), K.Flatten(), relu()],
        lambda: [relu(), BN(axis=1), K.ReLU(), K.MaxPooling2D(2), K.Flatten(), relu()],
        lambda: [conv(5), BN(), K.ReLU(), K.ZeroPadding2D(1), relu()],
        lambda: [conv(5), BN(), K.ZeroPadding2D(1), q("binary(alpha=1)")],
        lambda: [conv(5), BN(), K.ZeroPadding2D(1), q("binary(alpha=1,use_01=True)")],
        lambda: [conv(5), K.experimental.SyncBatchNormalization(), relu()],
        lambda: [conv(4), BN(renorm=True), relu()],
        lambda: [conv(5), K.AveragePooling2D(2), BN(), relu()],
        lambda: [conv(5), K.AveragePooling2D(3), BN(), K.UpSampling2D(2), relu()],
        lambda: [conv(3), K.Flatten(), BN(), relu()],
        lambda: [BN(), relu(), conv(3)],
    ],
)
def test_around_pooling_and_moves(layers):
    assert_equal(*network_of((5, 5, 3), q(), *layers()))


PLACES = {
    "input": lambda bn: [bn, relu()],
    "dense": lambda bn: [K.Flatten(), dense(5), bn, relu()],
    "convolution": lambda bn: [conv(4), bn, relu()],
    "depthwise": lambda bn: [qkeras.QDepthwiseConv2D(2, depthwise_quantizer=FOUR, use_bias=False), bn, relu()],
    "separable": lambda bn: [separable(), bn, q("quantized_tanh(5)")],
    "one dimension": lambda bn: [K.Reshape((10, 5)), qkeras.QConv1D(3, 2, kernel_quantizer=FOUR), bn, relu()],
    "largest of a window": lambda bn: [conv(3), K.MaxPooling2D(2), bn, relu()],
    "average of a window": lambda bn: [K.AveragePooling2D(3, padding="same"), bn, relu()],
    "average of all": lambda bn: [K.GlobalAveragePooling2D(), bn, q("ternary(alpha=1)")],
    "sum": lambda bn: [Twice(), bn, relu()],
    "after an activation": lambda bn: [conv(3), relu(), bn, q("quantized_bits(6,2,alpha=1)")],
    "before a float activation": lambda bn: [conv(3), bn, K.LeakyReLU(0.3), q("quantized_bits(6,2,alpha=1)")],
    "after a float activation": lambda bn: [conv(3), K.LeakyReLU(0.3), bn, q("quantized_bits(6,2,alpha=1)")],
    "between others": lambda bn: [conv(3), BN(), bn, QBN(), K.ReLU(), BN(), q("binary(alpha=1)")],
    "around moves": lambda bn: [K.Permute((2, 3, 1)), bn, K.UpSampling2D(2), K.Cropping2D(1), relu()],
    "before a po2": lambda bn: [conv(3), bn, q("quantized_po2(4,4)")],
}
KINDS = {
    "plain": BN,
    "no scale, no center": lambda: BN(scale=False, center=False),
    "other epsilon, no center": lambda: BN(epsilon=0.5, center=False),
    "quantized": QBN,
    "quantized otherwise": lambda: QBN(gamma_quantizer="quantized_bits(6,2)", mean_quantizer="quantized_bits(6,2)"),
}
FOUR = "quantized_bits(4,0,alpha=1)"


class Twice(K.Layer):
    """Stands for x + relu(x)."""


def separable():
    return qkeras.QSeparableConv2D(4, 2, depthwise_quantizer=FOUR, pointwise_quantizer=FOUR, use_bias=False)


def stacked(layers):
    """The layers after an image of 8 bits, as a functional model with random weights: gammas of both signs and 0."""
    x = inputs = K.Input((5, 5, 2), name="x")
    for layer in [q(), *layers]:
        x = K.Add()([x, relu()(x)]) if isinstance(layer, Twice) else layer(x)
    model, rng = keras.Model(inputs, x, name="net"), np.random.default_rng(len(layers))
    for layer in model.layers:
        layer.set_weights([random_weight(rng, w.name, w.shape) for w in layer.weights])
    return model, (rng.integers(-512, 513, (SAMPLES, 5, 5, 2)) / 64).astype(np.float32)


@pytest.mark.parametrize(
    ("place", "kind"),
    [(p, k) for i, p in enumerate(PLACES) for j, k in enumerate(KINDS) if ALL or j in (0, 1 + i % (len(KINDS) - 1))],
)
def test_every_place(place, kind):
    """Keras = imported = after every pass, no float left, and a remark for each batch normalization."""
    model, x = stacked(PLACES[place](KINDS[kind]()))
    lowered = assert_equal(model, x)
    assert accounted_for(lowered, model.layers) == normalizations(model.layers)


def test_where_predict_is_wrong():
    """TensorFlow's graph optimizer fuses conv, batch normalization over axis 1 and relu over the last axis."""
    model, x = network_of((5, 5, 3), q(), conv(8), BN(axis=1, name="bn"), K.ReLU(), relu())
    module = from_keras(model)
    assert np.array_equal(simulate(module, x), model(x).numpy())
    assert any("layer 'bn'" in text and "predict differs" in text for text in remarks(module))


def test_on_the_typed_input():
    assert_equal(*network_of((5,), BN(), relu()), input_type="fixed<16, 10>")


def test_several_axes_are_refused():
    model, _ = network_of((4, 4, 3), q(), BN(axis=[1, 2]), relu())
    with pytest.raises(QdialectError, match=r"layer 'batch_norm.*axis=\[1, 2\]"):
        from_keras(model)


# --- quantized and folded --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("channels", CHANNELS)
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"gamma_quantizer": "quantized_bits(8,3)", "variance_quantizer": "quantized_bits(8,3)"},
        {"gamma_quantizer": None, "beta_quantizer": None, "mean_quantizer": None, "variance_quantizer": None},
        {"beta_quantizer": "quantized_bits(6,2)", "mean_quantizer": "quantized_bits(6,2,alpha=1)", "axis": 1},
        {"scale": False, "center": False},
    ],
)
def test_quantized_parameters(options, channels):
    assert_equal(*network_of((channels,), q(), QBN(**options), relu(), seed=channels))


def test_quantized_parameters_on_images():
    assert_equal(*network_of((5, 4, 3), q(), conv(8), QBN(), relu()))
    assert_equal(*network_of((5, 4, 3), q(), conv(8), QBN(axis=1), relu()))


@pytest.mark.parametrize("channels", CHANNELS)
@pytest.mark.parametrize("folding_mode", ["ema_stats_folding", "batch_stats_folding"])
@pytest.mark.parametrize(
    "options",
    [
        {"kernel_quantizer": "quantized_bits(6,0,alpha=1)", "bias_quantizer": "quantized_bits(8,3)"},
        {"kernel_quantizer": "quantized_bits(4,0)", "use_bias": False, "scale": False},
        {},
    ],
)
def test_folded_convolution(options, folding_mode, channels):
    activation = "quantized_relu(6,2)"
    layer = qkeras.QConv2DBatchnorm(channels, 2, activation=activation, folding_mode=folding_mode, **options)
    lowered = assert_equal(*network_of((4, 4, 2), q(), layer, seed=channels))
    assert any("folded kernel numbers" in text for text in remarks(lowered)) is (not options)


@pytest.mark.parametrize("multiplier", [1, 2])
def test_folded_depthwise_convolution(multiplier):
    options = {"depthwise_quantizer": "quantized_bits(6,0,alpha=1)", "bias_quantizer": "quantized_bits(8,3)"}
    layer = qkeras.QDepthwiseConv2DBatchnorm(2, depth_multiplier=multiplier, padding="same", **options)
    assert_equal(*network_of((4, 4, 3), q(), layer, relu()))
