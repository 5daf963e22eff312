"""The operations of one module: at most one window operation, then operations on each element."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from xdsl.dialects.func import FuncOp
from xdsl.ir import Operation, SSAValue

from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.constant import constant_of
from qdialect.dialects.qnn.ops.elementwise import ShiftOp
from qdialect.dialects.qnn.ops.packed import PackOp
from qdialect.dialects.qnn.owner import layer_of
from qdialect.dialects.qnn.types import BitsType, tensor_type
from qdialect.lowering.rtl.names import verilog_identifier
from qdialect.lowering.rtl.pointwise import POINTWISE, position_operands
from qdialect.lowering.rtl.windows import WINDOWS


def elements_shape(value: SSAValue) -> tuple[int, ...]:
    """The shape of a value, packed elements on the last axis."""
    element = tensor_type(value.type).element_type
    return (*shape_of(value), element.count.data) if isinstance(element, BitsType) else shape_of(value)


def image_shape(value: SSAValue) -> tuple[int, int, int]:
    """The same as [rows, columns, channels]; a row of positions where there are fewer axes or more."""
    *positions, channels = elements_shape(value) or (1,)
    rows, columns = positions if len(positions) == 2 else (1, math.prod(positions))
    return rows, columns, channels


@dataclass(eq=False)
class FusedLayer:
    """Operations of one module; each takes the result of the one before it."""

    ops: list[Operation] = field(default_factory=list[Operation])

    @property
    def result(self) -> SSAValue:
        return self.ops[-1].results[0]

    @property
    def window_op(self) -> Operation | None:
        return self.ops[0] if type(self.ops[0]) in WINDOWS else None

    @property
    def name(self) -> str:
        """That of the layer which the first operation belongs to."""
        return layer_of(self.ops[0])

    @property
    def output(self) -> str:
        """The name of the output port."""
        return verilog_identifier(self.result.name_hint or "value")

    @property
    def is_wiring(self) -> bool:
        """Whether the layer only gives codes another meaning."""
        return all(isinstance(op, PackOp | ShiftOp) for op in self.ops)

    def inputs(self) -> list[SSAValue]:
        """The values that come from other modules, in order."""
        inner = {op.results[0] for op in self.ops}
        taken = [v for op in self.ops for v in operands_of(op) if v not in inner and constant_of(v) is None]
        return list(dict.fromkeys(taken))


def operands_of(op: Operation) -> Sequence[SSAValue]:
    """The operands that are values, not parameters."""
    return op.operands[:1] if type(op) in WINDOWS else position_operands(op)


def continues(layer: FusedLayer, op: Operation) -> bool:
    """Whether `op` may be computed in the module of `layer`: it takes its result, which nothing else uses."""
    result = layer.result
    return (
        type(op) in POINTWISE
        and sum(operand is result for operand in operands_of(op)) == 1
        and len(list(result.uses)) == 1
        and elements_shape(op.results[0]) == elements_shape(result)
    )


def layers_of(function: FuncOp) -> list[FusedLayer | Operation]:
    """Layers, and other operations as they are, in an order in which operands come first."""
    found: list[FusedLayer | Operation] = []
    making: dict[SSAValue, FusedLayer] = {}
    for op in function.body.block.ops:
        if type(op) not in WINDOWS and type(op) not in POINTWISE:
            found.append(op)
            continue
        layer = next((making[v] for v in operands_of(op) if v in making and continues(making[v], op)), None)
        if layer is None:
            layer = FusedLayer()
        else:
            found.remove(layer)
            del making[layer.result]
        layer.ops.append(op)
        making[op.results[0]] = layer
        found.append(layer)
    return found
