"""The directives of `#pragma HLS` that the linters know, by UG1399: their places and options."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

INTEGER, NAME, FLAG = "an integer", "a name", "no value"

ANY = {"function", "loop", "block"}


class Directive(NamedTuple):
    places: set[str]
    options: Mapping[str, str | set[str]]
    """The values of each option: INTEGER, NAME, FLAG or a set of words"""
    required: tuple[str, ...] = ()


MODES: set[str] = {
    *("ap_none", "ap_vld", "ap_ack", "ap_hs", "ap_ovld", "ap_stable", "ap_fifo", "ap_memory", "bram"),
    *("axis", "m_axi", "s_axilite", "ap_ctrl_none", "ap_ctrl_hs", "ap_ctrl_chain"),
}

STORAGE: set[str] = set("fifo ram_1p ram_1wnr ram_2p ram_s2p ram_t2p rom_1p rom_2p rom_np".split())

PARTITION: dict[str, str | set[str]] = {
    "variable": NAME,
    "type": {"complete", "block", "cyclic"},
    "factor": INTEGER,
    "dim": INTEGER,
}

DIRECTIVES = {
    "INLINE": Directive({"function"}, {"off": FLAG, "recursive": FLAG}),
    "INTERFACE": Directive(
        {"function"},
        {
            "mode": MODES,
            "port": NAME,
            "depth": INTEGER,
            "register": FLAG,
            "storage_type": STORAGE,
            "bundle": NAME,
            "offset": {"slave"},
        },
        ("mode", "port"),
    ),
    "PIPELINE": Directive(
        {"function", "loop"}, {"II": INTEGER, "rewind": FLAG, "off": FLAG, "style": {"stp", "flp", "frp"}}, ("II",)
    ),
    "DATAFLOW": Directive({"function", "loop"}, {"disable_start_propagation": FLAG}),
    "UNROLL": Directive({"loop"}, {"factor": INTEGER, "skip_exit_check": FLAG, "off": FLAG}),
    "LOOP_FLATTEN": Directive({"loop"}, {"off": FLAG}),
    "LOOP_TRIPCOUNT": Directive({"loop"}, {"min": INTEGER, "max": INTEGER, "avg": INTEGER}, ("max",)),
    "ARRAY_PARTITION": Directive(ANY, PARTITION, ("variable", "type", "dim")),
    "ARRAY_RESHAPE": Directive(ANY, PARTITION, ("variable", "type", "dim")),
    "BIND_STORAGE": Directive(
        ANY,
        {"variable": NAME, "type": STORAGE, "impl": {"auto", "bram", "lutram", "uram", "srl"}, "latency": INTEGER},
        ("variable", "type"),
    ),
    "BIND_OP": Directive(
        ANY,
        {"variable": NAME, "op": {"mul", "add", "sub"}, "impl": {"auto", "dsp", "fabric"}, "latency": INTEGER},
        ("variable", "op"),
    ),
    "STREAM": Directive(
        ANY, {"variable": NAME, "depth": INTEGER, "type": {"fifo", "pipo", "shared", "unsync"}}, ("variable", "depth")
    ),
    "AGGREGATE": Directive(ANY, {"variable": NAME, "compact": {"auto", "bit", "byte", "none"}}, ("variable",)),
    "DEPENDENCE": Directive(
        {"function", "loop"},
        {
            "variable": NAME,
            "type": {"inter", "intra"},
            "direction": {"raw", "war", "waw"},
            "distance": INTEGER,
            "dependent": {"true", "false"},
        },
        ("variable", "type"),
    ),
    "ALLOCATION": Directive(
        ANY, {"operation": FLAG, "function": FLAG, "instances": NAME, "limit": INTEGER}, ("limit",)
    ),
}

DEPRECATED = {"RESOURCE", "DATA_PACK", "ARRAY_MAP"}
