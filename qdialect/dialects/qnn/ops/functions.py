"""Functions of one value: named float32 functions, and tables over the codes of an integer."""

from __future__ import annotations

import math
from collections.abc import Sequence

from xdsl.dialects.builtin import I64, DenseArrayBase, IntegerAttr, TensorType, f32, i64
from xdsl.ir import Data, SSAValue
from xdsl.irdl import (
    irdl_attr_definition,
    irdl_op_definition,
    operand_def,
    opt_prop_def,
    prop_def,
    result_def,
    traits_def,
)
from xdsl.parser import AttrParser
from xdsl.printer import Printer
from xdsl.traits import Pure
from xdsl.utils.exceptions import VerifyException

from qdialect.dialects.qnn.attributes import parse_enum
from qdialect.dialects.qnn.op import QnnOp, shape_of
from qdialect.dialects.qnn.ops.float_steps import FloatOp
from qdialect.dialects.qnn.traits import Elementwise, RowPerChannel
from qdialect.dialects.qnn.types import exact_format_of, tensor
from qdialect.numerics.formats import Format, Po2Format
from qdialect.numerics.functions import ElementFunction, FunctionName

MAX_TABLE = 1 << 16


@irdl_attr_definition
class FunctionAttr(Data[ElementFunction]):
    """`#qnn.function<tanh>` or, with parameters, `#qnn.function<leaky_relu, 0.3>`."""

    name = "qnn.function"

    @classmethod
    def parse_parameter(cls, parser: AttrParser) -> ElementFunction:
        with parser.in_angle_brackets():
            function = parse_enum(parser, FunctionName)
            parameters: list[float] = []
            while parser.parse_optional_punctuation(",") is not None:
                unbounded = parser.parse_optional_keyword("inf") is not None
                parameters.append(math.inf if unbounded else float(parser.parse_number()))
        try:
            return ElementFunction(function, tuple(parameters))
        except ValueError as error:
            parser.raise_error(str(error))

    def print_parameter(self, printer: Printer) -> None:
        printer.print_string(f"<{', '.join([self.data.name, *map(repr, self.data.parameters)])}>")


@irdl_op_definition
class FunctionOp(FloatOp):
    """A named function in float32; `qdialect.numerics.functions` says how each is computed and how far TensorFlow's
    own values lie from it. `fold-batchnorm` makes integers of it where a quantizer follows."""

    name = "qnn.function"
    operand = operand_def(TensorType)
    function = prop_def(FunctionAttr)
    result = result_def(TensorType)
    traits = traits_def(Pure())

    def __init__(self, operand: SSAValue, function: ElementFunction):
        super().__init__(
            operands=[operand],
            properties={"function": FunctionAttr(function)},
            result_types=[tensor(shape_of(operand), f32)],
        )


@irdl_op_definition
class LookupOp(QnnOp):
    """Any function of an integer of few codes: `result = table[channel, code - first]`.

    `table` is [channels, codes] in the type of the result (channels = 1 is shared), at most 2^16 codes; a code outside
    of it is an error. `uncertified` lists the channels of entries that TensorFlow may compute differently, once per
    entry.
    """

    name = "qnn.lookup"
    operand = operand_def(TensorType)
    table = operand_def(TensorType)
    first = prop_def(IntegerAttr[I64])
    uncertified = opt_prop_def(DenseArrayBase.constr(i64))
    result = result_def(TensorType)
    traits = traits_def(Pure(), Elementwise(), RowPerChannel())

    def __init__(self, operand: SSAValue, table: SSAValue, first: int, uncertified: Sequence[int] = ()):
        super().__init__(
            operands=[operand, table],
            properties={
                "first": IntegerAttr(first, i64),
                "uncertified": DenseArrayBase.from_list(i64, list(uncertified)) if uncertified else None,
            },
            result_types=[tensor(shape_of(operand), exact_format_of(table.type))],
        )

    def inferred(self) -> tuple[tuple[int, ...], Format | None]:
        return shape_of(self.operand), exact_format_of(self.table.type)

    @property
    def covered(self) -> tuple[int, int]:
        """The first and the last code of the operand that the table has."""
        first = self.first.value.data
        return first, first + shape_of(self.table)[1] - 1

    def verify_(self) -> None:
        if isinstance(exact_format_of(self.operand.type), Po2Format):
            raise VerifyException("powers of two are too far apart for a table over all codes; use qnn.threshold")
        channels, shape = shape_of(self.operand)[-1:], shape_of(self.table)
        if not channels:
            raise VerifyException(f"expected an operand with a channel axis, got {self.operand.type}")
        if len(shape) != 2 or shape[0] not in (1, *channels) or shape[1] > MAX_TABLE:
            raise VerifyException(
                f"table must be [{channels[0]} or 1, codes] with at most {MAX_TABLE} codes, got {self.table.type}"
            )
        super().verify_()
