"""Samples that take integers exactly to thresholds, and to the codes directly beyond the ends of a rounding."""

import numpy as np
import pytest

from qdialect.compiler.registry import make_context
from qdialect.dialects.qnn.text import parse_module
from qdialect.simulator.plan import plan_of
from qdialect.validation.changes import Changes
from qdialect.validation.moves import joined, moved
from qdialect.validation.step_changes import beyond_ends
from qdialect.validation.telling_inputs import telling_inputs


def test_moved_copies_differ_in_neighbouring_places_alone():
    rng = np.random.default_rng(0)
    inputs = [rng.random((4, 3, 2)), rng.random((4, 5))]
    drawn = [rng.random((200, 3, 2)), rng.random((200, 5))]
    flat = np.concatenate([x.reshape(200, -1) for x in moved(inputs, 2, drawn, rng)], axis=1)
    parent = np.concatenate([x[2].reshape(-1) for x in inputs])
    new = np.concatenate([x.reshape(200, -1) for x in drawn], axis=1)
    assert np.array_equal(flat[0], parent)
    changed = flat != parent
    assert np.array_equal(flat[changed], new[changed])
    runs = (np.diff(np.pad(changed, ((0, 0), (1, 1))).astype(int), axis=1) == 1).sum(axis=1)
    assert set(runs[1:]) == {1}
    assert changed.sum(axis=1).max() == 6
    assert changed.any(axis=0).all()


def test_joined_samples_have_both_changes():
    x = np.array([[0, 0, 0], [5, 0, 0], [0, 0, 7], [0, 3, 4]])
    (both,) = joined([x], np.array([[1, 2], [3, 1], [2, 3]]))
    assert both.tolist() == [[5, 0, 7], [5, 3, 4], [0, 3, 7]]


# Of sums of 20 bits, one drawn sample in tens of thousands lies directly next to a given one of the thresholds.
SHARP = """
func.func @net(%x: tensor<30x!qnn.fixed<8, 8, signed>>) -> tensor<1x!qnn.fixed<8, 8, unsigned>> {{
  %k = qnn.constant dense<{kernel}> : tensor<30x1xi8> as tensor<30x1x!qnn.fixed<8, 8, signed>>
  %s = qnn.dense %x, %k : tensor<30x!qnn.fixed<8, 8, signed>>, tensor<30x1x!qnn.fixed<8, 8, signed>>
    -> tensor<1x!qnn.fixed<20, 20, signed>>
  %t = qnn.constant dense<{levels}> : tensor<1x255xi32> as tensor<1x255x!qnn.fixed<20, 20, signed>>
  %y = qnn.threshold %s, %t {{first = 0}} : tensor<1x!qnn.fixed<20, 20, signed>>,
    tensor<1x255x!qnn.fixed<20, 20, signed>> -> tensor<1x!qnn.fixed<8, 8, unsigned>>
  func.return %y : tensor<1x!qnn.fixed<8, 8, unsigned>>
}}
"""


def test_sums_reach_both_sides_of_every_threshold():
    kernel = [[int(w)] for w in np.random.default_rng(1).integers(-127, 128, 30)]
    levels = [[397 * i - 50000 for i in range(255)]]
    module = parse_module(make_context(), SHARP.format(kernel=kernel, levels=levels))
    sums = telling_inputs(module, 1024)[0] @ np.array(kernel)[:, 0]
    reached = [side for t in levels[0] for side in (t - 1, t) if side in sums]
    assert len(reached) == 510


ENDS = """
func.func @net(%x: tensor<1x!qnn.fixed<10, 8, signed>>) -> tensor<1x!qnn.fixed<{bits}, {bits}, {sign}>> {{
  %y = qnn.quantize %x {{mode = #qnn.round<{mode}>}} : tensor<1x!qnn.fixed<10, 8, signed>>
    -> tensor<1x!qnn.fixed<{bits}, {bits}, {sign}>>
  func.return %y : tensor<1x!qnn.fixed<{bits}, {bits}, {sign}>>
}}
"""


@pytest.mark.parametrize(
    ("bits", "sign", "mode", "expected"),
    [
        (4, "unsigned", "floor, saturate", [(-4, 0, 15), (64, 68, 0)]),
        (4, "signed", "floor, saturate", [(-36, -32, 7), (32, 36, -8)]),
        (4, "signed", "floor, saturate_symmetric", [(-32, -28, -8), (32, 36, -8)]),
        (4, "signed", "half_even, saturate", [(-37, -34, 7), (30, 35, -8)]),
        (4, "signed", "floor, wrap", []),
    ],
)
def test_codes_directly_beyond_the_ends_pass(bits, sign, mode, expected):
    module = parse_module(make_context(), ENDS.format(bits=bits, sign=sign, mode=mode))
    changes = Changes(plan_of(module))
    (step,) = [step for step in changes.steps if step.beyond] if expected else [changes.steps[0]]
    assert [(integers.start, integers.stop, code) for integers, code in beyond_ends(step.op)] == expected
    codes = np.arange(-512, 512)
    alterations = step.alterations(changes.values([codes[:, np.newaxis] / 4]))[2:]
    for alteration, (first, last, code) in zip(alterations, expected, strict=True):
        passes = (first <= codes) & (codes < last)
        assert np.array_equal(alteration.changes[:, 0] >= 0, passes)
        assert np.array_equal(np.unique(alteration.codes[passes]), [code])
