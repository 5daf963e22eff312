"""Argument attribute `qnn.indices`: which elements of an input are indices, and of how many rows.

`{qnn.indices = dense<10> : tensor<3xi32>}`: every element is one of 0 to 9; 0 rows stand for elements that are none.
The network computes for any input; it is Keras that has no result for indices beyond the rows.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from xdsl.dialects.builtin import ArrayAttr, DenseIntOrFPElementsAttr, DictionaryAttr, TensorType, i32
from xdsl.dialects.func import FuncOp
from xdsl.ir import SSAValue

from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.storage import encode, raw_data
from qdialect.dialects.qnn.types import type_of
from qdialect.errors import QdialectError
from qdialect.numerics.formats import FixedFormat

INDICES = "qnn.indices"
COUNTS = type_of(FixedFormat(32, 32, signed=True))


def record_index_limits(function: FuncOp, limits: Mapping[SSAValue, NDArray[np.int64]]) -> None:
    """Record the limits on the arguments, where `index_limits` reads them."""
    if limits:
        found = [limits.get(argument) for argument in function.args]
        function.arg_attrs = ArrayAttr(
            DictionaryAttr({} if each is None else {INDICES: encode(each, COUNTS)}) for each in found
        )


def index_limits(function: FuncOp, index: int) -> NDArray[np.int64] | None:
    """For each element of an argument the number of rows that it is an index of, or 0; None without indices.

    Raises QdialectError for an attribute that is no count for each element.
    """
    attr = None if function.arg_attrs is None else function.arg_attrs.data[index].data.get(INDICES)
    if attr is None:
        return None
    expected = TensorType(i32, shape_of(function.args[index]))
    if not isinstance(attr, DenseIntOrFPElementsAttr) or attr.type != expected:
        raise QdialectError(f"{INDICES} of argument {index} must be a dense attribute of type {expected}")
    return raw_data(attr).astype(np.int64)
