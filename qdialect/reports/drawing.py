"""The places of boxes, lines and bars in the drawings of a report, in units of a drawing; the template draws them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from qdialect.reports.design_facts import FunctionCost, ProvenRange
from qdialect.reports.design_result import DesignResult

WIDTH, HEIGHT, GAP, BETWEEN = 150, 44, 60, 20
"""Of a box; the gap below it, and beside it."""
LONGEST_LABEL = 22
BARS = ("lut", "latency", "interval")
"""What the bars of the functions show."""


@dataclass(frozen=True)
class LayerBox:
    x: float
    y: float
    name: str
    label: str
    below: str


@dataclass(frozen=True)
class Line:
    path: str
    x: float
    y: float
    label: str
    title: str


@dataclass(frozen=True)
class Picture:
    width: float
    height: float
    boxes: Sequence[LayerBox]
    lines: Sequence[Line]


@dataclass(frozen=True)
class Bar:
    """A part of the largest, in percent, and its number; the bottleneck is marked."""

    percent: float
    number: int
    marked: bool


@dataclass(frozen=True)
class Band:
    """Where a range lies within that of its type, in percent."""

    start: float
    length: float


def shortened(text: str, longest: int = LONGEST_LABEL) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def graph_picture(result: DesignResult) -> Picture:
    """The layers from above to below: each a row below the last of its sources, side by side where they share a row."""
    rank: dict[str, int] = {}
    for node in result.layers:
        above = [rank[edge.source] + 1 for edge in result.edges if edge.target == node.name and edge.source in rank]
        rank[node.name] = max(above, default=0)
    rows: dict[int, list[str]] = {}
    for name, row in rank.items():
        rows.setdefault(row, []).append(name)
    width = max(map(len, rows.values()), default=1) * (WIDTH + BETWEEN) + BETWEEN
    place = {
        name: ((width - len(names) * (WIDTH + BETWEEN) + BETWEEN) / 2 + i * (WIDTH + BETWEEN), row * (HEIGHT + GAP) + 4)
        for row, names in rows.items()
        for i, name in enumerate(names)
    }
    boxes = [
        LayerBox(*place[node.name], node.name, shortened(node.name), shortened(", ".join(node.operations), 26))
        for node in result.layers
    ]
    lines = list(graph_lines(result, place, width))
    return Picture(width, max(rank.values(), default=0) * (HEIGHT + GAP) + HEIGHT + 8, boxes, lines)


def graph_lines(result: DesignResult, place: Mapping[str, tuple[float, float]], width: float) -> Iterator[Line]:
    """A curve for each value, with its type in the middle; one that skips rows goes around them at the side."""
    for edge in result.edges:
        (x0, y0), (x1, y1) = place[edge.source], place[edge.target]
        x0, y0, x1 = x0 + WIDTH / 2, y0 + HEIGHT, x1 + WIDTH / 2
        shape = "x".join(map(str, edge.shape))
        skips = y1 - y0 > GAP + 1
        side = width - 4 if skips else (x0 + x1) / 2
        middle = (y0 + y1) / 2
        curve = f"M{x0:g} {y0:g} C{side:g} {y0 + GAP / 2:g} {side:g} {y1 - GAP / 2:g} {x1:g} {y1:g}"
        x = (x0 + 3 * side + 3 * side + x1) / 8 if skips else side
        yield Line(curve, x, middle, f"{edge.type} {shape}", f"{edge.source} → {edge.target}: {edge.type}, {shape}")


def bars(functions: Sequence[FunctionCost]) -> list[tuple[FunctionCost, list[Bar]]]:
    """Of each function a bar of its LUT, latency and interval; the largest of each is the bottleneck."""
    largest = {name: max((getattr(each, name) for each in functions), default=0) for name in BARS}
    return [
        (
            each,
            [
                Bar(100 * number / max(largest[name], 1), number, number == largest[name] > 0)
                for name in BARS
                for number in [getattr(each, name)]
            ],
        )
        for each in functions
    ]


def band(range_: ProvenRange) -> Band:
    """Proven codes within the codes of the type."""
    span = max(range_.most - range_.least, 1)
    return Band(100 * (range_.low - range_.least) / span, max(100 * (range_.high - range_.low) / span, 0.5))
