"""Accumulator widths against the rules of other tools; their rules are held to their own code and outputs."""

from itertools import product

import pytest
from width_checks import assert_never_wider, checked_widths

from qdialect.numerics.formats import BinaryFormat, FixedFormat, Po2Format, TernaryFormat
from qdialect.numerics.intervals import Interval
from qdialect.reports.peers import HLS4ML_DEFAULT, ZERO_ONE, hls4ml_accumulator, qtools_accumulator
from qdialect.reports.widths import Width
from qdialect.tools.cli import main


def test_proven_widths_of_the_examples_are_narrower_than_their_types(example):
    rows = checked_widths(example.model).rows
    assert len(rows) >= 4
    assert sum(row.proven.width for row in rows) < sum(row.types.width for row in rows)


def test_a_width_too_large_or_too_small_is_noticed():
    needed = Interval(-5, 5, 0)
    fmt = FixedFormat(4, 4, signed=True)
    row = Width("sum", 3, fmt, None, FixedFormat(3, 3, signed=True), fmt, needed, 4)
    assert_never_wider([row])
    assert row.cells() == ("sum", "3", "4", "float", "3 unsound", "4", "4")
    for proven in (FixedFormat(5, 5, signed=True), FixedFormat(3, 3, signed=True), FixedFormat(4, 5, signed=True)):
        with pytest.raises(AssertionError):
            assert_never_wider([Width("sum", 3, fmt, None, fmt, proven, needed, 4)])


def test_the_table(capsys, example):
    assert main(["widths", str(example.model)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].split("  ")[0] == "accumulator"
    assert any(line.startswith("QTools: too narrow for 0 of ") for line in lines)


def fixed(bits: int, integer: int, signed: bool = True) -> FixedFormat:
    """quantized_bits(bits, integer) or quantized_relu(bits, integer)."""
    return FixedFormat(bits, integer + signed, signed)


QUANTIZERS = {
    "quantized_bits(4, 0, alpha=1)": fixed(4, 0),
    "quantized_bits(5, 1, alpha=1)": fixed(5, 1),
    "quantized_relu(4, 2)": fixed(4, 2, signed=False),
    "quantized_relu(1, 1)": ZERO_ONE,
    "binary(alpha=1)": BinaryFormat(),
    "ternary(alpha=1)": TernaryFormat(),
    "quantized_po2(4)": Po2Format(-4, 3, signed=True),
    "quantized_po2(4, 1.0)": Po2Format(-4, 0, signed=True),
    "quantized_relu_po2(3)": Po2Format(-4, 3, signed=False),
}
ACTIVATIONS = [name for name in QUANTIZERS if name != "quantized_po2(4, 1.0)"]
KERNELS = [name for name in QUANTIZERS if "relu" not in name]


def test_qtools_rule_is_theirs():
    """Every pair of quantizers, in QTools itself. The integer bits of sums of signs are nominal there."""
    import qkeras
    from qkeras.qtools.quantized_operators import accumulator_factory, multiplier_factory, quantizer_factory

    make = quantizer_factory.QuantizerFactory().make_quantizer
    for names in product(KERNELS, ACTIVATIONS):
        multiplier = multiplier_factory.MultiplierFactory().make_multiplier(
            *(make(eval(name, vars(qkeras))) for name in names)
        )
        output = accumulator_factory.AccumulatorFactory().make_accumulator((64, 10), multiplier).output
        w, x = (QUANTIZERS[name] for name in names)
        ours = qtools_accumulator(x, w, 64)
        assert (ours.width, ours.signed) == (output.bits, bool(output.is_signed)), names
        if multiplier.output.name not in ("binary", "ternary"):
            assert ours.int_bits == output.int_bits + output.is_signed, names


@pytest.mark.parametrize(
    ("w", "bias", "x", "fan_in", "accum"),
    [
        (fixed(4, 0), fixed(4, 0), fixed(4, 2, signed=False), 64, FixedFormat(15, 10, signed=True)),
        (fixed(4, 0), fixed(8, 3), fixed(5, 1), 10, FixedFormat(14, 8, signed=True)),
        (TernaryFormat(), fixed(4, 0), fixed(4, 2, signed=False), 64, FixedFormat(14, 11, signed=True)),
        (fixed(4, 0), fixed(4, 0), TernaryFormat(), 64, FixedFormat(13, 10, signed=True)),
        (fixed(4, 0), ZERO_ONE, fixed(4, 2, signed=False), 64, FixedFormat(15, 10, signed=True)),
        (BinaryFormat(), fixed(4, 0), fixed(4, 2, signed=False), 64, HLS4ML_DEFAULT),
        (Po2Format(-4, 3, signed=True), fixed(4, 0), fixed(4, 2, signed=False), 64, HLS4ML_DEFAULT),
    ],
)
def test_hls4ml_rule_is_theirs(w, bias, x, fan_in, accum):
    """accum_t that hls4ml 1.3.0 gave a QDense of these quantizers under 'auto', measured."""
    assert hls4ml_accumulator(x, w, fan_in, bias) == accum
