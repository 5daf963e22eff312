"""What all `qnn` operations share: one custom syntax, and result types inferred from operands.

%sum = qnn.dense %x, %kernel : tensor<..>, tensor<..> -> tensor<..>
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Self

from xdsl.ir import Attribute, SSAValue
from xdsl.irdl import IRDLOperation
from xdsl.parser import Parser, UnresolvedOperand
from xdsl.printer import Printer
from xdsl.utils.exceptions import VerifyException

from qdialect.dialects.qnn.types import format_of, tensor_type, type_of
from qdialect.numerics.formats import FixedFormat, Format


class QnnOp(IRDLOperation, ABC):
    """An operation with operands, properties in braces, and a functional type.

    Properties are printed in the order of their declaration; those that hold their default value are not. In the same
    braces stand attributes of other levels, such as those of `schedule`, whose names have a prefix with a dot.
    """

    @classmethod
    def default_properties(cls) -> dict[str, Attribute]:
        return {}

    @abstractmethod
    def inferred(self) -> tuple[tuple[int, ...], Format | None]:
        """Shape and format of the result as the operands give them; None is f32.

        Raises VerifyException where the operands do not fit.
        """

    def verify_(self) -> None:
        """The result has the inferred shape and step. Its range may be narrower than inferred (a proof of
        `size-accumulators`), its step never another."""
        shape, inferred = self.inferred()
        (result,) = self.results
        if shape_of(result) != shape:
            raise VerifyException(f"result has shape {_dims(shape_of(result))}, but the operands give {_dims(shape)}")
        fmt = format_of(result.type)
        if (fmt is None) != (inferred is None):
            expected = "f32" if inferred is None else "quantized"
            raise VerifyException(f"result must have {expected} elements, got {result.type}")
        if fmt is not None and inferred is not None and fmt.lsb != inferred.lsb:
            raise VerifyException(f"result has step 2^{fmt.lsb}, but the operands give step 2^{inferred.lsb}")
        # no proof of a range makes room for a zero in binary values, and their bits are not codes
        fixed = isinstance(fmt, FixedFormat) and isinstance(inferred, FixedFormat)
        if fmt is not None and inferred is not None and not fixed and fmt != inferred:
            element = tensor_type(result.type).element_type
            raise VerifyException(f"result has {element} elements, but the operands give {type_of(inferred)}")

    @classmethod
    def parse(cls, parser: Parser) -> Self:
        position = parser.pos
        operands: list[UnresolvedOperand] = (
            parser.parse_optional_undelimited_comma_separated_list(
                parser.parse_optional_unresolved_operand, parser.parse_unresolved_operand
            )
            or []
        )
        given = parser.parse_optional_attr_dict()
        attributes = {name: value for name, value in given.items() if "." in name}
        properties = cls.default_properties() | {name: given[name] for name in given if name not in attributes}
        parser.parse_punctuation(":")
        types = parser.parse_comma_separated_list(parser.Delimiter.NONE, parser.parse_type) if operands else []
        parser.parse_punctuation("->")
        result = parser.parse_type()
        resolved = parser.resolve_operands(operands, types, position)
        return cls.create(operands=resolved, result_types=[result], properties=properties, attributes=attributes)

    def print(self, printer: Printer) -> None:
        printer.print_string(" ")
        printer.print_list(self.operands, printer.print_ssa_value)
        defaults = self.default_properties()
        declared = [name for name in self.get_irdl_definition().properties if name in self.properties]
        given = {name: self.properties[name] for name in declared}
        shown = {name: value for name, value in given.items() if defaults.get(name) != value}
        if shown := shown | self.attributes:
            printer.print_string(" ")
            printer.print_attr_dict(shown)
        printer.print_string(" : ")
        printer.print_list(self.operand_types, printer.print_attribute)
        printer.print_string(" -> ")
        printer.print_attribute(self.result_types[0])


def shape_of(value: SSAValue | Attribute) -> tuple[int, ...]:
    """Per-sample shape, channels last."""
    type_ = value.type if isinstance(value, SSAValue) else value
    return tensor_type(type_).get_shape()


def _dims(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape)) or "scalar"
