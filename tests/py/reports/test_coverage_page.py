"""The page on coverage: what is written can be read back, and every quantizer is on it."""

from __future__ import annotations

from coverage_page import ACTIVATIONS, LAYERS, PAGE, WEIGHTS, claims, page, refusals

from qdialect.frontends.keras.quantizers.spellings import CLASSES

FACTS = {
    (LAYERS, "QConv2D", ""),
    (LAYERS, "QConv2D", "padding (same)"),
    (LAYERS, "QConv2D", "padding (valid)"),
    (LAYERS, "QConv2D", "strides"),
    (LAYERS, "Add", ""),
    (WEIGHTS, "binary", ""),
    (WEIGHTS, "binary", "alpha='auto'"),
}


def test_claims_are_the_facts() -> None:
    assert claims(page(FACTS)) - FACTS <= {(LAYERS, "QConv2D", "padding")}
    assert claims(page(FACTS)) >= FACTS


def test_every_quantizer_is_on_the_page() -> None:
    listed = {row for section, row, _ in claims(PAGE.read_text()) if section in (WEIGHTS, ACTIVATIONS)}
    assert set(CLASSES) <= listed


def test_reasons_of_refusals_are_on_the_page() -> None:
    assert "\n".join(refusals()) in PAGE.read_text()
