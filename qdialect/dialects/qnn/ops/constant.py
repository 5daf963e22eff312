"""`qnn.constant`: weights, thresholds and scales as raw data with their meaning in the result type."""

from __future__ import annotations

import math
from typing import Any, Self

from numpy.typing import NDArray
from xdsl.dialects.builtin import DenseIntOrFPElementsAttr, TensorType, f32
from xdsl.ir import Attribute, OpResult, SSAValue
from xdsl.irdl import irdl_op_definition, prop_def, result_def, traits_def
from xdsl.parser import Parser
from xdsl.printer import Printer
from xdsl.traits import ConstantLike, Pure
from xdsl.utils.exceptions import VerifyException

from qdialect.dialects.qnn.op import QnnOp, shape_of
from qdialect.dialects.qnn.storage import decode, defect, encode, storages
from qdialect.dialects.qnn.types import BinaryType, BitsType, TernaryType, format_of, tensor, tensor_type
from qdialect.numerics.formats import Format


@irdl_op_definition
class ConstantOp(QnnOp):
    """`qnn.constant dense<..> : tensor<..xi8> as tensor<..x!qnn.fixed<..>>`; storage as in `qnn/storage.py`."""

    name = "qnn.constant"
    value = prop_def(DenseIntOrFPElementsAttr)
    result = result_def(TensorType)
    traits = traits_def(Pure(), ConstantLike())

    def __init__(self, values: NDArray[Any], element: Format | Attribute | None, name: str | None = None):
        """Codes in a format (or float32 numbers that have such codes), or floats if `element` is None, in the shape of
        the result; 64-bit words on one more axis if `element` is `!qnn.bits`."""
        shape = values.shape[:-1] if isinstance(element, BitsType) else values.shape
        type_ = tensor(shape, f32 if element is None else element)
        super().__init__(
            properties={"value": encode(values, type_.element_type)},
            result_types=[type_],
        )
        self.result.name_hint = name

    @property
    def data(self) -> NDArray[Any]:
        """Codes (int64), packed words (uint64, one more axis) or floats (float32)."""
        return decode(self.value, tensor_type(self.result.type))

    def inferred(self) -> tuple[tuple[int, ...], Format | None]:
        return shape_of(self.result), format_of(self.result.type)

    def verify_(self) -> None:
        type_ = tensor_type(self.result.type)
        if not type_.get_shape() and isinstance(type_.element_type, BinaryType | TernaryType):
            raise VerifyException(f"constants of {type_.element_type} are packed along the last axis, {type_} has none")
        allowed, given = storages(type_.get_shape(), type_.element_type), self.value.type
        if given not in allowed:
            raise VerifyException(f"storage of {type_} must be {' or '.join(map(str, allowed))}, got {given}")
        size = math.prod(given.get_shape()) * self.value.get_element_type().compile_time_size
        if len(self.value.data.data) != size:
            raise VerifyException(f"storage has {len(self.value.data.data)} bytes, {self.value.type} needs {size}")
        if (fault := defect(self.value, type_)) is not None:
            raise VerifyException(f"storage does not fit {type_}: {fault}")

    @classmethod
    def parse(cls, parser: Parser) -> Self:
        value = parser.parse_attribute()
        parser.parse_keyword("as")
        type_, attributes = parser.parse_type(), parser.parse_optional_attr_dict()
        return cls.create(result_types=[type_], properties={"value": value}, attributes=attributes)

    def print(self, printer: Printer) -> None:
        printer.print_string(" ")
        printer.print_attribute(self.value)
        printer.print_string(" as ")
        printer.print_attribute(self.result.type)
        if self.attributes:
            printer.print_string(" ")
            printer.print_attr_dict(self.attributes)


def constant_of(value: SSAValue) -> NDArray[Any] | None:
    """The data of a value that a `qnn.constant` defines; None otherwise."""
    if isinstance(value, OpResult) and isinstance(value.op, ConstantOp):
        return value.op.data
    return None
