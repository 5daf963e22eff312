"""TensorFlow's own bits of functions that it computes in vectors of 8."""

import numpy as np
import pytest
from processor import assert_rooted

from qdialect.numerics.float32 import move_ulps
from qdialect.numerics.float32_steps import rounded_log2
from qdialect.numerics.vectorized import log, rsqrt

tf = pytest.importorskip("tensorflow")

FUNCTIONS = {
    "rsqrt": (lambda x, ulps: move_ulps(rsqrt(x), ulps), tf.math.rsqrt),
    "log": (lambda x, ulps: log(x), tf.math.log),
}


def graph(function):
    return tf.function(function, input_signature=[tf.TensorSpec(None, tf.float32)])


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_length(name):
    """The elements left over are TensorFlow's within a unit of the last place, mostly the same."""
    ours, theirs = FUNCTIONS[name]
    theirs, rng, differ = graph(theirs), np.random.default_rng(0), 0
    for length in [*range(1, 40), 64, 101, 300_001]:
        x = np.exp(rng.uniform(-20, 20, length)).astype(np.float32)
        whole = length // 8 * 8
        keras = theirs(x).numpy()
        assert_rooted(lambda ulps, x=x, whole=whole: ours(x, ulps)[:whole], keras[:whole])
        differ += np.count_nonzero(ours(x, 0)[whole:] != keras[whole:])
    assert differ <= 1


@pytest.mark.parametrize("name", FUNCTIONS)
def test_powers_of_two(name):
    ours, theirs = FUNCTIONS[name]
    x = np.ldexp(np.float32(1), np.arange(-60, 60))
    assert_rooted(lambda ulps: ours(x, ulps), graph(theirs)(x).numpy())


def test_steps_of_the_estimate():
    """Intel's own bits where an octave of the estimate begins: a unit below the nearest float32 of 1 / sqrt(2)."""
    x = np.ldexp(np.float32(2), np.arange(-8, 8, 2))
    assert np.array_equal(rsqrt(x), np.ldexp(np.float32(float.fromhex("0x1.6a09e4p-1")), np.arange(4, -4, -1)))


@pytest.mark.parametrize("shape", [(3, 5), (8,), (2, 3, 7), ()])
def test_tensors_are_flat(shape):
    x = np.exp(np.random.default_rng(1).normal(size=shape)).astype(np.float32)
    for ours, theirs in FUNCTIONS.values():
        assert_rooted(lambda ulps, ours=ours: ours(x, ulps), graph(theirs)(x).numpy())


@pytest.mark.parametrize("quadratic", [False, True])
@pytest.mark.parametrize("length", [5, 8, 61])
def test_ties_of_powers_of_two(length, quadratic):
    """Numbers next to the middle between powers of two on the logarithmic scale."""
    middle = np.ldexp(2.0 if quadratic else np.sqrt(2), np.arange(length) - length // 2).astype(np.float32)
    two = np.float32(2)

    @graph
    def exponent(x):
        return tf.round(tf.math.log(tf.sqrt(x) if quadratic else x) / tf.math.log(tf.constant(two)))

    for x in (middle, np.nextafter(middle, np.float32(0)), np.nextafter(middle, np.float32(np.inf))):
        assert np.array_equal(rounded_log2(x, quadratic, "rnd"), exponent(x).numpy())
