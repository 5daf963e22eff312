"""The `hlscpp` dialect: loop nests over arrays of integers, one step above HLS C++ text.

It knows bits only. A value is an `!hlscpp.int<W, signed|unsigned>` or a loop counter (`index`); an array is
a `memref` of such integers, and a memref of rank 0 is a variable. The result type of an expression follows
from its operands by the growth rules of `ap_int` (AMD UG1399, "Arbitrary Precision Integer Data Types"): the
printed C++ means exactly what the IR means, no sum or product wraps, and only `cast` makes a value narrower.
Pragmas are operations too: see `qdialect.loops.pragmas`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, ClassVar, Self, TypeAlias

from xdsl.dialects.builtin import (
    BytesAttr,
    DenseIntOrFPElementsAttr,
    FlatSymbolRefAttrConstr,
    IndexType,
    IntAttr,
    IntegerType,
    MemRefType,
    NoneAttr,
    Signedness,
    SignednessAttr,
    StringAttr,
    SymbolNameConstraint,
    SymbolRefAttr,
    TensorType,
    UnitAttr,
)
from xdsl.ir import (
    Attribute,
    Block,
    BlockArgument,
    Dialect,
    Operation,
    ParametrizedAttribute,
    Region,
    SSAValue,
    TypeAttribute,
)
from xdsl.irdl import (
    IRDLOperation,
    irdl_attr_definition,
    irdl_op_definition,
    operand_def,
    opt_prop_def,
    prop_def,
    region_def,
    result_def,
    traits_def,
    var_operand_def,
)
from xdsl.parser import AttrParser, Parser
from xdsl.printer import Printer
from xdsl.traits import (
    Commutative,
    ConstantLike,
    EffectInstance,
    IsolatedFromAbove,
    MemoryEffect,
    MemoryEffectKind,
    MemoryReadEffect,
    MemoryWriteEffect,
    NoTerminator,
    Pure,
    RecursiveMemoryEffect,
    SymbolOpInterface,
    SymbolTable,
)
from xdsl.utils.exceptions import VerifyException
from xdsl.utils.hints import isa

from qdialect.loops.pragmas import PRAGMAS, DataflowOp, Pragma

if TYPE_CHECKING:
    import numpy as np

MAX_WIDTH = 1024
"""Bits of the widest integer: `AP_INT_MAX_W` of the vendor's `ap_int.h` unless defined otherwise."""


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


ArrayType: TypeAlias = MemRefType[IntType]
"""An array of integers, or a variable when its shape is `()`."""

BIT = IntType(1, signed=False)
INDEX = IndexType()


def verify_array_type(type: Attribute) -> None:
    """Raise `VerifyException` unless `type` is a memref of `hlscpp.int`, constant shape, plain layout."""
    if (
        not isa(type, ArrayType)
        or any(size < 1 for size in type.get_shape())
        or not isinstance(type.layout, NoneAttr)
        or not isinstance(type.memory_space, NoneAttr)
    ):
        raise VerifyException(f"expected a memref of hlscpp.int, constant shape, plain layout, got {type}")


def array_type(value: SSAValue) -> ArrayType:
    """The type of an array or variable. Raises `VerifyException` if `value` is neither."""
    if not isa(value.type, ArrayType):
        raise VerifyException(f"expected a memref of hlscpp.int, got {value.type}")
    return value.type


class HlsOp(IRDLOperation, ABC):
    """Base of the operations: an attribute dictionary may follow the operation's own syntax."""

    @classmethod
    @abstractmethod
    def parse_form(cls, parser: Parser) -> Self: ...

    @abstractmethod
    def print_form(self, printer: Printer) -> None: ...

    @classmethod
    def parse(cls, parser: Parser) -> Self:
        op = cls.parse_form(parser)
        op.attributes |= parser.parse_optional_attr_dict()
        return op

    def print(self, printer: Printer) -> None:
        printer.print_string(" ")
        self.print_form(printer)
        printer.print_op_attributes(self.attributes)


# --- Expressions --------------------------------------------------------------------------------------------


class Expression(HlsOp, ABC):
    """A value computed from its operands alone: `%r = hlscpp.add %a, %b : (A, B) -> R`.

    The constructor infers `R`; the verifier compares it. Raises `VerifyException` for operands that the
    operation does not take.
    """

    result = result_def()
    traits = traits_def(Pure())

    def __init__(self, *operands: SSAValue | Operation):
        values = [SSAValue.get(operand) for operand in operands]
        super().__init__(operands=values, result_types=[self.infer(*(value.type for value in values))])

    @classmethod
    @abstractmethod
    def infer(cls, *types: Attribute) -> Attribute:
        """The result type that follows from the operand types."""

    def verify_(self) -> None:
        if self.result.type != (expected := self.infer(*self.operand_types)):
            operands = _listed(self.operand_types)
            raise VerifyException(f"{self.name} of {operands} is {expected}, not {self.result.type}")

    @classmethod
    def parse_properties(cls, parser: Parser) -> dict[str, Attribute]:
        return {}

    def print_properties(self, printer: Printer) -> None:
        pass

    @classmethod
    def parse_form(cls, parser: Parser) -> Self:
        properties = cls.parse_properties(parser)
        operands = parser.parse_comma_separated_list(parser.Delimiter.NONE, parser.parse_unresolved_operand)
        parser.parse_punctuation(":")
        position = parser.pos
        signature = parser.parse_function_type()
        return cls.create(
            operands=parser.resolve_operands(operands, signature.inputs.data, position),
            result_types=signature.outputs.data,
            properties=properties,
        )

    def print_form(self, printer: Printer) -> None:
        self.print_properties(printer)
        printer.print_list(self.operands, printer.print_ssa_value)
        printer.print_string(" : ")
        printer.print_function_type(self.operand_types, self.result_types)


def _listed(types: Sequence[Attribute]) -> str:
    return " and ".join(map(str, types))


def _ints(op: type[Expression], *types: Attribute) -> Sequence[IntType]:
    if not isa(types, tuple[IntType, ...]):
        raise VerifyException(f"{op.name} does not take {_listed(types)}")
    return types


def _aligned(lhs: IntType, rhs: IntType) -> int:
    """Width that holds either operand: an unsigned one beside a signed one needs a sign bit."""
    return max(lhs.bits + (rhs.signed and not lhs.signed), rhs.bits + (lhs.signed and not rhs.signed))


class UnaryOp(Expression, ABC):
    operand = operand_def()


class BinaryOp(Expression, ABC):
    lhs = operand_def()
    rhs = operand_def()


class ArithmeticOp(BinaryOp, ABC):
    """Exact arithmetic on two integers, or on two indices giving an index."""

    @classmethod
    @abstractmethod
    def grow(cls, lhs: IntType, rhs: IntType) -> IntType: ...

    @classmethod
    def infer(cls, *types: Attribute) -> Attribute:
        return INDEX if types == (INDEX, INDEX) else cls.grow(*_ints(cls, *types))


@irdl_op_definition
class AddOp(ArithmeticOp):
    """`lhs + rhs`: one bit more than the wider operand."""

    name = "hlscpp.add"
    traits = traits_def(Commutative())

    @classmethod
    def grow(cls, lhs: IntType, rhs: IntType) -> IntType:
        return IntType(_aligned(lhs, rhs) + 1, lhs.signed or rhs.signed)


@irdl_op_definition
class SubOp(ArithmeticOp):
    """`lhs - rhs`: one bit more than the wider operand, always signed."""

    name = "hlscpp.sub"

    @classmethod
    def grow(cls, lhs: IntType, rhs: IntType) -> IntType:
        return IntType(_aligned(lhs, rhs) + 1)


@irdl_op_definition
class MulOp(ArithmeticOp):
    """`lhs * rhs`: as many bits as both operands together."""

    name = "hlscpp.mul"
    traits = traits_def(Commutative())

    @classmethod
    def grow(cls, lhs: IntType, rhs: IntType) -> IntType:
        return IntType(lhs.bits + rhs.bits, lhs.signed or rhs.signed)


class BitwiseOp(BinaryOp, ABC):
    """Bit by bit on operands extended to a common width."""

    traits = traits_def(Commutative())

    @classmethod
    def infer(cls, *types: Attribute) -> Attribute:
        lhs, rhs = _ints(cls, *types)
        return IntType(_aligned(lhs, rhs), lhs.signed or rhs.signed)


@irdl_op_definition
class AndOp(BitwiseOp):
    """`lhs & rhs`"""

    name = "hlscpp.and"


@irdl_op_definition
class OrOp(BitwiseOp):
    """`lhs | rhs`"""

    name = "hlscpp.or"


@irdl_op_definition
class XorOp(BitwiseOp):
    """`lhs ^ rhs`"""

    name = "hlscpp.xor"


class ShiftOp(BinaryOp, ABC):
    """Shift by an unsigned integer or a non-negative index; the result has the type of the left operand."""

    @classmethod
    def infer(cls, *types: Attribute) -> Attribute:
        value, amount = types
        if amount != INDEX and not (isinstance(amount, IntType) and not amount.signed):
            raise VerifyException(f"{cls.name} takes an index or an unsigned amount, not {amount}")
        return _ints(cls, value)[0]


@irdl_op_definition
class ShlOp(ShiftOp):
    """`lhs << rhs` in the width of `lhs`: cast to the width needed before shifting."""

    name = "hlscpp.shl"


@irdl_op_definition
class ShrOp(ShiftOp):
    """`lhs >> rhs`, the floor of `lhs / 2**rhs`: arithmetic for signed values."""

    name = "hlscpp.shr"


@irdl_op_definition
class NegOp(UnaryOp):
    """`-operand`: one bit more, signed."""

    name = "hlscpp.neg"

    @classmethod
    def infer(cls, *types: Attribute) -> Attribute:
        return IntType(_ints(cls, *types)[0].bits + 1)


@irdl_op_definition
class NotOp(UnaryOp):
    """`~operand`: every bit flipped, same type."""

    name = "hlscpp.not"

    @classmethod
    def infer(cls, *types: Attribute) -> Attribute:
        return _ints(cls, *types)[0]


@irdl_op_definition
class PopcountOp(UnaryOp):
    """The number of one bits of an unsigned integer, as an unsigned integer just wide enough."""

    name = "hlscpp.popcount"

    @classmethod
    def infer(cls, *types: Attribute) -> Attribute:
        (operand,) = _ints(cls, *types)
        if operand.signed:
            raise VerifyException(f"{cls.name} counts the bits of an unsigned integer, not {operand}")
        return IntType(operand.bits.bit_length(), signed=False)


@irdl_op_definition
class CastOp(UnaryOp):
    """An integer or index as another integer type: `%r = hlscpp.cast %a : (A) -> R`.

    A narrowing cast states a proof that no value is lost; it never selects bits (use `and` for that).
    """

    name = "hlscpp.cast"

    def __init__(self, operand: SSAValue | Operation, type: IntType):
        IRDLOperation.__init__(self, operands=[operand], result_types=[type])

    @classmethod
    def infer(cls, *types: Attribute) -> Attribute:
        return types[0]

    def verify_(self) -> None:
        if self.operand.type != INDEX:
            _ints(type(self), self.operand.type)
        _ints(type(self), self.result.type)


@irdl_op_definition
class CmpOp(BinaryOp):
    """`%r = hlscpp.cmp lt %a, %b : (A, B) -> !hlscpp.int<1, unsigned>` compares values of any width."""

    name = "hlscpp.cmp"
    predicate = prop_def(StringAttr)

    PREDICATES: ClassVar = ("eq", "ne", "lt", "le", "gt", "ge")

    def __init__(self, predicate: str, lhs: SSAValue | Operation, rhs: SSAValue | Operation):
        super().__init__(lhs, rhs)
        self.predicate = StringAttr(predicate)

    @classmethod
    def infer(cls, *types: Attribute) -> Attribute:
        if types != (INDEX, INDEX):
            _ints(cls, *types)
        return BIT

    def verify_(self) -> None:
        super().verify_()
        if self.predicate.data not in self.PREDICATES:
            raise VerifyException(f"{self.name} is one of {', '.join(self.PREDICATES)}, not {self.predicate.data}")

    @classmethod
    def parse_properties(cls, parser: Parser) -> dict[str, Attribute]:
        return {"predicate": StringAttr(parser.parse_keyword_in(cls.PREDICATES))}

    def print_properties(self, printer: Printer) -> None:
        printer.print_string(f"{self.predicate.data} ")


@irdl_op_definition
class SelectOp(Expression):
    """`condition ? lhs : rhs`; both values have the same type."""

    name = "hlscpp.select"
    condition = operand_def(BIT)
    lhs = operand_def()
    rhs = operand_def()

    @classmethod
    def infer(cls, *types: Attribute) -> Attribute:
        _, lhs, rhs = types
        if lhs != rhs:
            raise VerifyException(f"{cls.name} chooses between values of one type, not {lhs} and {rhs}")
        return lhs


@irdl_op_definition
class ConstantOp(HlsOp):
    """`%r = hlscpp.constant -3 : !hlscpp.int<3, signed>`, an integer or index that a C literal can hold."""

    name = "hlscpp.constant"
    value = prop_def(IntAttr)
    result = result_def(IntType | IndexType)
    traits = traits_def(Pure(), ConstantLike())

    def __init__(self, value: int, type: IntType | IndexType):
        super().__init__(properties={"value": IntAttr(value)}, result_types=[type])

    def verify_(self) -> None:
        type, value = self.result.type, self.value.data
        low, high = (type.minimum, type.maximum) if isinstance(type, IntType) else (-(2**31), 2**31 - 1)
        if not max(low, -(2**63)) <= value <= min(high, 2**64 - 1):
            raise VerifyException(f"{value} does not fit {type} or a 64-bit literal")

    @classmethod
    def parse_form(cls, parser: Parser) -> Self:
        value = parser.parse_integer(allow_boolean=False)
        parser.parse_punctuation(":")
        return cls.create(properties={"value": IntAttr(value)}, result_types=[parser.parse_type()])

    def print_form(self, printer: Printer) -> None:
        printer.print_string(f"{self.value.data} : ")
        printer.print_attribute(self.result.type)


# --- Arrays and variables -----------------------------------------------------------------------------------


class AllocatesResult(MemoryEffect):
    """The operation's only effect is to create its first result."""

    @classmethod
    def get_effects(cls, op: Operation) -> AbstractSet[EffectInstance]:
        return {EffectInstance(MemoryEffectKind.ALLOC, op.results[0])}


@irdl_op_definition
class LocalOp(HlsOp):
    """`%a = hlscpp.local : memref<8x!hlscpp.int<6, signed>>`: a local array, or a variable if of rank 0.

    Its contents are undefined until stored.
    """

    name = "hlscpp.local"
    memref = result_def(ArrayType)
    traits = traits_def(AllocatesResult())

    def __init__(self, type: ArrayType):
        super().__init__(result_types=[type])

    def verify_(self) -> None:
        verify_array_type(self.memref.type)

    @classmethod
    def parse_form(cls, parser: Parser) -> Self:
        parser.parse_punctuation(":")
        return cls.create(result_types=[parser.parse_type()])

    def print_form(self, printer: Printer) -> None:
        printer.print_string(": ")
        printer.print_attribute(self.memref.type)


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
        if not isa(type, ArrayType):
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


# --- Control and functions ----------------------------------------------------------------------------------


@irdl_op_definition
class ForOp(HlsOp):
    """`hlscpp.for %i = 0 to 16 label "OUT" {...}`: `%i` counts up by one, the upper bound excluded.

    The label, if any, names the loop in the C++ text and in synthesis reports.
    """

    name = "hlscpp.for"
    lower = prop_def(IntAttr)
    upper = prop_def(IntAttr)
    label = opt_prop_def(StringAttr)
    body = region_def("single_block")
    traits = traits_def(RecursiveMemoryEffect(), NoTerminator())

    def __init__(self, lower: int, upper: int, label: str | None = None, body: Region | None = None):
        super().__init__(
            properties={
                "lower": IntAttr(lower),
                "upper": IntAttr(upper),
                "label": None if label is None else StringAttr(label),
            },
            regions=[Region(Block(arg_types=[INDEX])) if body is None else body],
        )

    @property
    def counter(self) -> BlockArgument:
        return self.body.block.args[0]

    def verify_(self) -> None:
        if self.body.block.arg_types != (INDEX,):
            raise VerifyException(f"{self.name} has one index as block argument")
        if not self.lower.data < self.upper.data:
            raise VerifyException(f"{self.name} from {self.lower.data} to {self.upper.data} never runs")
        verify_processes(self.body.block)

    @classmethod
    def parse_form(cls, parser: Parser) -> Self:
        counter = parser.parse_argument(expect_type=False).resolve(INDEX)
        parser.parse_punctuation("=")
        lower = parser.parse_integer(allow_boolean=False)
        parser.parse_keyword("to")
        upper = parser.parse_integer(allow_boolean=False)
        label = parser.parse_str_literal() if parser.parse_optional_keyword("label") else None
        return cls(lower, upper, label, parser.parse_region([counter]))

    def print_form(self, printer: Printer) -> None:
        printer.print_ssa_value(self.counter)
        printer.print_string(f" = {self.lower.data} to {self.upper.data} ")
        if self.label is not None:
            printer.print_string("label ")
            printer.print_string_literal(self.label.data)
            printer.print_string(" ")
        printer.print_region(self.body, print_entry_block_args=False, print_empty_block=False)


@irdl_op_definition
class IfOp(HlsOp):
    """`hlscpp.if %condition {...}`: the body runs if the bit is one."""

    name = "hlscpp.if"
    condition = operand_def(BIT)
    body = region_def("single_block")
    traits = traits_def(RecursiveMemoryEffect(), NoTerminator())

    def __init__(self, condition: SSAValue | Operation, body: Region | None = None):
        super().__init__(operands=[condition], regions=[Region(Block()) if body is None else body])

    @classmethod
    def parse_form(cls, parser: Parser) -> Self:
        condition = parser.parse_unresolved_operand()
        return cls(parser.resolve_operand(condition, BIT), parser.parse_region([]))

    def print_form(self, printer: Printer) -> None:
        printer.print_ssa_value(self.condition)
        printer.print_string(" ")
        printer.print_region(self.body, print_entry_block_args=False, print_empty_block=False)


@irdl_op_definition
class FuncOp(HlsOp):
    """A function without results: `hlscpp.func @f(%x: memref<...>, %y: memref<...>) top comment "..." {...}`.

    It works on the arrays of its caller, which never overlap. `top` marks the function to synthesize; the
    comment is printed above the C++ function.
    """

    name = "hlscpp.func"
    sym_name = prop_def(SymbolNameConstraint())
    top = opt_prop_def(UnitAttr)
    comment = opt_prop_def(StringAttr)
    body = region_def("single_block")
    traits = traits_def(IsolatedFromAbove(), SymbolOpInterface(), NoTerminator())

    def __init__(
        self,
        name: str,
        arguments: Sequence[ArrayType] | Region,
        top: bool = False,
        comment: str | None = None,
    ):
        super().__init__(
            properties={
                "sym_name": StringAttr(name),
                "top": UnitAttr() if top else None,
                "comment": None if comment is None else StringAttr(comment),
            },
            regions=[arguments if isinstance(arguments, Region) else Region(Block(arg_types=arguments))],
        )

    @property
    def args(self) -> Sequence[BlockArgument]:
        return self.body.block.args

    def callees(self) -> Sequence[FuncOp]:
        """The functions called in the body, each once, in the order of the first calls."""
        return list(dict.fromkeys(call.function() for call in self.walk() if isinstance(call, CallOp)))

    def verify_(self) -> None:
        for type in self.body.block.arg_types:
            verify_array_type(type)
        verify_processes(self.body.block)

    @classmethod
    def parse_form(cls, parser: Parser) -> Self:
        name = parser.parse_symbol_name().data
        arguments = parser.parse_comma_separated_list(parser.Delimiter.PAREN, parser.parse_argument)
        top = parser.parse_optional_keyword("top") is not None
        comment = parser.parse_str_literal() if parser.parse_optional_keyword("comment") else None
        return cls(name, parser.parse_region(arguments), top, comment)

    def print_form(self, printer: Printer) -> None:
        printer.print_symbol_name(self.sym_name.data)
        with printer.in_parens():
            printer.print_list(self.args, printer.print_block_argument)
        printer.print_string(" ")
        if self.top is not None:
            printer.print_string("top ")
        if self.comment is not None:
            printer.print_string("comment ")
            printer.print_string_literal(self.comment.data)
            printer.print_string(" ")
        printer.print_region(self.body, print_entry_block_args=False, print_empty_block=False)


@irdl_op_definition
class CallOp(HlsOp):
    """`hlscpp.call @fc1(%x, %y) : memref<...>, memref<...>`: calls a function other than the top.

    An array is passed once at most, so that no two parameters overlap; constant arrays stay in their
    function. There is no recursion.
    """

    name = "hlscpp.call"
    callee = prop_def(FlatSymbolRefAttrConstr)
    arguments = var_operand_def(ArrayType)

    def __init__(self, callee: str, arguments: Sequence[SSAValue | Operation]):
        super().__init__(operands=[arguments], properties={"callee": SymbolRefAttr(callee)})

    def function(self) -> FuncOp:
        """The function called. Raises `VerifyException` if the symbol names none."""
        if not isinstance(callee := SymbolTable.lookup_symbol(self, self.callee), FuncOp):
            raise VerifyException(f"{self.name}: there is no hlscpp.func {self.callee}")
        return callee

    def verify_(self) -> None:
        callee = self.function()
        if callee.top is not None:
            raise VerifyException(f"{self.name}: {self.callee} is the top function")
        if callee.body.block.arg_types != tuple(self.arguments.types):
            raise VerifyException(
                f"{self.name}: {self.callee} takes ({', '.join(map(str, callee.body.block.arg_types))}), "
                f"not ({', '.join(map(str, self.arguments.types))})"
            )
        if len(set(self.arguments)) < len(self.arguments):
            raise VerifyException(f"{self.name}: an array is passed to {self.callee} twice")
        if any(isinstance(argument.owner, RomOp) for argument in self.arguments):
            raise VerifyException(f"{self.name}: a constant array is passed to {self.callee}")
        reached = list(callee.callees())
        for function in reached:
            reached += (other for other in function.callees() if other not in reached)
        if callee in reached:
            raise VerifyException(f"{self.name}: {self.callee} is recursive")

    @classmethod
    def parse_form(cls, parser: Parser) -> Self:
        callee = parser.parse_symbol_name().data
        operands = parser.parse_comma_separated_list(parser.Delimiter.PAREN, parser.parse_unresolved_operand)
        types = list[Attribute]()
        position = parser.pos
        if operands:
            parser.parse_punctuation(":")
            types = parser.parse_comma_separated_list(parser.Delimiter.NONE, parser.parse_type)
        return cls(callee, parser.resolve_operands(operands, types, position))

    def print_form(self, printer: Printer) -> None:
        printer.print_symbol_name(self.callee.string_value())
        with printer.in_parens():
            printer.print_list(self.arguments, printer.print_ssa_value)
        if self.arguments:
            printer.print_string(" : ")
            printer.print_list(self.arguments.types, printer.print_attribute)


def writes(op: Operation, memref: SSAValue) -> bool:
    """Whether `op` itself or an operation in its body may store to `memref`."""
    match op:
        case StoreOp():
            return op.memref is memref
        case CallOp():
            return any(
                argument is memref and is_written(parameter)
                for argument, parameter in zip(op.arguments, op.function().args, strict=True)
            )
        case _:
            return any(writes(inner, memref) for region in op.regions for inner in region.block.ops)


def is_written(memref: SSAValue) -> bool:
    """Whether any operation stores to `memref`, directly or in a function that it is passed to."""
    return any(writes(use.operation, memref) for use in memref.uses)


def verify_processes(block: Block) -> None:
    """Raise `VerifyException` unless a block with `hlscpp.dataflow` is made of processes in canonical form.

    That is (UG1399, "Canonical Forms"): declarations and calls only; each local array has one process that
    writes it and one later process that reads it; an argument that is written belongs to one process.
    """
    if not any(isinstance(op, DataflowOp) for op in block.ops):
        return
    calls = list[CallOp]()
    for op in block.ops:
        if isinstance(op, CallOp):
            calls.append(op)
        elif not isinstance(op, LocalOp | Pragma):
            raise VerifyException(f"{op.name} in a dataflow region of hlscpp.local, hlscpp.call and pragmas")
    for memref in dict.fromkeys(argument for call in calls for argument in call.arguments):
        writers = [writes(call, memref) for call in calls if memref in call.arguments]
        if isinstance(memref.owner, LocalOp):
            if writers != [True, False]:
                raise VerifyException("a local of a dataflow region has one writing and one later reading process")
        elif any(writers) and len(writers) > 1:
            raise VerifyException("an argument written in a dataflow region belongs to one process")


Hlscpp = Dialect(
    "hlscpp",
    [
        AddOp,
        AndOp,
        CallOp,
        CastOp,
        CmpOp,
        ConstantOp,
        ForOp,
        FuncOp,
        IfOp,
        LoadOp,
        LocalOp,
        MulOp,
        NegOp,
        NotOp,
        OrOp,
        PopcountOp,
        RomOp,
        SelectOp,
        ShlOp,
        ShrOp,
        StoreOp,
        SubOp,
        XorOp,
        *PRAGMAS,
    ],
    [IntType],
)
