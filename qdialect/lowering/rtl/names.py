"""Identifiers that are legal in SystemVerilog, and in the C++ that simulators make of it."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

RESERVED = frozenset(
    """
    accept_on alias always always_comb always_ff always_latch and assert assign assume automatic before begin bind bins
    binsof bit break buf bufif0 bufif1 byte case casex casez cell chandle checker class clocking cmos config const
    constraint context continue cover covergroup coverpoint cross deassign default defparam design disable dist do edge
    else end endcase endchecker endclass endclocking endconfig endfunction endgenerate endgroup endinterface endmodule
    endpackage endprimitive endprogram endproperty endsequence endspecify endtable endtask enum event eventually expect
    export extends extern final first_match for force foreach forever fork forkjoin function generate genvar global
    highz0 highz1 if iff ifnone ignore_bins illegal_bins implements implies import incdir include initial inout input
    inside instance int integer interconnect interface intersect join join_any join_none large let liblist library local
    localparam logic longint macromodule matches medium modport module nand negedge nettype new nexttime nmos nor
    noshowcancelled not notif0 notif1 null or output package packed parameter pmos posedge primitive priority program
    property protected pull0 pull1 pulldown pullup pulsestyle_ondetect pulsestyle_onevent pure rand randc randcase
    randsequence rcmos real realtime ref reg reject_on release repeat restrict return rnmos rpmos rtran rtranif0
    rtranif1 s_always s_eventually s_nexttime s_until s_until_with scalared sequence shortint shortreal showcancelled
    signed small soft solve specify specparam static string strong strong0 strong1 struct super supply0 supply1
    sync_accept_on sync_reject_on table tagged task this throughout time timeprecision timeunit tran tranif0 tranif1
    tri tri0 tri1 triand trior trireg type typedef union unique unique0 unsigned until until_with untyped use uwire var
    vectored virtual void wait wait_order wand weak weak0 weak1 while wildcard wire with within wor xnor xor

    asm auto bool catch char delete double explicit false float friend goto inline long mutable namespace nullptr
    operator private public register short sizeof switch template throw true try typename using volatile

    clk rst valid_in valid_out ready_in ready_out tick start valid tick_out
    """.split()
)
"""Keywords of both languages, and the names of ports that every design may have."""


LONGEST = 100
"""Characters: files called after a module stay within the 255 that file systems take."""


def verilog_identifier(hint: str) -> str:
    """A legal identifier close to `hint`; wires without a name of their own are called n and a number."""
    stem = re.sub(r"[^A-Za-z0-9_]", "_", hint)[:LONGEST]
    if re.match(r"\d|n\d+$|$|_*$", stem):
        stem = f"v_{stem}"
    return f"{stem}_" if stem in RESERVED else stem


def unique_identifier(hint: str, taken: Collection[str]) -> str:
    """A legal identifier close to `hint`, numbered if it is taken, whatever its case: verilator's include guards and
    some file systems know one case only."""
    stem, number = verilog_identifier(hint), 0
    name, known = stem, {each.lower() for each in taken}
    while name.lower() in known:
        number += 1
        name = f"{stem}_{number}"
    return name


def unique_identifiers(hints: Sequence[str], taken: Collection[str] = ()) -> list[str]:
    """One for each hint, all different from each other and from those that are taken."""
    names: list[str] = []
    for hint in hints:
        names.append(unique_identifier(hint, {*taken, *names}))
    return names
