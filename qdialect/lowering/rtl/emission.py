"""Netlists as operations of xDSL's dialects `hw` and `comb`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from xdsl.dialects import comb, hw
from xdsl.dialects.builtin import ArrayAttr, DictionaryAttr, IntegerAttr, IntegerType, StringAttr, SymbolRefAttr, i64
from xdsl.ir import Attribute, Block, Operation, Region, SSAValue, TypeAttribute

from qdialect.dialects.qnn.names import identifier
from qdialect.lowering.rtl.attributes import CONTROL, LATENCY, LAYER, PRIMITIVE, STREAM
from qdialect.lowering.rtl.design import Hierarchy
from qdialect.lowering.rtl.modules import Module, Primitive
from qdialect.lowering.rtl.netlist import Kind, Wire, needed

OPERATIONS: dict[Kind, type[Operation]] = {
    Kind.CONSTANT: hw.ConstantOp,
    Kind.EXTRACT: comb.ExtractOp,
    Kind.CONCAT: comb.ConcatOp,
    Kind.REPLICATE: comb.ReplicateOp,
    Kind.ADD: comb.AddOp,
    Kind.SUB: comb.SubOp,
    Kind.MUL: comb.MulOp,
    Kind.AND: comb.AndOp,
    Kind.OR: comb.OrOp,
    Kind.XOR: comb.XorOp,
    Kind.MUX: comb.MuxOp,
    Kind.AT_LEAST: comb.ICmpOp,
}
"""What is made with `create`, as constructors take three times as long, for tens of thousands of operations."""
UNSIGNED_AT_LEAST = IntegerAttr(9, 64)
"""The predicate `uge` of `comb.icmp`."""
MARKS = ("tick", "start")
"""Inputs of modules that tick; nothing else is called so."""


@cache
def word(width: int) -> IntegerType:
    return IntegerType(width)


@cache
def integer(value: int, width: int) -> IntegerAttr[IntegerType]:
    return IntegerAttr(value, word(width))


def properties_of(wire: Wire) -> dict[str, Attribute]:
    """Those of the operation that makes a wire."""
    match wire.kind:
        case Kind.CONSTANT:
            negative = wire.data >> (wire.width - 1)
            return {"value": integer(wire.data - (negative << wire.width), wire.width)}
        case Kind.EXTRACT:
            return {"lowBit": integer(wire.data, 32)}
        case Kind.AT_LEAST:
            return {"predicate": UNSIGNED_AT_LEAST}
        case _:
            return {}


def instance(wire: Wire, operands: Sequence[SSAValue]) -> Operation:
    module: Module | Primitive = wire.data
    (output,) = module.outputs
    inputs = [*zip(module.inputs, operands, strict=True)]
    return hw.InstanceOp(
        f"{module.name}_{wire.number}", SymbolRefAttr(module.name), inputs, [(output, word(wire.width))]
    )


def operation(wire: Wire, operands: Sequence[SSAValue]) -> Operation:
    """What makes a wire from the values of its operands."""
    if wire.kind is Kind.INSTANCE:
        return instance(wire, operands)
    made = OPERATIONS[wire.kind]
    return made.create(operands=operands, result_types=[word(wire.width)], properties=properties_of(wire))


def port(name: str, type_: Attribute, direction: hw.Direction) -> hw.ModulePort:
    assert isinstance(type_, TypeAttribute)
    return hw.ModulePort(StringAttr(name), type_, hw.DirectionAttr(direction))


def hw_module(module: Module) -> hw.HWModuleOp:
    """A module with what its outputs need."""
    inputs, outputs = module.net.inputs, module.outputs
    block = Block(arg_types=[word(wire.width) for wire in inputs])
    values: dict[int, SSAValue] = {wire.number: arg for wire, arg in zip(inputs, block.args, strict=True)}
    for wire, argument in zip(inputs, block.args, strict=True):
        argument.name_hint = identifier(wire.data)
    for wire in needed([*outputs.values()]):
        if wire.kind is not Kind.INPUT:
            op = operation(wire, [values[x.number] for x in wire.operands])
            block.add_op(op)
            values[wire.number] = op.results[0]
    block.add_op(hw.OutputOp([values[wire.number] for wire in outputs.values()]))
    ports = [
        *(port(wire.data, word(wire.width), hw.Direction.INPUT) for wire in inputs),
        *(port(name, word(wire.width), hw.Direction.OUTPUT) for name, wire in outputs.items()),
    ]
    made = hw.HWModuleOp(StringAttr(module.name), hw.ModuleType(ArrayAttr(ports)), Region(block))
    if module.layer is not None:
        made.attributes[LAYER] = StringAttr(module.layer)
    return made


def extern_module(primitive: Primitive) -> hw.HWModuleExternOp:
    """The declaration of a module whose text the printer has."""
    ports = [port(name, word(width), hw.Direction.INPUT) for name, width in primitive.ports.items()]
    ports.append(port("y", word(primitive.width), hw.Direction.OUTPUT))
    made = hw.HWModuleExternOp(StringAttr(primitive.name), hw.ModuleType(ArrayAttr(ports)))
    numbers = {name: IntegerAttr(value, i64) for name, value in primitive.parameters.items()}
    made.attributes[PRIMITIVE] = DictionaryAttr({"kind": StringAttr(primitive.kind), **numbers})
    made.attributes[LATENCY] = IntegerAttr(primitive.latency, i64)
    return made


def operations_of(design: Hierarchy) -> list[Operation]:
    """The modules of a design; the inputs `tick` and `start` of those on streams are control."""
    made = [extern_module(m) if isinstance(m, Primitive) else hw_module(m) for m in design.modules]
    for op, module in zip(made, design.modules, strict=True):
        control = [name for name in module.inputs if name in MARKS]
        if design.stream and control:
            op.attributes[CONTROL] = ArrayAttr([StringAttr(name) for name in control])
    if design.stream:
        made[-1].attributes[STREAM] = DictionaryAttr({k: IntegerAttr(n, i64) for k, n in design.stream.items()})
    return [*made]
