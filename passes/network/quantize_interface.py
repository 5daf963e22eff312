"""quantize-interface: move the input quantizer out of the hardware, into the type of the argument.

    func @net(%x: tensor<..xf32>) { %q = quantize %x ... }   =   func @net(%q: tensor<..x!qnn.fixed> {qnn.quantizer})

Whoever feeds the hardware (`predict`, the test bench, the sensor) applies the recorded quantizer. A float argument
with another use than one quantizer cannot become bits, and neither can a float result.
"""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import ArrayAttr, DictionaryAttr, ModuleOp, f32
from xdsl.dialects.func import FuncOp
from xdsl.ir import Attribute, BlockArgument
from xdsl.passes import ModulePass
from xdsl.rewriter import Rewriter

from qdialect.dialects.qnn.attributes import RoundAttr
from qdialect.dialects.qnn.float_values import quantizer_advice
from qdialect.dialects.qnn.network import QUANTIZER, keras_name, network, results_of
from qdialect.dialects.qnn.ops.quantize import QuantizeOp
from qdialect.dialects.qnn.types import format_of, tensor, tensor_type
from qdialect.errors import QdialectError
from qdialect.numerics.formats import FixedFormat
from qdialect.numerics.quantizers import Round

UNUSED = FixedFormat(1, 1, signed=False)
"""Of an argument that nothing reads: the narrowest port."""


def quantize_argument(argument: BlockArgument) -> Attribute | None:
    """Give a float argument the type of its quantizer, and return the quantizer's mode; None if it is quantized.

    An argument that nothing reads stays, as a port of one bit.
    Raises QdialectError if the argument is not always quantized in the same way first.
    """
    if format_of(argument.type) is not None:
        return None
    users = [use.operation for use in argument.uses]
    if not users:
        Rewriter.replace_value_with_new_type(argument, tensor(tensor_type(argument.type).get_shape(), UNUSED))
        return RoundAttr(Round())
    quantizers = [op for op in users if isinstance(op, QuantizeOp)]
    kinds = {(op.mode, op.result.type) for op in quantizers}
    if len(quantizers) != len(users) or len(kinds) != 1:
        others = ", ".join(sorted({op.name for op in users if not isinstance(op, QuantizeOp)})) or "several quantizers"
        raise QdialectError(
            f"input '{keras_name(argument)}' is not quantized first (it reaches {others}): "
            f"give the input a type, such as input_type='fixed<16, 6>'"
        )
    ((mode, type_),) = kinds
    quantized = Rewriter.replace_value_with_new_type(argument, type_)
    for op in quantizers:
        Rewriter.replace_op(op, [], [quantized])
    return mode


def check_results(function: FuncOp) -> None:
    """Raise QdialectError for results that are still float: functions and divisions without a quantizer."""
    for result in results_of(function):
        if tensor_type(result.type).element_type == f32:
            raise QdialectError(
                f"output '{result.name_hint}' is float and has no hardware form: {quantizer_advice(result)}"
            )


@dataclass(frozen=True)
class QuantizeInterface(ModulePass):
    """Quantize every argument and record its quantizer as the argument attribute `qnn.quantizer`."""

    name = "quantize-interface"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        function = network(op)
        recorded = [a.data for a in function.arg_attrs or [DictionaryAttr({})] * len(function.args)]
        modes = [quantize_argument(argument) for argument in function.args]
        if any(mode is not None for mode in modes):
            function.arg_attrs = ArrayAttr(
                DictionaryAttr(old if mode is None else {**old, QUANTIZER: mode})
                for old, mode in zip(recorded, modes, strict=True)
            )
        function.update_function_type()
        check_results(function)
