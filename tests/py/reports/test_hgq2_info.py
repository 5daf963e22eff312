"""What `qdialect info` says of HGQ2's layers."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from chains import Network
from trained import ROOT

from qdialect.analysis.bit_operations import bit_operations, bits_of_codes
from qdialect.dialects.qnn.attributes import RoundEachAttr
from qdialect.dialects.qnn.ops.contractions import DenseOp
from qdialect.dialects.qnn.ops.quantize import QuantizeOp
from qdialect.dialects.qnn.owner import own
from qdialect.frontends.keras.importer import read_source
from qdialect.frontends.keras.model.graph import read_graph
from qdialect.numerics.formats import FixedFormat
from qdialect.numerics.round_each import RoundEach
from qdialect.numerics.rounding import Overflow, Rounding
from qdialect.reports.info import describe

FILES = sorted((ROOT / "tests/py/data/hgq2").glob("*.keras"))[:10]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_widths_are_those_of_the_quantizers(file: Path) -> None:
    """Of kernels from the file's own variables: b and i or i and f, behind them k; where they wrap, k before i."""
    rows = {row.name: row.quantizers for row in describe(file).layers}
    for layer in read_graph(read_source(file)).layers:
        if layer.class_name == "hgq>QDense":
            options = layer.config["kq_conf"]["config"]
            first, second, third = (np.rint(layer.weight(f"kq/quantizer/{n}")) for n in range(3))
            wraps, kif = options["overflow_mode"] == "WRAP", options["q_type"] == "kif"
            a, k, i = (first, second, third) if wraps else (second, third, first) if kif else (first, third, second)
            f = a if kif else a - i
            bits = np.where(k + i + f > 0, k + np.maximum(i, -f) + f, 0)
            assert f"kq {bits.min():.0f}/{bits.mean():.1f}/{bits.max():.0f}" in rows[layer.name]
            assert re.search(r"EBOPs \d+ \(HGQ2: \d+\)", rows[layer.name])


def test_bits_of_weights_are_from_the_highest_one_to_the_lowest() -> None:
    assert bits_of_codes(np.array([0, 1, -1, 6, -12, 5, 128])).tolist() == [0, 1, 1, 2, 2, 3, 1]


def test_bit_operations_of_a_dense_layer() -> None:
    """Three inputs of 2, 0 and 4 bits with a sign, and weights of 1 and 2 bits."""
    widths = np.array([3, 0, 5])
    mode = RoundEach(Rounding.FLOOR, Overflow.WRAP, np.zeros(3, int), widths, np.ones(3, int))
    net = Network((3,), FixedFormat(8, 8, signed=True))
    net.then(QuantizeOp(net.value, RoundEachAttr(mode), mode.hull))
    net.then(DenseOp(net.value, net.constant(np.array([[1], [3], [-3]]), FixedFormat(3, 3, signed=True))))
    own(net.value.owner, "fc")
    assert bit_operations(net.module()) == {"fc": 2 * 1 + 4 * 2}


@pytest.mark.parametrize(("network", "count"), [("QDense", 6 * 4 + 4), ("QBatchNormDense", 6 * 4 + 4 + 3 * 6)])
def test_variables_of_quantizers_are_no_parameters(network: str, count: int) -> None:
    """Kernel and bias; gamma, mean and variance of the inputs of a fused batch normalization."""
    assert describe(ROOT / f"tests/py/data/hgq2/layers/{network}.keras").parameters == count
