"""The words of a network's interface: its inputs and outputs as other tools and HLS projects store them."""

from __future__ import annotations

import numpy as np
from xdsl.ir import SSAValue

from qdialect.analysis.code_range import Range
from qdialect.dialects.qnn.types import exact_format_of
from qdialect.lowering.parts.elements import stored_type, to_stored
from qdialect.lowering.rtl.affine import Affine, constant, materialized, of_wire, reached
from qdialect.lowering.rtl.moves import Elements, as_elements
from qdialect.lowering.rtl.netlist import Netlist, Wire
from qdialect.lowering.rtl.steps import spread, threshold
from qdialect.lowering.rtl.words import resized, table, within
from qdialect.numerics.formats import BinaryFormat, FixedFormat, Format, Po2Format
from qdialect.numerics.quantizers import QuantizerFunction
from qdialect.numerics.round_each import RoundEach


def port_bits(value: SSAValue) -> int:
    """The width of one element at a port."""
    return stored_type(value).bits


def taken(
    net: Netlist, name: str, value: SSAValue, known: Range, quantizer: QuantizerFunction | None = None
) -> Elements:
    """The elements of an input port as codes; where each has a format of its own, the bits of that alone count."""
    fmt, bits, (low, high) = exact_format_of(value.type), port_bits(value), known.hull
    count = known.low.size
    of_stored = _codes_of_stored(fmt)
    least, most = (low, high) if of_stored is None else (min(of_stored), max(of_stored))
    port = net.input(name, bits * count, *((least, most) if count == 1 else (0, (1 << bits * count) - 1)))
    words = [net.extract(port, bits * i, bits, least, most) for i in range(count)]
    if of_stored is not None:
        entries = [of_stored.get(stored, of_stored[most]) for stored in range(least, most + 1)]
        codes = [spread(net, word, *entries) if bits == 1 else of_wire(table(net, word, entries)) for word in words]
    elif isinstance(quantizer, RoundEach):
        formats = quantizer.of_sample(known.low.shape).format_list()
        codes = [in_format(net, word, each, fmt.lsb) for word, each in zip(words, formats, strict=True)]
    else:
        codes = [of_wire(within(net, word, low, high)) for word in words]
    return as_elements(codes, known.low.shape)


def in_format(net: Netlist, word: Wire, fmt: FixedFormat | None, lsb: int) -> Affine:
    """The code of an element, in steps of 2**lsb, of which the port has zeros below its own step."""
    if fmt is None:
        return constant(0)
    places = fmt.lsb - lsb
    return Affine(net.extract(word, places, fmt.width, fmt.min_code, fmt.max_code), places)


def _codes_of_stored(fmt: Format) -> dict[int, int] | None:
    """What a port's numbers stand for, None where they are the codes."""
    if not isinstance(fmt, BinaryFormat | Po2Format):
        return None
    codes = np.array(fmt.codes(), object)
    return {int(stored): int(code) for stored, code in zip(to_stored(codes, fmt), codes, strict=True)}


def given(net: Netlist, elements: Elements, value: SSAValue) -> Wire:
    """Codes as the word of an output port."""
    return net.vector([_stored(net, x, value) for x in elements.flat])


def _stored(net: Netlist, x: Affine, value: SSAValue) -> Wire:
    """A code as an element of a port."""
    fmt, bits = exact_format_of(value.type), port_bits(value)
    match fmt:
        case BinaryFormat():
            return reached(net, x, 1)
        case Po2Format():
            codes = fmt.codes()
            stored = [int(code) for code in to_stored(np.array(codes, object), fmt)]
            return resized(net, materialized(net, threshold(net, x, codes[1:], stored)), bits)
        case _:
            return resized(net, materialized(net, x), bits)
