"""Facts about a network's one function: results, names, input quantizers, parameters."""

from __future__ import annotations

from typing import Any, cast

from xdsl.dialects.builtin import Float32Type, ModuleOp
from xdsl.dialects.func import FuncOp, ReturnOp
from xdsl.ir import SSAValue
from xdsl.utils.exceptions import VerifyException

from qdialect.dialects.qnn.op import QnnOp
from qdialect.dialects.qnn.types import tensor_type
from qdialect.errors import QdialectError
from qdialect.numerics.quantizers import QuantizerFunction

QUANTIZER = "qnn.quantizer"


def network(module: ModuleOp) -> FuncOp:
    """The module's one function.

    Raises QdialectError if there is none or more than one, or it has no body.
    """
    functions = [op for op in module.body.ops if isinstance(op, FuncOp)]
    if len(functions) != 1:
        raise QdialectError(f"expected a module with one func.func, found {len(functions)}")
    name, blocks = functions[0].sym_name.data, functions[0].body.blocks
    if len(blocks) != 1:
        raise QdialectError(f"func.func '{name}': a network has one block, found {len(blocks)}")
    return functions[0]


def expect_network(module: ModuleOp) -> None:
    """Raise QdialectError for a function with arguments that are no tensors, or with operations of other dialects."""
    function = network(module)
    name = function.sym_name.data
    for i, argument in enumerate(function.args):
        try:
            tensor_type(argument.type)
        except VerifyException as error:
            raise QdialectError(f"func.func '{name}': argument {i}: {error}") from None
    for op in function.body.block.ops:
        if not isinstance(op, QnnOp | ReturnOp):
            raise QdialectError(f"func.func '{name}': {op.name} is no operation of a network, these are qnn and return")


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


def keras_name(value: SSAValue, default: str = "value") -> str:
    """A value's name as Keras spells it: `dense.1` of the IR is `dense_1` (xDSL takes a final `_1` for itself)."""
    return (value.name_hint or default).replace(".", "_")


def argument_names(function: FuncOp) -> list[str]:
    """The names of the network's inputs, as in Keras."""
    return [keras_name(argument, f"arg{i}") for i, argument in enumerate(function.args)]


def is_simulatable(module: ModuleOp) -> bool:
    """Whether a module is one function at network or integer level."""
    return sum(isinstance(op, FuncOp) for op in module.body.ops) == 1


def parameters(module: ModuleOp) -> int:
    """The number of parameters of the Keras model, as the importer recorded it; 0 if unknown."""
    recorded = cast(Any, network(module).attributes.get("qnn.parameters"))
    return 0 if recorded is None else recorded.value.data


def is_integer_level(module: ModuleOp) -> bool:
    """Whether all values of the network are quantized."""
    function = network(module)
    values = [*function.args, *(result for op in function.walk() for result in op.results)]
    return not any(isinstance(tensor_type(value.type).element_type, Float32Type) for value in values)
