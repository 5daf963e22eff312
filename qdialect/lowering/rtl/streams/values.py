"""Values of a network on streams: pixel by pixel, or whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from qdialect.lowering.rtl.affine import Affine
from qdialect.lowering.rtl.moves import Elements
from qdialect.lowering.rtl.streams.raster import Raster


@dataclass(frozen=True)
class PixelStream:
    """A value whose pixels come one by one: an image of `size`, zeros but for the pixels that are `shown`."""

    pixel: Sequence[Affine]
    raster: Raster
    start: int
    """The tick of the first pixel, counted from that of the input's."""
    size: tuple[int, int]
    """Rows and columns."""
    low: tuple[int, int]
    """Rows and columns before the first pixel of the raster; negative where it is cut off."""
    shown: tuple[range, range]
    """Rows and columns of the raster that are not zeros."""

    @staticmethod
    def of(pixel: Sequence[Affine], raster: Raster, start: int) -> PixelStream:
        return PixelStream(
            pixel, raster, start, (raster.rows, raster.columns), (0, 0), (range(raster.rows), range(raster.columns))
        )

    def framed(self, size: tuple[int, int], low: tuple[int, int]) -> PixelStream:
        """The image within one of `size`, after `low` rows and columns of zeros; cut where that is smaller."""
        low = self.low[0] + low[0], self.low[1] + low[1]
        rows, columns = (
            range(max(kept.start, -before), min(kept.stop, n - before))
            for kept, n, before in zip(self.shown, size, low, strict=True)
        )
        return replace(self, size=size, low=low, shown=(rows, columns))

    @property
    def is_plain(self) -> bool:
        """Whether the stream has nothing besides its pixels."""
        return self == PixelStream.of(self.pixel, self.raster, self.start)

    @property
    def end(self) -> int:
        """The tick of the last pixel."""
        return self.start + self.raster.last


@dataclass(frozen=True)
class Gathered:
    """A value all of whose elements are there in one tick."""

    elements: Elements
    start: int

    @property
    def end(self) -> int:
        return self.start


Value: TypeAlias = PixelStream | Gathered
