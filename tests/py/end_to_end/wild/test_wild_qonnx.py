"""QONNX graphs of others with the outputs that qonnx' execution gave: NAME.onnx and NAME.npz with x and y.

Graphs whose scales are powers of two give the recorded outputs in every bit; others lie in the enclosure of all that
float32 may give. Both architectures are compiled.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

import qdialect
from qdialect.dialects.qnn.heads import heads_for_host
from qdialect.dialects.qnn.network import network
from qdialect.errors import QdialectError
from qdialect.frontends.qonnx.reading.files import read_graph
from qdialect.numerics.float32 import dyadic_format
from qdialect.numerics.formats import FixedFormat
from qdialect.passes.network.quantize_interface import quantize_argument

FOLDER = Path(os.environ.get("QDIALECT_MODELS", "nowhere"))
GRAPHS = sorted(
    file
    for folder in {FOLDER, FOLDER.parent / "models_qonnx"}
    for file in folder.glob("*.onnx")
    if file.with_suffix(".npz").exists()
)
WIDEST = 24


def input_type_for(file: Path, x: np.ndarray) -> str | None:
    """A type that holds the recorded inputs, for graphs that do not quantize them; 24 bits where that is too wide."""
    function = network(qdialect.from_onnx(file))
    try:
        quantize_argument(function.args[0])
        return None
    except QdialectError:
        fmt = dyadic_format(x)
        fmt = fmt if fmt.bits <= WIDEST else FixedFormat(WIDEST, 6, signed=True)
        return f"fixed<{fmt.bits}, {fmt.int_bits}, {'signed' if fmt.signed else 'unsigned'}>"


def scales_are_exact(file: Path) -> bool:
    """Whether all scales of quantizers are powers of two."""
    graph = read_graph(file)
    names = [node.inputs[1] for node in graph.nodes if "Quant" in node.op_type]
    return all((np.frexp(graph.constants[name])[0] == 0.5).all() for name in names)


@pytest.mark.skipif(not GRAPHS, reason="set QDIALECT_MODELS to a folder beside or with graphs")
@pytest.mark.parametrize("io_type", ["io_parallel", "io_stream"])
@pytest.mark.parametrize("file", GRAPHS, ids=lambda file: file.stem)
def test_graph_from_the_wild(file: Path, io_type: str) -> None:
    with np.load(file.with_suffix(".npz")) as recorded:
        x, y = recorded["x"].astype(np.float32), recorded["y"]
    type_ = input_type_for(file, x)
    result = qdialect.verify(file, x, expected=y, input_type=type_, config={"io_type": io_type})
    assert result.ok, str(result)
    if scales_are_exact(file) and type_ is None and not heads_for_host(network(result.network)):
        assert result.stages[0].equal == result.stages[0].total


def same_weights() -> tuple[Path, Path]:
    """The jet tagger of the model zoo, and the QKeras network that it was converted from."""
    return FOLDER.parent / "models_qonnx" / "qkeras_jettagging.onnx", FOLDER / "ex_qkeras_3layer"


@pytest.mark.skipif(not all(path.exists() for path in same_weights()), reason="set QDIALECT_MODELS to a folder with it")
def test_graph_and_keras_network_of_the_same_weights() -> None:
    """Equal logits, for the inputs of both."""
    graph, folder = same_weights()
    type_ = "fixed<24, 8>"
    modules = [qdialect.from_onnx(graph, type_), qdialect.from_keras(folder, type_)]
    with np.load(graph.with_suffix(".npz")) as recorded:
        x = np.concatenate([recorded["x"], np.load(folder / "inputs.npy")]).astype(np.float32)
    logits = [qdialect.simulate(module, x) for module in modules]
    assert len(np.unique(logits[0])) > len(x)
    assert np.array_equal(*logits)
