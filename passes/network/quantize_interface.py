"""quantize-interface: move the input quantizer out of the hardware, into the type of the argument.

    func @net(%x: tensor<..xf32>) { %q = quantize %x ... }   =   func @net(%q: tensor<..x!qnn.fixed> {qnn.quantizer})

Whoever feeds the hardware (`predict`, the test bench, the sensor) applies the recorded quantizer. Of several ones it
applies their common rounding, and each then rounds what is left. A float argument with another use than quantizers
cannot become bits, and neither can a float result, or a float value on the way to one; functions of one value are left
to `choose-forms`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from xdsl.context import Context
from xdsl.dialects.builtin import ArrayAttr, DictionaryAttr, ModuleOp, f32
from xdsl.dialects.func import FuncOp
from xdsl.ir import Attribute, BlockArgument
from xdsl.passes import ModulePass
from xdsl.rewriter import Rewriter

from qdialect.dialects.qnn.attributes import RoundAttr, RoundEachAttr, rounding_attribute
from qdialect.dialects.qnn.float_values import expect_no_floats, quantizer_advice
from qdialect.dialects.qnn.network import QUANTIZER, keras_name, network, results_of
from qdialect.dialects.qnn.ops.quantize import QuantizeOp
from qdialect.dialects.qnn.sticky import StickyAttr
from qdialect.dialects.qnn.types import format_of, tensor, tensor_type
from qdialect.errors import QdialectError
from qdialect.numerics.common_rounding import common_rounding
from qdialect.numerics.formats import FixedFormat
from qdialect.numerics.quantizers import Round
from qdialect.numerics.round_each import RoundEach

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
    if len(quantizers) != len(users):
        others = ", ".join(sorted({op.name for op in users if not isinstance(op, QuantizeOp)}))
        raise not_quantized(argument, f"it reaches {others}")
    if len(kinds) > 1:
        return quantize_for_all(argument, quantizers)
    ((mode, type_),) = kinds
    quantized = Rewriter.replace_value_with_new_type(argument, type_)
    for op in quantizers:
        Rewriter.replace_op(op, [], [quantized])
    return mode


def not_quantized(argument: BlockArgument, why: str) -> QdialectError:
    return QdialectError(
        f"input '{keras_name(argument)}' is not quantized first ({why}): "
        f"give the input a type, such as input_type='fixed<16, 6>'"
    )


def quantize_for_all(argument: BlockArgument, quantizers: Sequence[QuantizeOp]) -> Attribute:
    """Give a float argument the type of the common rounding of its quantizers, which stay, and return its mode."""
    modes = [round_each_of(op) for op in quantizers]
    rounding = [mode for mode in modes if mode is not None]
    if len(rounding) < len(modes):
        raise not_quantized(argument, "its several quantizers have no common rounding")
    common = common_rounding(rounding)
    shape = tensor_type(argument.type).get_shape()
    Rewriter.replace_value_with_new_type(argument, tensor(shape, common.hull))
    return rounding_attribute(common) if isinstance(common, RoundEach) else StickyAttr(common)


def round_each_of(op: QuantizeOp) -> RoundEach | None:
    """What it does with each element; None for quantizers that do not round to a fixed step."""
    fmt = format_of(op.result.type)
    match op.mode:
        case RoundEachAttr(data=each):
            return each
        case RoundAttr(data=mode) if isinstance(fmt, FixedFormat):
            lsb, width, sign = (np.array(n) for n in (fmt.lsb, fmt.width, int(fmt.signed)))
            return RoundEach(mode.rounding, mode.overflow, lsb, width, sign)
        case _:
            return None


def check_results(function: FuncOp) -> None:
    """Raise QdialectError for results that are still float: functions and divisions without a quantizer."""
    for result in results_of(function):
        if tensor_type(result.type).element_type == f32:
            raise QdialectError(
                f"output '{keras_name(result)}' is float and has no hardware form: {quantizer_advice(result)}"
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
        expect_no_floats(function)
