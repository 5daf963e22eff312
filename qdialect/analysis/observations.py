"""The values of a network on data: observed ranges, which prove nothing."""

from __future__ import annotations

import math
import os
import zipfile
import zlib
from collections.abc import Iterable
from os import PathLike
from tokenize import TokenError
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray
from xdsl.dialects.builtin import ModuleOp
from xdsl.interpreter import Interpreter
from xdsl.ir import Operation, SSAValue

from qdialect.dialects.qnn.network import argument_names, network
from qdialect.errors import QdialectError, shown
from qdialect.interpreter.blocks import blocks, bytes_of
from qdialect.interpreter.simulate import run
from qdialect.interpreter.values import as_inputs, to_argument

Hull = tuple[int, int]
HEADERS: dict[tuple[int, int], Any] = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}
"""Readers of the header by the version of the format; later ones are for structures with names."""
MALFORMED = (ValueError, EOFError, NotImplementedError, SyntaxError, TokenError)
"""What numpy raises on malformed headers."""
MAX_DATA = 8 << 30
"""Bytes of one array: 10,000 color images of 224 x 224 as float32 take 6 GB."""


def load_array(path: str | PathLike[str]) -> NDArray[Any] | dict[str, NDArray[Any]]:
    """The array in an .npy file, or the arrays in an .npz file by name.

    Raises QdialectError, before it takes memory, for what is not a whole file of finite numbers.
    """
    try:
        with open(path, "rb") as file:
            if not zipfile.is_zipfile(file):
                file.seek(0)
                return read_array(file, os.fstat(file.fileno()).st_size, str(path))
            with zipfile.ZipFile(file) as members:
                if not members.infolist():
                    raise QdialectError(f"{path}: holds no arrays")
                return {
                    member.filename.removesuffix(".npy"): read_array(
                        members.open(member), member.file_size, f"{path}: {member.filename}"
                    )
                    for member in members.infolist()
                }
    except OSError as error:
        raise QdialectError(f"{path}: {error.strerror or 'not an .npy file'}") from None
    except (*MALFORMED, zlib.error, zipfile.BadZipFile):
        raise QdialectError(f"{path}: not an .npy or .npz file of numbers") from None


def read_array(stream: IO[bytes], size: int, where: str) -> NDArray[Any]:
    """The array in a stream of `size` bytes. Raises ValueError, or QdialectError beginning with `where`."""
    version = np.lib.format.read_magic(stream)
    if version not in HEADERS:
        raise ValueError(version)
    shape, _, dtype = HEADERS[version](stream)
    if dtype.kind not in "biuf":
        raise QdialectError(f"{where}: expected numbers, not elements of type {shown(str(dtype))}")
    if size > MAX_DATA or math.prod(shape) * dtype.itemsize > size - stream.tell():
        raise QdialectError(f"{where}: {size} bytes for an array of shape {shown(shape)}; at most {MAX_DATA} are read")
    if 0 in shape or not shape:
        raise QdialectError(f"{where}: expected samples, not an array of shape {list(shape)}")
    stream.seek(0)
    array = np.lib.format.read_array(stream, allow_pickle=False)
    if not np.isfinite(array).all():
        sample, *_ = np.argwhere(~np.isfinite(array))[0].tolist()
        raise QdialectError(f"{where}: sample {sample} has a value that is NaN or infinite")
    return array


class Observer(Interpreter.Listener):
    """Lowest and highest code of every result over all runs; nothing for packed and float values."""

    def __init__(self) -> None:
        self.seen: dict[SSAValue, Hull] = {}

    def did_interpret_op(self, op: Operation, results: Iterable[Any]) -> None:
        for result, codes in zip(op.results, results, strict=True):
            if codes.size and codes.dtype.kind in "iO":
                low, high = int(codes.min()), int(codes.max())
                before = self.seen.get(result, (low, high))
                self.seen[result] = min(low, before[0]), max(high, before[1])


def observed(module: ModuleOp, x: Any) -> dict[SSAValue, Hull]:
    """The lowest and the highest code of every quantized value of a network on inputs `x`, as `simulate` takes them.

    Raises QdialectError for inputs that do not fit.
    """
    function, observer = network(module), Observer()
    inputs = as_inputs(x, argument_names(function))
    for block in blocks(inputs, bytes_of(function.body.block.ops, function.args)):
        run(module, [to_argument(function, i, value) for i, value in enumerate(block)], [observer])
    return observer.seen
