"""Windows over rows and columns: strides, dilations, padding; lists of integers as attributes."""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.dialects.builtin import I64, DenseArrayBase, i64
from xdsl.ir import SSAValue
from xdsl.utils.exceptions import VerifyException


def ints(*values: int) -> DenseArrayBase[I64]:
    return DenseArrayBase.from_list(i64, [int(v) for v in values])


def values_of(attr: DenseArrayBase[I64]) -> tuple[int, ...]:
    return tuple(attr.get_values())


def windows(size: int, window: int, stride: int, dilation: int = 1) -> int:
    """Positions of a window of `window` taps, `dilation` apart, moved by `stride` over `size` elements."""
    return (size - (window - 1) * dilation - 1) // stride + 1


def verify_pair(name: str, values: Sequence[int], smallest: int = 1) -> None:
    """Raise VerifyException unless `values` are [rows, columns], each at least `smallest`."""
    if len(values) != 2 or min(values) < smallest:
        raise VerifyException(f"{name} must be [rows, columns] of at least {smallest}, got {list(values)}")


def verify_fits(window: str, positions: Sequence[int], operand: SSAValue) -> None:
    """Raise VerifyException if the window does not fit into the operand."""
    if min(positions) < 1:
        raise VerifyException(f"{window} is larger than {operand.type}")


def taps_inside(size: int, window: int, stride: int, dilation: int, low: int, high: int) -> list[int]:
    """For each position of a window over `size` elements with `low` and `high` more around them: how many of its taps
    lie on real elements."""
    positions = windows(size + low + high, window, stride, dilation)
    starts = (position * stride - low for position in range(positions))
    ends = ((max(-(start // dilation), 0), min((size - 1 - start) // dilation, window - 1)) for start in starts)
    return [max(last - first + 1, 0) for first, last in ends]
