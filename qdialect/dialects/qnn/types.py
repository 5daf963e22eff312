"""Element types of the `qnn` dialect: bit-width types, each a set of integer codes with a power-of-two step."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence

from xdsl.dialects.builtin import BoolAttr, Float32Type, IntAttr, StringAttr, TensorType, f32
from xdsl.ir import Attribute, ParametrizedAttribute, SSAValue, TypeAttribute
from xdsl.irdl import irdl_attr_definition
from xdsl.parser import AttrParser
from xdsl.printer import Printer
from xdsl.utils.exceptions import VerifyException

from qdialect.numerics.formats import BinaryFormat, FixedFormat, Format, Po2Format, TernaryFormat
from qdialect.numerics.limits import MAX_AXES, MAX_ELEMENTS, MAX_EXPONENT, MAX_WIDTH


class QnnType(ParametrizedAttribute, TypeAttribute, ABC):
    """A quantized element type; `format` says which values it holds."""

    @property
    @abstractmethod
    def format(self) -> Format: ...


def parse_sign(parser: AttrParser) -> StringAttr:
    return StringAttr(parser.parse_identifier())


def verify_sign(sign: StringAttr) -> None:
    if sign.data not in ("signed", "unsigned"):
        raise VerifyException(f"expected 'signed' or 'unsigned', got '{sign.data}'")


def verify_exponents(low: int, high: int) -> None:
    """Raise VerifyException for a step 2**low, or a largest power of two 2**high, that no type has."""
    if low < -MAX_EXPONENT or high > MAX_EXPONENT:
        raise VerifyException(f"powers of two go from -{MAX_EXPONENT} to {MAX_EXPONENT}, got {low} to {high}")


def sign_attr(signed: bool) -> StringAttr:
    return StringAttr("signed" if signed else "unsigned")


@irdl_attr_definition
class FixedType(QnnType):
    """`!qnn.fixed<W, I, signed|unsigned>` as in `ap_fixed`: W bits in total, I left of the binary point."""

    name = "qnn.fixed"
    width: IntAttr
    int_bits: IntAttr
    sign: StringAttr

    def __init__(self, width: int, int_bits: int, signed: bool = True):
        super().__init__(IntAttr(width), IntAttr(int_bits), sign_attr(signed))

    def verify(self) -> None:
        verify_sign(self.sign)
        if self.width.data < 1:
            raise VerifyException(f"width must be at least 1 bit, got {self.width.data}")
        if self.width.data > MAX_WIDTH:
            raise VerifyException(
                f"{self.width.data} bits, and ap_int has at most {MAX_WIDTH}: quantize weights or activations before, "
                "such as with QActivation('quantized_bits(16,6,alpha=1)')"
            )
        verify_exponents(self.int_bits.data - self.width.data, self.int_bits.data)

    @property
    def format(self) -> FixedFormat:
        return FixedFormat(self.width.data, self.int_bits.data, self.sign.data == "signed")

    @classmethod
    def parse_parameters(cls, parser: AttrParser) -> Sequence[Attribute]:
        with parser.in_angle_brackets():
            width = parser.parse_integer(allow_boolean=False, allow_negative=False)
            parser.parse_punctuation(",")
            int_bits = parser.parse_integer(allow_boolean=False)
            parser.parse_punctuation(",")
            return (IntAttr(width), IntAttr(int_bits), parse_sign(parser))

    def print_parameters(self, printer: Printer) -> None:
        printer.print_string(f"<{self.width.data}, {self.int_bits.data}, {self.sign.data}>")


@irdl_attr_definition
class BinaryType(QnnType):
    """`!qnn.binary`: {-1, +1} in one bit; bit 1 stands for +1."""

    name = "qnn.binary"

    @property
    def format(self) -> BinaryFormat:
        return BinaryFormat()


@irdl_attr_definition
class TernaryType(QnnType):
    """`!qnn.ternary`: {-1, 0, +1} in two bits."""

    name = "qnn.ternary"

    @property
    def format(self) -> TernaryFormat:
        return TernaryFormat()


@irdl_attr_definition
class Po2Type(QnnType):
    """`!qnn.po2<E0, E1, signed|unsigned>`: sign * 2**e with E0 <= e <= E1. There is no zero, but in
    `!qnn.po2<E0, E1, signed|unsigned, zero>`."""

    name = "qnn.po2"
    min_exp: IntAttr
    max_exp: IntAttr
    sign: StringAttr
    zero: BoolAttr

    def __init__(self, min_exp: int, max_exp: int, signed: bool = True, zero: bool = False):
        super().__init__(IntAttr(min_exp), IntAttr(max_exp), sign_attr(signed), BoolAttr.from_bool(zero))

    def verify(self) -> None:
        verify_sign(self.sign)
        if self.min_exp.data > self.max_exp.data:
            raise VerifyException(f"empty exponent range [{self.min_exp.data}, {self.max_exp.data}]")
        verify_exponents(self.min_exp.data, self.max_exp.data)

    @property
    def format(self) -> Po2Format:
        return Po2Format(self.min_exp.data, self.max_exp.data, self.sign.data == "signed", bool(self.zero))

    @classmethod
    def parse_parameters(cls, parser: AttrParser) -> Sequence[Attribute]:
        with parser.in_angle_brackets():
            low = parser.parse_integer(allow_boolean=False)
            parser.parse_punctuation(",")
            high = parser.parse_integer(allow_boolean=False)
            parser.parse_punctuation(",")
            sign, zero = parse_sign(parser), parser.parse_optional_punctuation(",") is not None
            if zero:
                parser.parse_keyword("zero")
            return (IntAttr(low), IntAttr(high), sign, BoolAttr.from_bool(zero))

    def print_parameters(self, printer: Printer) -> None:
        zero = ", zero" if self.zero else ""
        printer.print_string(f"<{self.min_exp.data}, {self.max_exp.data}, {self.sign.data}{zero}>")


def type_of(fmt: Format) -> QnnType:
    """The element type with the values of `fmt`."""
    match fmt:
        case FixedFormat(width, int_bits, signed):
            return FixedType(width, int_bits, signed)
        case BinaryFormat():
            return BinaryType()
        case TernaryFormat():
            return TernaryType()
        case Po2Format(min_exp, max_exp, signed, zero):
            return Po2Type(min_exp, max_exp, signed, zero)
        case _:
            raise TypeError(f"no element type for {fmt}")


def tensor(shape: Sequence[int], element: Attribute | Format | None) -> TensorType[Attribute]:
    """`tensor<shape x element>`; a format stands for its type, None for f32. Shapes are per sample, channels last."""
    if not isinstance(element, Attribute):
        element = f32 if element is None else type_of(element)
    return TensorType(element, [int(n) for n in shape])


def tensor_type(type_: Attribute) -> TensorType[Attribute]:
    """`type_` as a tensor type of constant shape. Raises VerifyException for other types."""
    if not isinstance(type_, TensorType):
        raise VerifyException(f"expected a tensor, got {type_}")
    if min(type_.get_shape(), default=1) < 1:
        raise VerifyException(f"expected a tensor of constant, non-empty shape, got {type_}")
    if math.prod(type_.get_shape()) > MAX_ELEMENTS:
        raise VerifyException(f"tensors have at most {MAX_ELEMENTS} elements, got {type_}")
    if len(type_.get_shape()) > MAX_AXES:
        raise VerifyException(f"tensors have at most {MAX_AXES} axes, got {len(type_.get_shape())}")
    return type_


def is_binary(value: SSAValue) -> bool:
    """Whether the elements of a tensor are {-1, +1}."""
    return isinstance(tensor_type(value.type).element_type, BinaryType)


def is_po2(value: SSAValue) -> bool:
    """Whether the elements of a tensor are powers of two with signs."""
    return isinstance(tensor_type(value.type).element_type, Po2Type)


def format_of(type_: Attribute) -> Format | None:
    """The format of a tensor's elements; None for a float tensor (f32), which is not quantized."""
    element = tensor_type(type_).element_type
    if isinstance(element, QnnType):
        return element.format
    if isinstance(element, Float32Type):
        return None
    raise VerifyException(f"expected elements of a !qnn type or f32, got {element}")


def exact_format_of(type_: Attribute) -> Format:
    """As `format_of`, where float elements are not allowed."""
    fmt = format_of(type_)
    if fmt is None:
        raise VerifyException(f"expected quantized elements, got {tensor_type(type_).element_type}")
    return fmt


ZERO_ONE = FixedType(1, 1, signed=False)
"""{0, 1} in one bit."""

PLANES: dict[Attribute, tuple[str, ...]] = {
    BinaryType(): ("positive",),
    ZERO_ONE: ("nonzero",),
    TernaryType(): ("nonzero", "positive"),
}
"""The planes of bits that values of up to one digit are packed into, by element type. A value is its `nonzero` bit (1
where there is no such plane) times the sign that its `positive` bit says (+ where there is none)."""


@irdl_attr_definition
class BitsType(ParametrizedAttribute, TypeAttribute):
    """`!qnn.bits<N>`, `!qnn.bits<N, E>`: N values of element type E (default: binary) packed into planes of bits."""

    name = "qnn.bits"
    count: IntAttr
    element: Attribute

    def __init__(self, count: int, element: Attribute | None = None):
        super().__init__(IntAttr(count), element or BinaryType())

    def verify(self) -> None:
        if not 1 <= self.count.data <= MAX_ELEMENTS:
            raise VerifyException(f"a packed vector has 1 to {MAX_ELEMENTS} elements, got {self.count.data}")
        if self.element not in PLANES:
            raise VerifyException(f"{self.element} does not pack into bits, only {', '.join(map(str, PLANES))} do")

    @property
    def planes(self) -> tuple[str, ...]:
        return PLANES[self.element]

    @classmethod
    def parse_parameters(cls, parser: AttrParser) -> Sequence[Attribute]:
        with parser.in_angle_brackets():
            count = IntAttr(parser.parse_integer(allow_boolean=False, allow_negative=False))
            return (count, parser.parse_attribute() if parser.parse_optional_punctuation(",") else BinaryType())

    def print_parameters(self, printer: Printer) -> None:
        printer.print_string(f"<{self.count.data}")
        if self.element != BinaryType():
            printer.print_string(", ")
            printer.print_attribute(self.element)
        printer.print_string(">")


def packed_type(type_: Attribute) -> BitsType:
    """The element type of a tensor of packed vectors. Raises VerifyException for other tensors."""
    element = tensor_type(type_).element_type
    if not isinstance(element, BitsType):
        raise VerifyException(f"expected packed elements (!qnn.bits), got {element}")
    return element
