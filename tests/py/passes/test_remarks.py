"""Every batch normalization of a network is accounted for, and none is left after the default pipeline."""

import pytest
from accounting import accounted_for, assert_integer, normalizations
from sequences import BN, QBN, K, conv, dense, keras, network_of, q, qkeras, relu, remarks

from qdialect.analysis.costs import report
from qdialect.compiler.pipeline import lower
from qdialect.dialects.qnn.names import identifier
from qdialect.frontends.keras.importer import from_keras

pytestmark = pytest.mark.filterwarnings("ignore")


FOUR = "quantized_bits(4,0,alpha=1)"


def folded_depthwise():
    return qkeras.QDepthwiseConv2DBatchnorm(2, depthwise_quantizer=FOUR)


def depthwise():
    return qkeras.QDepthwiseConv2D(2, depthwise_quantizer=FOUR, use_bias=False)


def form_of(lowered, name: str) -> str:
    """What the remarks say of the layer `name`."""
    starts = (f"'{identifier(name)}':", f"'{identifier(name)}_normalized':", f"layer '{name}' ")
    found = [text for text in remarks(lowered) if text.startswith(starts)]
    assert found, f"no remark on {name}"
    return "\n".join(found)


IMAGE = (4, 4, 3)
PLACES = {
    "dense": ((6,), lambda: [q(), dense(), BN(), relu()], ["thresholds"]),
    "convolution": (IMAGE, lambda: [q(), conv(), BN(), relu()], ["thresholds"]),
    "depthwise": (IMAGE, lambda: [q(), depthwise(), BN(), relu()], ["thresholds"]),
    "input": ((6,), lambda: [q(), BN(), relu()], ["thresholds"]),
    "average": (IMAGE, lambda: [q(), K.AveragePooling2D(3), BN(), relu()], ["thresholds"]),
    "before the maximum": (IMAGE, lambda: [q(), conv(), BN(), K.MaxPooling2D(2), relu()], ["thresholds"]),
    "after the activation": ((6,), lambda: [q(), dense(), relu(), BN(), q("binary(alpha=1)")], ["one comparison"]),
    "quantized": ((6,), lambda: [q(), dense(), QBN(), relu()], ["thresholds"]),
    "axis 1": (IMAGE, lambda: [q(), BN(axis=1), relu()], ["thresholds"]),
    "twice": ((6,), lambda: [q(), dense(), BN(), BN(), relu()], ["thresholds", "thresholds"]),
    "table": ((6,), lambda: [q("quantized_bits(6,3,alpha=1)"), BN(), K.Activation("swish"), q()], ["table"]),
    "before a sum": ((6,), lambda: [q(), dense(), BN(), dense(), relu()], ["computed exactly"]),
    "output": ((6,), lambda: [q(), dense(), BN()], ["computed exactly"]),
    "folded": (IMAGE, lambda: [q(), qkeras.QConv2DBatchnorm(4, 2, kernel_quantizer=FOUR), relu()], ["folded into"]),
    "folded depthwise": (IMAGE, lambda: [q(), folded_depthwise(), relu()], ["folded into"]),
    "gamma negative, zero": ((6,), lambda: [q(), dense(8), BN(), q("ternary(alpha=1)")], ["thresholds"]),
}


@pytest.mark.parametrize("place", PLACES)
def test_every_batch_normalization_is_accounted_for(place):
    shape, layers, forms = PLACES[place]
    model, _ = network_of(shape, *layers())
    lowered = lower(from_keras(model))
    names = [layer.name for layer in model.layers if layer.name in normalizations(model.layers)]
    for name, form in zip(names, forms, strict=True):
        assert form in form_of(lowered, name)
    assert_integer(lowered)
    assert accounted_for(lowered, model.layers) == {*names}
    assert report(lowered).remarks == remarks(lowered)


def test_a_sum_of_two_normalized_branches():
    x = K.Input((6,), name="x")
    quantized = q()(x)
    branches = [BN(name=name)(dense()(quantized)) for name in ("left", "right")]
    lowered = lower(from_keras(keras.Model(x, relu()(K.Add()(branches)))))
    assert all("computed exactly" in form_of(lowered, name) for name in ("left", "right"))
    assert_integer(lowered)


def test_a_shared_normalization():
    x, shared = K.Input((6,), name="x"), BN(name="shared")
    model = keras.Model(x, relu()(shared(dense(6)(relu()(shared(q()(x)))))))
    lowered = lower(from_keras(model))
    assert_integer(lowered)
    assert accounted_for(lowered, model.layers) == {"shared"}
    assert form_of(lowered, "shared").count("thresholds") == 2  # one for each application
