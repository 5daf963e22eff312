"""Running a module: reals in, reals out, a leading batch axis everywhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import FuncOp
from xdsl.interpreter import Interpreter
from xdsl.interpreters.func import FuncFunctions
from xdsl.ir import Attribute, Operation, SSAValue

from qdialect.dialect.base import shape_of
from qdialect.dialect.types import BitsType, exact_format_of, format_of, tensor_type
from qdialect.dialect.weights import unpack_codes
from qdialect.errors import QdialectError
from qdialect.interpreter.blocks import blocks, bytes_of, joined
from qdialect.interpreter.elementwise import ElementwiseFunctions
from qdialect.interpreter.functions import FunctionFunctions
from qdialect.interpreter.layers import LayerFunctions
from qdialect.interpreter.moves import MoveFunctions
from qdialect.interpreter.packed import PackedFunctions
from qdialect.interpreter.packed_moves import PackedMoveFunctions
from qdialect.numerics.exact import codes_of_reals, nearest_reals
from qdialect.numerics.float32 import BatchNormFormula
from qdialect.numerics.quantizers import QuantizerFunction

Array = NDArray[Any]
QUANTIZER = "qnn.quantizer"


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
    interpreter.register_implementations(FuncFunctions())
    return interpreter


def network(module: ModuleOp) -> FuncOp:
    """The module's one function.

    Raises QdialectError if there is none or more than one.
    """
    functions = [op for op in module.body.ops if isinstance(op, FuncOp)]
    if len(functions) != 1:
        raise QdialectError(f"expected a module with one func.func, found {len(functions)}")
    return functions[0]


def results_of(function: FuncOp) -> list[SSAValue]:
    """The values that a function returns."""
    returned = function.get_return_op()
    assert returned is not None, "functions of a network have a body"
    return list(returned.operands)


def argument_quantizer(function: FuncOp, index: int) -> QuantizerFunction | None:
    """How reals become the codes of a quantized argument; None for a float argument."""
    if function.arg_attrs is None:
        return None
    mode = cast(Any, function.arg_attrs.data[index].data.get(QUANTIZER))
    return None if mode is None else mode.data


def to_argument(function: FuncOp, index: int, x: Array) -> Array:
    """Reals [batch, ...] as the value of an argument: float32, or the codes that its quantizer gives.

    Raises QdialectError for a wrong shape, for NaN, and for reals off the grid of an argument without quantizer.
    """
    argument = function.args[index]
    shape, name = shape_of(argument), keras_name(argument, f"arg{index}")
    x = np.asarray(x)
    if x.shape[1:] != shape:
        raise QdialectError(
            f"input '{name}' has shape [batch, {', '.join(map(str, shape))}], got an array of shape {list(x.shape)}"
        )
    if x.dtype.kind not in "biuf":
        raise QdialectError(f"input '{name}' must be numeric, got dtype {x.dtype}")
    if np.isnan(x).any():
        raise QdialectError(f"input '{name}' contains NaN")
    fmt, quantizer = format_of(argument.type), argument_quantizer(function, index)
    if fmt is None:
        return x.astype(np.float32)
    if quantizer is not None:
        return quantizer.reals(x.astype(np.float32), fmt)
    codes, multiples = codes_of_reals(x, fmt.lsb)
    if not multiples.all() or not all(c in fmt for c in np.unique(codes).tolist()):
        raise QdialectError(f"input '{name}' has values outside {tensor_type(argument.type).element_type}")
    return codes


def to_reals(value: Array, type_: Attribute) -> Array:
    """A value as float64: the nearest one beyond 53 significant bits. Packed bits become the values they stand for."""
    element = tensor_type(type_).element_type
    if isinstance(element, BitsType):
        return unpack_codes(value, element).astype(np.float64)
    fmt = format_of(type_)
    return value.astype(np.float64) if fmt is None else nearest_reals(value, fmt.lsb)


def as_inputs(x: Any, names: Sequence[str]) -> list[Array]:
    """One array per input from an array, a list of arrays, or a dict by name.

    Raises QdialectError where the inputs do not match `names`.
    """
    if isinstance(x, dict):
        if set(x) != set(names):
            raise QdialectError(f"inputs must be named {', '.join(names)}, got {', '.join(map(str, x))}")
        return _as_arrays([x[name] for name in names], names)
    several = isinstance(x, list | tuple) and len(x) == len(names) and all(isinstance(v, np.ndarray) for v in x)
    inputs: list[Any] = list(x) if several or (isinstance(x, list | tuple) and len(names) > 1) else [x]
    if len(inputs) != len(names):
        raise QdialectError(f"the network has {len(names)} inputs ({', '.join(names)}), got {len(inputs)}")
    return _as_arrays(inputs, names)


def _as_arrays(inputs: Sequence[Any], names: Sequence[str]) -> list[Array]:
    arrays: list[Array] = []
    for name, value in zip(names, inputs, strict=True):
        try:
            arrays.append(np.asarray(value))
        except ValueError:
            raise QdialectError(f"input '{name}' is no array: its rows differ in length") from None
    if len({array.shape[:1] for array in arrays}) > 1:
        raise QdialectError(f"inputs must have the same batch size, got {[len(array) for array in arrays]}")
    return arrays


def keras_name(value: SSAValue, default: str = "value") -> str:
    """A value's name as Keras spells it: `dense.1` of the IR is `dense_1` (xDSL takes a final `_1` for itself)."""
    return (value.name_hint or default).replace(".", "_")


def argument_names(function: FuncOp) -> list[str]:
    """The names of the network's inputs, as in Keras."""
    return [keras_name(argument, f"arg{i}") for i, argument in enumerate(function.args)]


class RangeCheck(Interpreter.Listener):
    """Asserts after every op that no code has left its type."""

    def did_interpret_op(self, op: Operation, results: Iterable[Any]) -> None:
        for result, value in zip(op.results, results, strict=True):
            if isinstance(tensor_type(result.type).element_type, BitsType) or format_of(result.type) is None:
                continue
            fmt = exact_format_of(result.type)
            low, high = (int(value.min()), int(value.max())) if value.size else (fmt.min_code, fmt.max_code)
            if low < fmt.min_code or high > fmt.max_code:
                name = result.name_hint or op.name
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
    codes, types = codes_of(module, inputs, check_ranges), function.function_type.outputs.data
    outputs = [to_reals(value, type_) for value, type_ in zip(codes, types, strict=True)]
    return outputs[0] if len(outputs) == 1 else outputs


def codes_of(module: ModuleOp, inputs: Sequence[Array], check_ranges: bool = False) -> list[Array]:
    """The network's raw outputs for one array of reals per input: what a test bench compares."""
    function = network(module)

    def block(part: Sequence[Array]) -> list[Array]:
        arguments = [to_argument(function, i, value) for i, value in enumerate(part)]
        results = run(module, arguments, [RangeCheck()] if check_ranges else [])
        return [np.broadcast_to(y, (len(part[0]), *y.shape[1:])).copy() for y in results]

    return joined([block(part) for part in blocks(inputs, bytes_of(function.body.block.ops, function.args))])


def is_simulatable(module: ModuleOp) -> bool:
    """Is this a module with one function, at network or integer level?"""
    return sum(isinstance(op, FuncOp) for op in module.body.ops) == 1


def parameters(module: ModuleOp) -> int:
    """How many numbers the Keras model has learned, as the importer recorded it; 0 if unknown."""
    recorded = cast(Any, network(module).attributes.get("qnn.parameters"))
    return 0 if recorded is None else recorded.value.data
