"""quantize-layers: weights and results of layers are rounded to a fixed-point type, as asked.

    %y = dense %x, %kernel              %y = dense %x, %kernel_rounded
    reader of %y                  ->    %y_quantized = quantize %y {mode = #qnn.round<half_even, saturate>}
                                        reader of %y_quantized

For layers that were trained without quantizers: their weights have the 24 bits of float32, and every sum of products
keeps all of its bits. Weights are rounded here, half to even and saturated, and a remark says how far they move;
results get a quantizer, unless they have one, only quantizers read them, or their type lies within the asked one. What
follows becomes exact in fewer bits. The pass changes what the network computes, and runs before the others:
`-p quantize-layers{...},default`. Constants of batch normalization stay: they become thresholds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeGuard

import numpy as np
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import FuncOp
from xdsl.ir import Operation, SSAValue, Use
from xdsl.passes import ModulePass
from xdsl.rewriter import InsertPoint, Rewriter

from qdialect.dialects.qnn.attributes import RoundAttr
from qdialect.dialects.qnn.network import network
from qdialect.dialects.qnn.op import QnnOp
from qdialect.dialects.qnn.ops.constant import ConstantOp
from qdialect.dialects.qnn.ops.quantize import QuantizeOp
from qdialect.dialects.qnn.owner import hand_on, layer_of, step_of, substitute, weight_name
from qdialect.dialects.qnn.remarks import add_remarks
from qdialect.dialects.qnn.types import format_of
from qdialect.errors import QdialectError, shown, suggestion
from qdialect.numerics.fixed_text import parse_fixed
from qdialect.numerics.formats import FixedFormat
from qdialect.numerics.quantizers import Round
from qdialect.passes import ChangesFunction
from qdialect.rewrites.result_types import retype


def uses_elsewhere(op: Operation) -> list[Use]:
    """The uses of the result of an operation in other layers, and in other time steps of its own."""
    owner = layer_of(op), step_of(op)
    return [use for use in op.results[0].uses if (layer_of(use.operation), step_of(use.operation)) != owner]


def quantize_result(op: Operation, fmt: FixedFormat) -> SSAValue | None:
    """Round the result of a layer for all that reads it outside of the layer, and return it; None for other values,
    and for those that are quantized so."""
    uses = uses_elsewhere(op)
    if isinstance(op, ConstantOp | QuantizeOp) or all(isinstance(use.operation, QuantizeOp) for use in uses):
        return None
    if fmt.holds(format_of(op.results[0].type)):
        return None
    quantizer = QuantizeOp(op.results[0], RoundAttr(Round()), fmt)
    hand_on(op, [quantizer])
    quantizer.result.name_hint = f"{op.results[0].name_hint}_quantized"
    Rewriter.insert_op(quantizer, InsertPoint.after(op))
    for use in uses:
        use.operation.operands[use.index] = quantizer.result
    return quantizer.result


def is_weights(op: Operation) -> TypeGuard[ConstantOp]:
    """Whether a constant holds fixed-point weights of its layer, of a quantizer or exact float32 numbers."""
    weights = isinstance(op, ConstantOp) and weight_name(op) is not None
    return weights and isinstance(format_of(op.results[0].type), FixedFormat)


def round_weights(op: ConstantOp, fmt: FixedFormat) -> tuple[ConstantOp, str] | None:
    """The constant with rounded weights, and what that does to them; None for those that the type holds."""
    own = format_of(op.result.type)
    assert isinstance(own, FixedFormat), "other weights have a quantizer"
    codes = Round().codes(op.data, own.lsb, fmt)
    moved = np.abs(np.ldexp(op.data.astype(np.float64), own.lsb) - np.ldexp(codes.astype(np.float64), fmt.lsb))
    if not moved.any():
        return None
    count, saturated = np.count_nonzero(moved), np.count_nonzero(moved > 2.0 ** (fmt.lsb - 1))
    rounded = ConstantOp(codes, fmt)
    rounded.attributes.update(op.attributes)
    return rounded, f"{count} of {moved.size} move by at most {moved.max():.2g}, {saturated} saturate"


@dataclass(frozen=True)
class QuantizeLayers(ModulePass, ChangesFunction):
    """Round the weights and the results of some layers, or of all.

    weights, activations: the types of kernels and biases, and of results, such as 'fixed<8,2>'; without one they stay.
    """

    name = "quantize-layers"

    layers: tuple[str, ...] | None = None
    weights: str | None = None
    activations: str | None = None

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        function = network(op)
        weights = None if self.weights is None else parse_fixed(self.weights, "weights")
        activations = None if self.activations is None else parse_fixed(self.activations, "activations")
        chosen = self.operations(function)
        changed = self.round_all(function, chosen, weights) if weights is not None else set[SSAValue]()
        rounded = len(changed)
        for inner in list(function.body.block.ops):
            if isinstance(inner, QnnOp) and not changed.isdisjoint(inner.operands):
                before = inner.results[0].type
                if (result := retype(inner)).type != before:
                    changed.add(result)
            if activations is not None and inner in chosen and (result := quantize_result(inner, activations)):
                changed.add(result)
                rounded += 1
        if not rounded:
            add_remarks(function, ["quantize-layers rounds nothing: weights and results lie within the types"])
        function.update_function_type()

    def operations(self, function: FuncOp) -> set[Operation]:
        """Those of the chosen layers. Raises QdialectError for a layer that the network does not have."""
        operations = [op for op in function.body.block.ops if op.results]
        known = dict.fromkeys(map(layer_of, operations))
        for layer in self.layers or ():
            if layer not in known:
                raise QdialectError(f"the network has no layer {shown(layer)}{suggestion(layer, known)}")
        return {op for op in operations if self.layers is None or layer_of(op) in self.layers}

    def round_all(self, function: FuncOp, chosen: set[Operation], fmt: FixedFormat) -> set[SSAValue]:
        """Round the weights of layers, and return them; a remark for each says what that does."""
        rounded: set[SSAValue] = set()
        for op in list(function.body.block.ops):
            if op in chosen and is_weights(op) and (found := round_weights(op, fmt)) is not None:
                constant, effect = found
                what = f"layer '{layer_of(op)}': {weight_name(op)}"
                add_remarks(function, [f"{what} rounded to {self.weights}: {effect}"])
                for use in op.result.uses:
                    reader = use.operation.results[0]
                    reader.name_hint = f"{reader.name_hint}_rounded"
                substitute(Rewriter, op, [constant])
                constant.result.name_hint = f"{constant.result.name_hint}_rounded"
                rounded.add(constant.result)
        return rounded
