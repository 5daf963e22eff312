"""The page in a headless browser: both themes, a phone and a desk, every part opened, nothing loaded from elsewhere."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from trained import load_example

from qdialect import read_design
from qdialect.reports.design_result import result_of
from qdialect.reports.page import page

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
playwright = pytest.importorskip("playwright.sync_api")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium")


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as running:
        opened = running.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    written = tmp_path_factory.mktemp("page") / "report.html"
    design = {"model": str(load_example("digits_cnn").model), "io_type": "io_stream", "Model": {"ReuseFactor": 4}}
    written.write_text(page(result_of(read_design(design))))
    return written


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1400])
def test_the_page_in_a_browser(theme: str, width: int, browser, file: Path, tmp_path: Path) -> None:
    context = browser.new_context(color_scheme=theme, viewport={"width": width, "height": 900}, offline=True)
    view = context.new_page()
    requests: list[str] = []
    errors: list[str] = []
    view.on("request", lambda request: requests.append(request.url))
    view.on("console", lambda message: errors.append(message.text))
    view.on("pageerror", lambda error: errors.append(str(error)))
    view.goto(file.as_uri())
    assert view.title() == "digits_cnn · qdialect"
    assert luminance(view, "background-color") < 0.2 if theme == "dark" else luminance(view, "background-color") > 0.8
    assert abs(luminance(view, "background-color") - luminance(view, "color")) > 0.7
    assert view.evaluate("document.documentElement.scrollWidth") <= width
    for summary in view.locator("details:not([open]) > summary").all():
        summary.click()
    assert view.locator("details:not([open])").count() == 0
    assert view.locator("#ranges tbody tr").first.is_visible()
    for link in view.locator("nav a").all():
        link.click()
        assert view.locator(str(link.get_attribute("href"))).is_visible()
    assert view.locator("#layers svg g").count() == 13
    assert view.locator("#functions .bottleneck").count() >= 3
    assert view.evaluate("document.documentElement.scrollWidth") <= width
    view.screenshot(path=tmp_path / "page.png", full_page=True)
    assert (tmp_path / "page.png").stat().st_size > 10_000
    context.close()
    assert (requests, errors) == ([file.as_uri()], [])


def luminance(view, property_: str) -> float:
    """Of a colour of the page, from 0 to 1."""
    colour = view.evaluate(f"getComputedStyle(document.body).getPropertyValue('{property_}')")
    red, green, blue = map(int, colour.removeprefix("rgb(").removesuffix(")").split(","))
    return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255
