"""When pixels come: rasters, and images within others on the same pixels."""

from __future__ import annotations

from dataclasses import replace

from chains import Network

from qdialect.dialects.qnn.ops.shapes import ReshapeOp
from qdialect.lowering.rtl.affine import constant
from qdialect.lowering.rtl.streams.moves import reshaped
from qdialect.lowering.rtl.streams.raster import Raster
from qdialect.lowering.rtl.streams.values import Gathered, PixelStream
from qdialect.numerics.formats import FixedFormat

PIXEL = [constant(1), constant(2)]


def test_times_of_pixels() -> None:
    raster = Raster.of(3, 4, 10, 2)
    assert raster == Raster(3, 4, 10, 2)
    assert (raster.pixels, raster.time(2, 3), raster.last, raster.time(-1, 1)) == (12, 26, 26, -8)
    assert Raster.of(1, 4, 10, 2) == Raster(1, 4, 0, 2)
    assert Raster.of(3, 1, 10, 2) == Raster(3, 1, 10, 0)
    assert Raster.of(2, 2, 10, 2) == Raster(2, 2, 10, 2)


def test_one_pixel_comes_after_the_other() -> None:
    for raster, possible in (
        (Raster(2, 4, 7, 2), True),
        (Raster(2, 4, 6, 2), False),
        (Raster(1, 4, 0, 2), True),
        (Raster(1, 4, 0, 0), False),
        (Raster(2, 1, 1, 0), True),
        (Raster(2, 1, 0, 0), False),
        (Raster(1, 1, 0, 0), True),
        (Raster(2, 2, 9, 0), False),
    ):
        assert raster.is_possible is possible


def test_the_same_pixels_as_another_image() -> None:
    """Where one comes as long after the other as every other one."""
    assert Raster(2, 3, 6, 2).resized(3, 2) == Raster(3, 2, 4, 2)
    assert Raster(2, 3, 6, 2).resized(1, 6) == Raster(1, 6, 0, 2)
    assert Raster(2, 3, 6, 2).resized(6, 1) == Raster(6, 1, 2, 0)
    assert Raster(2, 3, 7, 2).resized(3, 2) is None
    assert Raster(2, 3, 7, 2).resized(2, 3) == Raster(2, 3, 7, 2)
    assert Raster(1, 1).resized(2, 1) is None
    assert Raster(2, 1, 5, 0).resized(1, 2) == Raster(1, 2, 0, 5)


def test_pitches_of_a_counter() -> None:
    for raster, counted in (
        (Raster(3, 4, 10, 2), Raster(3, 4, 10, 2)),
        (Raster(1, 4, 0, 2), Raster(1, 4, 7, 2)),
        (Raster(3, 1, 5, 0), Raster(3, 1, 5, 5)),
        (Raster(1, 1), Raster(1, 1, 1, 1)),
    ):
        assert raster.counted == counted


def test_an_image_within_another() -> None:
    plain = PixelStream.of(PIXEL, Raster(3, 4, 8, 2), 5)
    assert (plain.size, plain.low, plain.shown, plain.is_plain, plain.end) == (
        (3, 4),
        (0, 0),
        (range(3), range(4)),
        True,
        5 + 22,
    )
    padded = plain.framed((5, 7), (1, 2))
    assert (padded.size, padded.low, padded.shown) == ((5, 7), (1, 2), (range(3), range(4)))
    cut = padded.framed((2, 3), (-2, -3))
    assert (cut.size, cut.low, cut.shown) == ((2, 3), (-1, -1), (range(1, 3), range(1, 4)))
    again = cut.framed((4, 4), (1, 1))
    assert (again.size, again.low, again.shown) == ((4, 4), (0, 0), (range(1, 3), range(1, 4)))
    below = plain.framed((2, 2), (0, 0))
    assert (below.shown, below.end) == ((range(2), range(2)), 5 + 22)
    assert [x.is_plain for x in (padded, cut, again, below)] == [False] * 4
    assert Gathered(constant(1), 7).end == 7


def test_only_plain_pixels_take_another_shape() -> None:
    """Of as many channels, one after the other at one pitch."""
    plain = PixelStream.of(PIXEL, Raster(2, 3, 6, 2), 5)
    net = Network((2, 3, 2), FixedFormat(3, 3, signed=True))
    for shape, image in (((3, 2, 2), (3, 2)), ((6, 2), (1, 6)), ((2, 2, 3), None), ((12,), None)):
        op = ReshapeOp(net.argument, shape)
        found = reshaped(None, op, [plain])
        assert found == (None if image is None else PixelStream.of(PIXEL, plain.raster.resized(*image), 5))
        assert reshaped(None, op, [plain.framed((2, 4), (0, 1))]) is None
        assert reshaped(None, op, [replace(plain, pixel=PIXEL[:1])]) is None
    op = ReshapeOp(net.argument, (3, 2, 2))
    assert reshaped(None, op, [PixelStream.of(PIXEL, Raster(2, 3, 7, 2), 5)]) is None
    assert reshaped(None, op, [PixelStream.of(PIXEL, Raster(2, 2, 4, 2), 5)]) is None
