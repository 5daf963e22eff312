"""What each command of `qdialect` does: it makes one result, and shows it as lines, as JSON, or as a page."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from qdialect.errors import QdialectError
from qdialect.tools.design_flags import flags
from qdialect.tools.options import make_parents
from qdialect.tools.progress import Watched

if TYPE_CHECKING:
    from qdialect.compiler.design import Design
    from qdialect.compiler.verify import Verification
    from qdialect.reports.design_result import Accuracy


def chosen(model: str, options: argparse.Namespace) -> Design:
    """The design of a model or a design's file, with the settings that options give."""
    from qdialect.compiler.design import read_design

    return read_design(model, flags(options))


def load_optional(path: str | None) -> Any:
    """The array in an .npy file, None for None. Raises QdialectError if the file is not one."""
    from qdialect.analysis.observations import load_array

    return None if path is None else load_array(path)


def show(result: Any, options: argparse.Namespace) -> None:
    """A result, or a list of results, on standard output: as JSON if that is asked for."""
    if options.json:
        from qdialect.reports.json_form import as_json

        print(as_json(result), end="")
    else:
        for each in result if isinstance(result, list) else [result]:
            print("\n".join(each.lines()))


def run_verify(options: argparse.Namespace, directory: str | None = None) -> int:
    watched = Watched(options.quiet)
    watched(f"reading {options.model}")
    from qdialect.compiler.verify import verify
    from qdialect.reports.design_result import result_of_verification

    data, expected, labels = (load_optional(file) for file in (options.data, options.expected, options.labels))
    if data is None and (expected is not None or labels is not None):
        raise QdialectError("--expected and --labels belong to --data")
    if labels is not None:
        check_labels(labels, data)
    design = chosen(options.model, options)
    if options.certify and (options.json or design.settings.head != "logits"):
        raise QdialectError(
            "--certify prints lines, and compares networks whose head is left to the host: --head logits"
        )
    verified = verify(design, data, options.samples, expected, directory=directory, progress=watched)
    accuracy = None if labels is None else accuracy_of(verified, expected, labels, design.settings.head)
    result = result_of_verification(verified, accuracy)
    show(result, options)
    if directory is not None:
        from qdialect.backends.projects.directory import add_files
        from qdialect.reports.json_form import as_json
        from qdialect.reports.page import page

        add_files(verified.project.directory, {"report.html": page(result), "report.json": as_json(result)})
        if not options.json:
            print(f"project written to {directory}, with report.html")
    if options.certify:
        from qdialect.tools.proofs import certificate_lines

        print("\n".join(certificate_lines(verified, directory)))
    return 0 if verified.ok else 1


def run_convert(options: argparse.Namespace) -> int:
    return run_verify(options, options.output)


def run_prove(options: argparse.Namespace) -> int:
    from qdialect.tools.proofs import prove_modules

    return prove_modules(options)


def check_labels(labels: Any, data: Any) -> None:
    """Raise QdialectError for anything but the index of a class for each sample."""
    count = len(next(iter(data.values())) if isinstance(data, dict) else data)
    if isinstance(labels, dict) or labels.shape != (count,) or (labels != labels.round()).any():
        raise QdialectError(
            f"--labels: expected the index of a class for each of {count} samples, a vector of integers"
        )


def accuracy_of(verified: Verification, expected: Any, labels: Any, head: str) -> Accuracy:
    """Of the hardware, and of the reference's outputs where they were given."""
    from qdialect.reports.design_result import Accuracy

    def share(classes: Any) -> float:
        return 100 * float((classes == labels).mean())

    output = verified.outputs[0]
    classes = output[..., 0] if head == "argmax" else output.argmax(axis=-1)
    return Accuracy(len(labels), share(classes), None if expected is None else share(expected.argmax(axis=-1)))


def run_simulate(options: argparse.Namespace) -> int:
    import numpy as np

    from qdialect.compiler.subject import returned
    from qdialect.simulator.simulate import simulate

    outputs = simulate(returned(chosen(options.model, options)), load_optional(options.data))
    if isinstance(outputs, list):
        np.savez(make_parents(options.output).with_suffix(".npz"), *outputs)
    else:
        np.save(make_parents(options.output), outputs)
    return 0


def run_export_qonnx(options: argparse.Namespace) -> int:
    from qdialect.compiler.write_qonnx import to_qonnx

    design = chosen(options.model, options)
    print(f"graph written to {to_qonnx(design, make_parents(options.output))}")
    return 0


def run_report(options: argparse.Namespace) -> int:
    watched = Watched(options.quiet)
    watched(f"reading {options.model}")
    from qdialect.compiler.built import build
    from qdialect.estimates.csynth import read_csynth
    from qdialect.reports.design_result import result_of_built
    from qdialect.reports.tables import tables

    measured = None if options.csynth is None else read_csynth(options.csynth)
    built = build(chosen(options.model, options), watched)
    result = result_of_built(built)
    show(result, options)
    if not options.json:
        print("\n".join(tables(built, measured, options.ranges)))
    if options.output is not None:
        from qdialect.reports.page import page

        make_parents(options.output).write_text(page(result))
    return 0


def run_profile(options: argparse.Namespace) -> int:
    if options.loss is not None:
        return run_proposal(options)
    if options.labels is not None:
        raise QdialectError("--labels belongs to --loss")
    from qdialect.reports.profile import profile

    found = profile(chosen(options.model, options), load_optional(options.data))
    show(found, options)
    if options.output is not None:
        found.plot(make_parents(options.output))
    return 0


def run_proposal(options: argparse.Namespace) -> int:
    from qdialect.compiler.subject import subject_of
    from qdialect.reports.proposal import propose

    if options.output is not None:
        raise QdialectError("-o is the file for box plots, which --loss does not make")
    data, labels = load_optional(options.data), load_optional(options.labels)
    if labels is not None:
        check_labels(labels, data)
    show(propose(subject_of(chosen(options.model, options)), data, options.loss, labels), options)
    return 0


def run_info(options: argparse.Namespace) -> int:
    from qdialect.reports.info import describe

    show(describe(chosen(options.model, options)), options)
    return 0


def run_widths(options: argparse.Namespace) -> int:
    from qdialect.reports.widths import widths

    show([widths(chosen(model, options)) for model in options.models], options)
    return 0


def run_lint(options: argparse.Namespace) -> int:
    from qdialect.backends.hls.lint import lint_project

    findings = lint_project(options.directory)
    for finding in findings:
        print(finding)
    return 1 if findings else 0


def run_sweep(options: argparse.Namespace) -> int:
    from qdialect.sweeps.jobs import write_sweep

    data = {name: given for name in ("data", "expected", "labels") if (given := getattr(options, name)) is not None}
    target = write_sweep(options.plan, options.output, data)
    print(f"jobs written to {target}; sh {target}/job.sh INDEX runs one")
    return 0


def run_collect(options: argparse.Namespace) -> int:
    from qdialect.sweeps.collect import collect

    found = collect(options.directory)
    show(found, options)
    if options.output is not None:
        from qdialect.sweeps.plot import plot

        plot(found, make_parents(options.output))
    return 0


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
    "sweep": run_sweep,
    "collect": run_collect,
}
