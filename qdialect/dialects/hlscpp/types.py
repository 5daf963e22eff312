"""The integers of the `hlscpp` dialect, and arrays of them."""

from __future__ import annotations

from typing import TypeAlias, TypeGuard

from xdsl.dialects.builtin import IndexType, IntAttr, MemRefType, NoneAttr, Signedness, SignednessAttr
from xdsl.ir import Attribute, ParametrizedAttribute, SSAValue, TypeAttribute
from xdsl.irdl import irdl_attr_definition
from xdsl.parser import AttrParser
from xdsl.printer import Printer
from xdsl.utils.exceptions import VerifyException

from qdialect.numerics.limits import MAX_WIDTH


@irdl_attr_definition
class IntType(ParametrizedAttribute, TypeAttribute):
    """`!hlscpp.int<6, signed>`: an integer of 6 bits, `ap_int<6>` in C++; the unsigned ones are `ap_uint`.

    A signed integer has at least 2 bits (some tools refuse 1); raises `VerifyException` otherwise.
    """

    name = "hlscpp.int"
    width: IntAttr
    signedness: SignednessAttr[Signedness]

    def __init__(self, width: int, signed: bool = True):
        super().__init__(IntAttr(width), SignednessAttr(Signedness.SIGNED if signed else Signedness.UNSIGNED))

    @staticmethod
    def of_range(low: int, high: int) -> IntType:
        """The narrowest type that holds every integer from `low` to `high`."""
        if low >= 0:
            return IntType(max(high.bit_length(), 1), signed=False)
        return IntType(max((~low).bit_length(), high.bit_length() if high > 0 else 0, 1) + 1)

    @property
    def bits(self) -> int:
        """Width in bits, sign included."""
        return self.width.data

    @property
    def signed(self) -> bool:
        return self.signedness.data == Signedness.SIGNED

    @property
    def minimum(self) -> int:
        return -(1 << (self.bits - 1)) if self.signed else 0

    @property
    def maximum(self) -> int:
        return (1 << (self.bits - self.signed)) - 1

    def verify(self) -> None:
        if self.signedness.data == Signedness.SIGNLESS:
            raise VerifyException("hlscpp.int is signed or unsigned")
        if not 1 + self.signed <= self.bits <= MAX_WIDTH:
            raise VerifyException(
                f"{self.signedness.data.name.lower()} hlscpp.int has {1 + self.signed} to {MAX_WIDTH} bits, "
                f"got {self.bits}"
            )

    @classmethod
    def parse_parameters(cls, parser: AttrParser) -> tuple[IntAttr, SignednessAttr[Signedness]]:
        with parser.in_angle_brackets():
            width = parser.parse_integer(allow_boolean=False, allow_negative=False)
            parser.parse_punctuation(",")
            word = parser.parse_keyword_in(("signed", "unsigned"))
        return IntAttr(width), SignednessAttr(Signedness[word.upper()])

    def print_parameters(self, printer: Printer) -> None:
        printer.print_string(f"<{self.bits}, {'signed' if self.signed else 'unsigned'}>")


@irdl_attr_definition
class StreamType(ParametrizedAttribute, TypeAttribute):
    """`!hlscpp.stream<16 of !hlscpp.int<6, signed>>`: a queue of beats, each of 16 integers."""

    name = "hlscpp.stream"
    lanes_attr: IntAttr
    element_type: IntType

    def __init__(self, lanes: int, element_type: IntType):
        super().__init__(IntAttr(lanes), element_type)

    @property
    def lanes(self) -> int:
        """Integers per beat."""
        return self.lanes_attr.data

    @property
    def beat(self) -> ArrayType:
        """The type of one beat."""
        return MemRefType(self.element_type, [self.lanes])

    def verify(self) -> None:
        if self.lanes < 1:
            raise VerifyException(f"hlscpp.stream has at least 1 lane, got {self.lanes}")

    @classmethod
    def parse_parameters(cls, parser: AttrParser) -> tuple[IntAttr, Attribute]:
        with parser.in_angle_brackets():
            lanes = parser.parse_integer(allow_boolean=False, allow_negative=False)
            parser.parse_keyword("of")
            element_type = parser.parse_type()
        return IntAttr(lanes), element_type

    def print_parameters(self, printer: Printer) -> None:
        with printer.in_angle_brackets():
            printer.print_string(f"{self.lanes} of ")
            printer.print_attribute(self.element_type)


@irdl_attr_definition
class PacketType(ParametrizedAttribute, TypeAttribute):
    """`!hlscpp.packets<784>`: words of 784 bits on an AXI4-Stream port, the last of a sample marked by TLAST.

    A word is whole bytes, which TKEEP counts; raises `VerifyException` otherwise.
    """

    name = "hlscpp.packets"
    width: IntAttr

    def __init__(self, width: int):
        super().__init__(IntAttr(width))

    @property
    def word(self) -> IntType:
        """The type of a word."""
        return IntType(self.width.data, signed=False)

    def verify(self) -> None:
        if self.width.data % 8 or not 8 <= self.width.data <= MAX_WIDTH:
            raise VerifyException(f"hlscpp.packets has words of 8 to {MAX_WIDTH} bits in bytes, got {self.width.data}")

    @classmethod
    def parse_parameters(cls, parser: AttrParser) -> tuple[IntAttr]:
        with parser.in_angle_brackets():
            return (IntAttr(parser.parse_integer(allow_boolean=False, allow_negative=False)),)

    def print_parameters(self, printer: Printer) -> None:
        printer.print_string(f"<{self.width.data}>")


ArrayType: TypeAlias = MemRefType[IntType]
"""An array of integers, or a variable when its shape is `()`."""

ChannelType: TypeAlias = ArrayType | StreamType | PacketType
"""What functions work on."""

BIT = IntType(1, signed=False)

INDEX = IndexType()


def is_array(type: Attribute) -> TypeGuard[ArrayType]:
    """Whether `type` is that of an array of integers or of a variable."""
    return isinstance(type, MemRefType) and isinstance(type.element_type, IntType)


def verify_array_type(type: Attribute) -> None:
    """Raise `VerifyException` unless `type` is a memref of `hlscpp.int`, constant shape, plain layout."""
    if (
        not is_array(type)
        or any(size < 1 for size in type.get_shape())
        or not isinstance(type.layout, NoneAttr)
        or not isinstance(type.memory_space, NoneAttr)
    ):
        raise VerifyException(f"expected a memref of hlscpp.int, constant shape, plain layout, got {type}")


def verify_argument_type(type: Attribute) -> None:
    """Raise `VerifyException` unless `type` is that of an array or stream."""
    if not isinstance(type, StreamType | PacketType):
        verify_array_type(type)


def stream_type(value: SSAValue) -> StreamType:
    """The type of a stream. Raises `VerifyException` if `value` is not a stream."""
    if not isinstance(value.type, StreamType):
        raise VerifyException(f"expected a hlscpp.stream, got {value.type}")
    return value.type


def array_type(value: SSAValue) -> ArrayType:
    """The type of an array or variable. Raises `VerifyException` for other values."""
    if not is_array(value.type):
        raise VerifyException(f"expected a memref of hlscpp.int, got {value.type}")
    return value.type
