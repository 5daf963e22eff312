"""Running a module: reals in, reals out, a leading batch axis everywhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from xdsl.dialects.builtin import ModuleOp
from xdsl.interpreter import Interpreter
from xdsl.ir import Operation, SSAValue

from qdialect.dialects.qnn.network import argument_names, network
from qdialect.dialects.qnn.types import BitsType, exact_format_of, format_of, tensor_type
from qdialect.errors import QdialectError
from qdialect.interpreter.blocks import blocks, bytes_of, joined
from qdialect.interpreter.calls import CallFunctions
from qdialect.interpreter.elementwise import ElementwiseFunctions
from qdialect.interpreter.functions import FunctionFunctions
from qdialect.interpreter.layers import LayerFunctions
from qdialect.interpreter.moves import MoveFunctions
from qdialect.interpreter.packed import PackedFunctions
from qdialect.interpreter.packed_moves import PackedMoveFunctions
from qdialect.interpreter.values import as_inputs, to_argument, to_reals
from qdialect.numerics.arrays import Array
from qdialect.numerics.float32 import BatchNormFormula


def interpreter_for(
    module: ModuleOp, bn_ulps: int = 0, bn_formula: BatchNormFormula | None = None, function_side: int = 0
) -> Interpreter:
    """An interpreter that knows every `qnn` operation; for the options see `ElementwiseFunctions` and
    `FunctionFunctions`."""
    interpreter = Interpreter(module)
    interpreter.register_implementations(ElementwiseFunctions(bn_ulps, bn_formula))
    interpreter.register_implementations(FunctionFunctions(function_side))
    interpreter.register_implementations(LayerFunctions())
    interpreter.register_implementations(MoveFunctions())
    interpreter.register_implementations(PackedFunctions())
    interpreter.register_implementations(PackedMoveFunctions())
    interpreter.register_implementations(CallFunctions())
    return interpreter


class RangeCheck(Interpreter.Listener):
    """Asserts after every op that no code has left its type."""

    def did_interpret_op(self, op: Operation, results: Iterable[Any]) -> None:
        for result, value in zip(op.results, results, strict=True):
            expect_in_type(result, value)


def expect_in_type(result: SSAValue, value: Array) -> None:
    """Raise QdialectError for codes that are none of the value's type."""
    if isinstance(tensor_type(result.type).element_type, BitsType) or format_of(result.type) is None:
        return
    fmt = exact_format_of(result.type)
    low, high = (int(value.min()), int(value.max())) if value.size else (fmt.min_code, fmt.max_code)
    if low < fmt.min_code or high > fmt.max_code:
        name = result.name_hint or (result.owner.name if isinstance(result.owner, Operation) else "argument")
        raise QdialectError(f"value '{name}' leaves its type {result.type}: codes [{low}, {high}]")


def run(module: ModuleOp, values: Sequence[Array], listeners: Sequence[Interpreter.Listener] = ()) -> list[Array]:
    """The results' raw values for raw argument values."""
    function = network(module)
    interpreter = interpreter_for(module)
    interpreter.listeners = tuple(listeners)
    return list(interpreter.call_op(function, tuple(values)))


def simulate(module: ModuleOp, x: Any, check_ranges: bool = False) -> Any:
    """The network's outputs for real inputs: float64 arrays with a leading batch axis.

    `x` is one array, or a list or dict of arrays for several inputs; several outputs come back as a list.
    `check_ranges` asserts after every op that no value has left its type.
    Raises QdialectError for inputs that do not fit.
    """
    function = network(module)
    inputs = as_inputs(x, argument_names(function))
    codes, types = output_codes(module, inputs, check_ranges), function.function_type.outputs.data
    outputs = [to_reals(value, type_) for value, type_ in zip(codes, types, strict=True)]
    return outputs[0] if len(outputs) == 1 else outputs


def output_codes(module: ModuleOp, inputs: Sequence[Array], check_ranges: bool = False) -> list[Array]:
    """The network's raw outputs for one array of reals per input: what a test bench compares."""
    function = network(module)

    def block(part: Sequence[Array]) -> list[Array]:
        arguments = [to_argument(function, i, value) for i, value in enumerate(part)]
        results = run(module, arguments, [RangeCheck()] if check_ranges else [])
        return [np.broadcast_to(y, (len(part[0]), *y.shape[1:])).copy() for y in results]

    return joined([block(part) for part in blocks(inputs, bytes_of(function.body.block.ops, function.args))])
