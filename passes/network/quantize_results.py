"""quantize-results: the outputs of the network are rounded to a fixed-point type, as asked.

    return %y        ->        %y_output = quantize %y {mode = #qnn.round<half_even, saturate>}
                               return %y_output

For whatever reads the hardware and expects a type of its own. Half to even, saturated; an output whose type lies within
the asked one stays. The pass changes what the network computes, and runs before the others:
`-p quantize-results{types="fixed<10,4>"},default`.
"""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation, SSAValue
from xdsl.passes import ModulePass

from qdialect.dialects.qnn.attributes import RoundAttr
from qdialect.dialects.qnn.emitter import Emitter
from qdialect.dialects.qnn.network import network, results_of
from qdialect.dialects.qnn.ops.quantize import QuantizeOp
from qdialect.dialects.qnn.types import format_of
from qdialect.errors import QdialectError
from qdialect.numerics.fixed_text import EXACT, parse_fixed
from qdialect.numerics.formats import FixedFormat
from qdialect.numerics.quantizers import Round
from qdialect.passes import ChangesFunction


@dataclass(frozen=True)
class QuantizeResults(ModulePass, ChangesFunction):
    """Round every output, or some.

    types: one for all outputs, or one for each in their order; 'exact' leaves an output as it is.
    """

    name = "quantize-results"

    types: tuple[str, ...]

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        function = network(op)
        results, returned = results_of(function), function.get_return_op()
        assert returned is not None, "functions of a network have a body"
        types = self.types * len(results) if len(self.types) == 1 else self.types
        if len(types) != len(results):
            raise QdialectError(f"{len(types)} types for {len(results)} outputs: give one type, or one for each")
        for index, (value, text) in enumerate(zip(results, types, strict=True)):
            if text != EXACT:
                returned.operands[index] = quantized(returned, value, parse_fixed(text, "output"))
        function.update_function_type()


def quantized(end: Operation, value: SSAValue, fmt: FixedFormat) -> SSAValue:
    """The value rounded before `end`; itself where its type lies within the asked one."""
    if fmt.holds(format_of(value.type)):
        return value
    owner = value.owner if isinstance(value.owner, Operation) else end
    return Emitter(end, owner, value.name_hint or "result").emit(QuantizeOp(value, RoundAttr(Round()), fmt), "output")
