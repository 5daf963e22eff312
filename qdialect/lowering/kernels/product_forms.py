"""How products are computed, by look-up tables: which forms an operation can have, and which takes the fewest."""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np

from qdialect.dialects.qnn.attributes import GRAPHS, Product
from qdialect.dialects.qnn.ops.constant import constant_of
from qdialect.dialects.qnn.ops.contractions import ContractionOp
from qdialect.dialects.qnn.ops.packed import PopcountOp
from qdialect.dialects.qnn.types import FixedType, Po2Type, exact_format_of, format_of, tensor_type
from qdialect.lowering.kernels.adder_graphs import STRATEGIES, Summed, matrix_of, sums_of
from qdialect.lowering.rtl.cost import tables
from qdialect.numerics.arrays import IntArray
from qdialect.numerics.signed_digits import digit_counts

MULTIPLICATIONS = (Product.MULTIPLY, Product.SIGNED_DIGITS)
"""Forms of multiplications, as loops over weights."""

MAX_DIGITS = 1 << 14
"""Digits of the largest kernel that is written out: as many statements are some seconds of a C++ compiler."""
MAX_GRAPH = 1 << 12
"""Weights of the largest graph: da4ml takes seconds for so many, and its time grows with their square."""
MAX_PAIRS = 1 << 18
"""Pairs of digits in columns of the largest kernel whose pairs are counted, in seconds."""


def multiplies(op: Summed) -> bool:
    """Whether its products are multiplications of integers with constant weights."""
    return (
        isinstance(op, ContractionOp)
        and op.product.data in (*MULTIPLICATIONS, *GRAPHS)
        and constant_of(op.kernel) is not None
        and format_of(op.operand.type) is not None
        and isinstance(tensor_type(op.kernel.type).element_type, FixedType)
    )


def digits_of(op: Summed) -> IntArray:
    """The digits that are not zero of the weights of each output [outputs]."""
    matrix = matrix_of(op)
    return digit_counts(matrix).sum(axis=0)


def obstacle(op: Summed, product: Product) -> str | None:
    """Why the products of an operation are not computed in that way; None if they are."""
    if product not in GRAPHS:
        return None if multiplies(op) else "does not multiply by constants"
    if constant_of(op.kernel) is None:
        return "has a kernel that is no constant"
    if isinstance(op, PopcountOp):
        if not op.is_linear():
            return "counts windows that lie partly in padding, or agreements of ternary values"
    elif format_of(op.operand.type) is None or isinstance(tensor_type(op.operand.type).element_type, Po2Type):
        return "has activations that are powers of two, or float"
    digits, weights = int(digits_of(op).sum()), matrix_of(op).size
    if digits > MAX_DIGITS:
        return f"has {digits:,} digits of weights, more than the {MAX_DIGITS:,} that are written out; use strategy csd"
    if product is Product.ADDER_GRAPH and weights > MAX_GRAPH:
        return f"has {weights:,} weights, more than {MAX_GRAPH:,} in a graph; use strategy pairs"
    return None


def countable(op: Summed) -> bool:
    """Whether the pairs of its digits are counted in seconds."""
    digits = digits_of(op).astype(object)
    return int((digits * (digits - 1)).sum()) // 2 <= MAX_PAIRS


def written_out(op: Summed) -> Product | None:
    """The form in which outputs share the most; None where none is written out."""
    if obstacle(op, Product.TREE) is not None:
        return None
    return Product.PAIRS if countable(op) else Product.TREE


def cheapest(op: Summed, written: bool) -> Product:
    """The form with the fewest look-up tables, of those that are written out or of the others."""
    if not written:
        return with_fewest_tables(op) if multiplies(op) else op.product.data
    searched = {Product.PAIRS: countable(op), Product.ADDER_GRAPH: find_spec("da4ml") is not None}
    forms = [product for product in GRAPHS if searched.get(product, True) and obstacle(op, product) is None]
    best = min(forms, key=lambda product: tables(sums_of(op, STRATEGIES[product])[1]), default=op.product.data)
    return Product.POPCOUNT if isinstance(op, PopcountOp) and best is Product.TREE else best


def with_fewest_tables(op: Summed) -> Product:
    """Multipliers or digits, each addition of a product to its sum left out on both sides."""
    codes = constant_of(op.kernel)
    assert codes is not None
    x, w = exact_format_of(op.operand.type).bits, exact_format_of(op.kernel.type).bits
    digits = digit_counts(codes)
    additions = int((digits - 1).clip(0).sum()) * (x + w // 2)
    return Product.SIGNED_DIGITS if additions < np.count_nonzero(codes) * x * w else Product.MULTIPLY
