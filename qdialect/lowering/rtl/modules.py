"""Modules, their ports, and instances of them.

Between modules the elements of a value lie side by side, each in the smallest word that holds it, the first lowest. A
value of {-1, +1} is one bit; constants are no part of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate
from typing import Any

from qdialect.lowering.rtl.affine import Affine
from qdialect.lowering.rtl.names import unique_identifier
from qdialect.lowering.rtl.netlist import Netlist, Wire, bits_for
from qdialect.lowering.rtl.words import resized


@dataclass(eq=False)
class Module:
    """A netlist with its outputs, by name."""

    net: Netlist
    outputs: dict[str, Wire]
    layer: str | None = None
    """The layer that it computes, None for the network."""

    @property
    def name(self) -> str:
        return self.net.name

    @property
    def inputs(self) -> list[str]:
        """The names of the input ports."""
        return [wire.data for wire in self.net.inputs]


@dataclass(frozen=True, eq=False)
class Primitive:
    """A module with a state, whose text is a template of the printer."""

    name: str
    kind: str
    """The template."""
    parameters: Mapping[str, int]
    ports: Mapping[str, int]
    """The widths of its inputs, without clock and reset; the output is called y."""
    width: int
    """That of the output."""
    latency: int
    """Cycles from the inputs of a tick to the output that belongs to it."""

    @property
    def inputs(self) -> list[str]:
        return [*self.ports]

    @property
    def outputs(self) -> list[str]:
        return ["y"]


@dataclass
class ModuleLibrary:
    """The modules of a network, those that others need first."""

    modules: list[Module | Primitive] = field(default_factory=list[Module | Primitive])
    _taken: set[str] = field(default_factory=set[str])
    _primitives: dict[Any, Primitive] = field(default_factory=dict[Any, Primitive])

    def netlist(self, name: str) -> Netlist:
        """An empty one of a name that no other has."""
        return Netlist(self.unique(name))

    def primitive(
        self, kind: str, parameters: Mapping[str, int], ports: Mapping[str, int], width: int, latency: int
    ) -> Primitive:
        """The module of this kind and these parameters, made once."""
        key = (kind, *parameters.items())
        if key not in self._primitives:
            name = self.unique("_".join(map(str, (kind, *parameters.values()))))
            self._primitives[key] = Primitive(name, kind, parameters, ports, width, latency)
            self.modules.append(self._primitives[key])
        return self._primitives[key]

    def unique(self, name: str) -> str:
        """An identifier close to `name` that no other module has."""
        identifier = unique_identifier(name, self._taken)
        self._taken.add(identifier)
        return identifier

    def add(self, net: Netlist, outputs: Mapping[str, Wire], layer: str | None = None) -> Module:
        self.modules.append(made := Module(net, dict(outputs), layer))
        return made


@dataclass
class InputPort:
    """An input port of a module for elements of one value, and what its instances connect to it."""

    name: str
    intervals: list[tuple[int, int]]

    @staticmethod
    def of(name: str, uses: Sequence[Sequence[Wire]]) -> InputPort:
        """`uses` are the words of each instance; the port holds those of all."""
        places = zip(*uses, strict=True)
        return InputPort(name, [(min(w.low for w in place), max(w.high for w in place)) for place in places])

    def inner(self, net: Netlist) -> list[Wire]:
        """The words inside the module."""
        if not self.intervals:
            return []
        widths = [bits_for(*interval) for interval in self.intervals]
        if len(widths) == 1:
            return [net.input(self.name, widths[0], *self.intervals[0])]
        port = net.input(self.name, sum(widths), 0, (1 << sum(widths)) - 1)
        starts = accumulate([0, *widths[:-1]])
        return [
            net.extract(port, start, width, *interval)
            for start, width, interval in zip(starts, widths, self.intervals, strict=True)
        ]

    def outer(self, net: Netlist, wires: Sequence[Wire]) -> Wire:
        """The port's word where the module is used."""
        return net.vector([resized(net, w, bits_for(*i)) for w, i in zip(wires, self.intervals, strict=True)])


def wires_of(elements: Sequence[Affine | None]) -> list[Wire]:
    """The distinct words of these elements, in order."""
    return list({x.wire.number: x.wire for x in elements if x is not None and x.wire is not None}.values())


def split(net: Netlist, word: Wire, elements: Sequence[Affine]) -> list[Affine]:
    """Elements of another netlist whose words lie side by side in `word`, in this one."""
    result: list[Affine] = []
    start = 0
    for x in elements:
        if x.wire is None:
            result.append(x)
            continue
        part = net.extract(word, start, x.wire.width, x.wire.low, x.wire.high)
        result.append(replace(x, wire=part))
        start += x.wire.width
    return result
