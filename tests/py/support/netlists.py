"""Networks as netlists in tests: simulated on numpy, compared with the interpreter code by code."""

from __future__ import annotations

import numpy as np
from xdsl.dialects import comb, hw
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation

from qdialect.backends.rtl.files import RtlDesign
from qdialect.compiler.pipeline import lower
from qdialect.dialects.qnn.network import network
from qdialect.interpreter.netlists import run_netlists
from qdialect.interpreter.simulate import output_codes
from qdialect.interpreter.values import to_argument
from qdialect.validation.stimuli import sample_inputs


def design(module: ModuleOp, *passes: str) -> RtlDesign:
    """The netlists of a module at integer level."""
    return RtlDesign.of(module, lower(module, ("quantize-interface", *(passes or ("lower-to-rtl",)))))


def simulated(made: RtlDesign, inputs: list[np.ndarray]) -> list[np.ndarray]:
    """The output codes of the netlists for real inputs."""
    function = network(made.module)
    fed = {
        port.name: port.to_bits(to_argument(function, i, value)).T
        for i, (port, value) in enumerate(zip(made.inputs, inputs, strict=True))
    }
    got = run_netlists(made.rtl, fed)
    return [port.from_bits(np.ascontiguousarray(got[port.name].T)) for port in made.outputs]


def assert_equal(module: ModuleOp, *passes: str, rows: int = 64) -> RtlDesign:
    """The netlists of a module at integer level compute what the interpreter does; returns them."""
    made = design(module, *passes)
    inputs = sample_inputs(network(module), np.random.default_rng(0), rows)
    for want, got in zip(output_codes(module, inputs), simulated(made, inputs), strict=True):
        np.testing.assert_array_equal(np.broadcast_to(want, got.shape), got)
    return made


def spoil(op: Operation) -> None:
    """The lowest bit of a value wrong for all that use it."""
    block, (value,) = op.parent_block(), op.results
    assert block is not None
    one = hw.ConstantOp(1 if value.type.width.data > 1 else -1, value.type)
    block.insert_ops_after([one, wrong := comb.XorOp([value, one.result], value.type)], op)
    value.replace_uses_with_if(wrong.result, lambda use: use.operation is not wrong)
