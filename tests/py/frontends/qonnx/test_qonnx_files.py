"""What is no graph, or none that compiles, gets one line; commands take graphs as they take Keras' files."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from onnx_definitions import outputs_of
from onnx_files import Net, content, integer, varint

import qdialect
from qdialect.errors import QdialectError
from qdialect.tools.driver import run
from qdialect.tools.options import make_parents


def small() -> Net:
    net = Net(np.linspace(-2, 2, 24, dtype=np.float32).reshape(8, 3))
    kernel = net.quant(net.constant([[1, 0.5], [-0.25, 0], [0.5, -1]]), 0.25, 4)
    net.add("Relu", net.add("MatMul", net.quant("x", 0.25, 4), kernel))
    return net


def refused(net: Net, tmp_path: Path, message: str, **options: object) -> None:
    with pytest.raises(QdialectError) as caught:
        qdialect.from_onnx(net.write(tmp_path / "net.onnx"), **options)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("op", "options", "message"),
    [
        ("Erf", {}, "node 'n4' (Erf): this operation is not supported, only Add, AveragePool"),
        ("Softmax", {"axis": 1, "beta": 2}, "attribute beta=2 is not supported"),
        ("Flatten", {"axis": 2}, "axis=2 is not supported, only 1"),
        ("Quant", {"domain": "com.vendor"}, "operations of 'com.vendor' are not supported"),
        ("BatchNormalization", {}, "its input '' must be a constant"),
        ("Conv", {}, "its configuration cannot be read (IndexError"),
    ],
)
def test_nodes_are_refused_by_name(op, options, message, tmp_path: Path) -> None:
    net = small()
    net.add(op, net.last, **options)
    refused(net, tmp_path, message)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"bits": 2.5}, "its bit width must be one integer from 1 to 4096"),
        ({"bits": 0}, "its bit width must be one integer from 1 to 4096"),
        ({"scale": 0}, "its scale must be positive"),
        ({"scale": [0.5, np.nan, 1]}, "are NaN, infinite or beyond"),
        ({"mode": "RANDOM"}, "rounding_mode='RANDOM' is not supported, only ROUND, HALF_EVEN"),
        ({"signed": 0, "narrow": 1}, "narrow=1 of unsigned numbers"),
        ({"scale": [0.5, 1]}, "does not fit"),
    ],
)
def test_quantizers_are_refused_by_name(change, message, tmp_path: Path) -> None:
    net = small()
    net.quant("x", **{"scale": 0.5, "bits": 4, **change})
    net.last = net.add("Relu", net.last)
    if message == "does not fit":
        with pytest.raises(QdialectError, match=f"node 'n{len(net.nodes) - 2}'"):
            qdialect.from_onnx(net.write(tmp_path / "net.onnx"))
    else:
        refused(net, tmp_path, message)


def test_layers_after_a_softmax_are_refused(tmp_path: Path) -> None:
    net = small()
    net.add("Relu", net.add("Softmax", net.last, axis=1))
    refused(net, tmp_path, "follows a softmax, which is only supported where it ends the network")


def test_a_type_for_an_input_that_is_not_there(tmp_path: Path) -> None:
    refused(small(), tmp_path, "the graph has no input 'y'; there are 'x'", input_type={"y": "fixed<8, 3>"})


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x89HDF\r\n\x1a\n",
        b"\xff" * 40,
        content(7, varint(1 << 62)),
        content(7, content(5, integer(1, 1 << 40) + integer(2, 1) + content(8, "w"))),
        content(7, content(5, integer(1, -4) + integer(2, 1) + content(8, "w"))),
        content(7, content(1, content(4, "If") + content(5, content(1, "then") + content(6, b"")))),
        content(7, content(1, content(4, b"\xff\xfe"))),
    ],
    ids=range(8),
)
def test_damaged_files_get_one_line(data: bytes, tmp_path: Path) -> None:
    file = tmp_path / "net.onnx"
    file.write_bytes(data)
    with pytest.raises(QdialectError, match=r"net\.onnx: no ONNX model, or a damaged one \(.+\)$"):
        qdialect.from_onnx(file)


def test_flipped_and_missing_bytes_get_one_line(tmp_path: Path) -> None:
    """Each changed file imports, or is refused in one line, in no time."""
    whole, rng, file = small().write(tmp_path / "net.onnx").read_bytes(), np.random.default_rng(3), tmp_path / "f.onnx"
    started, messages = time.perf_counter(), list[str]()
    for draw in range(300):
        data = bytearray(whole)
        for place in rng.integers(0, len(data), 1 + draw % 3):
            data[place] = rng.integers(0, 256)
        file.write_bytes(data[: rng.integers(1, len(data))] if draw % 4 == 0 else data)
        try:
            qdialect.from_onnx(file)
        except QdialectError as error:
            messages.append(str(error))
    assert len(messages) > 30
    assert not any("\n" in message for message in messages)
    assert time.perf_counter() - started < 60


def test_weights_are_only_read_beside_the_graph(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    file = small().write(folder / "net.onnx", data=True)
    file.write_bytes(file.read_bytes().replace(b"net.onnx.data", b"../secret.txt"))
    (tmp_path / "secret.txt").write_bytes(bytes(200))
    with pytest.raises(QdialectError, match=r"no file '\.\./secret\.txt' beside it with the weights"):
        qdialect.from_onnx(file)


def test_commands_take_graphs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    net = small()
    file = net.write(tmp_path / "net.onnx")
    assert run([str(file), "-p", "default"]) == 0
    assert "func.func @net" in capsys.readouterr().out
    net.write(tmp_path / "net.bin")
    assert run(["-f", "onnx", str(tmp_path / "net.bin"), "-t", "hls"]) == 0
    inputs, wanted, got = (make_parents(str(tmp_path / f"{name}.npy")) for name in ("x", "y", "simulated"))
    np.save(inputs, net.x)
    np.save(wanted, outputs_of(net))
    command = [sys.executable, "-m", "qdialect"]
    data = ["--data", str(inputs)]
    subprocess.run([*command, "simulate", str(file), *data, "-o", str(got)], check=True)
    assert np.array_equal(np.load(got), outputs_of(net))
    checked = subprocess.run(
        [*command, "convert", str(file), *data, "--expected", str(wanted), "-o", str(tmp_path / "project")],
        check=True,
        capture_output=True,
        text=True,
    )
    assert "equal to recorded outputs" in checked.stdout
    assert (tmp_path / "project" / "Makefile").exists()


def test_verification_arranges_inputs_and_outputs(tmp_path: Path) -> None:
    """Channels first as in ONNX, and steps of the host, on the way in; channels first on the way out."""
    net = Net(np.random.default_rng(5).random((6, 3, 4, 4)).astype(np.float32))
    x = net.quant(net.add("Mul", "x", net.constant(3)), 0.25, 4)
    net.add("Conv", x, net.quant(net.constant(np.linspace(-1, 1, 24).reshape(2, 3, 2, 2)), 0.25, 4))
    result = qdialect.verify(net.write(tmp_path / "net.onnx"), net.x, expected=outputs_of(net))
    assert result.ok
    assert result.stages[0].equal == result.stages[0].total
    drawn = qdialect.verify(tmp_path / "net.onnx", samples=20)
    assert drawn.ok
    assert "their recorded outputs can be given" in drawn.note


def test_what_shows_layers_of_keras_refers_to_what_reads_graphs(tmp_path: Path) -> None:
    file = small().write(tmp_path / "net.onnx")
    shown = subprocess.run([sys.executable, "-m", "qdialect", "info", str(file)], capture_output=True, text=True)
    assert shown.returncode == 1
    assert shown.stderr.endswith(
        "net.onnx: an ONNX graph, not a Keras model; from_onnx, convert, verify and report read it\n"
    )
