"""When the pixels of a value come, in ticks.

A network on streams moves on in ticks, in each of which at most one pixel of every value comes. A tick happens when a
pixel of the input is there, or none is wanted; cycles without a tick change nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product


@dataclass(frozen=True)
class Raster:
    """An image whose pixel [row, column] comes `row * row_pitch + column * column_pitch` ticks after its first.

    The pitch of an axis of one position is 0.
    """

    rows: int
    columns: int
    row_pitch: int = 0
    column_pitch: int = 0

    @staticmethod
    def of(rows: int, columns: int, row_pitch: int, column_pitch: int) -> Raster:
        return Raster(rows, columns, row_pitch * (rows > 1), column_pitch * (columns > 1))

    @property
    def pixels(self) -> int:
        return self.rows * self.columns

    def time(self, row: int, column: int) -> int:
        """Ticks after the first pixel, of positions beyond the edges too."""
        return row * self.row_pitch + column * self.column_pitch

    @property
    def last(self) -> int:
        """When the last pixel comes."""
        return self.time(self.rows - 1, self.columns - 1)

    @property
    def is_possible(self) -> bool:
        """Whether one pixel comes after the other."""
        row = (self.columns - 1) * self.column_pitch
        return (self.columns == 1 or self.column_pitch > 0) and (self.rows == 1 or self.row_pitch > row)

    def resized(self, rows: int, columns: int) -> Raster | None:
        """The same pixels in the same order as an image of another shape; None where their pitch is not constant."""
        if (rows, columns) == (self.rows, self.columns):
            return self
        if self.pixels == 1:
            return None
        times = [self.time(*at) for at in product(range(self.rows), range(self.columns))]
        pitch = times[1] - times[0]
        if times != [pitch * i for i in range(self.pixels)]:
            return None
        return Raster.of(rows, columns, columns * pitch, pitch)

    @property
    def counted(self) -> Raster:
        """The same with pitches that a counter of ticks has: a row ends after its pitch."""
        row = self.row_pitch or max((self.columns - 1) * self.column_pitch + 1, 1)
        return replace(self, row_pitch=row, column_pitch=self.column_pitch or row)
