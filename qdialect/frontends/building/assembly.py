"""The ends of a network function, and what makes a module of it."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager

from xdsl.dialects.builtin import IntegerAttr, ModuleOp, i64
from xdsl.dialects.func import FuncOp, ReturnOp
from xdsl.ir import Block, BlockArgument, Region, SSAValue
from xdsl.transforms.dead_code_elimination import dce
from xdsl.utils.exceptions import VerifyException

from qdialect.dialects.qnn.attributes import RoundAttr
from qdialect.dialects.qnn.heads import Head
from qdialect.dialects.qnn.names import identifier
from qdialect.dialects.qnn.ops.functions import FunctionOp
from qdialect.dialects.qnn.ops.quantize import QuantizeOp
from qdialect.dialects.qnn.owner import own
from qdialect.frontends.building.builder import PARAMETERS, Builder
from qdialect.frontends.building.owner import Owner
from qdialect.numerics.float32 import Roundings
from qdialect.numerics.formats import FixedFormat
from qdialect.numerics.functions import FunctionName
from qdialect.numerics.quantizers import Round

MALFORMED = (AttributeError, IndexError, KeyError, MemoryError, OverflowError, TypeError, ValueError, ZeroDivisionError)
"""What handlers raise on options of the wrong type or size."""


@contextmanager
def errors_of(owner: Owner) -> Generator[None]:
    """Within it, what a handler raises on options that do not fit is a QdialectError that names their owner."""
    try:
        yield
    except VerifyException as error:
        raise owner.error(f"{error}") from None
    except MALFORMED as error:
        cause = " ".join(str(error).split())
        raise owner.error(f"its configuration cannot be read ({type(error).__name__}: {cause})") from error


def input_value(b: Builder, argument: BlockArgument, name: str, type_: FixedFormat | None) -> SSAValue:
    """An input of the network, rounded to its type if it has one."""
    argument.name_hint = identifier(name)
    if type_ is None:
        return argument
    b.layer_name = f"{argument.name_hint}_quantized"
    rounded = QuantizeOp(argument, RoundAttr(Round()), type_)
    value = b.emit(rounded)
    own(rounded, name)
    b.roundings[value] = Roundings(1)
    return value


def without_sigmoid(value: SSAValue, head: Head) -> tuple[SSAValue, Head]:
    """What an output is before a sigmoid that ends the network, which is left to the host; else as it is."""
    if isinstance(value.owner, FunctionOp) and value.owner.function.data.name is FunctionName.SIGMOID:
        return value.owner.operand, Head.SIGMOID
    return value, head


def network_function(name: str, block: Block, results: Sequence[SSAValue], parameters: int) -> FuncOp:
    """The function of a network with so many learned numbers; its `block` gets its end here."""
    block.add_op(ReturnOp(*results))
    types = ([argument.type for argument in block.args], [result.type for result in results])
    function = FuncOp(identifier(name), types, Region(block))
    function.attributes[PARAMETERS] = IntegerAttr(parameters, i64)
    return function


def finished(function: FuncOp) -> ModuleOp:
    """The module of a network: no dead values, and a name for each. Raises VerifyException."""
    module = ModuleOp([function])
    dce(module)
    number_shared_names(function.body.block)
    module.verify()
    return module


def number_shared_names(block: Block) -> None:
    """A name denotes one value: of several with one name the last keeps it, as a layer's result is its last value."""
    taken: set[str] = set()
    for op in reversed(block.ops):
        for result in op.results:
            name, number = result.name_hint, 0
            while result.name_hint in taken:
                number += 1
                result.name_hint = f"{name}_part{number}"
            if result.name_hint:
                taken.add(result.name_hint)
