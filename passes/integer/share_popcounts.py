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

whose constant is added. It is the same for convolutions without padding, whose dense layer runs over the channels.

It takes `group` outputs at a time; 0 is as many as take the fewest look-up tables, and only where they are
fewer than those of the counts of all outputs. Layers are rewritten that compute all outputs at once: those of a network
that `pipeline-network` has made one pipeline.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation
from xdsl.passes import ModulePass
from xdsl.rewriter import Rewriter

from qdialect.dialects.qnn.attributes import Count, Product, ProductAttr
from qdialect.dialects.qnn.network import network
from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.constant import ConstantOp
from qdialect.dialects.qnn.ops.contractions import DenseOp
from qdialect.dialects.qnn.ops.elementwise import AddOp
from qdialect.dialects.qnn.ops.packed import PopcountConv2DOp, PopcountDenseOp
from qdialect.dialects.qnn.owner import substitute
from qdialect.dialects.qnn.schedule import boxes, fold, initiation_interval, outputs_of
from qdialect.dialects.qnn.storage import pack_codes
from qdialect.dialects.qnn.types import BitsType, TernaryType, packed_type, tensor
from qdialect.errors import QdialectError
from qdialect.lowering.kernels.adder_graphs import matrix_of
from qdialect.lowering.kernels.product_forms import MAX_DIGITS
from qdialect.lowering.rtl.matrices.popcounts import GROUPS, cheapest_grouping
from qdialect.numerics.arrays import IntArray
from qdialect.numerics.formats import FixedFormat, TernaryFormat

Counted = PopcountDenseOp | PopcountConv2DOp


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


def grouping(op: Counted, group: int) -> int:
    """How many outputs to take at a time; 1 where nothing is shared."""
    matrix = matrix_of(op)
    if op.product.data is not Product.POPCOUNT or not op.is_linear() or not matrix.any():
        return 1
    if group == 0:
        codes = matrix.astype(np.int8)
        group = cheapest_grouping(codes.tobytes(), codes.shape, counts=True)
    return group if matrix.shape[0] * -(-matrix.shape[1] // group) <= MAX_DIGITS else 1


def counts_of(op: Counted, classes: IntArray) -> tuple[ConstantOp, Counted]:
    """The counts of the classes, in the type that they need."""
    *taps, _ = shape_of(op.kernel)
    bits = packed_type(op.kernel.type).count.data
    codes = np.moveaxis(classes.reshape(*taps, bits, -1), -1, -2)
    kernel = ConstantOp(pack_codes(codes, TernaryType()), BitsType(bits, TernaryType()), "classes")
    if isinstance(op, PopcountConv2DOp):
        counts = PopcountConv2DOp(op.operand, kernel.result, *op.geometry(), count=op.count.data)
    else:
        counts = PopcountDenseOp(op.operand, kernel.result, op.count.data)
    low, high = counts.bounds()
    narrow = tensor(shape_of(counts.result), FixedFormat.holding(int(low.min()), int(high.max()), 0))
    counts = type(counts).create(operands=counts.operands, properties=counts.properties, result_types=[narrow])
    counts.result.name_hint = f"{op.result.name_hint}_classes"
    return kernel, counts


def shared(op: Counted, group: int) -> list[Operation]:
    """The operations that take the place of a popcount."""
    classes, signs = classes_of(matrix_of(op), group)
    kernel, counts = counts_of(op, classes)
    low, high = counts.bounds()
    ends = [np.minimum(signs * low[:, np.newaxis], signs * high[:, np.newaxis]).sum(axis=0)]
    ends.append(np.maximum(signs * low[:, np.newaxis], signs * high[:, np.newaxis]).sum(axis=0))
    combination = ConstantOp(signs, TernaryFormat(), "signs")
    sums = DenseOp(counts.result, combination.result)
    narrow = tensor(shape_of(sums.result), FixedFormat.holding(int(ends[0].min()), int(ends[1].max()), 0))
    kind = op.result.type if op.count.data is Count.BALANCE else narrow
    sums = DenseOp.create(operands=sums.operands, properties=sums.properties, result_types=[kind])
    sums.result.name_hint = f"{op.result.name_hint}_combined"
    for part, product in ((counts, Product.TREE), (sums, Product.PAIRS)):
        part.product = ProductAttr(product)
        fold(part, pe=outputs_of(part), simd=max(boxes(part)))
    made: list[Operation] = [kernel, counts, combination, sums]
    if op.count.data is Count.BALANCE:
        return made
    constants = (signs < 0).T.astype(np.int64) @ np.abs(classes).sum(axis=0)
    name = f"{op.result.name_hint}_disagreeing"
    offset = ConstantOp(constants, FixedFormat.holding(0, int(constants.max()), 0), name)
    total = AddOp(sums.result, offset.result)
    return [
        *made,
        offset,
        AddOp.create(operands=total.operands, properties=total.properties, result_types=[op.result.type]),
    ]


@dataclass(frozen=True)
class SharePopcounts(ModulePass):
    """Rewrite the popcounts of a network that is one pipeline, `group` outputs at a time."""

    name = "share-popcounts"

    group: int = 0

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        if self.group not in (0, *GROUPS[1:]):
            raise QdialectError(f"group {self.group} is not 0 or from {GROUPS[1]} to {GROUPS[-1]}")
        function = network(op)
        if initiation_interval(function) is None:
            return
        for inner in list(function.body.block.ops):
            if isinstance(inner, PopcountDenseOp | PopcountConv2DOp) and (group := grouping(inner, self.group)) > 1:
                substitute(Rewriter, inner, shared(inner, group))
