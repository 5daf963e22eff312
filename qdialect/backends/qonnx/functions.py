"""Writers: named float32 functions."""

from __future__ import annotations

from collections.abc import Mapping

from qdialect.backends.qonnx.writer import GraphTensor, GraphWriter, inexpressible, writes
from qdialect.dialects.qnn.ops.functions import FunctionOp
from qdialect.numerics.functions import SELU_ALPHA, SELU_SCALE, FunctionName

OPERATIONS: Mapping[FunctionName, tuple[str, Mapping[str, float]]] = {
    FunctionName.HARD_SIGMOID: ("HardSigmoid", {"alpha": 0.5, "beta": 0.5}),
    FunctionName.HARD_TANH: ("HardSigmoid", {"alpha": 0.5, "beta": 0.5}),
    FunctionName.KERAS_HARD_SIGMOID: ("HardSigmoid", {"alpha": 0.2, "beta": 0.5}),
    FunctionName.SMOOTH_SIGMOID: ("HardSigmoid", {"alpha": 0.1875, "beta": 0.5}),
    FunctionName.SMOOTH_TANH: ("HardSigmoid", {"alpha": 0.1875, "beta": 0.5}),
    FunctionName.LEAKY_RELU: ("LeakyRelu", {}),
    FunctionName.ELU: ("Elu", {}),
    FunctionName.EXPONENTIAL: ("Exp", {}),
    FunctionName.SELU: ("Selu", {"alpha": SELU_ALPHA, "gamma": SELU_SCALE}),
    FunctionName.SIGMOID: ("Sigmoid", {}),
    FunctionName.SOFTPLUS: ("Softplus", {}),
    FunctionName.SOFTSIGN: ("Softsign", {}),
    FunctionName.TANH: ("Tanh", {}),
}
"""Operations of ONNX, and their attributes; that of a function with a parameter is `alpha`."""

FROM_ZERO_ONE = frozenset({FunctionName.HARD_TANH, FunctionName.SMOOTH_TANH})
"""2 f - 1 of a hard sigmoid f."""


@writes(FunctionOp)
def function(w: GraphWriter, op: FunctionOp) -> GraphTensor:
    x, found = w.values[op.operand], op.function.data
    if found.name not in OPERATIONS:
        raise inexpressible(op, f"the function {found.name}")
    op_type, attributes = OPERATIONS[found.name]
    given = {**attributes, **dict(zip(("alpha",), found.parameters, strict=False))}
    if found.name not in FROM_ZERO_ONE:
        return w.emit(op_type, x, attributes=given)
    half = w.emit(op_type, x, suffix="half", attributes=given)
    doubled = w.emit("Mul", half, w.parameter("two", 2), suffix="doubled")
    return w.emit("Sub", doubled, w.parameter("one", 1))
