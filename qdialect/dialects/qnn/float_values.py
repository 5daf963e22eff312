"""Where values of a network become float, and what gives them a hardware form."""

from __future__ import annotations

from xdsl.dialects.builtin import TensorType, f32
from xdsl.dialects.func import FuncOp
from xdsl.ir import Operation, SSAValue
from xdsl.traits import ConstantLike

from qdialect.dialects.qnn.network import keras_name, results_of
from qdialect.dialects.qnn.ops.functions import FunctionOp
from qdialect.dialects.qnn.owner import layer_of, step_of
from qdialect.errors import QdialectError
from qdialect.numerics.interpolation import SHAPES


def float_cause(value: SSAValue) -> SSAValue:
    """The first float value on the way to a float value: the one that depends on no other float value but constants."""
    seen = {value}
    while True:
        operands = [operand for operand in getattr(value.owner, "operands", ()) if is_float(operand)]
        if not operands or operands[0] in seen:
            return value
        value = operands[0]
        seen.add(value)


def is_float(value: SSAValue) -> bool:
    """Whether an operation computes float32 numbers."""
    return (
        isinstance(value.owner, Operation)
        and not value.owner.has_trait(ConstantLike)
        and isinstance(value.type, TensorType)
        and value.type.element_type == f32
    )


def expect_no_floats(function: FuncOp) -> None:
    """Raise QdialectError at the first operation, of those that the outputs need, whose result is still float."""
    needed = set(results_of(function))
    for op in reversed(function.body.block.ops):
        if not needed.isdisjoint(op.results):
            needed.update(op.operands)
    for op in function.body.block.ops:
        if not needed.isdisjoint(op.results):
            expect_quantized(op)


def expect_quantized(op: Operation) -> None:
    """Raise QdialectError for a result that is still float; functions are left to those that make tables of them."""
    for result in op.results:
        if is_float(result) and not isinstance(op, FunctionOp):
            raise QdialectError(
                f"'{keras_name(result)}': {op.name} of float values has no hardware form; {quantizer_advice(result)}"
            )


def without_table(op: FunctionOp) -> QdialectError:
    """What is said where hardware is asked for, of a function that `fold-batchnorm` has left in place."""
    return QdialectError(
        f"'{keras_name(op.result)}': {op.function.data.name} becomes a table or thresholds where a quantizer follows;"
        " if it rises and falls, its input may take 2^22 codes: put a quantizer of at most 22 bits before it"
    )


def quantizer_advice(value: SSAValue) -> str:
    """How a float value can be given a hardware form: by a quantizer where it becomes float."""
    cause = float_cause(value)
    layer = layer_of(cause.owner) if isinstance(cause.owner, Operation) else keras_name(cause)
    if isinstance(cause.owner, Operation) and step_of(cause.owner) is not None:
        return (
            f"give recurrent layer '{layer_of(cause.owner)}' quantizers as activation and recurrent_activation, such "
            "as quantized_tanh(8) and quantized_sigmoid(8), and a state_quantizer, or run the pass "
            "interpolate-functions first"
        )
    here = layer_of(value.owner) if isinstance(value.owner, Operation) else keras_name(value)
    at = "it" if layer == here else f"'{layer}', where it becomes float"
    advice = f"put a quantizer after {at}, such as QActivation('quantized_bits(16,6,alpha=1)')"
    return f"{advice}, or run the pass interpolate-functions first" if interpolates(cause) else advice


def interpolates(cause: SSAValue) -> bool:
    """Whether the pass interpolate-functions has a table for the function that makes a value float."""
    return isinstance(cause.owner, FunctionOp) and cause.owner.function.data.name in SHAPES
