"""What must hold for the accumulators of every network: nobody's sound type is narrower than ours, and ours has no
bit to spare."""

import numpy as np

from qdialect.analysis.code_range import Range
from qdialect.analysis.ranges import ranges
from qdialect.analysis.witnesses import witness
from qdialect.dialects.qnn.op import shape_of
from qdialect.frontends.keras.importer import from_keras
from qdialect.interpreter.simulate import interpreter_for
from qdialect.numerics.formats import FixedFormat
from qdialect.reports.widths import BiasedSum, Width, WidthTable, sums, widths


def checked_widths(model, input_type=None) -> WidthTable:
    table = widths(model, input_type)
    assert_never_wider(table.rows)
    assert_minimal(from_keras(model, input_type))
    return table


def assert_never_wider(rows: list[Width]) -> None:
    for row in rows:
        assert row.is_sound(row.proven), row
        for fmt in (row.types, row.qtools, row.auto):
            if fmt is not None and row.is_sound(fmt):
                assert row.proven.width <= fmt.width, row
        assert row.hardware is None or row.hardware <= row.proven.width, row


def assert_minimal(module) -> None:
    """The interpreter, run on a witness of each end, needs every bit of the proven type of sum and bias."""
    known, interpreter = ranges(module), interpreter_for(module)
    for one in sums(module):
        total = known[one.total]
        ends = [reached(one, known[one.op.operand], total, end, interpreter) for end in ("lowest", "highest")]
        assert ends == list(total.hull), one.name
        width = FixedFormat.holding(*ends, 0).width
        for fmt in (FixedFormat(width - 1, width - 1, signed) for signed in (True, False) if width > 1):
            assert not all(end in fmt for end in ends), one.name


def reached(one: BiasedSum, x: Range, total: Range, end, interpreter) -> int:
    """The sum with its bias that the interpreter computes from a witness for an end of its range."""
    flat = int(total.low.argmin() if end == "lowest" else total.high.argmax())
    found = witness(one.op, x, np.unravel_index(flat, shape_of(one.op.result)), end)
    (codes,) = interpreter.run_op(one.op, (found.operand[np.newaxis], found.kernel[np.newaxis]))
    return int(one.add_bias(codes, interpreter).reshape(-1)[flat])
