"""Elements of ports with formats of their own: of each element the bits that its format has."""

from __future__ import annotations

import numpy as np
from chains import Network
from wires import Words, value_of

from qdialect.analysis.code_range import Range
from qdialect.lowering.rtl.netlist import Netlist
from qdialect.lowering.rtl.ports import in_format, taken
from qdialect.numerics.formats import FixedFormat
from qdialect.numerics.round_each import RoundEach
from qdialect.numerics.rounding import Overflow, Rounding


def test_bits_below_the_step_of_an_element_are_zeros() -> None:
    """Elements without bits are zero."""
    for fmt, lsb in ((FixedFormat(3, 4, signed=True), 0), (FixedFormat(2, 2, signed=False), -2), (None, 0)):
        words = Words((-16, 15))
        code = in_format(words.net, words.wires[0], fmt, lsb)
        if fmt is None:
            assert (code.wire, code.offset) == (None, 0)
            continue
        places = fmt.lsb - lsb
        stored = (words.numbers[0] >> places) & ((1 << fmt.width) - 1)
        signed = stored - ((stored >> (fmt.width - 1) << fmt.width) if fmt.signed else 0)
        assert words.of(code) == (signed << places).tolist()


def test_a_port_of_elements_with_formats() -> None:
    formats = [FixedFormat(2, 2, signed=False), None, FixedFormat(3, 4, signed=True)]
    steps, widths, signs = np.array([0, 0, 1]), np.array([2, 0, 3]), np.array([0, 0, 1])
    each = RoundEach(Rounding.FLOOR, Overflow.WRAP, steps, widths, signs)
    assert list(each.format_list()) == formats
    port = Network((3,), FixedFormat(4, 4, signed=True)).argument
    net = Netlist("net")
    elements = taken(net, "x", port, Range(np.array([0, 0, -8]), np.array([3, 0, 6])), each)
    given = np.array([[3, 0, -8], [1, 0, 6], [2, 0, -2]])
    packed = sum((given[:, i] & 15) << 4 * i for i in range(3))
    for element, codes in zip(elements.flat, given.T, strict=True):
        found = element.offset
        if element.wire is not None:
            fed = {0: packed}
            found = found + element.coefficient * value_of(element.wire, fed)
        assert np.array_equal(np.broadcast_to(found, codes.shape), codes)
