"""The HTML page of a design: one file, nothing loaded from elsewhere, light and dark as the reader's system is."""

from __future__ import annotations

from collections import Counter

from jinja2 import Environment, PackageLoader, StrictUndefined

from qdialect.reports.design_result import DesignResult
from qdialect.reports.drawing import BARS, HEIGHT, WIDTH, band, bars, graph_picture

NAME = "report.html"


def page(result: DesignResult) -> str:
    """The text of the page."""
    environment = Environment(
        loader=PackageLoader("qdialect.reports"),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    kinds: Counter[str] = Counter()
    for row in result.sums:
        kinds[row.operation if row.products == "-" else f"{row.operation}, {row.products}"] += row.outputs * row.fan_in
    return environment.get_template("report.html.j2").render(
        result=result,
        picture=graph_picture(result),
        box=(WIDTH, HEIGHT),
        bars=bars(result.functions),
        bar_names=BARS,
        bands=[(each, band(each)) for each in result.ranges],
        kinds=kinds.most_common(),
        most=max(kinds.values(), default=1),
    )
