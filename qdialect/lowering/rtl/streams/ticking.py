"""What of a network remembers: delays of words and of marks, counters of positions, and whole images.

Each is a module with a state that changes where `tick` is one; it takes its inputs in the cycle of a tick, and gives
the output that belongs to this tick in the same cycle, or in the next one.
"""

from __future__ import annotations

from dataclasses import dataclass

from qdialect.lowering.rtl.modules import ModuleLibrary
from qdialect.lowering.rtl.netlist import Netlist, Wire, bits_for
from qdialect.lowering.rtl.streams.raster import Raster

REGISTERS = 2
"""The longest delay in registers; beyond it is a memory."""


@dataclass(frozen=True)
class Position:
    """Whether a pixel of a raster comes in this tick, and which one."""

    valid: Wire
    row: Wire
    column: Wire


@dataclass
class Ticking:
    """A netlist whose states change with `tick`."""

    library: ModuleLibrary
    net: Netlist
    tick: Wire

    def _made(self, kind: str, parameters: dict[str, int], inputs: dict[str, Wire], width: int, latency: int) -> Wire:
        ports = {"tick": self.tick, **inputs}
        widths = {name: wire.width for name, wire in ports.items()}
        module = self.library.primitive(kind, parameters, widths, width, latency)
        return self.net.instance(module, [*ports.values()], width)

    def delayed(self, word: Wire, ticks: int) -> Wire:
        """The word of so many ticks ago."""
        if ticks == 0 or word.is_constant:
            return word
        kind, latency = ("delay", 0) if ticks <= REGISTERS else ("line", 1)
        return self._made(kind, {"width": word.width, "ticks": ticks}, {"x": word}, word.width, latency)

    def after(self, start: Wire, ticks: int) -> Wire:
        """A mark so many ticks later; one is on its way at a time."""
        return self._made("after", {"ticks": ticks}, {"start": start}, 1, 0) if ticks else start

    def position(self, start: Wire, raster: Raster) -> Position:
        """Where in a raster this tick is; `start` marks the tick of the first pixel."""
        counted, rows, columns = raster.counted, *(bits_for(0, n - 1) for n in (raster.rows, raster.columns))
        parameters = {
            "rows": counted.rows,
            "columns": counted.columns,
            "row_pitch": counted.row_pitch,
            "column_pitch": counted.column_pitch,
        }
        word = self._made("raster", parameters, {"start": start}, rows + columns + 1, 1)
        return Position(
            self.net.bit(word, 0),
            self.net.extract(word, columns + 1, rows, 0, raster.rows - 1),
            self.net.extract(word, 1, columns, 0, raster.columns - 1),
        )

    def gathered(self, word: Wire, valid: Wire, pixels: int) -> Wire:
        """The last pixels side by side, the first lowest; this tick's is among them if it is valid."""
        parameters = {"width": word.width, "pixels": pixels}
        return self._made("gather", parameters, {"valid": valid, "x": word}, word.width * pixels, 1)

    def held(self, word: Wire, valid: Wire) -> Wire:
        """The word of the last valid tick."""
        return self._made("hold", {"width": word.width}, {"valid": valid, "x": word}, word.width, 1)
