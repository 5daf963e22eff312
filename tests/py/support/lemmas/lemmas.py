"""The lemmas that rewrites rest on. A pattern names its own in its docstring, `Lemma: name`."""

from __future__ import annotations

import functions_and_places
import products
from lemma import LEMMAS

__all__ = ["LEMMAS", "functions_and_places", "products"]
