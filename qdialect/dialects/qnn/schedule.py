"""The schedule of a layer, as attributes on its operation: the outputs (PE), and products of each (SIMD), that are
computed at once, at most: the largest legal number up to that, also where a later pass changes the operation.

With n outputs of m products each, a position takes n / PE * m / SIMD steps, in which a multiplier serves as many
products: the reuse factor. PE divides n. The products of an output run over axes, the rows, columns and channels of a
window; SIMD is a box of them: a divisor of the channels, or all channels and a divisor of the columns, or all channels
and columns and a divisor of the rows, so that no index is divided. Packed values are folded by words.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from xdsl.dialects.builtin import IntAttr, IntegerAttr, i64
from xdsl.ir import Operation, SSAValue

from qdialect.dialects.qnn.attributes import GRAPHS
from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.contractions import ContractionOp, DepthwiseConv2DOp
from qdialect.dialects.qnn.ops.packed import PopcountDepthwiseConv2DOp, PopcountOp
from qdialect.dialects.qnn.owner import layer_of
from qdialect.dialects.qnn.storage import WORD_BITS, word_count
from qdialect.dialects.qnn.traits import WeightedSums
from qdialect.dialects.qnn.types import BitsType, exact_format_of, packed_type, tensor_type
from qdialect.errors import QdialectError

PE, SIMD, BLOCK_RAM = "hls.pe", "hls.simd", "hls.block_ram"
"""Attributes of an operation: outputs at once, products of each at once, and whether its weights lie in block RAM."""

INTERVAL = "hls.interval"
"""Attribute of a network that is one pipeline: it takes a sample every so many cycles."""


def is_foldable(op: Operation) -> bool:
    """Whether an operation multiplies by weights."""
    return op.has_trait(WeightedSums)


def divisors(n: int) -> list[int]:
    return [d for d in range(1, n + 1) if n % d == 0]


def channel_loops(op: Operation, channels: int) -> tuple[int, ...]:
    """The loops over the channels of a result: one, or two where each input channel has several (depthwise)."""
    match op:
        case DepthwiseConv2DOp():
            loops = shape_of(op.kernel)[2:]
        case PopcountDepthwiseConv2DOp():
            loops = shape_of(op.kernel)[:2]
        case _:
            return (channels,)
    return loops if loops[1] > 1 else (channels,)


def outputs_of(op: Operation) -> int:
    """The outputs that are folded."""
    return channel_loops(op, shape_of(op.results[0])[-1])[0]


def reduced_axes(op: Operation) -> tuple[int, ...]:
    """The axes over which the products of an output are added: [rows, columns, channels] of the kernel, or those that
    there are; words of packed channels."""
    match op:
        case DepthwiseConv2DOp():
            return shape_of(op.kernel)[:2]
        case ContractionOp():
            return shape_of(op.kernel)[:-1]
        case PopcountDepthwiseConv2DOp():
            return (*shape_of(op.kernel)[2:], packed_type(op.kernel.type).count.data)
        case PopcountOp():
            return (*shape_of(op.kernel)[:-1], word_count(packed_type(op.kernel.type).count.data))
        case _:
            return ()


def products_in(op: Operation, box: Sequence[int]) -> int:
    """The products in a box of `reduced_axes`."""
    if isinstance(op, PopcountOp) and not isinstance(op, PopcountDepthwiseConv2DOp):
        return math.prod(box[:-1]) * min(box[-1] * WORD_BITS, packed_type(op.kernel.type).count.data)
    return math.prod(box)


def boxes(op: Operation) -> dict[int, tuple[int, ...]]:
    """The boxes that tile `reduced_axes` and can be computed at once, by SIMD, the largest last."""
    sizes = reduced_axes(op)
    if is_graph(op):
        return {products_in(op, sizes): sizes}
    legal: dict[int, tuple[int, ...]] = {}
    for axis in reversed(range(len(sizes))):
        for lanes in divisors(sizes[axis]):
            box = (*(1 for _ in sizes[:axis]), lanes, *sizes[axis + 1 :])
            legal.setdefault(products_in(op, box), box)
    return legal


def is_graph(op: Operation) -> bool:
    """Whether additions that are written out compute all outputs of a position."""
    return isinstance(op, ContractionOp | PopcountOp) and op.product.data in GRAPHS


def legal_pe(op: Operation) -> list[int]:
    return [outputs_of(op)] if is_graph(op) else divisors(outputs_of(op))


def pe_of(op: Operation, outputs: int | None = None) -> int | None:
    """The outputs that are computed at once, of `outputs_of` by default; None where the schedule does not say."""
    if (most := at_most(op, PE)) is None:
        return None
    return largest_divisor(outputs_of(op) if outputs is None else outputs, most)


def at_most(op: Operation, name: str) -> int | None:
    """The most that an attribute of the schedule allows at once; None where there is none."""
    match op.attributes.get(name):
        case None:
            return None
        case IntegerAttr(value=IntAttr(data=most)) if most > 0:
            return most
        case other:
            raise QdialectError(f"layer '{layer_of(op)}': {name} is a positive integer, not {other}")


def largest_divisor(n: int, most: int) -> int:
    """The largest divisor of n up to `most`."""
    return next(d for d in range(min(n, most), 0, -1) if n % d == 0)


def box_of(op: Operation) -> tuple[int, ...]:
    """The products of an output that are computed at once, of `reduced_axes`: all, or what the schedule says. Raises
    QdialectError where the schedule says less than there can be."""
    if (most := at_most(op, SIMD)) is None:
        return reduced_axes(op)
    legal = boxes(op)
    if (fitting := [simd for simd in legal if simd <= most]) == []:
        raise QdialectError(f"layer '{layer_of(op)}': SIMD {most} is below the {min(legal)} products that are least")
    return legal[max(fitting)]


def steps_of(op: Operation) -> tuple[int, ...]:
    """The steps along each of `reduced_axes`."""
    return tuple(size // lanes for size, lanes in zip(reduced_axes(op), box_of(op), strict=True))


def fold(op: Operation, pe: int | None = None, simd: int | None = None) -> None:
    """Compute `pe` outputs, and `simd` products of each, at once; None leaves what is there."""
    for name, number in ((PE, pe), (SIMD, simd)):
        if number is not None:
            op.attributes[name] = IntegerAttr(number, i64)


def is_folded(op: Operation) -> bool:
    """Whether an operation computes its products in several steps, or reads its weights from block RAM."""
    return pe_of(op) not in (None, outputs_of(op)) or math.prod(steps_of(op)) > 1 or BLOCK_RAM in op.attributes


def reuse_factors(op: Operation) -> dict[int, tuple[int, int]]:
    """PE and SIMD by the steps that they take, with as many products at once as possible."""
    outputs, products = legal_pe(op), boxes(op)
    sizes = math.prod(reduced_axes(op))
    legal: dict[int, tuple[int, int]] = {}
    for simd in sorted(products, reverse=True):
        for pe in outputs:
            legal.setdefault(outputs[-1] // pe * (sizes // math.prod(products[simd])), (pe, simd))
    return dict(sorted(legal.items()))


def element_bits(value: SSAValue) -> int:
    """Bits of an element: those of its type, or the planes of packed ones."""
    match tensor_type(value.type).element_type:
        case BitsType() as packed:
            return len(packed.planes)
        case _:
            return exact_format_of(value.type).bits


def product_bits(op: Operation) -> int:
    """Bit products of a product: an activation of a bits times a weight of w bits is a * w."""
    return element_bits(op.operands[0]) * element_bits(op.operands[1])


def bit_products(op: Operation) -> int:
    """The bit products of all products of a sample."""
    return math.prod(shape_of(op.results[0])) * products_in(op, reduced_axes(op)) * product_bits(op)


def initiation_interval(function: Operation) -> int | None:
    """The cycles between samples of a network that is one pipeline; None for other networks."""
    interval = function.attributes.get(INTERVAL)
    return interval.value.data if isinstance(interval, IntegerAttr) else None
