"""Operations that read a constant where they might read another layer: in both architectures."""

import numpy as np
import pytest
from xdsl.parser import Parser

from qdialect.compiler.registry import make_context
from qdialect.compiler.write_hls import write_hls
from qdialect.dialects.qnn.network import network
from qdialect.interpreter.simulate import simulate
from qdialect.validation.stimuli import sample_inputs

X, C = "tensor<2x3x!qnn.fixed<4, 2, signed>>", "tensor<2x3x!qnn.fixed<3, 2, signed>>"
SUM, PRODUCT = "tensor<2x3x!qnn.fixed<5, 3, signed>>", "tensor<2x3x!qnn.fixed<7, 4, signed>>"
OPERATIONS = {
    "concat": (f"qnn.concat %x, %c {{axis = 1 : i64}} : {X}, {C}", "tensor<2x6x!qnn.fixed<4, 2, signed>>"),
    "concat_first": (f"qnn.concat %c, %x {{axis = 0 : i64}} : {C}, {X}", "tensor<4x3x!qnn.fixed<4, 2, signed>>"),
    "add": (f"qnn.add %c, %x : {C}, {X}", SUM),
    "sub": (f"qnn.sub %c, %x : {C}, {X}", SUM),
    "mul": (f"qnn.mul %c, %x : {C}, {X}", PRODUCT),
    "maximum": (f"qnn.maximum %c, %x : {C}, {X}", X),
}


@pytest.mark.parametrize("io_type", ["io_parallel", "io_stream"])
@pytest.mark.parametrize("name", OPERATIONS)
def test_constant_operand(name, io_type, tmp_path):
    operation, result = OPERATIONS[name]
    text = f"""
    func.func @top(%x : {X}) -> {result} {{
      %c = qnn.constant dense<[[1, -2, 3], [-4, 0, 2]]> : tensor<2x3xi8> as {C}
      %y = {operation} -> {result}
      func.return %y : {result}
    }}"""
    module = Parser(make_context(), text).parse_module()
    x = sample_inputs(network(module), np.random.default_rng(0), 20)
    project = write_hls(module, tmp_path / "prj", {"io_type": io_type}).compile()
    assert (project.predict(x) == simulate(module, x)).all()
