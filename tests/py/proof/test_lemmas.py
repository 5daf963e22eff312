"""Each rewrite names lemmas, and each lemma is proved for all inputs; its false variant is refuted."""

from __future__ import annotations

import importlib.util
import re

import pytest
from lemmas import LEMMAS
from named_lemmas import rewrites
from trained import ROOT


@pytest.mark.parametrize("name", LEMMAS)
def test_lemma(name: str) -> None:
    assert LEMMAS[name].holds()
    assert LEMMAS[name].can_fail()


def test_each_rewrite_names_lemmas() -> None:
    without = [rewrite.name for rewrite in rewrites() if not rewrite.lemmas]
    unknown = [name for rewrite in rewrites() for name in rewrite.lemmas if name not in LEMMAS]
    assert (without, unknown) == ([], [])


def test_each_lemma_carries_a_rewrite() -> None:
    assert {name for rewrite in rewrites() for name in rewrite.lemmas} == set(LEMMAS)


def test_the_page_is_current() -> None:
    """But for the times, which are those of the machine that wrote it."""
    source = importlib.util.spec_from_file_location("proofs_page", ROOT / "docs/proofs_page.py")
    assert source is not None
    module = importlib.util.module_from_spec(source)
    assert source.loader is not None
    source.loader.exec_module(module)
    wanted = module.page(dict.fromkeys(LEMMAS, 0.0))
    assert untimed((ROOT / "docs/proofs.md").read_text()) == untimed(wanted)


def untimed(page: str) -> str:
    return re.sub(r"; [\d.]+ s$", "", page, flags=re.M)
