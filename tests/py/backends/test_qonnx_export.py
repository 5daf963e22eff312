"""Networks as QONNX graphs: read again they compute the same; names, shapes, refusals, the command."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from exported_networks import NETWORKS, SIX, Network, functions, image, module_of, read_again
from trained import Example
from xdsl.dialects.builtin import ModuleOp

import qdialect
from qdialect.backends.qonnx.exporter import graph_of
from qdialect.backends.qonnx.writer import WRITERS
from qdialect.dialects.qnn.attributes import NearestPo2Attr
from qdialect.dialects.qnn.heads import heads_of
from qdialect.dialects.qnn.network import network
from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.functions import FunctionOp
from qdialect.dialects.qnn.ops.quantize import QuantizeOp
from qdialect.errors import QdialectError
from qdialect.frontends.qonnx.reading.files import read_graph
from qdialect.numerics.formats import FixedFormat, Po2Format
from qdialect.numerics.functions import ElementFunction, FunctionName
from qdialect.numerics.quantizers import NearestPo2, Round
from qdialect.numerics.rounding import Overflow, Rounding
from qdialect.tools.cli import main


def drawn(module: ModuleOp) -> np.ndarray:
    shape = shape_of(network(module).args[0])
    return (np.random.default_rng(3).normal(size=(30, *shape)) * 3).astype(np.float32)


@pytest.mark.parametrize("build", NETWORKS, ids=lambda build: build.__name__)
def test_a_graph_is_the_network(build, tmp_path: Path) -> None:
    module = build()
    for wanted, got in zip(*read_again(module, tmp_path / "net.onnx", [drawn(module)]), strict=True):
        assert np.array_equal(wanted, got)


def test_networks_have_every_operation() -> None:
    seen = {type(op) for build in NETWORKS for op in network(build()).body.block.ops}
    assert WRITERS.keys() <= seen


def test_examples(example: Example, tmp_path: Path) -> None:
    module = qdialect.from_keras(example.model)
    (wanted,), (got,) = read_again(module, tmp_path / "net.onnx", [example.inputs])
    assert np.array_equal(wanted, example.logits)
    assert np.array_equal(got, wanted)
    assert heads_of(network(module)) == heads_of(network(qdialect.from_onnx(tmp_path / "net.onnx")))


def test_names_and_shapes(tmp_path: Path) -> None:
    """Tensors are called as the values of the IR, channels come first, and padding is part of convolutions."""
    graph = read_graph(qdialect.to_qonnx(image(), tmp_path / "net.onnx"))
    assert graph.inputs == {"x": [1, 2, 7, 6]}
    kinds = Counter(node.op_type for node in graph.nodes)
    assert kinds["Pad"] == 0
    assert (kinds["Conv"], kinds["AveragePool"], kinds["MaxPool"]) == (3, 2, 1)  # one convolution is a sum of windows
    values = {op.results[0].name_hint for op in network(image()).body.block.ops if op.results}
    assert {node.name for node in graph.nodes if "Quant" not in node.op_type} - values == {
        name for name in (node.name for node in graph.nodes) if name.endswith("_transposed")
    }
    assert len({node.name for node in graph.nodes}) == len(graph.nodes)


def test_a_graph_does_not_depend_on_its_path(tmp_path: Path) -> None:
    one, two = (qdialect.to_qonnx(functions(), tmp_path / name).read_bytes() for name in ("a.onnx", "b.onnx"))
    assert one == two


def exponential_steps(n: Network) -> None:
    n(QuantizeOp(n.quantized(n.block.args[0]), NearestPo2Attr(NearestPo2()), Po2Format(-3, 3, True)))


def wrapping(n: Network) -> None:
    n.quantized(n.block.args[0], SIX, Round(Rounding.FLOOR, Overflow.WRAP))


def ties_of_reals(n: Network) -> None:
    n.quantized(n.block.args[0], SIX, Round(Rounding.HALF_UP))


def one_signed_bit(n: Network) -> None:
    n.quantized(n.block.args[0], FixedFormat(1, 1, True))


def a_function(n: Network) -> None:
    n(FunctionOp(n.block.args[0], ElementFunction(FunctionName.GELU)))


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (exponential_steps, "layer 'n2': QONNX has no form for the quantizer #qnn.nearest_po2; use quantized_bits"),
        (wrapping, "layer 'n1': QONNX has no form for overflow that wraps around, only for clipping"),
        (ties_of_reals, "layer 'n1': QONNX has no form for ties that go 'half_up', where float32 numbers are rounded"),
        (one_signed_bit, "layer 'n1': QONNX has no form for one signed bit of -1 and 0; use two bits"),
        (a_function, "layer 'n1': QONNX has no form for the function gelu"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_qonnx_cannot_express(build, message: str, tmp_path: Path) -> None:
    n = Network(4)
    build(n)
    last = n.block.last_op
    with pytest.raises(QdialectError) as error:
        qdialect.to_qonnx(module_of(n, last.results[0]), tmp_path / "net.onnx")
    assert str(error.value) == message
    assert not list(tmp_path.iterdir())


def test_integer_level_is_refused(example: Example, tmp_path: Path) -> None:
    lowered = qdialect.lower(qdialect.from_keras(example.model))
    with pytest.raises(QdialectError, match="networks are exported as they are imported, before passes"):
        graph_of(network(lowered))


def test_command(example: Example, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "new" / "net.onnx"
    assert main(["export-qonnx", str(example.model), "-o", str(file)]) == 0
    assert capsys.readouterr().out == f"graph written to {file}\n"
    assert main(["export-qonnx", str(tmp_path / "none.h5"), "-o", str(file)]) == 1
    assert "no such model file" in capsys.readouterr().err
