"""What a weight changed by one makes of a rounding is what the network with that weight computes."""

import numpy as np
import pytest

from qdialect.compiler.registry import make_context
from qdialect.dialects.qnn.network import network
from qdialect.dialects.qnn.ops.constant import ConstantOp
from qdialect.dialects.qnn.storage import encode
from qdialect.dialects.qnn.text import parse_module
from qdialect.dialects.qnn.types import exact_format_of, tensor_type
from qdialect.simulator.plan import plan_of
from qdialect.simulator.simulate import output_codes
from qdialect.validation.changes import Changes
from qdialect.validation.stimuli import sample_inputs
from qdialect.validation.weight_changes import ChangingWeights

DENSE = """
func.func @net(%x: tensor<3x!qnn.fixed<4, 2, signed>>) -> tensor<2x!qnn.fixed<4, 6, signed>> {
  %k = qnn.constant dense<[[3, -6], [2, 1], [-7, 5]]> : tensor<3x2xi8> as tensor<3x2x!qnn.fixed<5, 3, signed>>
  %b = qnn.constant dense<[5, -3]> : tensor<2xi8> as tensor<2x!qnn.fixed<5, 4, signed>>
  %s = qnn.dense %x, %k : tensor<3x!qnn.fixed<4, 2, signed>>, tensor<3x2x!qnn.fixed<5, 3, signed>>
    -> tensor<2x!qnn.fixed<11, 7, signed>>
  %a = qnn.add %s, %b : tensor<2x!qnn.fixed<11, 7, signed>>, tensor<2x!qnn.fixed<5, 4, signed>>
    -> tensor<2x!qnn.fixed<12, 8, signed>>
  %y = qnn.quantize %a {mode = #qnn.round<half_even, saturate>}
    : tensor<2x!qnn.fixed<12, 8, signed>> -> tensor<2x!qnn.fixed<4, 6, signed>>
  func.return %y : tensor<2x!qnn.fixed<4, 6, signed>>
}
"""
CONV = """
func.func @net(%x: tensor<5x4x2x!qnn.fixed<4, 4, signed>>) -> tensor<2x3x2x!qnn.fixed<4, 8, signed>> {
  %k = qnn.constant dense<[[[[3, -6], [2, 1]], [[1, 0], [-2, 4]]], [[[5, 5], [-1, 2]], [[-4, 3], [6, -7]]]]>
    : tensor<2x2x2x2xi8> as tensor<2x2x2x2x!qnn.fixed<5, 5, signed>>
  %s = qnn.conv2d %x, %k {strides = array<i64: 2, 1>, dilations = array<i64: 1, 1>}
    : tensor<5x4x2x!qnn.fixed<4, 4, signed>>, tensor<2x2x2x2x!qnn.fixed<5, 5, signed>>
    -> tensor<2x3x2x!qnn.fixed<13, 13, signed>>
  %y = qnn.quantize %s {mode = #qnn.round<half_even, saturate>}
    : tensor<2x3x2x!qnn.fixed<13, 13, signed>> -> tensor<2x3x2x!qnn.fixed<4, 8, signed>>
  func.return %y : tensor<2x3x2x!qnn.fixed<4, 8, signed>>
}
"""


@pytest.mark.parametrize("text", [DENSE, CONV])
def test_alterations_are_those_of_changed_weights(text):
    module = parse_module(make_context(), text)
    inputs = sample_inputs(network(module), np.random.default_rng(0), 40)
    changes = Changes(plan_of(module))
    (weights,) = [step for step in changes.steps if isinstance(step, ChangingWeights)]
    alterations = weights.alterations(changes.values(inputs))
    constants = [op for op in network(module).body.block.ops if isinstance(op, ConstantOp)]
    rows = [(op, row) for op in reversed(constants) for row in range(op.data.size // op.data.shape[-1])]
    assert weights.count == 2 * len(rows) * 2
    base = output_codes(module, inputs)[0]
    for number, (op, row) in enumerate(rows):
        for side, by in enumerate((1, -1)):
            codes, numbers = alterations[2 * number + side].codes, alterations[2 * number + side].changes
            data = op.data.reshape(-1, op.data.shape[-1]).copy()
            data[row] += by
            if all(int(each) in exact_format_of(op.result.type) for each in data[row]):
                other = module.clone()
                changed = list(network(other).body.block.ops)[constants.index(op)]
                changed.properties["value"] = encode(
                    data.reshape(op.data.shape), tensor_type(op.result.type).element_type
                )
                expected = output_codes(other, inputs)[0]
                assert np.array_equal(codes, expected)
                assert np.array_equal(numbers >= 0, expected != base)
