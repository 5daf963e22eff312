"""remove-channels: remove channels that nothing needs, and everything that only they need.

    dead        sum_i x_i w_ij = sum_{i kept} x_i w_ij                      where w_ij = 0 for all j that are kept
    constant    sum_i x_i w_ij = sum_{i kept} x_i w_ij + sum_i c_i w_ij     where the range of x_i is {c_i}: a bias
    identical   x_a w_aj + x_b w_bj = x_a (w_aj + w_bj)                     where x_a = x_b are computed alike

`qdialect.analysis.channels` says which channels go; values that lose some get the name `<name>_kept`, sums that leave
constant
summands to a bias after them `<name>_varying`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.passes import ModulePass
from xdsl.rewriter import InsertPoint, Rewriter
from xdsl.transforms.dead_code_elimination import dce

from qdialect.analysis.channels import Channels, Mask, added_up, channel_axis, channels_of
from qdialect.analysis.costs import report
from qdialect.analysis.ranges import ranges
from qdialect.dialects.qnn.attributes import RoundEachAttr
from qdialect.dialects.qnn.geometry import ints
from qdialect.dialects.qnn.network import network
from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.constant import ConstantOp, constant_of
from qdialect.dialects.qnn.ops.contractions import ContractionOp, DepthwiseConv2DOp, mixes_channels
from qdialect.dialects.qnn.ops.elementwise import AddOp
from qdialect.dialects.qnn.ops.functions import LookupOp
from qdialect.dialects.qnn.ops.moves import SliceOp
from qdialect.dialects.qnn.ops.quantize import QuantizeOp
from qdialect.dialects.qnn.ops.threshold import ThresholdOp
from qdialect.dialects.qnn.owner import hand_on
from qdialect.dialects.qnn.remarks import add_remarks
from qdialect.dialects.qnn.types import exact_format_of, tensor, tensor_type
from qdialect.numerics import exact
from qdialect.numerics.arrays import IntArray
from qdialect.numerics.formats import FixedFormat


class Reduction:
    """Replaces operations, in order, by ones that compute the kept channels alone."""

    def __init__(self, channels: Channels):
        self.channels = channels
        self.reduced: dict[SSAValue, SSAValue] = {}

    def apply(self, op: Operation) -> None:
        changed = [value for value in (*op.operands, *op.results) if not self.is_whole(value)]
        if not changed and not any(operand in self.reduced for operand in op.operands):
            return
        if mixes_channels(op) and changed:
            self.reduced[op.result] = self.contraction(op)
        elif op.results:
            self.reduced[op.results[0]] = self.per_channel(op)
        else:
            op.operands = [self.reduced.get(operand, operand) for operand in op.operands]

    def is_whole(self, value: SSAValue) -> bool:
        return bool(self.channels.keep[value].all()) if value in self.channels.keep else True

    def kept(self, value: SSAValue) -> IntArray:
        """The channels that are kept, in order."""
        return np.flatnonzero(self.channels.keep[value])

    def name(self, value: SSAValue) -> str | None:
        return value.name_hint if self.is_whole(value) or value.name_hint is None else f"{value.name_hint}_kept"

    def insert(self, before: Operation, op: Operation, name: str | None, element: Attribute | None = None) -> SSAValue:
        """Insert `op`; its result has as many channels as kept ones of that of `before`, with elements of a type."""
        block, (result,) = before.parent_block(), op.results
        assert block is not None
        hand_on(before, [op])
        Rewriter.insert_op(op, InsertPoint.before(before))
        if element is not None:
            (old,) = before.results
            shape = (*shape_of(old)[:-1], len(self.kept(old))) if shape_of(old) else ()
            result = Rewriter.replace_value_with_new_type(result, tensor(shape, element))
        result.name_hint = name
        return result

    def constant(self, op: Operation, constant: SSAValue, channels: IntArray, axis: int) -> SSAValue:
        """Some channels of a constant operand."""
        codes = constant_of(constant)
        assert codes is not None
        element = tensor_type(constant.type).element_type
        return self.insert(op, ConstantOp(codes.take(channels, axis), element), f"{constant.name_hint}_kept")

    def per_channel(self, op: Operation) -> SSAValue:
        """An operation that treats every channel on its own."""
        (result,) = op.results
        operands = dict(self.reduced)
        if not self.is_whole(result):
            for constant in (operand for operand in op.operands if isinstance(operand.owner, ConstantOp)):
                axis, kept = channel_axis(op, constant), self.kept(result)
                if isinstance(op, DepthwiseConv2DOp):
                    axis, kept = 2, self.kept(op.operand)
                if axis is not None:
                    operands[constant] = self.constant(op, constant, kept, axis)
        clone = op.clone(operands)
        if isinstance(clone, QuantizeOp) and isinstance(clone.mode, RoundEachAttr):
            clone.mode = RoundEachAttr(clone.mode.data.at_channels(self.kept(result)))
        if isinstance(clone, ThresholdOp | LookupOp) and clone.uncertified is not None:
            position = {int(channel): i for i, channel in enumerate(self.kept(result))}
            left = [position[c] for c in clone.uncertified.get_values() if c in position]
            clone.uncertified = ints(*left) if left else None
        if isinstance(op, SliceOp) and isinstance(clone, SliceOp):
            *offsets, first = op.places[0]
            clone.offsets = ints(*offsets, int(self.channels.keep[op.operand][:first].sum()))
            clone.sizes = ints(*op.places[1][:-1], len(self.kept(result)))
        return self.insert(op, clone, self.name(result), tensor_type(result.type).element_type)

    def contraction(self, op: ContractionOp) -> SSAValue:
        """Weights of channels that go move to those that stand in for them, or make a constant summand."""
        weights, fmt = constant_of(op.kernel), exact_format_of(op.kernel.type)
        assert weights is not None
        gone, constant = ~self.channels.keep[op.operand], self.channels.is_constant(op.operand)
        rows, outputs = np.moveaxis(weights, -2, 0), self.kept(op.result)
        added_at = np.where(gone & ~constant, self.channels.stand_ins(op), np.arange(len(gone)))
        codes = added_up(weights, added_at)[..., ~gone, :][..., outputs]
        if not all(code in fmt for code in (int(codes.min()), int(codes.max()))):
            fmt = FixedFormat.holding(int(codes.min()), int(codes.max()), fmt.lsb)
        kernel = ConstantOp(codes, fmt)
        self.insert(op, kernel, f"{op.kernel.name_hint}_kept")
        clone = op.clone({**self.reduced, op.kernel: kernel.result})
        element, summand = tensor_type(op.result.type).element_type, None
        if (gone & constant).any():
            summand = self.constant_summand(op.operand, rows, gone & constant)[outputs]
        if summand is None or not summand.any():
            return self.insert(op, clone, self.name(op.result), element)
        inferred = clone.result_format(clone.operand, clone.kernel, clone.fan_in)
        varying = self.insert(op, clone, f"{op.result.name_hint}_varying", tensor((), inferred).element_type)
        lsb = exact_format_of(op.result.type).lsb
        bias = ConstantOp(summand, FixedFormat.holding(int(summand.min()), int(summand.max()), lsb))
        self.insert(op, bias, f"{op.result.name_hint}_constant")
        return self.insert(op, AddOp(varying, bias.result), self.name(op.result), element)

    def constant_summand(self, operand: SSAValue, rows: IntArray, folded: Mask) -> IntArray:
        """Code times weight, summed over constant channels and the taps of the kernel, per output."""
        low = self.channels.known[operand].low
        codes = low.reshape(-1, low.shape[-1])[0, folded]
        products = exact.multiply(codes.reshape(-1, *[1] * (rows.ndim - 1)), rows[folded])
        for _ in range(rows.ndim - 1):
            products = exact.total(products)
        return products


def reasons(channels: Channels, value: SSAValue) -> str:
    """Why channels of an operand of a contraction go, such as '3 dead, 1 constant'."""
    gone = ~channels.keep[value]
    constant = gone & channels.is_constant(value)
    identical = gone & ~constant & (channels.same[value] != np.arange(len(gone)))
    kinds = {"dead": gone & ~constant & ~identical, "constant": constant, "identical": identical}
    return ", ".join(f"{mask.sum()} {kind}" for kind, mask in kinds.items() if mask.any())


def cost(module: ModuleOp) -> tuple[int, float]:
    """Products per inference, and bytes of constants."""
    costs = report(module)
    products = sum(row.fan_in * row.outputs for row in costs.sums if row.products != "-")
    return products, (costs.kernel_bits + costs.other_constant_bits) / 8


@dataclass(frozen=True)
class RemoveChannels(ModulePass):
    """Remove dead, constant and identical channels, with everything that only they need."""

    name = "remove-channels"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        function = network(op)
        channels = Channels(function, ranges(op))
        shrunk = [inner for inner in channels.ops if mixes_channels(inner) and not channels.keep[inner.operand].all()]
        before, reduction = cost(op), Reduction(channels)
        for inner in list(function.body.block.ops):
            reduction.apply(inner)
        if not reduction.reduced:
            return
        dce(op)
        function.update_function_type()
        products, size = (a - b for a, b in zip(before, cost(op), strict=True))
        texts = [
            f"'{inner.result.name_hint or inner.name}': {(~channels.keep[inner.operand]).sum()} of"
            f" {channels_of(inner.operand)} input channels removed ({reasons(channels, inner.operand)})"
            for inner in shrunk
        ]
        add_remarks(function, [*texts, f"removed channels: {products} products, {size:g} bytes of constants less"])
