"""Attributes of `hw` modules."""

LAYER = "rtl.layer"
"""The layer that a module computes."""
LATENCY = "rtl.latency"
"""Cycles from the inputs of a module to its outputs; a module without it has no registers."""
