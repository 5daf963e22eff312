"""The head of each output of a network, which the importer records in a function attribute, one entry per output.

    func.func @net(...) attributes {qnn.head = ["softmax", "linear"]}

Keras ends the first output in a softmax, which is left to the host; the second is all that Keras computes.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import cast

from xdsl.dialects.builtin import ArrayAttr, StringAttr
from xdsl.dialects.func import FuncOp

from qdialect.errors import QdialectError

HEAD = "qnn.head"
"""Function attribute: an array of strings; absent where every output is linear."""


class Head(StrEnum):
    """How an output of the network relates to what Keras returns."""

    LINEAR = "linear"  # the same
    SOFTMAX = "softmax"  # the logits of a softmax
    SIGMOID = "sigmoid"  # the logit of a sigmoid
    ARGMAX = "argmax"  # the index of the largest
    PROBABILITIES = "probabilities"  # a softmax from tables

    @property
    def is_left_to_host(self) -> bool:
        """Whether the host computes Keras' last activation."""
        return self in (Head.SOFTMAX, Head.SIGMOID)


def heads_of(function: FuncOp) -> list[Head]:
    """One per output of the function.

    Raises QdialectError for an attribute that is not an array of as many heads.
    """
    recorded, count = function.attributes.get(HEAD), len(function.function_type.outputs)
    if recorded is None:
        return [Head.LINEAR] * count
    known = {StringAttr(head): head for head in Head}
    heads = [known.get(cast(StringAttr, name)) for name in (recorded if isinstance(recorded, ArrayAttr) else ())]
    found = [head for head in heads if head is not None]
    if not len(found) == len(heads) == count:
        raise QdialectError(f"{HEAD} must be an array with one of {', '.join(Head)} for each of {count} outputs")
    return found


def record_heads(function: FuncOp, heads: Sequence[Head]) -> None:
    """Set the attribute, or remove it where every output is linear."""
    if any(head is not Head.LINEAR for head in heads):
        function.attributes[HEAD] = ArrayAttr([StringAttr(head) for head in heads])
    else:
        function.attributes.pop(HEAD, None)


def heads_for_host(function: FuncOp) -> list[Head]:
    """The last activations of outputs that the host computes, each once, by name."""
    return sorted({head for head in heads_of(function) if head.is_left_to_host})
