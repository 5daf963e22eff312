"""Attributes of `hw` modules."""

LAYER = "rtl.layer"
"""The layer that a module computes."""
LATENCY = "rtl.latency"
"""Cycles from the inputs of a module to its outputs; a module without it has no registers."""
PRIMITIVE = "rtl.primitive"
"""Of a module with a state: the kind and the parameters of its text."""
STREAM = "rtl.stream"
"""Of a network on streams, for a sample: the `pixels` that come in, the `results` that come out, the `interval` to the
next one in ticks, and `drain`, the ticks from its first pixel to its last result."""
CONTROL = "rtl.control"
"""Input ports of a module whose registers have a reset."""
