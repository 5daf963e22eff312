"""`qopt -t range-report`: why every value has the width it has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

import numpy as np
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import SSAValue
from xdsl.utils.target import Target

from qdialect.analysis.code_range import Range
from qdialect.analysis.ranges import ranges
from qdialect.analysis.witnesses import End, witness
from qdialect.dialects.qnn.ops.constant import ConstantOp
from qdialect.dialects.qnn.ops.contractions import ContractionOp
from qdialect.dialects.qnn.types import exact_format_of, format_of, tensor_type
from qdialect.numerics.formats import BinaryFormat, FixedFormat
from qdialect.text import columns

TITLES = ("value", "type", "lowest", "at", "highest", "at", "bits")

SHOWN = 16  # codes of a witness, beyond which its middle is left out


@dataclass(frozen=True)
class RangeReportTarget(Target):
    """The lines of `explanations`."""

    name = "range-report"

    def emit(self, ctx: Context, module: ModuleOp, output: IO[str]) -> None:
        output.writelines(f"{line}\n" for line in explanations(module))


def explanations(module: ModuleOp) -> Iterator[str]:
    """Per value: lowest and highest code, the element [..., channel] that attains each, and the bits that hold both.

    Then, per contraction and end, the codes of its operand that attain it, in the order of its window.
    Constants, packed values and floats have no row.
    """
    known = {
        value: range_
        for value, range_ in ranges(module).items()
        if not isinstance(value.owner, ConstantOp) and format_of(value.type) is not None
    }
    yield from columns([TITLES, *(row(v, r) for v, r in known.items())])
    for value in known:
        if isinstance(value.owner, ContractionOp):
            yield from witness_lines(value.owner, known)


def row(value: SSAValue, range_: Range) -> tuple[str, ...]:
    (low, high), fmt = range_.hull, exact_format_of(value.type)
    bits = fmt.bits if isinstance(fmt, BinaryFormat) else FixedFormat.holding(low, high, fmt.lsb).bits
    at_low, at_high = element(attaining(range_, "lowest")), element(attaining(range_, "highest"))
    return (name_of(value), str(tensor_type(value.type).element_type), str(low), at_low, str(high), at_high, str(bits))


def name_of(value: SSAValue) -> str:
    return value.name_hint or "-"


def attaining(range_: Range, end: End) -> tuple[int, ...]:
    """The first element that attains the end of the hull."""
    flat = range_.low.argmin() if end == "lowest" else range_.high.argmax()
    return tuple(int(i) for i in np.unravel_index(flat, range_.low.shape))


def element(at: tuple[int, ...]) -> str:
    return f"[{', '.join(map(str, at))}]"


def witness_lines(op: ContractionOp, known: dict[SSAValue, Range]) -> Iterator[str]:
    """The operands with which the sum reaches its lowest and highest values."""
    for end in ("lowest", "highest"):
        at = attaining(known[op.result], end)
        found = witness(op, known[op.operand], at, end)
        if found is not None:
            codes = np.array2string(
                found.read.ravel(),
                threshold=SHOWN,
                edgeitems=SHOWN // 4,
                max_line_width=1 << 30,
                formatter={"all": str},
            )
            partial = "" if found.whole else ", as a partial sum"
            yield f"{name_of(op.result)} is {end} at {element(at)} for {name_of(op.operand)} = {codes}{partial}"
