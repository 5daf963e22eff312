"""Arrays and variables, and the accesses to their elements."""

from __future__ import annotations

from abc import ABC
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Self

from xdsl.dialects.builtin import BytesAttr, DenseIntOrFPElementsAttr, IntegerType, MemRefType, TensorType
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.irdl import irdl_op_definition, operand_def, prop_def, result_def, traits_def, var_operand_def
from xdsl.parser import Parser
from xdsl.printer import Printer
from xdsl.traits import EffectInstance, MemoryEffect, MemoryEffectKind, MemoryReadEffect, MemoryWriteEffect, Pure
from xdsl.utils.exceptions import VerifyException

from qdialect.dialects.hlscpp.base import HlsOp
from qdialect.dialects.hlscpp.expressions import ConstantOp
from qdialect.dialects.hlscpp.types import INDEX, ArrayType, IntType, array_type, is_array, verify_array_type

if TYPE_CHECKING:
    import numpy as np


class AllocatesResult(MemoryEffect):
    """The operation's only effect is to create its first result."""

    @classmethod
    def get_effects(cls, op: Operation) -> AbstractSet[EffectInstance]:
        return {EffectInstance(MemoryEffectKind.ALLOC, op.results[0])}


class DeclarationOp(HlsOp, ABC):
    """Base of what only declares its result: `%r = hlscpp.local : type`."""

    traits = traits_def(AllocatesResult())

    def __init__(self, type: Attribute):
        super().__init__(result_types=[type])

    @classmethod
    def parse_form(cls, parser: Parser) -> Self:
        parser.parse_punctuation(":")
        return cls.create(result_types=[parser.parse_type()])

    def print_form(self, printer: Printer) -> None:
        printer.print_string(": ")
        printer.print_attribute(self.results[0].type)


@irdl_op_definition
class LocalOp(DeclarationOp):
    """`%a = hlscpp.local : memref<8x!hlscpp.int<6, signed>>`: a local array, or a variable if of rank 0.

    Its contents are undefined until stored.
    """

    name = "hlscpp.local"
    memref = result_def(ArrayType)

    def verify_(self) -> None:
        verify_array_type(self.memref.type)


@irdl_op_definition
class RomOp(HlsOp):
    """A constant array: `%w = hlscpp.rom dense<[1, -2]> : tensor<2xi8> as memref<2x!hlscpp.int<3, signed>>`.

    The data are raw i8, i16, i32 or i64 of the same shape, read as unsigned if the element type is unsigned.
    """

    name = "hlscpp.rom"
    data = prop_def(DenseIntOrFPElementsAttr)
    memref = result_def(ArrayType)
    traits = traits_def(Pure())

    def __init__(self, data: DenseIntOrFPElementsAttr, element_type: IntType):
        super().__init__(properties={"data": data}, result_types=[MemRefType(element_type, data.get_shape())])

    @staticmethod
    def from_array(codes: np.ndarray, element_type: IntType) -> RomOp:
        """The ROM of an integer array. Raises `ValueError` if the codes are no integers or do not fit."""
        import numpy as np

        if codes.dtype.kind not in "iu" or codes.size == 0:
            raise ValueError(f"a ROM holds integers, got {codes.size} of {codes.dtype}")
        if int(codes.min()) < element_type.minimum or int(codes.max()) > element_type.maximum:
            raise ValueError(f"codes from {codes.min()} to {codes.max()} do not fit {element_type}")
        if element_type.bits > 64:
            raise ValueError(f"a ROM holds at most 64 bits per element, got {element_type}")
        bits = next(width for width in (8, 16, 32, 64) if width >= element_type.bits)
        raw = codes.astype(np.dtype(f"<{'i' if element_type.signed else 'u'}{bits // 8}"))
        type = TensorType(IntegerType(bits), codes.shape)
        return RomOp(DenseIntOrFPElementsAttr(type, BytesAttr(raw.tobytes())), element_type)

    def values(self) -> np.ndarray:
        """The elements as int64, or uint64 if unsigned."""
        import numpy as np

        kind = "i" if self.memref.type.element_type.signed else "u"
        raw = np.frombuffer(self.data.data.data, f"<{kind}{self.data.get_element_type().compile_time_size}")
        return raw.astype(f"{kind}8").reshape(self.data.get_shape())

    def verify_(self) -> None:
        verify_array_type(self.memref.type)
        storage, element = self.data.get_element_type(), self.memref.type.element_type
        if not isinstance(storage, IntegerType) or storage.width.data not in (8, 16, 32, 64):
            raise VerifyException(f"{self.name} stores i8, i16, i32 or i64, not {storage}")
        if self.data.get_shape() != self.memref.type.get_shape():
            raise VerifyException(f"{self.name} of {self.data.type} as {self.memref.type}: the shapes differ")
        if not self.data.shape_is_complete:
            raise VerifyException(f"{self.name} has {len(self.data)} elements for {self.data.type}")
        if not self.memref.type.get_shape():
            raise VerifyException(f"{self.name} is an array: use hlscpp.constant for one value")
        values = self.values()
        low, high = int(values.min()), int(values.max())
        if low < element.minimum or high > element.maximum:
            raise VerifyException(f"{self.name} values from {low} to {high} do not fit {element}")

    @classmethod
    def parse_form(cls, parser: Parser) -> Self:
        data = parser.parse_attribute()
        parser.parse_keyword("as")
        return cls.create(properties={"data": data}, result_types=[parser.parse_type()])

    def print_form(self, printer: Printer) -> None:
        printer.print_attribute(self.data)
        printer.print_string(" as ")
        printer.print_attribute(self.memref.type)


class AccessOp(HlsOp, ABC):
    """An access to one element: one index per dimension, constant ones within bounds."""

    memref = operand_def(ArrayType)
    indices = var_operand_def(INDEX)

    @property
    def element_type(self) -> IntType:
        return array_type(self.memref).element_type

    def verify_(self) -> None:
        shape = array_type(self.memref).get_shape()
        if len(shape) != len(self.indices):
            raise VerifyException(f"{self.name} needs {len(shape)} indices into {self.memref.type}")
        for index, size in zip(self.indices, shape, strict=True):
            if isinstance(op := index.owner, ConstantOp) and not 0 <= op.value.data < size:
                raise VerifyException(f"{self.name} index {op.value.data} is outside of {self.memref.type}")

    @staticmethod
    def parse_access(parser: Parser) -> tuple[SSAValue, Sequence[SSAValue]]:
        memref = parser.parse_unresolved_operand()
        indices = parser.parse_comma_separated_list(parser.Delimiter.SQUARE, parser.parse_unresolved_operand)
        parser.parse_punctuation(":")
        type = parser.parse_type()
        if not is_array(type):
            parser.raise_error("expected a memref of hlscpp.int")
        values = [parser.resolve_operand(index, INDEX) for index in indices]
        return parser.resolve_operand(memref, type), values

    def print_access(self, printer: Printer) -> None:
        printer.print_ssa_value(self.memref)
        with printer.in_square_brackets():
            printer.print_list(self.indices, printer.print_ssa_value)
        printer.print_string(" : ")
        printer.print_attribute(self.memref.type)


@irdl_op_definition
class LoadOp(AccessOp):
    """`%v = hlscpp.load %x[%i, %j] : memref<...>`; a variable has no indices: `%x[]`."""

    name = "hlscpp.load"
    result = result_def(IntType)
    traits = traits_def(MemoryReadEffect())

    def __init__(self, memref: SSAValue, indices: Sequence[SSAValue | Operation] = ()):
        super().__init__(operands=[memref, indices], result_types=[array_type(memref).element_type])

    def verify_(self) -> None:
        super().verify_()
        if self.result.type != self.element_type:
            raise VerifyException(f"{self.name} from {self.memref.type} does not give {self.result.type}")

    @classmethod
    def parse_form(cls, parser: Parser) -> Self:
        memref, indices = cls.parse_access(parser)
        return cls(memref, indices)

    def print_form(self, printer: Printer) -> None:
        self.print_access(printer)


@irdl_op_definition
class StoreOp(AccessOp):
    """`hlscpp.store %v, %y[%i] : memref<...>`; the value has exactly the element type."""

    name = "hlscpp.store"
    value = operand_def(IntType)
    traits = traits_def(MemoryWriteEffect())

    def __init__(
        self,
        value: SSAValue | Operation,
        memref: SSAValue | Operation,
        indices: Sequence[SSAValue | Operation] = (),
    ):
        super().__init__(operands=[value, memref, indices])

    def verify_(self) -> None:
        super().verify_()
        if self.value.type != self.element_type:
            raise VerifyException(f"{self.name} of {self.value.type} into {self.memref.type} needs a cast")
        if isinstance(self.memref.owner, RomOp):
            raise VerifyException(f"{self.name} into a constant array")

    @classmethod
    def parse_form(cls, parser: Parser) -> Self:
        value = parser.parse_unresolved_operand()
        parser.parse_punctuation(",")
        memref, indices = cls.parse_access(parser)
        return cls(parser.resolve_operand(value, array_type(memref).element_type), memref, indices)

    def print_form(self, printer: Printer) -> None:
        printer.print_ssa_value(self.value)
        printer.print_string(", ")
        self.print_access(printer)
