"""A name denotes one value of an imported network, the last of those that layers give it."""

from qdialect.compiler.registry import make_context
from qdialect.dialects.qnn.network import network
from qdialect.dialects.qnn.text import parse_module
from qdialect.frontends.building.assembly import number_shared_names

CHAIN = """
func.func @net(%x: tensor<2x!qnn.fixed<4, 4, signed>>) -> tensor<2x!qnn.fixed<4, 4, signed>> {
  %a = qnn.reshape %x : tensor<2x!qnn.fixed<4, 4, signed>> -> tensor<1x2x!qnn.fixed<4, 4, signed>>
  %b = qnn.reshape %a : tensor<1x2x!qnn.fixed<4, 4, signed>> -> tensor<2x1x!qnn.fixed<4, 4, signed>>
  %c = qnn.reshape %b : tensor<2x1x!qnn.fixed<4, 4, signed>> -> tensor<1x2x!qnn.fixed<4, 4, signed>>
  %d = qnn.reshape %c : tensor<1x2x!qnn.fixed<4, 4, signed>> -> tensor<2x!qnn.fixed<4, 4, signed>>
  func.return %d : tensor<2x!qnn.fixed<4, 4, signed>>
}
"""


def test_the_last_of_several_values_keeps_their_name():
    block = network(parse_module(make_context(), CHAIN)).body.block
    values = [result for op in block.ops for result in op.results]
    for value, name in zip(values, ["dense", "dense", "other", "dense"], strict=True):
        value.name_hint = name
    number_shared_names(block)
    assert [value.name_hint for value in values] == ["dense_part2", "dense_part1", "other", "dense"]
