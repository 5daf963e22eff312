"""What a network costs: accumulator widths, multipliers left, bits of constants."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Attribute, Operation

from qdialect.dialects.qnn.attributes import Product
from qdialect.dialects.qnn.network import network
from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.constant import ConstantOp
from qdialect.dialects.qnn.ops.contractions import ContractionOp
from qdialect.dialects.qnn.ops.elementwise import AddOp, MulOp, SubOp
from qdialect.dialects.qnn.ops.functions import LookupOp
from qdialect.dialects.qnn.ops.packed import PopcountOp
from qdialect.dialects.qnn.ops.pooling import SumPool2DOp
from qdialect.dialects.qnn.ops.threshold import ThresholdOp
from qdialect.dialects.qnn.remarks import remarks
from qdialect.dialects.qnn.traits import WeightedSums
from qdialect.dialects.qnn.types import BitsType, QnnType, tensor_type
from qdialect.text import columns

FLOAT_BITS = 32


@dataclass(frozen=True)
class SumRow:
    """A value that is summed in hardware."""

    name: str
    operation: str
    products: str
    fan_in: int
    outputs: int
    type: str
    bits: int
    multiplications: int


@dataclass(frozen=True)
class Report:
    """Costs of one inference; bits are those of the constants in the IR and in the C++ tables."""

    sums: Sequence[SumRow]
    kernel_bits: int
    other_constant_bits: int
    thresholds: int
    table_entries: int
    uncertified: dict[str, list[int]]
    remarks: Sequence[str]

    @property
    def multiplications(self) -> int:
        """Products that need a multiplier."""
        return sum(row.multiplications for row in self.sums)

    def table(self) -> list[str]:
        """The sums as lines of a readable table."""
        rows = [
            (r.name, r.operation, r.products, str(r.fan_in), str(r.outputs), r.type, str(r.multiplications))
            for r in self.sums
        ]
        return columns(
            [("accumulator", "operation", "products", "fan-in", "outputs", "type", "multiplications"), *rows]
        )


def stored_element_bits(element: Attribute) -> int:
    """Bits per element of a constant in hardware."""
    match element:
        case BitsType():
            return element.count.data * len(element.planes)
        case QnnType():
            return element.format.bits
        case _:
            return FLOAT_BITS


def constant_bits(op: ConstantOp) -> int:
    type_ = tensor_type(op.result.type)
    return math.prod(type_.get_shape()) * stored_element_bits(type_.element_type)


def report(module: ModuleOp) -> Report:
    """The costs of a network, at any level."""
    sums: list[SumRow] = []
    kernels = others = thresholds = entries = 0
    uncertified: dict[str, list[int]] = {}
    for op in network(module).walk():
        if (row := _sum_row(op)) is not None:
            sums.append(row)
        if isinstance(op, ConstantOp):
            if any(use.operation.has_trait(WeightedSums) for use in op.result.uses):
                kernels += constant_bits(op)
            else:
                others += constant_bits(op)
        if isinstance(op, ThresholdOp):
            thresholds += math.prod(shape_of(op.thresholds))
        if isinstance(op, LookupOp):
            entries += math.prod(shape_of(op.table))
        if isinstance(op, ThresholdOp | LookupOp) and op.uncertified is not None:
            uncertified[op.result.name_hint or op.name] = list(op.uncertified.get_values())
    return Report(sums, kernels, others, thresholds, entries, uncertified, remarks(network(module)))


def _sum_row(op: Operation) -> SumRow | None:
    match op:
        case ContractionOp() | PopcountOp():
            products, fan_in = str(op.product.data), op.fan_in
        case MulOp():
            products, fan_in = str(op.product.data), 1
        case SumPool2DOp():
            pool, *_ = op.geometry()
            products, fan_in = "-", math.prod(pool)
        case AddOp() | SubOp():
            products, fan_in = "-", 2
        case _:
            return None
    outputs = math.prod(shape_of(op.results[0]))
    multiplications = outputs * fan_in if products == Product.MULTIPLY else 0
    element = tensor_type(op.results[0].type).element_type
    name = op.results[0].name_hint or op.name
    return SumRow(
        name,
        op.name.removeprefix("qnn."),
        products,
        fan_in,
        outputs,
        str(element),
        stored_element_bits(element),
        multiplications,
    )
