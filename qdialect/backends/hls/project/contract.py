"""The contract of a design with its surroundings, as its README, its manifest and its source state it.

The protocols are those of AMD UG1399, "Block-Level Control Protocols" and "Port-Level I/O Protocols".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from xdsl.dialects.builtin import ModuleOp, StringAttr
from xdsl.ir import SSAValue

from qdialect.dialects.hlscpp.pragmas import InterfaceOp
from qdialect.dialects.hlscpp.structure import FuncOp, is_written
from qdialect.dialects.hlscpp.types import PacketType
from qdialect.estimates.schedule import Estimates

HANDSHAKES: Mapping[str, str] = {
    "ap_ctrl_hs": "ap_start is held until ap_ready, which takes the sample; ap_done for a cycle with the last output",
    "ap_ctrl_chain": "as ap_ctrl_hs, and ap_done stays until ap_continue",
    "ap_ctrl_none": "none: a sample begins as soon as one can, from the first cycle after reset on",
    "s_axilite": "registers at 0x00 of the AXI4-Lite port: bit 0 ap_start, 1 ap_done, 2 ap_idle, 3 ap_ready",
}
"""Of a block, by its control protocol."""

AXIS = "AXI4-Stream; a beat moves in a cycle with TVALID and TREADY, and is held until then"
PACKETS = f"{AXIS}; all bytes in TKEEP and TSTRB, TLAST with the last beat of a sample"
MEMORY = (
    "AXI4 memory, from the address in the port's register on; left alone from ap_start until ap_done;"
    " a bundle for each port, a burst for each sample, whose process ends before the next begins: the interval is at"
    " least its words and 2 cycles; what the memory itself takes is not in the estimates"
)

INPUTS: Mapping[str, str] = {
    "ap_none": "wires, a port for each element; held from ap_start until ap_ready, {interval} cycles at most",
    "axis": AXIS,
    "packets": PACKETS,
    "m_axi": MEMORY,
}

OUTPUTS: Mapping[str, str] = {
    "ap_vld": "registers, a port for each element; valid in the cycle of its ap_vld",
    "axis": AXIS,
    "packets": PACKETS,
    "m_axi": MEMORY,
}

PACKED = "b bits, element i of a word in its bits [i * b, (i + 1) * b), zeros above the last; words in row-major order"
LAYOUTS: Mapping[str, str] = {
    "ap_none": "elements in row-major order, each of the bits of its type",
    "axis": "TDATA has the elements of a beat in s bits each, element i from bit i * s on: s is the bits of its type,"
    " rounded up to 8, 16, 32, 64 or a multiple of 64; beats in row-major order",
    "packets": f"TDATA has the elements of a beat in {PACKED}",
    "m_axi": f"a word has its elements in {PACKED}",
}

HELD_WITHOUT_START = "wires, one port for each element; taken every {interval} cycles, and held for all of them"
"""Inputs of a block without control."""

RESETS = (
    "ap_rst, active high, synchronous; no value is kept from sample to sample",
    "ap_rst_n, active low, synchronous to ap_clk; no value is kept from sample to sample",
)
"""Without and with an AXI port."""


@dataclass(frozen=True)
class Contract:
    """The contract of a top function. Latencies and intervals are estimates for the clock period, in cycles."""

    latency: int
    """From the start of a sample, or from its first beat, to the last output."""
    interval: int
    """From the start of a sample to the start of the next."""
    clock_period: float
    """Nanoseconds."""
    control: str
    handshake: str
    inputs: str
    outputs: str
    layout: str
    reset: str

    def lines(self) -> Sequence[str]:
        """A line for each promise."""
        return [
            f"latency: {self.latency} cycles; interval: {self.interval} cycles (estimates at {self.clock_period:g} ns)",
            f"control: {self.control}; {self.handshake}",
            f"inputs: {self.inputs}",
            f"outputs: {self.outputs}",
            f"layout: {self.layout}",
            f"reset: {self.reset}",
        ]

    def manifest(self) -> dict[str, Any]:
        return asdict(self)


def top_of(module: ModuleOp) -> FuncOp:
    """The top function of a module at the loop level."""
    return next(op for op in module.ops if isinstance(op, FuncOp) and op.top is not None)


def contract_of(estimates: Estimates) -> Contract:
    """The contract of a module at the loop level, for the clock period of its estimates."""
    top, cycles = top_of(estimates.module), estimates.top
    ports = [op for op in top.body.block.ops if isinstance(op, InterfaceOp)]
    control = next((op.mode.data for op in ports if op.memref is None), "ap_ctrl_hs")
    modes = {is_written(op.memref): mode_of(op.memref, op) for op in ports if op.memref is not None}
    inputs = INPUTS[modes[False]]
    if control == "ap_ctrl_none" and modes[False] == "ap_none":
        inputs = HELD_WITHOUT_START
    return Contract(
        cycles.latency,
        cycles.interval,
        estimates.clock,
        control,
        HANDSHAKES[control],
        inputs.format(interval=cycles.interval),
        OUTPUTS[modes[True]],
        LAYOUTS[modes[False]],
        RESETS[control == "s_axilite" or "ap_none" not in modes.values()],
    )


def mode_of(port: SSAValue, pragma: InterfaceOp) -> str:
    """What the tables above call the protocol of a port."""
    return "packets" if isinstance(port.type, PacketType) else pragma.mode.data


def promise(module: ModuleOp, contract: Contract) -> None:
    """Write a contract above the top function."""
    top = top_of(module)
    before = [] if top.comment is None else [top.comment.data]
    top.comment = StringAttr("\n".join([*before, *contract.lines()]))
