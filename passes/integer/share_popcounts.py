"""share-popcounts: outputs of a binary or ternary layer that agree on inputs share the counts of these inputs.

Take k outputs. Inputs whose k weights are equal up to a sign form a class; no class holds inputs whose weights are all
zero. With c_p the sum of a class of pattern p, each input times the sign that makes its first weight +1,

    y_j = sum_i w_ij x_i = sum_p p_j c_p            for each of the k outputs j

so that an input is added once for k outputs, and there are at most 2**(k - 1) classes without zeros among the weights,
(3**k - 1) / 2 with them. The sums of classes are a popcount, the combinations a dense layer of weights in {-1, 0, +1}:

    %y = qnn.popcount_dense %x, %w      =>      %c = qnn.popcount_dense %x, %classes
                                                %y = qnn.dense %c, %signs

of balances. Agreements of m_j products are a_j = (y_j + m_j) / 2; those of classes give

    a_j = sum_p p_j a_p + sum_p [p_j < 0] m_p

whose constant is added. It is the same for convolutions without padding, whose dense layer runs over the channels, and
for dense layers and convolutions of words of one bit with weights of {-1, 0, +1}:

    %y = qnn.dense %x, %w               =>      %c = qnn.dense %x, %classes
                                                %y = qnn.dense %c, %signs

It takes `group` outputs at a time; 0 is as many as take the fewest look-up tables, and only where they are
fewer than those of the layer as it is. Layers are rewritten that compute all outputs at once: those of a network that
`pipeline-network` has made one pipeline, and whose products no other pass has chosen.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import numpy as np
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.passes import ModulePass
from xdsl.rewriter import Rewriter

from qdialect.dialects.qnn.attributes import Count, Product, ProductAttr
from qdialect.dialects.qnn.geometry import values_of
from qdialect.dialects.qnn.network import network
from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.constant import ConstantOp, constant_of
from qdialect.dialects.qnn.ops.contractions import Conv2DOp, DenseOp
from qdialect.dialects.qnn.ops.elementwise import AddOp
from qdialect.dialects.qnn.ops.packed import PopcountConv2DOp, PopcountDenseOp
from qdialect.dialects.qnn.owner import substitute
from qdialect.dialects.qnn.schedule import boxes, fold, initiation_interval, outputs_of
from qdialect.dialects.qnn.storage import pack_codes
from qdialect.dialects.qnn.types import (
    BitsType,
    Po2Type,
    TernaryType,
    exact_format_of,
    format_of,
    packed_type,
    tensor,
    tensor_type,
)
from qdialect.errors import QdialectError
from qdialect.lowering.kernels.adder_graphs import STRATEGIES, ends_of, matrix_of, sums_of
from qdialect.lowering.kernels.product_forms import MAX_DIGITS, written_out
from qdialect.lowering.rtl.cost import tables
from qdialect.lowering.rtl.matrices.linear import Strategy
from qdialect.lowering.rtl.matrices.popcounts import GROUPS, cheapest_grouping, in_groups, sums_of_counts
from qdialect.numerics.arrays import IntArray
from qdialect.numerics.formats import FixedFormat, TernaryFormat

Counted = PopcountDenseOp | PopcountConv2DOp
Counts = Counted | DenseOp | Conv2DOp
Made = TypeVar("Made", bound=Counts | AddOp)


def classes_of(matrix: IntArray, group: int) -> tuple[IntArray, IntArray]:
    """The weights of the classes [inputs, classes] and the signs [classes, outputs] with weights = classes @ signs, for
    weights [inputs, outputs] of {-1, 0, +1} and so many outputs at a time. The first weight of a class is +1."""
    found: dict[tuple[int, tuple[int, ...]], IntArray] = {}
    for first in range(0, matrix.shape[1], group):
        for i, row in enumerate(matrix[:, first : first + group].tolist()):
            if sign := next((weight for weight in row if weight), 0):
                pattern = tuple(weight * sign for weight in row)
                found.setdefault((first, pattern), np.zeros(len(matrix), np.int64))[i] = sign
    signs = np.zeros((len(found), matrix.shape[1]), np.int64)
    for at, (first, pattern) in enumerate(found):
        signs[at, first : first + len(pattern)] = pattern
    classes = np.stack([*found.values()], axis=1)
    first_weights = np.take_along_axis(classes, np.argmax(classes != 0, axis=0)[np.newaxis], axis=0)[0]
    return classes * first_weights, signs * first_weights[:, np.newaxis]


def is_count(op: Counts) -> bool:
    """Whether an operation counts bits by weights of {-1, 0, +1}, in the form that it has by default."""
    if isinstance(op, Counted):
        return op.product.data is Product.POPCOUNT and op.is_linear() and bool(matrix_of(op).any())
    words, weights = format_of(op.operand.type), tensor_type(op.kernel.type).element_type
    if words is None or (words.min_code, words.max_code) != (0, 1) or isinstance(weights, Po2Type):
        return False
    ones = constant_of(op.kernel) is not None and int(np.abs(matrix_of(op)).max()) == 1
    return ones and op.product.data is written_out(op)


def name_of(op: Counts) -> str:
    """The name of a layer's sum."""
    return op.result.name_hint or "sum"


def cost(op: Counts, strategy: Strategy) -> float:
    """The look-up tables of all outputs at a position."""
    return tables(sums_of(op, strategy)[1])


def grouping(op: Counts, group: int) -> int:
    """How many outputs to take at a time; 1 where nothing is shared."""
    if not is_count(op):
        return 1
    matrix = matrix_of(op)
    if group == 0:
        codes = matrix.astype(np.int8)
        _, group = cheapest_grouping(codes.tobytes(), codes.shape)
        present = STRATEGIES.get(op.product.data)
        if present is not None and cost(op, partial(in_groups, sums_of_counts, outputs=group)) >= cost(op, present):
            return 1
    return group if matrix.shape[0] * -(-matrix.shape[1] // group) <= MAX_DIGITS else 1


def kernel_of_classes(op: Counts, classes: IntArray) -> ConstantOp:
    """The weights of the classes as a kernel of such an operation."""
    *taps, _ = shape_of(op.kernel)
    if not isinstance(op, Counted):
        return ConstantOp(classes.reshape(*taps, -1), TernaryFormat(), "classes")
    bits = packed_type(op.kernel.type).count.data
    codes = np.moveaxis(classes.reshape(*taps, bits, -1), -1, -2)
    return ConstantOp(pack_codes(codes, TernaryType()), BitsType(bits, TernaryType()), "classes")


def counts_of(op: Counts, kernel: SSAValue) -> Counts:
    """The counts of the classes, in the type that they need."""
    match op:
        case PopcountConv2DOp():
            counts = PopcountConv2DOp(op.operand, kernel, *op.geometry(), count=op.count.data)
        case PopcountDenseOp():
            counts = PopcountDenseOp(op.operand, kernel, op.count.data)
        case Conv2DOp():
            counts = Conv2DOp(op.operand, kernel, values_of(op.strides), values_of(op.dilations))
        case DenseOp():
            counts = DenseOp(op.operand, kernel)
    counts = narrowed(counts, *ends_of(counts))
    counts.result.name_hint = f"{name_of(op)}_classes"
    return counts


def of_type(op: Made, kind: Attribute) -> Made:
    """An operation with another type of its result."""
    return type(op).create(operands=op.operands, properties=op.properties, result_types=[kind])


def narrowed(op: Made, low: IntArray, high: IntArray) -> Made:
    """An operation with the type of the codes between those of its channels."""
    fmt = FixedFormat.holding(int(low.min()), int(high.max()), exact_format_of(op.result.type).lsb)
    return of_type(op, tensor(shape_of(op.result), fmt))


def shared(op: Counts, group: int) -> list[Operation]:
    """The operations that take the place of a layer."""
    classes, signs = classes_of(matrix_of(op), group)
    kernel = kernel_of_classes(op, classes)
    counts = counts_of(op, kernel.result)
    lsb = 0 if isinstance(op, Counted) else exact_format_of(op.kernel.type).lsb
    combination = ConstantOp(signs, FixedFormat(2, 2 + lsb, True) if lsb else TernaryFormat(), "signs")
    sums = DenseOp(counts.result, combination.result)
    agreements = isinstance(op, Counted) and op.count.data is Count.AGREEMENTS
    sums = narrowed(sums, *ends_of(sums)) if agreements else of_type(sums, op.result.type)
    sums.result.name_hint = f"{name_of(op)}_combined"
    for part, product in ((counts, Product.TREE), (sums, Product.PAIRS)):
        part.product = ProductAttr(product)
        fold(part, pe=outputs_of(part), simd=max(boxes(part)))
    made: list[Operation] = [kernel, counts, combination, sums]
    return [*made, *with_constant(op, sums, classes, signs)] if agreements else made


def with_constant(op: Counts, sums: DenseOp, classes: IntArray, signs: IntArray) -> list[Operation]:
    """The agreements from the sums of those of classes."""
    constants = (signs < 0).T.astype(np.int64) @ np.abs(classes).sum(axis=0)
    kind = FixedFormat.holding(0, int(constants.max()), 0)
    offset = ConstantOp(constants, kind, f"{name_of(op)}_disagreeing")
    return [offset, of_type(AddOp(sums.result, offset.result), op.result.type)]


@dataclass(frozen=True)
class SharePopcounts(ModulePass):
    """Rewrite the counts of a network that is one pipeline, `group` outputs at a time."""

    name = "share-popcounts"

    group: int = 0

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        if self.group not in (0, *GROUPS[1:]):
            raise QdialectError(f"group {self.group} is not 0 or from {GROUPS[1]} to {GROUPS[-1]}")
        function = network(op)
        if initiation_interval(function) is None:
            return
        for inner in list(function.body.block.ops):
            if isinstance(inner, Counts) and (group := grouping(inner, self.group)) > 1:
                substitute(Rewriter, inner, shared(inner, group))
