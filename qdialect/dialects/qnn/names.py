"""Names of Keras layers, and of ports, as names of SSA values."""

from __future__ import annotations

import re


def identifier(name: str) -> str:
    """A Keras name as an IR name. `dense_1` becomes `dense.1`: xDSL takes a final `_1` for its own numbering."""
    text = re.sub(r"[^A-Za-z0-9_]", "_", name)
    text = re.sub(r"_(\d+)$", r".\1", text if re.match(r"[A-Za-z_]", text) else f"_{text}")
    return f"_{text}" if text.startswith(".") else text
