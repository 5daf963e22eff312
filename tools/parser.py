"""The commands of `qdialect` and their options."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from importlib.metadata import version
from typing import NoReturn

from qdialect import __version__
from qdialect.errors import QdialectError
from qdialect.tools.completion import add_completion
from qdialect.tools.design_flags import add_design, add_input_type, add_model
from qdialect.tools.options import path, percent, samples


class Parser(argparse.ArgumentParser):
    """argparse with our error format: one line, exit status 1."""

    def error(self, message: str) -> NoReturn:
        raise QdialectError(message)


def make_parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="qdialect", description="Trained QKeras/Keras networks to HLS C++ that computes the same bits."
    )
    parser.add_argument("-v", "--version", action="version", version=f"qdialect {__version__} (xdsl {version('xdsl')})")
    add_completion(parser)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=Parser)

    def command(name: str, summary: str) -> argparse.ArgumentParser:
        return commands.add_parser(name, help=summary, description=summary)

    convert = command("convert", "verify a network at every stage and write its HLS or RTL project")
    add_design(convert)
    convert.add_argument("-o", "--output", type=path, required=True, help="directory of the project")
    add_verification(convert)
    add_forms(convert)
    check = command("verify", "compare Keras, the IR after each pass and the compiled C++, for equality")
    add_design(check)
    add_verification(check)
    add_forms(check)
    proof = command("prove", "prove for all inputs that two modules, or a network and its lowering, are equal")
    add_model(proof)
    proof.add_argument("other", type=path, nargs="?", metavar="OTHER", help="second module; default: MODEL, lowered")
    proof.add_argument("-o", "--output", type=path, metavar="DIR", help="directory for the certificate")
    proof.add_argument("--check", action="store_true", help="MODEL is a directory with a certificate: prove it again")
    run = command("simulate", "run a network in the interpreter")
    add_model(run)
    run.add_argument("--data", type=path, required=True, help=".npy file of inputs")
    run.add_argument("-o", "--output", type=path, required=True, help=".npy file for the outputs")
    export = command("export-qonnx", "write a network as a QONNX graph, for qonnx, FINN and Netron")
    add_model(export)
    export.add_argument("-o", "--output", type=path, required=True, help=".onnx file")
    add_reports(command)
    add_sweeps(command)
    return parser


def add_verification(command: argparse.ArgumentParser) -> None:
    """What is compared."""
    add_data(command)
    command.add_argument("--samples", type=samples, default=1000, help="inputs to draw without --data (1000)")
    command.add_argument(
        "--certify", action="store_true", help="prove that lowering changes no output; convert writes a certificate"
    )


def add_data(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--data", type=path, help=".npy file of inputs; default: drawn at codes, ties and ends of the input type"
    )
    command.add_argument(
        "--expected", type=path, help=".npy file of Keras' outputs for --data: probabilities or logits"
    )
    command.add_argument("--labels", type=path, help=".npy file of class labels for --data: prints the accuracy")


def add_json(command: argparse.ArgumentParser) -> None:
    command.add_argument("--json", action="store_true", help="the result as JSON (docs/design.md has the schemas)")


def add_forms(command: argparse.ArgumentParser) -> None:
    """How a command shows its result, and what it is doing."""
    add_json(command)
    command.add_argument("-q", "--quiet", action="store_true", help="no progress on the terminal")


def add_reports(command: Callable[[str, str], argparse.ArgumentParser]) -> None:
    """The commands that print tables; `command` adds one by its name and summary."""
    costs = command(
        "report", "accumulator widths and why, multipliers left, bits of constants, estimates of the hardware"
    )
    add_design(costs)
    add_forms(costs)
    costs.add_argument("-o", "--output", type=path, help="file for the page, .html")
    costs.add_argument("--ranges", action="store_true", help="every value: proven range, and the codes that reach it")
    costs.add_argument(
        "--csynth", type=path, metavar="PATH", help="report of Vitis HLS to show beside them: csynth.xml or its folder"
    )
    distributions = command("profile", "weights and activations on data against their types: integer bits, saturation")
    add_model(distributions)
    add_json(distributions)
    distributions.add_argument("--data", type=path, required=True, help=".npy file of inputs")
    distributions.add_argument("-o", "--output", type=path, help="file for box plots: .png, .svg or .pdf")
    distributions.add_argument(
        "--loss",
        type=percent,
        metavar="PERCENT",
        help="types for layers without quantizers that misclassify so few more",
    )
    distributions.add_argument("--labels", type=path, help=".npy file of class labels for --loss")
    shown = command("info", "layers, quantizers, types, and where Keras' own float32 simulation is exact")
    add_model(shown)
    add_json(shown)
    table = command(
        "widths", "accumulator widths: from types alone, by the rules of QTools and hls4ml, proven, and in hardware"
    )
    table.add_argument("models", type=path, metavar="MODEL", nargs="+", help="model files or designs")
    add_input_type(table)
    add_json(table)
    lint = command(
        "lint", "what a vendor's tool would refuse in a project: pragmas, constructs that cannot be synthesized"
    )
    lint.add_argument("directory", type=path, metavar="DIR", help="directory of the project")


def add_sweeps(command: Callable[[str, str], argparse.ArgumentParser]) -> None:
    """Many designs of one network: their jobs, and the table of what came of them."""
    jobs = command("sweep", "write a job for every combination of settings in a plan: batch systems run them")
    jobs.add_argument("plan", type=path, metavar="PLAN", help="design (.toml) with a section [sweep] of lists")
    jobs.add_argument("-o", "--output", type=path, required=True, help="directory of the jobs")
    add_data(jobs)
    results = command("collect", "the jobs of a sweep as one table: settings, cycles, resources, accuracy")
    results.add_argument("directory", type=path, metavar="DIR", help="directory of the jobs")
    add_json(results)
    results.add_argument("-o", "--output", type=path, help="file for a plot: .png, .svg or .pdf")
