"""`qdialect`: the command line for people with a trained network."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from qdialect.errors import QdialectError, one_line
from qdialect.tools.options import input_types, make_parents
from qdialect.tools.parser import make_parser

if TYPE_CHECKING:
    from qdialect.analysis.costs import Report


def load_optional(path: str | None) -> Any:
    """The array in an .npy file, None for None. Raises QdialectError if the file is not one."""
    from qdialect.analysis.observations import load_array

    return None if path is None else load_array(path)


def verify_model(options: argparse.Namespace, directory: str | None) -> int:
    from qdialect.analysis.costs import report
    from qdialect.compiler.verify import verify
    from qdialect.dialects.qnn.network import parameters

    data, expected, labels = (load_optional(file) for file in (options.data, options.expected, options.labels))
    if data is None and (expected is not None or labels is not None):
        raise QdialectError("--expected and --labels belong to --data")
    if labels is not None:
        check_labels(labels, data)
    asked = {"io_type": options.io_type, "head": options.head, "part": options.part, "clock_period": options.clock}
    asked |= {"interface": options.interface, "control": options.control}
    config = {name: value for name, value in asked.items() if value is not None}
    rtl = rtl_settings(options)
    if options.certify and options.head != "logits":
        raise QdialectError(
            "--certify compares with the imported network, whose head is left to the host: --head logits"
        )
    result = verify(options.model, data, options.samples, expected, options.input_type, config, directory, rtl)
    print(f"{result.project.top} ({options.model})\n")
    print("\n".join(result.lines()), end="\n\n")
    costs = report(result.lowered)
    print("\n".join(costs.lines()))
    print("\n".join(memory_lines(costs, parameters(result.network))))
    if labels is not None:
        indices = result.outputs[0][..., 0] if options.head == "argmax" else result.outputs[0].argmax(axis=-1)
        print_accuracy(indices, expected, labels, "RTL" if options.target == "rtl" else "compiled C++")
    if directory is not None:
        print(f"project written to {result.project.directory}")
    if options.certify:
        from qdialect.tools.proofs import certificate_lines

        print("\n".join(certificate_lines(result, directory)))
    print()
    return 0 if result.ok else 1


def rtl_settings(options: argparse.Namespace) -> dict[str, Any] | None:
    """The settings of an RTL project; None for HLS C++. Raises QdialectError for an option that belongs to the
    other."""
    if options.target == "hls":
        if options.levels is not None:
            raise QdialectError("--levels belongs to --target rtl")
        return None
    registers = {} if options.levels is None else {"registers": {"levels": options.levels}}
    return {"io_type": options.io_type, **registers}


def memory_lines(costs: Report, parameters: int) -> list[str]:
    """Bytes of constants against float32, where a parameter takes 4."""
    kernels, others = costs.kernel_bits / 8, costs.other_constant_bits / 8
    ratio = 4 * parameters / (kernels + others)
    return [
        f"constants: {kernels:g} bytes of kernels + {others:g} of biases and thresholds = {kernels + others:g} bytes,",
        f"           {4 * parameters} bytes as float32 ({parameters} parameters): {ratio:.1f} times less",
    ]


def check_labels(labels: Any, data: Any) -> None:
    """Raise QdialectError for anything but the index of a class for each sample."""
    count = len(next(iter(data.values())) if isinstance(data, dict) else data)
    if isinstance(labels, dict) or labels.shape != (count,) or (labels != labels.round()).any():
        raise QdialectError(
            f"--labels: expected the index of a class for each of {count} samples, a vector of integers"
        )


def print_accuracy(indices: Any, expected: Any, labels: Any, compiled: str) -> None:
    def accuracy(classes: Any) -> str:
        return f"{100 * float((classes == labels).mean()):.2f} %"

    keras = "" if expected is None else f"Keras {accuracy(expected.argmax(axis=-1))}, "
    print(f"accuracy on {len(labels)} samples: {keras}{compiled} {accuracy(indices)}")


def run_convert(options: argparse.Namespace) -> int:
    return verify_model(options, options.output)


def run_verify(options: argparse.Namespace) -> int:
    return verify_model(options, None)


def run_prove(options: argparse.Namespace) -> int:
    from qdialect.tools.proofs import prove_modules

    return prove_modules(options)


def run_simulate(options: argparse.Namespace) -> int:
    import numpy as np

    from qdialect.frontends.models import import_model
    from qdialect.simulator.simulate import simulate

    outputs = simulate(import_model(options.model, options.input_type), load_optional(options.data))
    if isinstance(outputs, list):
        np.savez(make_parents(options.output).with_suffix(".npz"), *outputs)
    else:
        np.save(make_parents(options.output), outputs)
    return 0


def run_export_qonnx(options: argparse.Namespace) -> int:
    from qdialect.compiler.write_qonnx import to_qonnx

    print(f"graph written to {to_qonnx(options.model, make_parents(options.output), options.input_type)}")
    return 0


def run_report(options: argparse.Namespace) -> int:
    from qdialect.analysis.costs import report
    from qdialect.compiler.configuration import Configuration
    from qdialect.compiler.loop_level import loops_of, scheduled
    from qdialect.compiler.pipeline import lower
    from qdialect.compiler.targets.range_report import explanations
    from qdialect.estimates.csynth import read_csynth
    from qdialect.estimates.schedule import estimate
    from qdialect.estimates.table import comparison_lines, estimate_lines
    from qdialect.frontends.models import import_model

    measured = None if options.csynth is None else read_csynth(options.csynth)
    configuration = Configuration(clock_period=options.clock)
    lowered = scheduled(lower(import_model(options.model, options.input_type)), configuration)
    print("\n".join(report(lowered).lines()), end="\n\n")
    top, parts = estimate(loops_of(lowered, configuration), options.clock)
    print("\n".join(estimate_lines(top, parts, options.clock)))
    if measured is not None:
        print("\n".join(["", *comparison_lines(top, parts, options.clock, measured)]))
    print("\n".join(["", *explanations(lowered)]))
    return 0


def run_profile(options: argparse.Namespace) -> int:
    from qdialect.reports.profile import profile

    found = profile(options.model, load_optional(options.data), options.input_type)
    print("\n".join(found.lines()))
    if options.output is not None:
        found.plot(make_parents(options.output))
    return 0


def run_info(options: argparse.Namespace) -> int:
    from qdialect.reports.info import describe

    print("\n".join(describe(options.model, options.input_type).lines()))
    return 0


def run_widths(options: argparse.Namespace) -> int:
    from qdialect.reports.widths import widths

    for model in options.models:
        print(model, *widths(model, options.input_type).lines(), "", sep="\n")
    return 0


def run_lint(options: argparse.Namespace) -> int:
    from qdialect.backends.hls.lint import lint_project

    findings = lint_project(options.directory)
    for finding in findings:
        print(finding)
    return 1 if findings else 0


COMMANDS = {
    "convert": run_convert,
    "verify": run_verify,
    "prove": run_prove,
    "simulate": run_simulate,
    "export-qonnx": run_export_qonnx,
    "report": run_report,
    "profile": run_profile,
    "info": run_info,
    "widths": run_widths,
    "lint": run_lint,
}


def main(argv: Sequence[str] | None = None) -> int:
    """Returns the exit status: 0, or 1 after one line on standard error or if a stage differs."""
    try:
        options = make_parser().parse_args(argv)
        if hasattr(options, "input_type"):
            options.input_type = input_types(options.input_type)
        status = COMMANDS[options.command](options)
        sys.stdout.flush()
        return status
    except BrokenPipeError:  # the reader (head, less) has seen enough; keep Python from flushing again at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        print(f"qdialect: error: {one_line(f'{error.filename}: {error.strerror}')}", file=sys.stderr)
        return 1
    except QdialectError as error:
        print(f"qdialect: error: {one_line(str(error))}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
