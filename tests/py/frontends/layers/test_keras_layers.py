"""Pooling, merges, moves and other feed-forward layers: the bits of `model.predict`, of the IR at both levels, and of
the compiled C++."""

import pytest
from layer_checks import (
    bits,
    chain,
    keras,
    layers,
    options,
    qkeras,
    quantized,
)

from qdialect.errors import QdialectError
from qdialect.frontends.keras.importer import from_keras

pytestmark = [pytest.mark.covers, pytest.mark.usefixtures("session")]


# --- Pooling ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize(("pool", "strides"), [(2, 2), (3, 2), (3, 1)])
def test_pooling_computes_keras_bits(same_bits, padding, pool, strides):
    geometry = {"pool_size": pool, "strides": strides, "padding": padding}
    same_bits(chain((8, 2), layers.MaxPooling1D(**geometry), layers.AveragePooling1D(**geometry), quantized()))
    same_bits(chain((7, 8, 2), layers.MaxPooling2D(**geometry), layers.AveragePooling2D(**geometry), quantized()))


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("kind", ["Max", "Average"])
def test_global_pooling(same_bits, kind, keepdims):
    for axes, shape in ((1, (7, 3)), (2, (3, 5, 3))):
        pool = getattr(layers, f"Global{kind}Pooling{axes}D")
        same_bits(chain(shape, pool(keepdims=keepdims), quantized()))


@pytest.mark.parametrize("quantizer", [None, "quantized_bits(6,0,alpha=1)"])
@pytest.mark.parametrize(("pool", "padding"), [(2, "valid"), (3, "valid"), (2, "same"), (3, "same")])
def test_quantized_average(same_bits, pool, padding, quantizer):
    layer = qkeras.QAveragePooling2D(pool, padding=padding, average_quantizer=quantizer, activation=bits(5))
    same_bits(chain((5, 5, 3), layer))


@pytest.mark.parametrize("side", [4, 5])
def test_quantized_global_average(same_bits, side):
    layer = qkeras.QGlobalAveragePooling2D(average_quantizer=bits(8, 0), activation=bits(5))
    same_bits(chain((side, side, 3), layer))


# --- Merges -----------------------------------------------------------------------------------------------------


def branches(count):
    """Values of different steps and ranges that derive from one input."""
    x = layers.Input((4, 4, 3))
    a = quantized()(x)
    convolutions = [qkeras.QConv2D(3, 3, padding="same", **options())(a) for _ in range(count)]
    return x, [quantized(3 + i, i)(y) for i, y in enumerate(convolutions)]


@pytest.mark.parametrize("count", [2, 3])
@pytest.mark.parametrize("kind", ["Add", "Average", "Maximum", "Minimum", "Multiply"])
def test_merge_of_several_computes_keras_bits(same_bits, kind, count):
    x, values = branches(count)
    same_bits(keras.Model(x, quantized(5, 2)(getattr(layers, kind)()(values))))


def test_subtract_computes_keras_bits(same_bits):
    x, values = branches(2)
    same_bits(keras.Model(x, [layers.Subtract()(values), quantized()(layers.Subtract()(values[::-1]))]))


@pytest.mark.parametrize("axis", [1, 2, -1])
def test_concatenate_different_steps(same_bits, axis):
    x, values = branches(3)
    same_bits(keras.Model(x, layers.Concatenate(axis)([*values, values[0]])))


def test_concatenate_binary_and_fixed(same_bits):
    x, (a, b) = branches(2)
    signs = qkeras.QActivation("binary(alpha=1)")
    same_bits(keras.Model(x, [layers.Concatenate()([signs(a), b]), layers.Concatenate()([signs(a), signs(b)])]))


def test_residual_sum_computes_keras_bits(same_bits):
    x = layers.Input((4, 4, 3))
    a = quantized()(x)
    y = quantized()(qkeras.QConv2D(3, 3, padding="same", **options())(a))
    z = quantized(5, 2)(layers.Add()([a, y]))
    same_bits(keras.Model(x, [z, layers.Concatenate()([z, a, z])]))


def test_squeeze_and_excite(same_bits):
    x = layers.Input((4, 4, 3))
    a = quantized()(x)
    gate = qkeras.QActivation("quantized_relu(3,1)")(layers.GlobalAveragePooling2D(keepdims=True)(a))
    same_bits(keras.Model(x, [layers.Multiply()([a, gate]), layers.Multiply()([gate, a])]))


def test_batch_normalization_before_concatenate(same_bits):
    x, values = branches(2)
    values = [layers.BatchNormalization()(y) for y in values]
    same_bits(keras.Model(x, quantized()(layers.Concatenate()(values))))


def test_shared_layers_and_several_inputs(same_bits):
    left, right = layers.Input((6,)), layers.Input((6,))
    dense, activation = qkeras.QDense(4, **options()), quantized()
    a, b = (dense(activation(x)) for x in (left, right))
    same_bits(keras.Model([left, right], [layers.Concatenate()([activation(a), b]), layers.Subtract()([a, b])]))


# --- Moves ------------------------------------------------------------------------------------------------------


def test_moves_2d(same_bits):
    same_bits(
        chain(
            (4, 5, 3),
            layers.ZeroPadding2D(((1, 2), (0, 3))),
            layers.Cropping2D(((2, 0), (1, 1))),
            layers.UpSampling2D((2, 3)),
            layers.Permute((3, 1, 2)),
            layers.Reshape((-1, 5)),
        )
    )


def test_moves_1d(same_bits):
    stack = layers.ZeroPadding1D((1, 2)), layers.Cropping1D((2, 1)), layers.UpSampling1D(2), layers.Flatten()
    same_bits(chain((5, 3), *stack, layers.RepeatVector(3)))


def test_moves_of_binary_values(same_bits):
    stack = layers.UpSampling2D(2), layers.Permute((2, 1, 3)), layers.ZeroPadding2D(1), layers.Cropping2D(1)
    same_bits(keras.Sequential([layers.Input((4, 5, 3)), qkeras.QActivation("binary(alpha=1)"), *stack]))


def test_moves_between_float_and_quantizer(same_bits):
    conv = qkeras.QConv2D(4, 3, padding="same", **options())
    stack = layers.UpSampling2D(2), layers.ZeroPadding2D(1), layers.Permute((2, 1, 3)), layers.Cropping2D(2)
    same_bits(chain((4, 4, 3), conv, layers.BatchNormalization(), *stack, quantized()))


def test_bilinear_upsampling_by_two_computes_keras_bits(same_bits):
    same_bits(chain((3, 4, 2), layers.UpSampling2D(2, interpolation="bilinear")))


def test_dense_on_the_last_axis(same_bits):
    inner = layers.TimeDistributed(qkeras.QDense(2, kernel_quantizer="binary(alpha=1)", bias_quantizer=bits()))
    same_bits(chain((4, 5), qkeras.QDense(3, **options()), quantized(), inner))


def test_time_distributed_step_by_step(same_bits):
    stack = layers.TimeDistributed(qkeras.QConv2D(2, 3, **options())), layers.TimeDistributed(layers.Flatten())
    same_bits(chain((2, 4, 4, 2), *stack))


# --- Refused ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shape", "layer", "message"),
    [
        ((4, 4, 2), lambda: layers.UpSampling2D(3, interpolation="bilinear"), "use size 2 or 'nearest'"),
        ((4, 4, 2), lambda: layers.UpSampling2D(2, interpolation="bicubic"), "interpolation='bicubic'"),
        ((4, 4, 2), lambda: layers.Conv2DTranspose(2, 3, strides=2, output_padding=1), "output_padding"),
        ((4, 4, 2), lambda: layers.Flatten(data_format="channels_first"), "data_format='channels_first'"),
        ((2, 4, 2), lambda: layers.TimeDistributed(layers.LocallyConnected1D(2, 2)), "LocallyConnected1D"),
        ((3, 4, 4, 2), lambda: layers.Conv2D(2, 3), r"\[rows, columns, channels\]"),
    ],
)
def test_refused_layer_says_what_works(shape, layer, message):
    with pytest.raises(QdialectError, match=message) as error:
        from_keras(chain(shape, layer()))
    assert "layer '" in str(error.value)
