"""Where functions change their kind: the stretches of powers of two, the parts of a bound."""

import math

import numpy as np
import pytest

from qdialect.numerics.formats import FixedFormat, Po2Format
from qdialect.numerics.functions import ElementFunction, FunctionName
from qdialect.numerics.heads import SoftmaxTables, softmax_bounds
from qdialect.numerics.interpolation import SHAPES, Interpolation
from qdialect.numerics.quantizers import NearestPo2


@pytest.mark.parametrize("floor", [2.0**-20, 0.25])
def test_stretches_end_at_the_floor_on_both_sides_of_zero(floor):
    below = math.nextafter(floor, 0)
    x = np.array([-2, -floor, -below, 0, below, floor, 0.5, 2])
    function = NearestPo2(floor=floor, quadratic=True, tiny=0)
    assert function.stretch(x, Po2Format(-4, 3, True)).tolist() == [0, 0, 1, 2, 2, 3, 3, 3]
    assert function.stretch(x, Po2Format(-4, 3, False)).tolist() == [2, 2, 2, 2, 2, 3, 3, 3]


@pytest.mark.parametrize(("classes", "bits", "lsb"), [(2, 4, -3), (10, 8, -12), (100, 8, 0), (1000, 6, -20)])
def test_the_bound_of_softmax_tables_has_the_parts_of_its_derivation(classes, bits, lsb):
    tables = SoftmaxTables(classes, bits, lsb)
    half_step = 2.0 ** (-bits - 2 - math.ceil(math.log2(classes)))
    rounded = lsb < -(bits + 2)
    r = math.exp(2.0 ** -(bits + 3)) - 1 if rounded else 0
    k = (1 + classes * half_step) / (1 - r)
    sums, reciprocals, results = 2.0 ** -(bits + 2), 2.0 ** -(bits + 5), 2 * 2.0**-bits
    assert math.isclose(tables.error, 2 * r * k + classes * half_step + sums + reciprocals + results, rel_tol=1e-12)


def test_a_single_class_lies_within_the_bounds_of_its_softmax():
    """Whatever the logit; the bounds are a few roundings wide."""
    for logit in (-90.0, 0.0, 3.25):
        low, high = softmax_bounds(np.array([[logit]]), np.array([[logit]]))
        assert 1 - 2.0**-20 < low[0, 0] < 1 < high[0, 0] < 1 + 2.0**-20


@pytest.mark.parametrize(("name", "parameters", "scale"), [("elu", (3.0,), 3), ("tanh", (), 1), ("elu", (0.5,), 1)])
def test_the_bound_of_an_interpolation_has_the_parts_of_its_derivation(name, parameters, scale):
    """A chord over 2^-8, the tail beyond 15, float32 numbers up to 16, and a table in steps of 2^-20."""
    function = ElementFunction(FunctionName(name), parameters)
    chord = 2.0**-16 / 8 * SHAPES[function.name].curvature * scale
    tail, float32 = 17 * math.exp(-15) * scale, 2.0**-24 * 16 * scale
    error = Interpolation(function, FixedFormat(16, 6, signed=True)).error
    assert math.isclose(error, chord + tail + float32 + 2.0**-20, rel_tol=1e-12)
