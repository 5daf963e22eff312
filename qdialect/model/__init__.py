"""For users of hls4ml: the name of its module `model`, of which `profiling` is here."""

from __future__ import annotations

from qdialect.model import profiling

__all__ = ["profiling"]
