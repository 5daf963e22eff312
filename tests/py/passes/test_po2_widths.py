"""Power-of-two layers whose exponents lie too far apart for an accumulator are refused, with the weights that do it."""

from __future__ import annotations

import numpy as np
import pytest
from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import FuncOp, ReturnOp
from xdsl.ir import Block, Region

from qdialect.compiler.pipeline import lower
from qdialect.dialects.qnn.ops.constant import ConstantOp
from qdialect.dialects.qnn.ops.contractions import DenseOp
from qdialect.dialects.qnn.types import tensor
from qdialect.errors import QdialectError
from qdialect.numerics.formats import FixedFormat, Format, Po2Format
from qdialect.passes.integer import po2_to_shift

BYTE = FixedFormat(8, 2, signed=True)


def network(activations: Format, exponents: list[list[int]]) -> ModuleOp:
    """`fc` with weights 2**exponents, in units of 2**-64."""
    block = Block(arg_types=[tensor((len(exponents),), activations)])
    block.args[0].name_hint = "x"
    codes = np.array([[1 << e for e in row] for row in exponents], object)
    kernel = ConstantOp(codes, Po2Format(-64, 63, signed=True), "fc_kernel")
    fc = DenseOp(block.args[0], kernel.result)
    fc.result.name_hint = "fc"
    block.add_ops([kernel, fc, ReturnOp(fc.result)])
    return ModuleOp([FuncOp("net", ([block.args[0].type], [fc.result.type]), Region(block))])


@pytest.mark.parametrize(
    ("activations", "exponents", "message"),
    [
        (BYTE, [[0, 64], [122, 64]], r"'fc': .* takes 131 bits, more than 128: activations 'x' of 8 bits times weights "
         r"fc_kernel\[0, 0\] = 5.42e-20 beside fc_kernel\[1, 0\] = 2.88e\+17; .* 3 exponents less in all"),
        (Po2Format(-64, 63, signed=True), [[0], [1], [2], [3], [9]],
         r"activations 'x' of 2\^-64 to 2\^63 times .* and 2 more beside fc_kernel\[4, 0\]"),
    ],
)  # fmt: skip
def test_refused_width_names_the_exponents(
    activations: Format, exponents: list[list[int]], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond the widest integer, here one of 128 bits; what is within it lowers."""
    lower(network(activations, exponents))
    monkeypatch.setattr(po2_to_shift, "MAX_WIDTH", 128)
    with pytest.raises(QdialectError, match=message):
        lower(network(activations, exponents))


def test_the_exponents_that_occur_decide() -> None:
    """The type allows 128 exponents, the weights take 120 of them."""
    lower(network(BYTE, [[0, 64], [119, 64]]))
