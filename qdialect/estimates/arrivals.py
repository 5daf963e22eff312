"""When values arrive in straight-line code: in each copy of it, and for arrays element by element."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from xdsl.ir import SSAValue

from qdialect.dialects.hlscpp.types import array_type
from qdialect.estimates.known_bits import Copies

Times: TypeAlias = Any
"""ns after the start, one for all copies or an array with the axes of `Copies`; of an array, in its shape."""


def latest(times: Sequence[Times]) -> Times:
    """The last of several, in each copy."""
    return max(times) if all(isinstance(each, float) for each in times) else reduce(np.maximum, times)


def is_absent(times: Times) -> bool:
    """Whether nothing arrives, in any copy."""
    return times < 0 if isinstance(times, float) else bool(np.all(times < 0))


@dataclass
class Arrivals:
    """Of values and variables, and of elements of arrays; 0 of what nothing has computed."""

    times: dict[SSAValue, Times] = field(default_factory=dict[SSAValue, Times])

    @property
    def end(self) -> float:
        """When the last one arrives."""
        return max((float(np.max(each)) for each in self.times.values()), default=0.0)

    def __getitem__(self, value: SSAValue) -> Times:
        return self.times.get(value, 0.0)

    def __setitem__(self, value: SSAValue, times: Times) -> None:
        self.times[value] = times

    def element(self, array: SSAValue, indices: Sequence[Copies | None]) -> Times:
        """Of the element that each copy reads; where an index is None, of the last one along it."""
        if not indices or np.ndim(self[array]) == 0:
            return self[array]
        axes = tuple(axis for axis, index in enumerate(indices) if index is None)
        whole = np.broadcast_to(self[array], array_type(array).get_shape())
        return np.max(whole, axis=axes)[self._places(array, indices)]

    def store(self, array: SSAValue, indices: Sequence[Copies | None], times: Times) -> None:
        """A variable is there then; the element of an array that each copy writes not before, and where an index is
        None, all along it."""
        if not indices:
            self[array] = times
            return
        axes = tuple(axis for axis, index in enumerate(indices) if index is None)
        shape = array_type(array).get_shape()
        written = np.zeros([1 if axis in axes else size for axis, size in enumerate(shape)])
        *places, each = np.broadcast_arrays(*self._places(array, indices), times)
        np.maximum.at(np.squeeze(written, axes), tuple(places), each if places else np.max(times))
        self[array] = np.maximum(self[array], written)

    def _places(self, array: SSAValue, indices: Sequence[Copies | None]) -> tuple[NDArray[Any], ...]:
        """The indices that are known, within the array."""
        each = zip(indices, array_type(array).get_shape(), strict=True)
        return tuple(np.clip(index, 0, size - 1) for index, size in each if index is not None)

    def leave(self, array: SSAValue, loops: int) -> None:
        """A variable behind a loop, with so many loops around: its last iteration."""
        if not array_type(array).get_shape():
            times = self[array]
            self[array] = np.max(times, axis=tuple(range(max(np.ndim(times) - loops, 0))))
