"""Named functions of one value, as the activations of these names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from xdsl.ir import SSAValue

from qdialect.dialects.qnn.heads import Head
from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.elementwise import ReluOp
from qdialect.errors import QdialectError
from qdialect.frontends.building.builder import Builder
from qdialect.frontends.building.functions import function, leaky_relu
from qdialect.frontends.keras.activations.functions import KERAS
from qdialect.frontends.keras.handlers import HeadReached
from qdialect.frontends.keras.layers.operations.registry import FUNCTIONS, computes, sample_axis
from qdialect.frontends.keras.layers.refused import PARTLY
from qdialect.numerics.functions import FunctionName

EXACT_GELU = "approximate=True is not supported, only the exact function"


@computes("relu")
def relu(b: Builder, features: SSAValue, name: Any = None) -> SSAValue:
    return b.emit(ReluOp(features))


@computes("leaky_relu")
def leaky(
    b: Builder, features: SSAValue, alpha: float = 0.2, name: Any = None, negative_slope: float | None = None
) -> SSAValue:
    return leaky_relu(b, features, alpha if negative_slope is None else negative_slope)


@computes("gelu")
def gelu(b: Builder, features: SSAValue, approximate: bool = False, name: Any = None) -> SSAValue:
    if approximate:
        raise QdialectError(EXACT_GELU)
    return function(b, features, FunctionName.GELU)


@computes("softmax")
def softmax(b: Builder, logits: SSAValue, axis: int | None = None, name: Any = None) -> SSAValue:
    """Left to the host where it ends the network."""
    rank = len(shape_of(logits))
    if sample_axis(-1 if axis is None else axis, rank) != rank - 1:
        raise QdialectError(f"axis={axis}: {PARTLY['Softmax']}")
    raise HeadReached(Head.SOFTMAX, logits)


def named(key: str) -> Callable[..., SSAValue]:
    def apply(b: Builder, x: SSAValue, name: Any = None) -> SSAValue:
        return KERAS[key](b, x)

    return apply


SPELLINGS = {"exponential": "exp", "swish": "silu"}
for known in ("elu", "exponential", "relu6", "selu", "sigmoid", "softplus", "softsign", "swish", "tanh"):
    FUNCTIONS.update(dict.fromkeys((known, SPELLINGS.get(known, known)), named(known)))
