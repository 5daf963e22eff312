"""Types of results after those of operands have changed."""

from __future__ import annotations

from xdsl.dialects.builtin import f32
from xdsl.ir import SSAValue
from xdsl.rewriter import Rewriter

from qdialect.dialects.qnn.op import QnnOp
from qdialect.dialects.qnn.types import tensor


def retype(op: QnnOp) -> SSAValue:
    """Give the result of an operation the type that follows from its operands, and return it."""
    shape, fmt = op.inferred()
    return Rewriter.replace_value_with_new_type(op.results[0], tensor(shape, f32 if fmt is None else fmt))
