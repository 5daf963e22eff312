"""Forms of float functions of integers: all give what the interpreter gives, and which form and doubts each has."""

from __future__ import annotations

import numpy as np
import pytest
from modules import module_of
from xdsl.ir import Operation, SSAValue

from qdialect.analysis.code_range import Range
from qdialect.analysis.float_functions import FloatFunction, QuantizedFunction, float_function, quantized_function
from qdialect.analysis.step_functions import (
    Staircase,
    Table,
    Thresholds,
    find_runs,
    find_steps,
    find_table,
    find_thresholds,
    find_values,
)
from qdialect.dialects.qnn.attributes import NearestPo2Attr, RoundAttr
from qdialect.dialects.qnn.ops.constant import ConstantOp
from qdialect.dialects.qnn.ops.elementwise import ShiftOp
from qdialect.dialects.qnn.ops.float_steps import BatchNormOp
from qdialect.dialects.qnn.ops.functions import FunctionOp
from qdialect.dialects.qnn.ops.quantize import QuantizeOp
from qdialect.dialects.qnn.types import exact_format_of, tensor
from qdialect.numerics.float32 import RSQRT_ULPS, BatchNormFormula
from qdialect.numerics.formats import FixedFormat, Format, Po2Format
from qdialect.numerics.functions import ElementFunction, FunctionName
from qdialect.numerics.quantizers import NearestPo2, Round
from qdialect.numerics.rounding import Overflow, Rounding

SIGMOID = ElementFunction(FunctionName.SIGMOID)
SAME = ElementFunction(FunctionName.LEAKY_RELU, (1.0,))
WRAPPED = RoundAttr(Round(Rounding.FLOOR, Overflow.WRAP))
CUT = RoundAttr(Round(Rounding.FLOOR, Overflow.SATURATE))
INTEGERS = FixedFormat(20, 20, signed=True)


def unsigned(bits: int, int_bits: int | None = None) -> FixedFormat:
    return FixedFormat(bits, bits if int_bits is None else int_bits, signed=False)


def quantized(
    source: Format,
    functions: list[ElementFunction],
    mode: RoundAttr | NearestPo2Attr,
    result: Format,
    by: int = 0,
    channels: int = 1,
) -> QuantizedFunction:
    """The functions of a value one after the other, times 2**by, quantized."""

    def build(x: SSAValue) -> list[Operation]:
        ops: list[Operation] = []
        for function in functions:
            ops.append(FunctionOp(ops[-1].results[0] if ops else x, function))
        if by:
            ops.append(ShiftOp(ops[-1].results[0], by))
        return [*ops, QuantizeOp(ops[-1].results[0] if ops else x, mode, result)]

    module = module_of([tensor((channels,), source)], build)
    (quantizer,) = (op for op in module.walk() if isinstance(op, QuantizeOp))
    found = quantized_function(module, quantizer)
    assert found is not None
    return found


def interval(low: int, high: int) -> tuple[np.ndarray, np.ndarray]:
    return np.array([low]), np.array([high])


def of_codes(found: Thresholds | Table | Staircase, codes: np.ndarray, result: Format) -> np.ndarray:
    """What a form gives for codes of its first channel."""
    match found:
        case Table():
            return found.codes[0, codes - found.first]
        case Staircase():
            return found.codes[0, of_codes(found.thresholds, codes, unsigned(20))]
        case Thresholds():
            rises = found.directions[0] > 0
            reached = [(codes >= level if rises else codes <= level) for level in found.levels[0]]
            return found.first + np.sum(reached, axis=0) + result.min_code


CASES = {
    "rises": quantized(FixedFormat(8, 4, signed=True), [SIGMOID], CUT, unsigned(3), by=3),
    "constant at its last code": quantized(unsigned(6), [SAME], CUT, FixedFormat(3, 1, signed=True), by=9),
    "wraps around": quantized(FixedFormat(8, 4, signed=True), [SIGMOID], WRAPPED, unsigned(1), by=3),
    "bends": quantized(FixedFormat(8, 4, signed=True), [ElementFunction(FunctionName.SWISH)], CUT, INTEGERS, by=5),
}


@pytest.mark.parametrize("name", CASES)
def test_every_form_gives_what_the_interpreter_gives(name: str) -> None:
    case = CASES[name]
    source, result = (exact_format_of(v.type) for v in (case.function.source, case.quantizer.result))
    low, high = interval(source.min_code, source.max_code)
    codes = np.arange(source.min_code, source.max_code + 1)
    expected = case.step_function()(codes[:, np.newaxis])[:, 0] + result.min_code
    forms = [find_table(case, low, high), find_runs(case, low, high), find_steps(case, Range(low, high))]
    forms += [find_thresholds(case, low, high)] if case.monotone else []
    for found in forms:
        assert found is not None
        assert np.array_equal(of_codes(found, codes, result), expected), type(found)


def test_a_constant_function_always_reaches_a_level() -> None:
    """The positions of its thresholds are those of the result, also at the last one."""
    case = CASES["constant at its last code"]
    found = find_thresholds(case, *interval(1, 63))
    assert found is not None
    assert (found.first, found.levels.tolist()) == (6, [[1]])


def test_powers_of_two_below_and_above_the_floor() -> None:
    """Of numbers so small that some lie below Keras' epsilon, where the exponent is another one."""
    source, result = FixedFormat(14, -20, signed=True), Po2Format(-40, -20, signed=True)
    mode = NearestPo2Attr(NearestPo2(quadratic=True, tiny=-22))
    codes = np.arange(source.min_code, source.max_code + 1)
    case = quantized(source, [], mode, result)
    found = find_steps(case, Range(*interval(source.min_code, source.max_code)))
    assert isinstance(found, Table | Staircase)
    assert np.array_equal(of_codes(found, codes, result), mode.data.codes(codes, source.lsb, result))
    stairs = find_steps(
        quantized(FixedFormat(40, 6, signed=True), [], mode, result), Range(*interval(-(1 << 39), (1 << 39) - 1))
    )
    assert isinstance(stairs, Staircase)
    wide = np.array([s * ((1 << n) + d) for n in range(39) for d in (-1, 0, 1) for s in (-1, 1)])
    assert np.array_equal(of_codes(stairs, wide, result), mode.data.codes(wide, -34, result))


# --- doubts ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("functions", [[SIGMOID], [SIGMOID, SAME], [SAME, SIGMOID]], ids=len)
@pytest.mark.parametrize(
    ("low", "high", "doubts"), [(-8, 0, [0]), (-8, 8, [0]), (0, 8, [0]), (-8, -1, []), (1, 8, [])], ids=str
)
def test_a_step_at_a_tie_of_the_function_is_uncertified(
    low: int, high: int, doubts: list[int], functions: list[ElementFunction]
) -> None:
    """TensorFlow's sigmoid of zero may lie below 1/2, which matters where zero is a code."""
    case = quantized(FixedFormat(8, 4, signed=True), functions, CUT, unsigned(1), by=1)
    found = find_thresholds(case, *interval(low, high))
    assert found is not None
    assert found.levels.tolist() == [[min(max(0, low), high + 1)]]
    assert found.uncertified == doubts


def test_a_doubt_counts_for_the_nearest_change() -> None:
    found = find_runs(CASES["wraps around"], *interval(-128, 127))
    assert found is not None
    assert found.thresholds.levels.tolist() == [[-31, -17, -8, 0, 9, 18, 32]]
    assert found.thresholds.disagree.tolist() == [[False, False, False, True, False, False, False]]


def test_variants_are_those_of_the_operations() -> None:
    """Of batch normalization on any processor, and of approximated functions, each where there is one."""

    def build(x: SSAValue) -> list[Operation]:
        parameters = [ConstantOp(np.array([value], np.float32), None) for value in (1.0, 0.0, 0.0, 1.0)]
        norm = BatchNormOp(x, [p.result for p in parameters], 1e-3, BatchNormFormula.SCALE_OFFSET)
        function = FunctionOp(norm.result, SIGMOID)
        return [*parameters, norm, function, QuantizeOp(function.result, CUT, unsigned(1))]

    module = module_of([tensor((1,), unsigned(4))], build)
    (quantizer,) = (op for op in module.walk() if isinstance(op, QuantizeOp))
    both = quantized_function(module, quantizer)
    assert both is not None
    assert len(list(both.variants())) == 2 * RSQRT_ULPS + len(BatchNormFormula) + 2
    assert len(list(quantized(unsigned(4), [SIGMOID], CUT, unsigned(1)).variants())) == 2
    assert list(quantized(unsigned(4), [SAME], CUT, unsigned(1)).variants()) == []


# --- choice ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bits", "source", "form"), [(4, 4, Thresholds), (5, 5, Table), (5, 12, Thresholds), (4, 12, Thresholds)]
)
def test_tables_replace_many_thresholds_of_few_codes(bits: int, source: int, form: type) -> None:
    """15 levels are compared at once, 31 of 32 codes are dearer than their table, and 31 of 4,096 are not."""
    case = quantized(unsigned(source), [SAME], CUT, unsigned(bits))
    assert isinstance(find_steps(case, Range(*interval(0, (1 << source) - 1))), form)


@pytest.mark.parametrize(("entries", "form"), [(1 << 16, Table), ((1 << 16) + 1, Staircase)])
def test_what_wraps_around_has_a_table_of_at_most_so_many_codes(entries: int, form: type) -> None:
    case = quantized(unsigned(20), [SAME], WRAPPED, unsigned(1, 16))
    assert isinstance(find_steps(case, Range(*interval(0, entries - 1))), form)


@pytest.mark.parametrize(("changes", "found"), [(65_535, True), (65_536, False)])
def test_so_many_runs_fit_in_a_table(changes: int, found: bool) -> None:
    """Each run has two codes."""
    case = quantized(unsigned(20), [SAME], WRAPPED, unsigned(1, 2))
    assert (find_runs(case, *interval(0, 2 * changes + 1)) is not None) == found


def test_outputs_of_few_bits_are_tables() -> None:
    """Of 2^20 codes where each has one bit; no table of one code more, nor of two bits each."""

    def function(largest: float) -> FloatFunction:
        named = ElementFunction(FunctionName.THRESHOLDED_RELU, (0.0, 0.0, largest))
        module = module_of([tensor((1,), unsigned(22))], lambda x: [FunctionOp(x, named)])
        (op,) = (op for op in module.walk() if isinstance(op, FunctionOp))
        found = float_function(op.result)
        assert found is not None
        return found

    table = find_values(function(1), Range(*interval(0, (1 << 20) - 1)))
    assert table is not None
    assert table.codes[0].tolist() == [0] + [1] * ((1 << 20) - 1)
    assert (table.first, table.format) == (0, unsigned(1))
    assert find_values(function(1), Range(*interval(0, 1 << 20))) is None
    assert find_values(function(3), Range(*interval(0, (1 << 20) - 1))) is None
