"""Every feed-forward layer class: the bits of `model.predict`, of the IR at both levels, and of the compiled C++."""

import numpy as np
import pytest

from qdialect.compiler.pipeline import lower
from qdialect.compiler.write_hls import write_hls
from qdialect.dialects.qnn.network import network
from qdialect.errors import QdialectError
from qdialect.frontends.keras.importer import from_keras
from qdialect.interpreter.simulate import simulate

keras = pytest.importorskip("tf_keras")
qkeras = pytest.importorskip("qkeras")
tf = pytest.importorskip("tensorflow")

pytestmark = pytest.mark.covers
layers = keras.layers

SAMPLES = 24


@pytest.fixture(autouse=True)
def _session(monkeypatch):
    keras.backend.clear_session()
    # QConv2DTranspose of QKeras 0.9.0 calls a function that TensorFlow 2.21 has moved
    monkeypatch.setattr(qkeras.qconvolutional.array_ops, "stack", tf.stack, raising=False)


def bits(width=4, integer=1):
    return qkeras.quantized_bits(width, integer, alpha=1)


def quantized(width=4, integer=1):
    return qkeras.QActivation(bits(width, integer))


def options(*names: str, bias: bool = True) -> dict:
    return {f"{name}_quantizer": bits() for name in (names or ("kernel",))} | (
        {"bias_quantizer": bits()} if bias else {}
    )


def chain(shape, *stack):
    """A quantized input, then the layers."""
    return keras.Sequential([layers.Input(shape), quantized(), *stack])


def random_weights(model, rng) -> None:
    """Multiples of 1/16, so that unquantized weights are exact in float32 sums as well."""
    for layer in model.layers:
        values = [np.round(rng.normal(size=w.shape) * 12) / 16 for w in layer.get_weights()]
        if isinstance(layer, layers.BatchNormalization):
            values = [np.abs(v) + 0.1 for v in values]
        layer.set_weights([v.astype(np.float32) for v in values])


def as_list(outputs):
    return outputs if isinstance(outputs, list) else [outputs]


def check(model):
    """Equal outputs at every stage; returns the lowered module."""
    rng = np.random.default_rng(0)
    random_weights(model, rng)
    inputs = [np.round(rng.normal(size=(SAMPLES, *i.shape[1:])) * 64).astype(np.float32) / 32 for i in model.inputs]
    fed = inputs if len(inputs) > 1 else inputs[0]
    wanted = as_list(model.predict(fed, verbose=0))
    module = from_keras(model)
    lowered = lower(module, verify=True)
    return wanted, fed, module, lowered


@pytest.fixture
def same_bits(tmp_path):
    def compare(model):
        wanted, fed, module, lowered = check(model)
        project = write_hls(lowered, tmp_path / "net").compile()
        for outputs in (simulate(module, fed), simulate(lowered, fed, check_ranges=True), project.predict(fed)):
            for a, b in zip(wanted, as_list(outputs), strict=True):
                np.testing.assert_array_equal(a, b)
        return lowered

    return compare


def names_of(module) -> list[str]:
    return [op.name for op in network(module).body.block.ops]


# --- Convolutions -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("padding", ["valid", "same", "causal"])
@pytest.mark.parametrize(("strides", "dilation"), [(1, 1), (2, 1), (1, 2)])
def test_conv1d(same_bits, padding, strides, dilation):
    first = qkeras.QConv1D(4, 3, strides=strides, dilation_rate=dilation, padding=padding, **options())
    same_bits(chain((9, 3), first, quantized(), layers.Conv1D(2, 2, padding=padding)))


def test_conv1d_network_has_no_reshapes_between_its_layers(same_bits):
    def block(filters):
        conv = qkeras.QConv1D(filters, 3, padding="same", **options())
        return conv, layers.BatchNormalization(), quantized()

    lowered = same_bits(chain((8, 3), *block(4), layers.MaxPooling1D(2), *block(3), *block(2)))
    assert names_of(lowered).count("qnn.reshape") == 2


@pytest.mark.parametrize("groups", [2, 4])
def test_groups(same_bits, groups):
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
def test_separable(same_bits, multiplier):
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
def test_transposed(same_bits, padding, strides, size):
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


# --- Pooling ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize(("pool", "strides"), [(2, 2), (3, 2), (3, 1)])
def test_pooling(same_bits, padding, pool, strides):
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
def test_merge(same_bits, kind, count):
    x, values = branches(count)
    same_bits(keras.Model(x, quantized(5, 2)(getattr(layers, kind)()(values))))


def test_subtract(same_bits):
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


def test_residual(same_bits):
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


def test_bilinear(same_bits):
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
def test_refused(shape, layer, message):
    with pytest.raises(QdialectError, match=message) as error:
        from_keras(chain(shape, layer()))
    assert "layer '" in str(error.value)
