"""The settings of a design as options: they go over those of a file `qdialect.toml`."""

from __future__ import annotations

import argparse
from typing import Any

from qdialect.errors import QdialectError, shown
from qdialect.tools.options import clock, input_type, input_types, path, reuse_factor, rounding

MODEL = "model file (.h5, .keras, .onnx, .json with weights beside it), directory (SavedModel), or design (.toml)"
INPUT_TYPE = "what unquantized inputs are rounded to, such as 'fixed<16, 6>'; NAME=TYPE for one of several"
SETTINGS = {
    "reuse_factor": "ReuseFactor",
    "strategy": "Strategy",
    "weights": "Weights",
    "activations": "Activations",
}
"""Options that set something of all layers or, as LAYER=VALUE, of one."""
OUTPUT_TYPE = "what outputs are rounded to, such as 'fixed<10,4>'; NAME=TYPE for one of several"
LAYERS = "of all layers; LAYER={0} for one layer"


def add_input_type(command: argparse.ArgumentParser) -> None:
    command.add_argument("--input-type", type=input_type, action="append", metavar="TYPE", help=INPUT_TYPE)


def add_model(command: argparse.ArgumentParser) -> None:
    """The model of a command, and the types of its inputs."""
    command.add_argument("model", type=path, help=MODEL)
    add_input_type(command)


def add_design(command: argparse.ArgumentParser) -> None:
    """The model of a command, and every setting of its hardware."""
    add_model(command)
    command.add_argument("--io-type", help="io_parallel (arrays, default) or io_stream (streams of pixels)")
    command.add_argument("--head", help="what the hardware returns: logits (default), argmax or softmax")
    command.add_argument("--passes", metavar="PASSES", help="pipeline to the integer level, as in qopt -p")
    command.add_argument(
        "--reuse-factor",
        type=reuse_factor,
        action="append",
        metavar="N",
        help="the most, " + LAYERS.format("N"),
    )
    command.add_argument(
        "--strategy", action="append", metavar="NAME", help="latency or resource, " + LAYERS.format("NAME")
    )
    for name, what in (("weights", "kernels and biases"), ("activations", "results")):
        command.add_argument(
            f"--{name}",
            type=rounding,
            action="append",
            metavar="TYPE",
            help=f"what {what} are rounded to, of all layers without quantizers; LAYER=TYPE for one layer",
        )
    command.add_argument("--output-type", type=input_type, action="append", metavar="TYPE", help=OUTPUT_TYPE)
    command.add_argument("--interface", help="ports (default), axis (packets of an AXI4-Stream) or m_axi (memory)")
    command.add_argument("--control", help="ap_ctrl_hs (default), ap_ctrl_chain, ap_ctrl_none or s_axilite")
    command.add_argument("--part", help="the FPGA, as the vendor spells it")
    command.add_argument("--clock", type=clock, metavar="NS", help="clock period (5)")
    command.add_argument("--project-name", metavar="NAME", help="the top function (the name of the model)")
    command.add_argument("--target", choices=("hls", "rtl"), help="HLS C++ (default) or SystemVerilog")
    command.add_argument("--levels", type=int, metavar="N", help="of rtl: levels of logic between registers (none)")


def flags(options: argparse.Namespace) -> dict[str, Any]:
    """What the options of a command set, in the words of a design's file. Raises QdialectError for a mixture of input
    types."""
    given = vars(options)
    names = {"clock": "clock_period"} | {
        name: name for name in ("io_type", "head", "interface", "control", "part", "project_name", "target")
    }
    found = {key: given[name] for name, key in names.items() if given.get(name) is not None}
    if (types := input_types(given.get("input_type"))) is not None:
        found["inputs"] = types
    if (types := input_types(given.get("output_type"), "--output-type")) is not None:
        found["outputs"] = types
    if given.get("passes") is not None:
        found["passes"] = [given["passes"]]
    if given.get("levels") is not None:
        found["rtl"] = {"registers": {"levels": given["levels"]}}
    for name, key in SETTINGS.items():
        for text in given.get(name) or ():
            add_setting(found, key, text)
    return found


def add_setting(found: dict[str, Any], key: str, text: str) -> None:
    """A setting of all layers, or, written LAYER=VALUE, of one."""
    layer, equals, word = text.rpartition("=")
    at = found.setdefault("LayerName", {}).setdefault(layer, {}) if equals else found.setdefault("Model", {})
    if key in at:
        raise QdialectError(f"{key} is given twice: {shown(at[key])} and {shown(text)}")
    at[key] = int(word) if key == "ReuseFactor" else word
