"""po2-to-shift: turn products with powers of two into shifts.

    x * (±2**e)  =  ±(x << (e - E0))   in units of 2**E0 * step(x)

The accumulator stands at the smallest exponent E0 of the kernel's type, so every shift is to the left and exact.
A kernel of fixed-point numbers that all happen to be powers of two, or zero, is retyped first. A scale that is the
same power of two for every channel only moves the binary point.

Exponents far apart make that accumulator very wide: beyond the widest ap_int the layer is refused.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import SSAValue
from xdsl.passes import ModulePass
from xdsl.pattern_rewriter import (
    GreedyRewritePatternApplier,
    PatternRewriter,
    PatternRewriteWalker,
    RewritePattern,
    op_type_rewrite_pattern,
)

from qdialect.analysis.ranges import ranges
from qdialect.dialects.qnn.attributes import Product, ProductAttr
from qdialect.dialects.qnn.network import network
from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.constant import ConstantOp, constant_of
from qdialect.dialects.qnn.ops.contractions import ContractionOp
from qdialect.dialects.qnn.ops.elementwise import MulOp, ShiftOp
from qdialect.dialects.qnn.owner import hand_on, substitute
from qdialect.dialects.qnn.types import FixedType, exact_format_of, format_of, is_po2, tensor_type
from qdialect.errors import QdialectError
from qdialect.numerics.formats import FixedFormat, Po2Format
from qdialect.numerics.limits import MAX_WIDTH


def po2_constant(value: SSAValue) -> ConstantOp | None:
    """A fixed-point constant of powers of two, and zeros among them, retyped with its exponents; None if it is not
    one."""
    codes = constant_of(value)
    if codes is None or not isinstance(tensor_type(value.type).element_type, FixedType):
        return None
    magnitudes = np.abs(codes)
    if (magnitudes & (magnitudes - 1)).any() or not codes.any():
        return None
    # same step as before, so that the result's step does not change: the type may start lower than needed
    lsb = exact_format_of(value.type).lsb
    highest = lsb + int(magnitudes.max()).bit_length() - 1
    return ConstantOp(codes, Po2Format(lsb, highest, bool((codes < 0).any()), not codes.all()), value.name_hint)


@dataclass
class ContractionToShift(RewritePattern):
    """Shift by a kernel, or by activations, that are powers of two. Lemma: `products-with-powers-are-shifts`."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: ContractionOp, rewriter: PatternRewriter) -> None:
        if op.product.data is not Product.MULTIPLY:
            return
        if (kernel := po2_constant(op.kernel)) is not None:
            hand_on(op, [kernel])
            rewriter.insert(kernel)
            op.operands[1] = kernel.result
        if is_po2(op.kernel) or is_po2(op.operand):
            op.product = ProductAttr(Product.SHIFT)
            rewriter.notify_op_modified(op)


@dataclass
class ScaleToShift(RewritePattern):
    """Shift by the factor that is a power of two; one constant scale for all channels only moves the binary point.

    Lemma: `products-with-powers-are-shifts`. Lemma: `scales-move-the-binary-point`.
    """

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: MulOp, rewriter: PatternRewriter) -> None:
        if op.product.data is not Product.MULTIPLY:
            return
        if (scale := po2_constant(op.rhs)) is not None:
            hand_on(op, [scale])
            rewriter.insert(scale)
            op.operands[1] = scale.result
        codes = constant_of(op.rhs)
        if not is_po2(op.lhs) and not is_po2(op.rhs):
            return
        smallest = codes is not None and is_po2(op.rhs) and bool((codes == 1).all())  # keeps the step of the product
        if smallest and shape_of(op.lhs) == shape_of(op.result):
            shift = ShiftOp(op.lhs, exact_format_of(op.rhs.type).lsb)
            substitute(rewriter, op, [shift])
        else:
            op.product = ProductAttr(Product.SHIFT)
            rewriter.notify_op_modified(op)


OFFENDERS = 3  # so many weights are named


def check_widths(module: ModuleOp) -> None:
    """Raise QdialectError for shifted products, or sums of them, that take more than `MAX_WIDTH` bits."""
    shifts = (op for op in module.walk() if isinstance(op, ContractionOp | MulOp) and op.product.data is Product.SHIFT)
    formats = ((op, format_of(op.result.type)) for op in shifts)  # None before the input has a type
    wide = [op for op, fmt in formats if fmt is not None and fmt.bits > MAX_WIDTH]
    known = ranges(module) if wide else {}
    for op in wide:
        width = FixedFormat.holding(*known[op.result].hull, 0).width
        if width > MAX_WIDTH:
            name, excess = op.result.name_hint, width - MAX_WIDTH
            factors = " times ".join(span(factor, excess) for factor in op.operands)
            raise QdialectError(
                f"'{name}': the accumulator takes {width} bits, more than {MAX_WIDTH}: {factors}; give the power-of-two"
                f" quantizers fewer bits or a max_value, {excess} exponents less in all"
            )


def span(factor: SSAValue, excess: int) -> str:
    """The values of a factor, and the weights that are among its `excess` smallest exponents."""
    fmt, codes, name = exact_format_of(factor.type), constant_of(factor), factor.name_hint
    if codes is None:
        highest = fmt.lsb + fmt.max_code.bit_length() - 1
        values = f"2^{fmt.lsb} to 2^{highest}" if is_po2(factor) else f"{fmt.bits} bits"
        return f"activations '{name}' of {values}"
    exponents = np.array([abs(int(c)).bit_length() - 1 for c in codes.flat])
    used = np.flatnonzero(exponents >= 0)
    ascending = used[np.argsort(exponents[used], kind="stable")]
    small = [i for i in ascending if exponents[i] < exponents[ascending[0]] + excess]

    def weight(i: int) -> str:
        at = ", ".join(str(n) for n in np.unravel_index(i, codes.shape))
        return f"{name}[{at}] = {int(codes.flat[i]) * 2.0**fmt.lsb:.3g}"

    more = f" and {len(small) - OFFENDERS} more" if len(small) > OFFENDERS else ""
    smallest = ", ".join(weight(i) for i in small[:OFFENDERS])
    return f"weights {smallest}{more} beside {weight(ascending[-1])}"


@dataclass(frozen=True)
class Po2ToShift(ModulePass):
    """Replace every multiplication by a power of two."""

    name = "po2-to-shift"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        patterns = GreedyRewritePatternApplier([ContractionToShift(), ScaleToShift()])
        PatternRewriteWalker(patterns).rewrite_module(op)
        network(op).update_function_type()
        check_widths(op)
