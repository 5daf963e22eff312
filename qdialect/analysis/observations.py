"""What the values of a network are on data: ranges that were seen, which prove nothing."""

from __future__ import annotations

from collections.abc import Iterable
from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import NDArray
from xdsl.dialects.builtin import ModuleOp
from xdsl.interpreter import Interpreter
from xdsl.ir import Operation, SSAValue

from qdialect.dialects.qnn.network import argument_names, network
from qdialect.errors import QdialectError
from qdialect.interpreter.simulate import run
from qdialect.interpreter.values import as_inputs, to_argument

Hull = tuple[int, int]


def load_array(path: str | PathLike[str]) -> NDArray[Any]:
    """The array in an .npy file. Raises QdialectError if it is none."""
    try:
        return np.load(path, allow_pickle=False)
    except OSError as error:
        raise QdialectError(f"{path}: {error.strerror or 'not an .npy file'}") from None
    except ValueError:
        raise QdialectError(f"{path}: not an .npy file of numbers") from None


class Observer(Interpreter.Listener):
    """Lowest and highest code of every result; nothing for packed and float values."""

    def __init__(self) -> None:
        self.seen: dict[SSAValue, Hull] = {}

    def did_interpret_op(self, op: Operation, results: Iterable[Any]) -> None:
        for result, codes in zip(op.results, results, strict=True):
            if codes.size and codes.dtype.kind in "iO":
                self.seen[result] = int(codes.min()), int(codes.max())


def observed(module: ModuleOp, x: Any) -> dict[SSAValue, Hull]:
    """The lowest and the highest code of every quantized value of a network on inputs `x`, as `simulate` takes them.

    Raises QdialectError for inputs that do not fit.
    """
    function, observer = network(module), Observer()
    inputs = as_inputs(x, argument_names(function))
    run(module, [to_argument(function, i, value) for i, value in enumerate(inputs)], [observer])
    return observer.seen
