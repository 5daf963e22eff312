"""Arrays from files, and what networks do with them: the lowest and highest codes."""

import re

import numpy as np
import pytest
from chains import Network

from qdialect.analysis import observations
from qdialect.analysis.observations import load_array, observed
from qdialect.dialects.qnn.ops.contractions import DenseOp
from qdialect.dialects.qnn.ops.elementwise import ReluOp
from qdialect.dialects.qnn.ops.functions import FunctionOp
from qdialect.dialects.qnn.ops.packed import PackOp
from qdialect.dialects.qnn.ops.quantize import QuantizeOp, SignAttr
from qdialect.errors import QdialectError
from qdialect.interpreter import blocks
from qdialect.numerics.formats import BinaryFormat, FixedFormat
from qdialect.numerics.functions import ElementFunction, FunctionName

CODES = FixedFormat(4, 4, signed=True)


@pytest.mark.parametrize("kind", ["f4", "f8", "i2", "u1", "?"])
def test_arrays_of_numbers(kind, tmp_path):
    array = (np.arange(12).reshape(2, 2, 3) % 5).astype(kind)
    np.save(tmp_path / "one.npy", array)
    np.save(tmp_path / "columns.npy", np.asfortranarray(array))
    for name in ("one.npy", "columns.npy"):
        found = load_array(tmp_path / name)
        assert (found.dtype, found.tolist()) == (array.dtype, array.tolist())
    np.savez(tmp_path / "two.npz", x=array, y=array[:1])
    found = load_array(str(tmp_path / "two.npz"))
    assert {name: part.tolist() for name, part in found.items()} == {"x": array.tolist(), "y": array[:1].tolist()}


def refused(path, text):
    with pytest.raises(QdialectError, match=f"^{re.escape(str(path))}{re.escape(text)}$"):
        load_array(path)


def test_headers_of_the_second_version(tmp_path):
    with open(tmp_path / "x.npy", "wb") as file:
        np.lib.format.write_array(file, np.arange(3), version=(2, 0))
    assert load_array(tmp_path / "x.npy").tolist() == [0, 1, 2]


def test_files_that_are_too_large_or_cut(tmp_path, monkeypatch):
    """The last byte counts, of what is allowed and of what the header says."""
    path = tmp_path / "x.npy"
    np.save(path, np.arange(6, dtype=np.int64).reshape(2, 3))
    size = path.stat().st_size
    monkeypatch.setattr(observations, "MAX_DATA", size)
    assert load_array(path).shape == (2, 3)
    monkeypatch.setattr(observations, "MAX_DATA", size - 1)
    refused(path, f": {size} bytes for an array of shape (2, 3); at most {size - 1} are read")
    monkeypatch.undo()
    path.write_bytes(path.read_bytes()[:-1])
    refused(path, f": {size - 1} bytes for an array of shape (2, 3); at most {8 << 30} are read")


def test_arrays_that_are_no_samples(tmp_path):
    path = tmp_path / "x.npy"
    for array, text in (
        (np.zeros((2, 0)), "expected samples, not an array of shape [2, 0]"),
        (np.zeros((0, 2)), "expected samples, not an array of shape [0, 2]"),
        (np.float32(1), "expected samples, not an array of shape []"),
        (np.zeros(2, complex), "expected numbers, not elements of type 'complex128'"),
        (np.array(["a"]), "expected numbers, not elements of type '<U1'"),
    ):
        np.save(path, array)
        refused(path, f": {text}")
    path.write_bytes(b"PK\x05\x06" + bytes(18))
    refused(path, ": holds no arrays")
    path.write_bytes(b"\x93NUMPY\x09\x00")
    refused(path, ": not an .npy or .npz file of numbers")
    refused(tmp_path / "none.npy", ": No such file or directory")


def test_the_first_sample_that_is_not_finite(tmp_path):
    array = np.zeros((5, 3, 2))
    array[3, 1, 1], array[2, 2, 0] = np.inf, np.nan
    np.save(tmp_path / "x.npy", array)
    refused(tmp_path / "x.npy", ": sample 2 has a value that is NaN or infinite")
    np.savez(tmp_path / "y.npz", y=array[3:])
    refused(tmp_path / "y.npz", ": y.npy: sample 0 has a value that is NaN or infinite")


@pytest.mark.parametrize("block", [1, 1 << 20])
def test_observed_codes(block, monkeypatch):
    """Over all samples, in whatever blocks; of float and packed values nothing is recorded."""
    monkeypatch.setattr(blocks, "BLOCK_BYTES", block)
    net = Network((2,), CODES)
    sums = net.then(DenseOp(net.value, net.constant([[1, -1], [2, 3]], CODES)))
    positive = net.then(ReluOp(sums))
    signs = net.then(QuantizeOp(sums, SignAttr(), BinaryFormat()))
    floats = net.then(FunctionOp(sums, ElementFunction(FunctionName.TANH)))
    packed = net.then(PackOp(signs))
    net.value = positive
    module = net.module()
    seen = observed(module, np.array([[1.0, 1.0], [2.0, 3.0], [-3.0, 1.0], [0.0, 0.0]]))
    # [1 + 2, -1 + 3], [2 + 6, -2 + 9], [-3 + 2, 3 + 3]
    assert (seen[sums], seen[positive], seen[signs]) == ((-1, 8), (0, 8), (-1, 1))
    assert floats not in seen
    assert packed not in seen
    assert observed(module, np.array([[0.0, 1.0], [-8.0, -2.0]]))[sums] == (-12, 3)
    assert sums not in observed(module, np.zeros((0, 2)))
