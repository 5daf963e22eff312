"""Layers and the values between them."""

import numpy as np
from modules import module_of
from xdsl.dialects.func import FuncOp, ReturnOp

from qdialect.analysis.layer_graph import Edge, LayerNode, layers_and_values
from qdialect.dialects.qnn.network import network
from qdialect.dialects.qnn.ops.constant import ConstantOp
from qdialect.dialects.qnn.ops.contractions import DenseOp
from qdialect.dialects.qnn.ops.elementwise import AddOp, ReluOp
from qdialect.dialects.qnn.owner import own
from qdialect.dialects.qnn.types import tensor
from qdialect.numerics.formats import FixedFormat

CODES = FixedFormat(3, 3, signed=True)


def test_layers_and_their_values():
    """`first` and `second` read the input, `first` has two operations; of constants there are no edges."""

    def build(x, y):
        kernel = ConstantOp(np.eye(2, dtype=np.int64), CODES)
        dense = DenseOp(x, kernel.result)
        relu = ReluOp(dense.result)
        bias = ConstantOp(np.array([1, 2]), CODES)
        added = AddOp(relu.result, x)
        again = AddOp(added.result, bias.result)
        last = AddOp(again.result, y)
        for op, layer in ((dense, "first"), (relu, "first"), (added, "second"), (again, "first")):
            own(op, layer)
        x.name_hint, y.name_hint, last.result.name_hint = "x", "y.1", "out"
        return [kernel, dense, relu, bias, added, again, last]

    module = module_of([tensor((3, 2), CODES), tensor((2,), FixedFormat(2, 2, signed=False))], build)
    nodes, edges = layers_and_values(module)
    assert nodes == [
        LayerNode("input x", []),
        LayerNode("input y_1", []),
        LayerNode("first", ["dense", "relu", "add"]),
        LayerNode("second", ["add"]),
        LayerNode("out", ["add"]),
        LayerNode("output out", []),
    ]
    assert edges == [
        Edge("input x", "first", "fixed<3, 3, signed>", [3, 2]),
        Edge("first", "second", "fixed<6, 6, unsigned>", [3, 2]),
        Edge("input x", "second", "fixed<3, 3, signed>", [3, 2]),
        Edge("second", "first", "fixed<8, 8, signed>", [3, 2]),
        Edge("first", "out", "fixed<9, 9, signed>", [3, 2]),
        Edge("input y_1", "out", "fixed<2, 2, unsigned>", [2]),
        Edge("out", "output out", "fixed<10, 10, signed>", [3, 2]),
    ]


def test_constant_outputs_come_from_no_layer():
    """Beside an input that is an output."""
    module = module_of([tensor((2,), CODES)], lambda x: [ConstantOp(np.array([1, 2]), CODES)])
    assert layers_and_values(module) == ([LayerNode("input value", [])], [])
    function: FuncOp = network(module)
    returned = function.body.block.last_op
    assert isinstance(returned, ReturnOp)
    returned.operands = [function.args[0]]
    assert layers_and_values(module) == (
        [LayerNode("input value", []), LayerNode("output value", [])],
        [Edge("input value", "output value", "fixed<3, 3, signed>", [2])],
    )
