"""Sizes beyond those of any network. Text and files beyond them are refused in one line before they take memory or
time; each limit is checked where the object is constructed or verified."""

from __future__ import annotations

MAX_WIDTH = 4096
"""Bits of a type: the widest integer of the vendor's `ap_int.h`, as `AP_INT_MAX_W` (UG1399)."""

MAX_EXPONENT = 4096
"""Of the step of a type and of its largest number, in magnitude: as much as the widest integer has bits on either side
of its binary point."""

MAX_ELEMENTS = 1 << 27
"""Of a tensor: the largest layer in common use, the first dense one of VGG, has 103 million weights."""

MAX_TEXT = 1 << 30
"""Bytes of one text (IR, JSON): the weights of such a layer in hexadecimal digits take 2 or 4 of them each."""

MAX_DIGITS = 3500
"""Of an integer in a text: Python converts up to 4300 decimal digits, and hexadecimal ones stand for 1.2 of them."""

MAX_CONFIGURATION = 1 << 26
"""Bytes of a model's configuration as JSON, or of the index of its variables: Python's objects take up to 30 times as
much."""

MAX_STORE = 1 << 31
"""Bytes of the weights in a zip, which are in memory as a whole."""

MAX_AXES = 16
"""Of a tensor: NumPy's arrays have at most 64, and operations on windows add some."""

MAX_SIZE = 1 << 24
"""Of a window, stride, padding or count in a configuration: the integers that float32 counts exactly."""

MAX_OPERATIONS = 20_000
"""Of an imported network: each takes about 0.3 ms, and as much in a pass. Layers over time are unrolled, and a group of
channels is a convolution of its own."""

MAX_PARAMETER = 2.0**64
"""Magnitude of a number in a layer: products of two beyond it leave float32, and Keras computes inf or NaN."""
