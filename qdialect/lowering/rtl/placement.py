"""A layer at each of its positions: which elements meet there, and one module for all positions alike.

Positions are alike where the same parts of their windows are constant, do not count, or are the same element. A layer
of one position is one module; one of many has a module that holds an instance for each.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice, zip_longest
from typing import Any, TypeAlias

import numpy as np
from xdsl.ir import SSAValue

from qdialect.analysis.code_range import Range
from qdialect.dialects.qnn.attributes import QuantizerMode
from qdialect.dialects.qnn.ops.constant import constant_of
from qdialect.dialects.qnn.ops.elementwise import ReluOp
from qdialect.dialects.qnn.ops.quantize import QuantizeOp
from qdialect.dialects.qnn.types import BinaryType, tensor_type
from qdialect.lowering.rtl.affine import Affine, constant, reached, worded
from qdialect.lowering.rtl.layers import FusedLayer, elements_shape, image_shape, operands_of
from qdialect.lowering.rtl.modules import InputPort, Module, ModuleLibrary, split, wires_of
from qdialect.lowering.rtl.moves import Elements, as_elements
from qdialect.lowering.rtl.names import unique_identifiers
from qdialect.lowering.rtl.netlist import Netlist, Wire
from qdialect.lowering.rtl.pointwise import POINTWISE, mode_at, rounds
from qdialect.lowering.rtl.steps import spread
from qdialect.lowering.rtl.windows import WINDOWS, geometry_of

Slots: TypeAlias = list[Affine | None]
"""What one operand gives at one position."""


def sources_of(layer: FusedLayer) -> list[tuple[Any, SSAValue]]:
    """The operations of a layer with each operand from outside, in the order in which `computed` takes them."""
    inner = {op.results[0] for op in layer.ops}
    return [(op, operand) for op in layer.ops for operand in operands_of(op) if operand not in inner]


def slots_of(layer: FusedLayer, values: Mapping[SSAValue, Elements]) -> list[list[Slots]]:
    """For each position, row by row, the slots of each source."""
    rows, columns, channels = image_shape(layer.result)
    every: list[list[Slots]] = [[] for _ in range(rows * columns)]
    for op, operand in sources_of(layer):
        elements = values[operand] if operand in values else constants(operand)
        if type(op) in WINDOWS:
            image, geometry = elements.reshape(image_shape(operand)), geometry_of(op)
            windows = (geometry.window(image, r, c) for r in range(rows) for c in range(columns))
            slots = [list(window.flat) for window in windows]
        else:
            image = np.broadcast_to(elements, elements_shape(layer.result)).reshape(-1, channels)
            slots = [list(pixel) for pixel in image]
        for position, each in zip(every, slots, strict=True):
            position.append(each)
    return every


def constants(value: SSAValue) -> Elements:
    """A constant operand as elements."""
    codes = constant_of(value)
    assert codes is not None, "a value is made before it is used"
    return as_elements([constant(int(code)) for code in codes.flat], codes.shape)


def pattern_of(slots: Slots) -> tuple[Any, ...]:
    """What is alike at positions of one module: each slot as the number of its wire with sign, shift and constant."""
    numbers = {wire.number: i for i, wire in enumerate(wires_of(slots))}

    def key(x: Affine | None) -> Any:
        if x is None or x.wire is None:
            return x if x is None else x.offset
        return numbers[x.wire.number], x.shift, x.negative, x.offset

    return tuple(key(x) for x in slots)


def renamed(slots: Slots, wires: Sequence[Wire]) -> Slots:
    """The slots on other wires, one for each distinct one."""
    of = {wire.number: other for wire, other in zip(wires_of(slots), wires, strict=True)}
    return [x if x is None or x.wire is None else replace(x, wire=of[x.wire.number]) for x in slots]


@dataclass
class Placement:
    """Makes the modules of one layer."""

    library: ModuleLibrary
    layer: FusedLayer
    strategy: Any
    known: Range | None

    def lower(self, top: Netlist, values: Mapping[SSAValue, Elements]) -> Elements:
        """The elements of the layer's result, in `top`."""
        positions = slots_of(self.layer, values)
        if len(positions) == 1:
            elements = self.placed(top, positions, self.layer.name, self.layer.name)
        else:
            elements = self.nested(top, positions)
        return as_elements(elements, elements_shape(self.layer.result))

    def nested(self, top: Netlist, positions: list[list[Slots]]) -> list[Affine]:
        """The same in a module that holds the positions."""
        net = self.library.netlist(self.layer.name)
        inner: list[list[Slots]] = [[] for _ in positions]
        words: list[Wire] = []
        for index, name in enumerate(self.port_names()):
            slots = [position[index] for position in positions]
            every = [x for each in slots for x in each]
            entry = InputPort.of(name, [wires_of(every)])
            if entry.intervals:
                words.append(entry.outer(top, wires_of(every)))
            moved = iter(renamed(every, entry.inner(net)))
            for position, each in zip(inner, slots, strict=True):
                position.append(list(islice(moved, len(each))))
        elements = self.placed(net, inner, f"{self.layer.name}_at", None)
        return instance(top, self.finished(net, elements, self.layer.name), elements, words)

    def placed(self, parent: Netlist, positions: list[list[Slots]], name: str, layer: str | None) -> list[Affine]:
        """The channels of each position, one after the other, from instances in `parent`."""
        groups: dict[Any, list[int]] = {}
        for number, position in enumerate(positions):
            groups.setdefault((*self.modes_at(number), *map(pattern_of, position)), []).append(number)
        found: list[list[Affine]] = [[] for _ in positions]
        for alike in groups.values():
            net = self.library.netlist(name)
            entries = [
                InputPort.of(port, [wires_of(positions[n][index]) for n in alike])
                for index, port in enumerate(self.port_names())
            ]
            slots = [
                renamed(slots, entry.inner(net)) for slots, entry in zip(positions[alike[0]], entries, strict=True)
            ]
            elements = self.outputs(net, self.computed(net, slots, alike[0]), alike)
            module = self.finished(net, elements, layer)
            for n in alike:
                words = [
                    e.outer(parent, wires_of(s)) for e, s in zip(entries, positions[n], strict=True) if e.intervals
                ]
                found[n] = instance(parent, module, elements, words)
        return [x for channels in found for x in channels]

    def port_names(self) -> list[str]:
        """One for each source, that of its value."""
        values = [operand for _, operand in sources_of(self.layer)]
        return unique_identifiers([value.name_hint or "value" for value in values], [self.layer.output])

    def modes_at(self, position: int) -> list[QuantizerMode]:
        """What the quantizers do at a position, where elements may have formats of their own."""
        return [mode_at(op, position) for op in self.layer.ops if isinstance(op, QuantizeOp)]

    def computed(self, net: Netlist, slots: Iterable[Slots], position: int) -> list[Affine]:
        """The channels of the result from the slots of each source."""
        given, current = iter(slots), list[Affine]()
        inner = {op.results[0] for op in self.layer.ops}
        rectified = False
        for op, after in zip_longest(self.layer.ops, self.layer.ops[1:]):
            operands: list[Any] = [current if v in inner else next(given) for v in operands_of(op)]
            if type(op) in WINDOWS:
                taps = geometry_of(op).taps
                window = as_elements(operands[0], (*taps, len(operands[0]) // math.prod(taps)))
                current = WINDOWS[type(op)](net, op, window, self.strategy(op))
            else:
                at = {"position": position, "rectified": rectified} if isinstance(op, QuantizeOp) else {}
                rectified = isinstance(op, ReluOp) and after is not None and rounds(after)
                current = operands[0] if rectified else list(POINTWISE[type(op)](net, op, operands, **at))
        return current

    def outputs(self, net: Netlist, values: Sequence[Affine], alike: Sequence[int]) -> list[Affine]:
        """The result as words of what is proven of them over the positions `alike`, shifted where all numbers have
        zeros below, or as constants."""
        if has_binary_elements(self.layer.result):
            return [spread(net, reached(net, x, 1), -1, 1) for x in values]
        intervals = [x.interval for x in values]
        if self.known is not None:
            low, high = (end.reshape(-1, len(values))[list(alike)] for end in (self.known.low, self.known.high))
            intervals = [(int(a), int(b)) for a, b in zip(low.min(axis=0), high.max(axis=0), strict=True)]
        return [worded(net, x, interval) for x, interval in zip(values, intervals, strict=True)]

    def finished(self, net: Netlist, elements: Sequence[Affine], layer: str | None) -> Module | None:
        """The module of these outputs; None where all are constant."""
        words = [x.wire for x in elements if x.wire is not None]
        return self.library.add(net, {self.layer.output: net.vector(words)}, layer) if words else None


def instance(parent: Netlist, module: Module | None, elements: Sequence[Affine], words: list[Wire]) -> list[Affine]:
    """The outputs of a module in `parent`, where its input ports are `words`; None is a module of constants alone."""
    if module is None:
        return list(elements)
    width = sum(x.wire.width for x in elements if x.wire is not None)
    return split(parent, parent.instance(module, words, width), elements)


def has_binary_elements(value: SSAValue) -> bool:
    """Whether the elements are {-1, +1}, packed or not."""
    element = tensor_type(value.type).element_type
    return BinaryType() in (element, getattr(element, "element", None))
