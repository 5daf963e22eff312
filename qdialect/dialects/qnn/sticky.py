"""The attribute of an input that quantizers of several kinds read."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from xdsl.dialects.builtin import DenseIntOrFPElementsAttr, i16
from xdsl.ir import Attribute, ParametrizedAttribute
from xdsl.irdl import irdl_attr_definition
from xdsl.parser import AttrParser
from xdsl.printer import Printer
from xdsl.utils.exceptions import VerifyException

from qdialect.dialects.qnn.attributes import FORMAT_KEYS, parse_keyed, print_keyed
from qdialect.dialects.qnn.storage import decoded_i16, encoded_i16
from qdialect.numerics.sticky import Sticky

KEYS = (*FORMAT_KEYS, "periods")


@irdl_attr_definition
class StickyAttr(ParametrizedAttribute):
    """`#qnn.sticky<steps = dense<..>, widths = dense<..>, signs = dense<..>, periods = dense<..>>`: of an input whose
    quantizers differ, rounded down with a sticky bit, and beyond the format of its element repeated with a period of
    2**p steps. The tensors of i16 broadcast to a sample."""

    name = "qnn.sticky"
    steps: DenseIntOrFPElementsAttr
    widths: DenseIntOrFPElementsAttr
    signs: DenseIntOrFPElementsAttr
    periods: DenseIntOrFPElementsAttr

    def __init__(self, data: Sticky):
        super().__init__(*(encoded_i16(getattr(data, key)) for key in KEYS))

    @property
    def data(self) -> Sticky:
        return Sticky(*(decoded_i16(getattr(self, key)) for key in KEYS))

    def verify(self) -> None:
        types = {getattr(self, key).type for key in KEYS}
        if len(types) > 1 or self.steps.get_element_type() != i16:
            raise VerifyException(f"{', '.join(KEYS)} are i16 of one shape, got {', '.join(sorted(map(str, types)))}")
        data = self.data
        if (data.widths < 0).any() or (data.periods < 0).any() or not np.isin(data.signs, (0, 1)).all():
            raise VerifyException("widths and periods are 0 or more, signs are 0 or 1")

    @classmethod
    def parse_parameters(cls, parser: AttrParser) -> Sequence[Attribute]:
        with parser.in_angle_brackets():
            return parse_keyed(parser, KEYS)

    def print_parameters(self, printer: Printer) -> None:
        printer.print_string("<")
        print_keyed(printer, self, KEYS)
        printer.print_string(">")
