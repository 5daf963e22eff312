"""The plan of a network: a numpy call for each operation, made once and run on one block of samples after the other.

What floats do not hold exactly, and what has no step here, the interpreter computes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import FuncOp, ReturnOp
from xdsl.interpreter import Interpreter
from xdsl.ir import Operation, SSAValue

from qdialect.dialects.qnn.network import expect_network, network
from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.constant import ConstantOp
from qdialect.dialects.qnn.ops.contractions import Conv2DOp
from qdialect.dialects.qnn.types import BitsType, format_of, packed_type, tensor_type
from qdialect.interpreter.blocks import window_elements
from qdialect.interpreter.simulate import expect_in_type, interpreter_for
from qdialect.numerics.arrays import Array
from qdialect.simulator import contractions, elementwise, moves, packed, pooling, rounding, step_functions
from qdialect.simulator.arguments import argument, as_interpreted
from qdialect.simulator.codes import Known, Made, Maker, of_constant, of_format

MAKERS: Mapping[type, Maker] = {
    **contractions.MAKERS,
    **elementwise.MAKERS,
    **moves.MAKERS,
    **packed.MAKERS,
    **pooling.MAKERS,
    **rounding.MAKERS,
    **step_functions.MAKERS,
}


@dataclass(frozen=True)
class PlannedStep:
    """An operation of a plan. `last`: values that no later step reads."""

    run: Callable[..., Array]
    operands: Sequence[SSAValue]
    result: SSAValue
    last: Sequence[SSAValue]


@dataclass(frozen=True)
class SimulationPlan:
    """The steps of a network, from the arrays of reals of its inputs to its results.

    known: of every value.
    bytes_each: what a step reads and writes per sample, at most.
    """

    function: FuncOp
    arguments: Sequence[Made]
    constants: Mapping[SSAValue, Array]
    steps: Sequence[PlannedStep]
    results: Sequence[SSAValue]
    known: Mapping[SSAValue, Known]
    bytes_each: int

    @staticmethod
    def of(module: ModuleOp) -> SimulationPlan:
        """Raises QdialectError for a module without a network."""
        expect_network(module)
        function, interpreter = network(module), interpreter_for(module)
        arguments = [argument(function, i) for i in range(len(function.args))]
        known: dict[SSAValue, Known] = {v: a.codes for v, a in zip(function.args, arguments, strict=True)}
        constants: dict[SSAValue, Array] = {}
        made: list[tuple[Operation, Made]] = []
        results: Sequence[SSAValue] = ()
        for op in function.body.block.ops:
            match op:
                case ReturnOp():
                    results = op.operands
                case ConstantOp():
                    known[op.result], constants[op.result] = _constant(op)
                case _:
                    made.append((op, _step(op, interpreter, known)))
                    known[op.results[0]] = made[-1][1].codes
        each = max((_bytes(op) for op, _ in made), default=1)
        return SimulationPlan(function, arguments, constants, _with_ends(made, {*results}), results, known, each)

    def run(self, inputs: Sequence[Array], check_ranges: bool = False) -> list[Array]:
        """The results of some samples, as `known` says. `check_ranges` as in `simulate`."""
        arguments = zip(self.function.args, self.arguments, inputs, strict=True)
        return self.compute({parameter: made.run(x) for parameter, made, x in arguments}, check_ranges)

    def compute(self, arguments: Mapping[SSAValue, Array], check_ranges: bool = False) -> list[Array]:
        """The same from the values of arguments, as `known` says."""
        values = {**self.constants, **arguments}
        for step in self.steps:
            value = values[step.result] = step.run(*[values[operand] for operand in step.operands])
            if check_ranges:
                expect_in_type(step.result, value)
            for operand in step.last:
                del values[operand]
        return [values[result] for result in self.results]


def _constant(op: ConstantOp) -> tuple[Known, Array]:
    fmt = None if isinstance(tensor_type(op.result.type).element_type, BitsType) else format_of(op.result.type)
    codes = None if fmt is None else of_constant(op.data)
    return codes, op.data[None] if codes is None or codes.constant is None else codes.constant


def _step(op: Operation, interpreter: Interpreter, known: Mapping[SSAValue, Known]) -> Made:
    """An operation on floats, or else by the interpreter."""
    maker, operands = MAKERS.get(type(op)), [known[operand] for operand in op.operands]
    made = None if maker is None else maker(op, *operands)
    return _plain(op, interpreter, operands) if made is None else made


def _plain(op: Operation, interpreter: Interpreter, operands: Sequence[Known]) -> Made:
    """An operation by the interpreter, between conversions; that its codes are those of their type is checked where
    they become floats."""
    (result,) = op.results
    packed_result = isinstance(tensor_type(result.type).element_type, BitsType)
    fmt = None if packed_result else format_of(result.type)
    codes = None if fmt is None else of_format(fmt)

    def run(*values: Array) -> Array:
        given = [as_interpreted(v, k, o.type) for v, k, o in zip(values, operands, op.operands, strict=True)]
        (value,) = interpreter.run_op(op, tuple(given))
        if codes is None:
            return value
        expect_in_type(result, value)
        return value.astype(codes.dtype)

    return Made(run, codes)


def _with_ends(made: Sequence[tuple[Operation, Made]], results: set[SSAValue]) -> list[PlannedStep]:
    """The steps with the values that each is the last to read."""
    seen = set(results)
    steps: list[PlannedStep] = []
    for op, each in reversed(made):
        read = {operand for operand in op.operands if not isinstance(operand.owner, ConstantOp)}
        last = [value for value in (*read, op.results[0]) if value not in seen]
        seen |= read
        steps.append(PlannedStep(each.run, tuple(op.operands), op.results[0], last))
    return steps[::-1]


def _bytes(op: Operation) -> int:
    """What an operation reads and writes per sample."""
    values = [*op.operands, *op.results]
    elements = sum(_elements(value) for value in values if not isinstance(value.owner, ConstantOp))
    return 4 * (elements + (window_elements(op) if isinstance(op, Conv2DOp) else 0))


def _elements(value: SSAValue) -> int:
    packed_ = isinstance(tensor_type(value.type).element_type, BitsType)
    return math.prod(shape_of(value)) * (packed_type(value.type).count.data if packed_ else 1)


KEPT = 4
"""Modules whose plans are kept, those simulated last."""
_PLANS: dict[ModuleOp, tuple[Any, SimulationPlan]] = {}


def plan_of(module: ModuleOp) -> SimulationPlan:
    """The plan of a module, made again where the module is no longer what it was.

    Raises QdialectError for a module without a network.
    """
    state = _state(network(module))
    before, plan = _PLANS.pop(module, (None, None))
    if plan is None or before != state:
        plan = SimulationPlan.of(module)
    _PLANS[module] = state, plan
    if len(_PLANS) > KEPT:
        del _PLANS[next(iter(_PLANS))]
    return plan


def _state(function: FuncOp) -> Any:
    """Which operations a function has, on which values, with which properties: attributes never change."""
    operations = [
        (type(op), [*map(id, op.operands)], [*map(id, op.results)], op.result_types, [*op.properties.values()])
        for op in function.body.block.ops
    ]
    return function.function_type, function.arg_attrs, operations
