"""lower-head: what hardware returns of the logits z of n classes: themselves, the largest's index, or probabilities.

argmax, with k bits for the index; the first of equal logits has the largest key:

    key_i = z_i * 2**k + 2**k - 1 - i           index = 2**k - 1 - (max_i key_i) mod 2**k

softmax, from a table of exponentials and one of reciprocals (`qdialect.numerics.heads`):

    p_i = round(e_i * 1/(sum_j e_j)),  e_i = exp(-(max z - z_i)),    and p_i < p_j for all i but j = argmax z

It changes what the network returns; the logits keep their name.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import FuncOp, ReturnOp
from xdsl.ir import Operation, SSAValue
from xdsl.passes import ModulePass

from qdialect.dialects.qnn.attributes import RoundAttr
from qdialect.dialects.qnn.emitter import Emitter
from qdialect.dialects.qnn.heads import Head, heads_of, record_heads
from qdialect.dialects.qnn.network import keras_name, network
from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.comparisons import MinimumOp
from qdialect.dialects.qnn.ops.elementwise import AddOp, MulOp, ShiftOp, SubOp
from qdialect.dialects.qnn.ops.functions import MAX_TABLE
from qdialect.dialects.qnn.ops.pooling import MaxPool2DOp, SumPool2DOp
from qdialect.dialects.qnn.ops.quantize import QuantizeOp
from qdialect.dialects.qnn.ops.shapes import ReshapeOp
from qdialect.dialects.qnn.ops.threshold import ThresholdOp
from qdialect.dialects.qnn.remarks import add_remarks
from qdialect.dialects.qnn.types import exact_format_of, format_of
from qdialect.errors import QdialectError
from qdialect.numerics.formats import FixedFormat, Format
from qdialect.numerics.heads import SoftmaxTables
from qdialect.numerics.quantizers import Round
from qdialect.numerics.rounding import Rounding
from qdialect.passes import ChangesFunction


@dataclass(frozen=True)
class HeadBuilder(Emitter):
    """Appends operations on the logits of one output before the function's return."""

    logits: SSAValue

    @staticmethod
    def of(end: ReturnOp, logits: SSAValue) -> HeadBuilder:
        owner = logits.owner if isinstance(logits.owner, Operation) else end
        return HeadBuilder(end, owner, logits.name_hint or "logits", logits)

    @property
    def leading(self) -> tuple[int, ...]:
        return shape_of(self.logits)[:-1]

    @property
    def classes(self) -> int:
        return shape_of(self.logits)[-1]

    @property
    def index_bits(self) -> int:
        return max((self.classes - 1).bit_length(), 1)

    def rounded(self, x: SSAValue, fmt: Format, suffix: str, rounding: Rounding = Rounding.HALF_EVEN) -> SSAValue:
        return self.emit(QuantizeOp(x, RoundAttr(Round(rounding)), fmt), suffix)

    def over_classes(self, pool: type[MaxPool2DOp] | type[SumPool2DOp], x: SSAValue, suffix: str) -> SSAValue:
        """[..., classes] to [..., 1]."""
        rows = self.emit(ReshapeOp(x, (math.prod(self.leading), self.classes, 1)), f"{suffix}_rows")
        pooled = self.emit(pool(rows, (1, self.classes), (1, 1)), f"{suffix}_pooled")
        return self.emit(ReshapeOp(pooled, (*self.leading, 1)), suffix)

    def keys(self) -> tuple[SSAValue, SSAValue]:
        """Logits that the index below their last bit makes distinct, and the largest."""
        last = (1 << self.index_bits) - 1
        order = self.constant(last - np.arange(self.classes), self.lsb - self.index_bits, "order")
        keys = self.emit(AddOp(self.logits, order), "key")
        return keys, self.over_classes(MaxPool2DOp, keys, "largest_key")

    @property
    def lsb(self) -> int:
        return exact_format_of(self.logits.type).lsb

    def argmax(self) -> SSAValue:
        """[..., 1]: the index of the largest."""
        fmt = exact_format_of(self.logits.type)
        _, best = self.keys()
        whole = FixedFormat.holding(fmt.min_code, fmt.max_code, fmt.lsb)
        place = self.emit(SubOp(best, self.rounded(best, whole, "largest", Rounding.FLOOR)), "place")
        units = self.emit(ShiftOp(place, self.index_bits - fmt.lsb), "place_units")
        last = self.constant(np.array([(1 << self.index_bits) - 1]), 0, "last")
        index = self.emit(SubOp(last, units), "index")
        return self.rounded(index, FixedFormat(self.index_bits, self.index_bits, signed=False), "argmax")

    def softmax(self, tables: SoftmaxTables) -> SSAValue:
        """[..., classes]: probabilities, unsigned, all bits right of the point."""
        step, result = -tables.bits, FixedFormat(tables.bits, 0, signed=False)
        largest = self.over_classes(MaxPool2DOp, self.logits, "largest")
        distance = self.rounded(
            self.emit(SubOp(largest, self.logits), "difference"),
            FixedFormat(tables.distance_bits, tables.distance_bits + tables.distance_lsb, signed=False),
            "distance",
        )
        terms = self.table(distance, tables.exponentials(), -tables.exponential_bits, "exponential")
        total = self.over_classes(SumPool2DOp, terms, "total")
        looked_up = FixedFormat.holding(0, len(tables.reciprocals()) - 1, tables.sum_lsb)
        position = self.rounded(total, looked_up, "total_rounded", Rounding.FLOOR)
        reciprocal = self.table(position, tables.reciprocals(), -tables.reciprocal_bits, "reciprocal")
        quotient = self.rounded(self.emit(MulOp(terms, reciprocal), "quotient"), result, "quotient_rounded")
        return self.rounded(self.emit(MinimumOp(quotient, self.limits(quotient, step)), "ranked"), result, "softmax")

    def limits(self, quotient: SSAValue, step: int) -> SSAValue:
        """The largest quotient for the class of the largest logit, one step less for the others."""
        keys, best = self.keys()
        level = self.constant(np.zeros((1, 1), np.int64), exact_format_of(keys.type).lsb, "same")
        behind = self.emit(SubOp(keys, best), "behind")
        first = self.emit(ThresholdOp(behind, level, None, FixedFormat(1, 1, signed=False)), "first")
        below = self.emit(
            AddOp(self.emit(ShiftOp(first, step), "bonus"), self.constant(-np.ones(1, np.int64), step, "step")), "below"
        )
        return self.emit(AddOp(self.over_classes(MaxPool2DOp, quotient, "largest_quotient"), below), "limit")


@dataclass(frozen=True)
class LowerHead(ModulePass, ChangesFunction):
    """Return the logits (`head=logits`), the index of the largest (`argmax`), or probabilities (`softmax`).

    `bits` is the width of a probability. Every output that ends in a softmax is concerned, and for an argmax all
    outputs of several values where Keras ends none in an activation.
    """

    name = "lower-head"
    head: str = "logits"
    bits: int = 8

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        if self.head not in ("logits", "argmax", "softmax"):
            raise QdialectError(f"head '{self.head}' is not one of logits, argmax, softmax")
        if self.head == "logits":
            return
        function = network(op)
        end = function.get_return_op()
        assert end is not None, "a network returns its outputs"
        heads = heads_of(function)
        for index in self.concerned(heads, end):
            end.operands[index] = self.result(function, end, end.operands[index])
            heads[index] = Head.ARGMAX if self.head == "argmax" else Head.PROBABILITIES
        function.update_function_type()
        record_heads(function, heads)

    def concerned(self, heads: Sequence[Head], end: ReturnOp) -> list[int]:
        """The outputs that get the head. Raises QdialectError if there are none."""
        found = [index for index, head in enumerate(heads) if head is Head.SOFTMAX]
        if self.head == "argmax" and all(head is Head.LINEAR for head in heads):
            found = [index for index, logits in enumerate(end.operands) if shape_of(logits)[-1:] > (1,)]
        if not found:
            ends = (f"output '{keras_name(y)}' is {head}" for y, head in zip(end.operands, heads, strict=True))
            raise QdialectError(f"head={self.head} is for a softmax, but {', '.join(ends)}: use head=logits")
        return found

    def result(self, function: FuncOp, end: ReturnOp, logits: SSAValue) -> SSAValue:
        head, name = HeadBuilder.of(end, logits), keras_name(logits)
        if format_of(logits.type) is None:
            raise QdialectError(f"output '{name}' is float: lower the network first")
        if self.head == "argmax":
            return head.argmax()
        tables = SoftmaxTables(head.classes, self.bits, head.lsb)
        entries = max(1 << tables.distance_bits, len(tables.reciprocals()))
        if entries > MAX_TABLE or not 2 * head.classes <= 1 << self.bits:
            raise QdialectError(
                f"output '{name}': a softmax of {head.classes} classes in {self.bits} bits takes a table of {entries}"
                f" codes (at most {MAX_TABLE} are possible) and 2 steps per class: choose other bits, or head=argmax"
            )
        text = f"softmax in fixed<{self.bits}, 0, unsigned>, at most {tables.error:.2g} from the real one of its logits"
        add_remarks(function, [f"output '{name}': {text}; the largest is that of the logits"])
        return head.softmax(tables)
