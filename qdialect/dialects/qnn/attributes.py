"""Attributes of the `qnn` dialect: quantizer modes, float formulas, and how a layer's products are computed."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, TypeAlias, TypeVar

import numpy as np
from xdsl.dialects.builtin import DenseIntOrFPElementsAttr, StringAttr, i16
from xdsl.ir import Attribute, Data, ParametrizedAttribute
from xdsl.irdl import irdl_attr_definition
from xdsl.parser import AttrParser
from xdsl.printer import Printer
from xdsl.utils.exceptions import VerifyException

from qdialect.dialects.qnn.storage import decoded_i16, encoded_i16
from qdialect.numerics.float32 import BatchNormFormula
from qdialect.numerics.quantizers import DeadZone, NearestPo2, Round, Sign
from qdialect.numerics.round_each import RoundEach
from qdialect.numerics.rounding import Overflow, Rounding

_Enum = TypeVar("_Enum", bound=StrEnum)


def parse_enum(parser: AttrParser, enum: type[_Enum]) -> _Enum:
    """A member of `enum` by its value."""
    word = parser.parse_identifier()
    if word not in list(enum):  # Python 3.11 has no `in` for strings on enums
        parser.raise_error(f"expected one of {', '.join(enum)}, got '{word}'")
    return enum(word)


def parse_keyed(parser: AttrParser, keys: Sequence[str]) -> list[Attribute]:
    """The attributes of `key = attribute, ..` in the order of the keys."""
    found: list[Attribute] = []
    for key in keys:
        if found:
            parser.parse_punctuation(",")
        parser.parse_keyword(key)
        parser.parse_punctuation("=")
        found.append(parser.parse_attribute())
    return found


def print_keyed(printer: Printer, owner: ParametrizedAttribute, keys: Sequence[str]) -> None:
    """`key = attribute, ..` of parameters, as `parse_keyed` reads them."""
    for key in keys:
        printer.print_string(f"{', ' if key != keys[0] else ''}{key} = ")
        printer.print_attribute(getattr(owner, key))


FORMAT_KEYS = ("steps", "widths", "signs")


@irdl_attr_definition
class RoundAttr(Data[Round]):
    """`#qnn.round<half_even, saturate>`: to the nearest step of a fixed-point type, then clamp, or `wrap` around."""

    name = "qnn.round"

    @classmethod
    def parse_parameter(cls, parser: AttrParser) -> Round:
        with parser.in_angle_brackets():
            rounding = parse_enum(parser, Rounding)
            parser.parse_punctuation(",")
            return Round(rounding, parse_enum(parser, Overflow))

    def print_parameter(self, printer: Printer) -> None:
        printer.print_string(f"<{self.data.rounding}, {self.data.overflow}>")


@irdl_attr_definition
class RoundEachAttr(ParametrizedAttribute):
    """`#qnn.round_each<half_up, wrap, steps = dense<..>, widths = dense<..>, signs = dense<..>>`: as `#qnn.round`, each
    element to a format of its own: the exponent of its step, its bits (0: always zero) and whether it is signed. The
    tensors of i16 broadcast to a sample; the type of the result holds all formats."""

    name = "qnn.round_each"
    rounding: StringAttr
    overflow: StringAttr
    steps: DenseIntOrFPElementsAttr
    widths: DenseIntOrFPElementsAttr
    signs: DenseIntOrFPElementsAttr

    def __init__(self, data: RoundEach):
        arrays = (encoded_i16(values) for values in (data.steps, data.widths, data.signs))
        super().__init__(StringAttr(data.rounding), StringAttr(data.overflow), *arrays)

    @property
    def data(self) -> RoundEach:
        steps, widths, signs = (decoded_i16(attr) for attr in (self.steps, self.widths, self.signs))
        return RoundEach(Rounding(self.rounding.data), Overflow(self.overflow.data), steps, widths, signs)

    def verify(self) -> None:
        for word, enum in ((self.rounding.data, Rounding), (self.overflow.data, Overflow)):
            if word not in list(enum):
                raise VerifyException(f"expected one of {', '.join(enum)}, got '{word}'")
        if not self.steps.type == self.widths.type == self.signs.type:
            types = ", ".join(str(attr.type) for attr in (self.steps, self.widths, self.signs))
            raise VerifyException(f"steps, widths and signs have one type, got {types}")
        if self.steps.get_element_type() != i16:
            raise VerifyException(f"steps, widths and signs are i16, got {self.steps.type}")
        data = self.data
        if (data.widths < 0).any() or not np.isin(data.signs, (0, 1)).all():
            raise VerifyException("widths are 0 or more, signs are 0 or 1")

    @classmethod
    def parse_parameters(cls, parser: AttrParser) -> Sequence[Attribute]:
        with parser.in_angle_brackets():
            words: list[Attribute] = [StringAttr(parse_enum(parser, Rounding))]
            parser.parse_punctuation(",")
            words.append(StringAttr(parse_enum(parser, Overflow)))
            parser.parse_punctuation(",")
            return [*words, *parse_keyed(parser, FORMAT_KEYS)]

    def print_parameters(self, printer: Printer) -> None:
        printer.print_string(f"<{self.rounding.data}, {self.overflow.data}, ")
        print_keyed(printer, self, FORMAT_KEYS)
        printer.print_string(">")


def rounding_attribute(mode: RoundEach) -> RoundAttr | RoundEachAttr:
    """The shorter one where all elements have one format."""
    return RoundAttr(mode.round) if mode.formats == [mode.hull] else RoundEachAttr(mode)


@irdl_attr_definition
class SignAttr(Data[Sign]):
    """`#qnn.sign`: -1 below zero, +1 from zero on; 0 and 1 in an unsigned fixed-point type of one bit."""

    name = "qnn.sign"

    def __init__(self, data: Sign | None = None):
        super().__init__(data or Sign())

    @classmethod
    def parse_parameter(cls, parser: AttrParser) -> Sign:
        return Sign()

    def print_parameter(self, printer: Printer) -> None:
        pass


@irdl_attr_definition
class DeadZoneAttr(Data[DeadZone]):
    """`#qnn.dead_zone<0.33>`: 0 below the float32 threshold in magnitude, the sign from there on."""

    name = "qnn.dead_zone"

    @classmethod
    def parse_parameter(cls, parser: AttrParser) -> DeadZone:
        with parser.in_angle_brackets():
            return DeadZone(float(parser.parse_number()))

    def print_parameter(self, printer: Printer) -> None:
        printer.print_string(f"<{self.data.threshold!r}>")


@irdl_attr_definition
class NearestPo2Attr(Data[NearestPo2]):
    """`#qnn.nearest_po2` or `#qnn.nearest_po2<ceiling = 4.0>`: the nearest power of two, magnitudes clipped before.

    `floor` rounds exponents down, `quadratic` makes them even, `tiny = -8` is the exponent below Keras' epsilon.
    """

    name = "qnn.nearest_po2"

    @classmethod
    def parse_parameter(cls, parser: AttrParser) -> NearestPo2:
        options: dict[str, Any] = {}

        def parse_option() -> None:
            match parser.parse_identifier():
                case "floor":
                    options["rounding"] = Rounding.FLOOR
                case "quadratic":
                    options["quadratic"] = True
                case "ceiling":
                    parser.parse_punctuation("=")
                    options["ceiling"] = float(parser.parse_number())
                case "tiny":
                    parser.parse_punctuation("=")
                    options["tiny"] = parser.parse_integer(allow_boolean=False)
                case word:
                    parser.raise_error(f"expected ceiling, floor, quadratic or tiny, got '{word}'")

        parser.parse_optional_comma_separated_list(parser.Delimiter.ANGLE, parse_option)
        return NearestPo2(**options)

    def print_parameter(self, printer: Printer) -> None:
        mode = self.data
        options = [
            *([] if mode.ceiling is None else [f"ceiling = {mode.ceiling!r}"]),
            *(["floor"] if mode.rounding is Rounding.FLOOR else []),
            *(["quadratic"] if mode.quadratic else []),
            *([] if mode.tiny is None else [f"tiny = {mode.tiny}"]),
        ]
        if options:
            printer.print_string(f"<{', '.join(options)}>")


QuantizerMode: TypeAlias = RoundAttr | RoundEachAttr | SignAttr | DeadZoneAttr | NearestPo2Attr


class Product(StrEnum):
    """The hardware that computes the products of a contraction or a popcount; their sum does not depend on it."""

    MULTIPLY = "multiply"
    SHIFT = "shift"  # kernel of powers of two
    POPCOUNT = "popcount"  # packed values: ones in words are counted
    ADD_SUB = "add_sub"  # kernel of {-1, 0, +1}: add, subtract or nothing
    SIGNED_DIGITS = "signed_digits"  # constant kernel: shifts by the digits of each weight
    TREE = "tree"  # constant kernel: a tree of additions for each output
    PAIRS = "pairs"  # constant kernel: additions of common pairs, which outputs share
    ADDER_GRAPH = "adder_graph"  # constant kernel: a graph of additions by da4ml


GRAPHS = (Product.TREE, Product.PAIRS, Product.ADDER_GRAPH)
"""Products that are written out as additions, all outputs of a position at once."""


@irdl_attr_definition
class ProductAttr(Data[Product]):
    """`#qnn.product<shift>`: how hardware computes products: `multiply`, `shift`, `add_sub`, `popcount`,
    `signed_digits`, `tree`, `pairs` or `adder_graph`. It never changes the sum."""

    name = "qnn.product"

    @classmethod
    def parse_parameter(cls, parser: AttrParser) -> Product:
        with parser.in_angle_brackets():
            return parse_enum(parser, Product)

    def print_parameter(self, printer: Printer) -> None:
        printer.print_string(f"<{self.data}>")


class Count(StrEnum):
    """What is counted over pairs of values of {-1, 0, +1}."""

    AGREEMENTS = "agreements"  # products that are +1
    BALANCE = "balance"  # products that are +1 minus those that are -1: their sum


@irdl_attr_definition
class CountAttr(Data[Count]):
    """`#qnn.count<balance>`: what a popcount counts: `agreements`, or the `balance` of agreements and disagreements."""

    name = "qnn.count"

    @classmethod
    def parse_parameter(cls, parser: AttrParser) -> Count:
        with parser.in_angle_brackets():
            return parse_enum(parser, Count)

    def print_parameter(self, printer: Printer) -> None:
        printer.print_string(f"<{self.data}>")


class Form(StrEnum):
    """How hardware finds how many thresholds a value reaches."""

    COMPARE = "compare"  # all are compared at once
    SEARCH = "search"  # one after the other, a bit of the count per comparison


@irdl_attr_definition
class FormAttr(Data[Form]):
    """`#qnn.form<search>`: how a threshold counts: `compare` with all levels at once, or `search` among them."""

    name = "qnn.form"

    @classmethod
    def parse_parameter(cls, parser: AttrParser) -> Form:
        with parser.in_angle_brackets():
            return parse_enum(parser, Form)

    def print_parameter(self, printer: Printer) -> None:
        printer.print_string(f"<{self.data}>")


@irdl_attr_definition
class BatchNormFormulaAttr(Data[BatchNormFormula]):
    """`#qnn.formula<fused_fma>`: the order of Keras' float32 operations."""

    name = "qnn.formula"

    @classmethod
    def parse_parameter(cls, parser: AttrParser) -> BatchNormFormula:
        with parser.in_angle_brackets():
            return parse_enum(parser, BatchNormFormula)

    def print_parameter(self, printer: Printer) -> None:
        printer.print_string(f"<{self.data}>")
