"""size-fifos: give every stream of a dataflow region a depth at which no latencies of its processes cause a deadlock.

Where a value goes two ways and both meet again (a residual branch), the shorter way must hold what the longer way has
taken in before it gives its first result: a convolution of K rows K-1 lines of its image. With less, the process that
reads both waits for the longer way, the one that wrote both for space in the shorter, and none ever moves on. These
depths follow from token counts alone (`estimates/queues.py`). Some streams get more: so much that at the latencies
estimated for the clock period no process waits longer than with unlimited streams (`estimates/fifos.py`).
"""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass

from qdialect.dialects.hlscpp.storage_pragmas import StreamOp
from qdialect.dialects.hlscpp.streams import FifoOp
from qdialect.dialects.hlscpp.structure import FuncOp
from qdialect.errors import QdialectError
from qdialect.estimates.fifos import depths_of


@dataclass(frozen=True)
class SizeFifos(ModulePass):
    """Write the depths into the top function, in place of any that are there, for a clock period in ns."""

    name = "size-fifos"

    clock: int | float = 5

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        if self.clock <= 0:
            raise QdialectError(f"clock is a positive period in ns, not {self.clock:g}")
        for top in op.body.block.ops:
            if isinstance(top, FuncOp) and any(isinstance(inner, FifoOp) for inner in top.body.block.ops):
                size(top, self.clock)


def size(top: FuncOp, clock: float) -> None:
    for op in list(top.body.block.ops):
        if isinstance(op, StreamOp):
            op.detach()
            op.erase()
    for stream, depth in depths_of(top, clock).items():
        assert isinstance(stream.owner, FifoOp)
        top.body.block.insert_op_after(StreamOp(stream, depth), stream.owner)
