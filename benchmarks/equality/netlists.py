"""Netlists of layers proved for all inputs: their sums by polynomials and a basis, layers against plain trees by abc.

    python benchmarks/equality/netlists.py [--seconds N] FOLDER...

The sums of a layer are computed by the plain tree and by the cheapest netlist. Both are proved linear in their inputs
(`proof/linear_sums.py`): they are the interpreter's for all inputs if they are for zero and for each input at each end
of its type alone. abc compares the layers as they are, with thresholds and roundings; what it does not decide in so
many seconds is listed.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from rtl_table import model_in
from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import FuncOp, ReturnOp
from xdsl.ir import Block, Operation, Region, SSAValue

import qdialect
from qdialect.backends.rtl.equality import compare, layers
from qdialect.backends.rtl.ports import RtlPort
from qdialect.compiler.rtl_configuration import RtlConfiguration
from qdialect.compiler.write_rtl import rtl_design_of
from qdialect.dialects.qnn.network import network
from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.packed import PackOp
from qdialect.dialects.qnn.owner import layer_of
from qdialect.dialects.qnn.traits import WeightedSums
from qdialect.dialects.qnn.types import exact_format_of
from qdialect.interpreter.netlists import run_netlists
from qdialect.interpreter.simulate import output_codes
from qdialect.interpreter.values import to_argument, to_reals
from qdialect.lowering.parts.elements import to_stored
from qdialect.proof.linear_sums import WordRange, is_linear

STRATEGIES = {"tree": RtlConfiguration(products="tree"), "cheapest": RtlConfiguration()}


def alone(op: Operation) -> ModuleOp:
    """A network that is one layer's sums, of bits that are not packed yet."""
    source = op.operands[0]
    packing = [source.owner] if isinstance(source.owner, PackOp) else []
    block = Block(arg_types=[(packing[0].operand if packing else source).type])
    values: dict[SSAValue, SSAValue] = {(packing[0].operand if packing else source): block.args[0]}
    weights = [operand.owner for operand in op.operands[1:] if isinstance(operand.owner, Operation)]
    for each in (*packing, *weights, op):
        block.add_op(made := each.clone(values))
        values |= dict(zip(each.results, made.results, strict=True))
    block.add_op(ReturnOp(*made.results))
    return ModuleOp([FuncOp("top", ([block.args[0].type], [*made.result_types]), Region(block))])


def basis(argument: SSAValue) -> np.ndarray:
    """Reals [rows, ...]: all inputs next to zero, and each at either end of its type with all others so."""
    codes, shape = np.array(exact_format_of(argument.type).codes(), np.int64), shape_of(argument)
    size = int(np.prod(shape))
    rows = np.full((2 * size + 1, size), codes[np.abs(codes).argmin()])
    for i in range(size):
        rows[2 * i : 2 * i + 2, i] = codes.min(), codes.max()
    return to_reals(rows.reshape(-1, *shape), argument.type)


def elements(port: RtlPort) -> list[WordRange]:
    """What the words of a port may hold."""
    low, high = to_stored(np.array([port.format.min_code, port.format.max_code]), port.format).tolist()
    return [WordRange(port.bits, low, high)] * port.size


def of_sums(op: Operation, settings: RtlConfiguration) -> str:
    """What is proved of the sums of a layer in a strategy."""
    design = rtl_design_of(alone(op), settings)
    function = network(design.module)
    x = [basis(function.args[0])]
    (port,), (out,) = design.inputs, design.outputs
    got = run_netlists(design.rtl, {port.name: port.to_bits(to_argument(function, 0, x[0])).T})
    if not (out.from_bits(got[out.name].T) == output_codes(design.module, x)[0]).all():
        return "DIFFERENT"
    return "equal" if is_linear(design.rtl, [elements(port)], [elements(out)]) else "undecided"


def lines(folder: Path, seconds: int) -> Iterator[str]:
    """A row of each layer."""
    module = qdialect.lower(qdialect.from_keras(model_in(folder), input_type="fixed<16, 6>"))
    for op in network(module).walk():
        if op.has_trait(WeightedSums):
            for name, settings in STRATEGIES.items():
                yield f"{folder.name:20}{layer_of(op):24}{name + ', interpreter':24}{of_sums(op, settings)}"
    tree, cheapest = (rtl_design_of(module, settings).rtl for settings in STRATEGIES.values())
    for name in layers(cheapest):
        yield f"{folder.name:20}{name:24}cheapest, tree          {compare(tree, cheapest, name, seconds)}"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("folders", nargs="+", type=Path)
    options = parser.parse_args()
    for folder in options.folders:
        for line in lines(folder, options.seconds):
            print(line, flush=True)


if __name__ == "__main__":
    main()
