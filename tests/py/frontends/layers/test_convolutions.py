"""Every convolution: the bits of `model.predict`, of the IR at both levels, and of the compiled C++."""

import pytest
from layer_checks import bits, chain, keras, layers, names_of, options, qkeras, quantized

pytestmark = [pytest.mark.covers, pytest.mark.usefixtures("session")]


@pytest.mark.parametrize("padding", ["valid", "same", "causal"])
@pytest.mark.parametrize(("strides", "dilation"), [(1, 1), (2, 1), (1, 2)])
def test_conv1d_computes_keras_bits(same_bits, padding, strides, dilation):
    first = qkeras.QConv1D(4, 3, strides=strides, dilation_rate=dilation, padding=padding, **options())
    same_bits(chain((9, 3), first, quantized(), layers.Conv1D(2, 2, padding=padding)))


def test_conv1d_network_has_no_reshapes_between_its_layers(same_bits):
    def block(filters):
        conv = qkeras.QConv1D(filters, 3, padding="same", **options())
        return conv, layers.BatchNormalization(), quantized()

    lowered = same_bits(chain((8, 3), *block(4), layers.MaxPooling1D(2), *block(3), *block(2)))
    assert names_of(lowered).count("qnn.reshape") == 2


@pytest.mark.parametrize("groups", [2, 4])
def test_grouped_convolution_computes_keras_bits(same_bits, groups):
    same_bits(chain((5, 4, 4), qkeras.QConv2D(8, 3, groups=groups, **options()), quantized()))


KERNELS = [
    "quantized_bits(4,0,alpha=1)",
    "quantized_bits(4,0,alpha='auto_po2')",
    "quantized_bits(4,0)",
    "binary(alpha=1)",
    "ternary(alpha=1)",
    "quantized_po2(4,1)",
]


@pytest.mark.parametrize("multiplier", [1, 2])
@pytest.mark.parametrize("kernel", KERNELS)
def test_depthwise_kernels(same_bits, kernel, multiplier):
    layer = qkeras.QDepthwiseConv2D(
        (3, 2), depth_multiplier=multiplier, padding="same", depthwise_quantizer=kernel, bias_quantizer=bits()
    )
    same_bits(chain((5, 4, 3), layer, quantized()))


@pytest.mark.parametrize("activation", ["binary(alpha=1)", "ternary(alpha=1)", "quantized_po2(3,1)"])
def test_depthwise_activations(same_bits, activation):
    for kernel in ("binary(alpha=1)", bits()):
        layer = qkeras.QDepthwiseConv2D(3, padding="same", depthwise_quantizer=kernel, bias_quantizer=bits())
        same_bits(keras.Sequential([layers.Input((4, 5, 2)), qkeras.QActivation(activation), layer]))


@pytest.mark.parametrize(("strides", "dilation", "padding"), [((1, 1), 2, "valid"), ((2, 2), 1, "same")])
def test_depthwise_windows(same_bits, strides, dilation, padding):
    geometry = {"strides": strides, "dilation_rate": dilation, "padding": padding}
    same_bits(chain((7, 8, 2), qkeras.QDepthwiseConv2D(3, **geometry, **options("depthwise")), quantized()))


@pytest.mark.parametrize("multiplier", [1, 3])
def test_separable_convolution_computes_keras_bits(same_bits, multiplier):
    geometry = {"depth_multiplier": multiplier, "padding": "same", "strides": 2}
    quantizers = options("depthwise", "pointwise")
    same_bits(chain((6, 5, 3), qkeras.QSeparableConv2D(4, 3, **geometry, **quantizers), quantized()))
    same_bits(chain((7, 3), qkeras.QSeparableConv1D(4, 3, **geometry, **quantizers), quantized()))


def test_separable_scales(same_bits):
    quantizers = {
        "depthwise_quantizer": "quantized_bits(4,0,alpha='auto_po2')",
        "pointwise_quantizer": "ternary(alpha='auto_po2')",
    }
    same_bits(chain((5, 5, 3), qkeras.QSeparableConv2D(4, 3, depth_multiplier=2, **quantizers), quantized()))


def test_mobilenet_separable(same_bits):
    x = layers.Input((5, 5, 3))
    y = qkeras.QMobileNetSeparableConv2D(
        4,
        3,
        depthwise_quantizer=bits(),
        pointwise_quantizer=bits(),
        depthwise_activation=bits(),
        bias_quantizer=bits(),
        name="separable",
    )(quantized()(x))
    same_bits(keras.Model(x, quantized()(y)))


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("strides", [1, 2, 3])
@pytest.mark.parametrize("size", [1, 2, 3])
def test_transposed_convolution_computes_keras_bits(same_bits, padding, strides, size):
    geometry = {"strides": strides, "padding": padding}
    same_bits(chain((3, 4, 2), qkeras.QConv2DTranspose(3, size, **geometry, **options())))


@pytest.mark.parametrize("kernel", KERNELS)
def test_transposed_kernels(same_bits, kernel):
    layer = qkeras.QConv2DTranspose(3, 3, strides=2, kernel_quantizer=kernel, bias_quantizer=bits())
    same_bits(chain((3, 4, 2), layer, quantized()))


def test_transposed_dilation(same_bits):
    same_bits(chain((5, 4, 2), qkeras.QConv2DTranspose(3, 3, dilation_rate=2, **options()), quantized()))


@pytest.mark.parametrize(
    ("shape", "layer"),
    [
        ((7, 3), lambda: layers.DepthwiseConv1D(3, depth_multiplier=2)),
        ((7, 3), lambda: layers.SeparableConv1D(4, 3, padding="causal")),
        ((5, 4, 3), lambda: layers.DepthwiseConv2D(3)),
        ((5, 4, 3), lambda: layers.SeparableConv2D(2, 3)),
        ((4, 3), lambda: layers.Conv1DTranspose(2, 3, strides=2, padding="same")),
        ((3, 4, 2), lambda: layers.Conv2DTranspose(2, 3, strides=2)),
        ((2, 3, 4), lambda: layers.Dense(3)),
    ],
)
def test_float_kernels_are_exact_dyadic_numbers(same_bits, shape, layer):
    same_bits(chain(shape, layer(), quantized()))
