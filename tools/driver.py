"""The driver behind `qopt`: xDSL's optimizer driver with model files as input, and errors in one line."""

from __future__ import annotations

import argparse
import inspect
import sys
import time
from collections.abc import Sequence
from io import BytesIO, StringIO
from pathlib import Path
from typing import IO, Any, NoReturn

from xdsl.dialects.builtin import DenseIntOrFPElementsAttr, ModuleOp
from xdsl.ir import Attribute
from xdsl.passes import ModulePass, PassPipeline
from xdsl.printer import Printer
from xdsl.universe import XDSL_UNIVERSE
from xdsl.utils.arg_spec import parse_spec
from xdsl.utils.exceptions import (
    ArgSpecParseError,
    DiagnosticException,
    ParseError,
    VerifyException,
)
from xdsl.xdsl_opt_main import xDSLOptMain

from qdialect.compiler.pipeline import EquivalenceWitness, configured, parse_pipeline, syntax_error
from qdialect.compiler.registry import UNIVERSE
from qdialect.compiler.run_passes import first_line, run_passes
from qdialect.dialects.qnn.text import parse_module
from qdialect.errors import QdialectError, one_line
from qdialect.numerics.limits import MAX_TEXT
from qdialect.tools.options import input_types, make_parents, path

MODEL_SUFFIXES = ("h5", "hdf5", "keras", "onnx")

ELIDED_ABOVE = 64  # elements


class ElidingPrinter(Printer):
    """Prints constants of more than 64 elements as `dense<elided>`."""

    def print_attribute(self, attribute: Attribute) -> None:
        if isinstance(attribute, DenseIntOrFPElementsAttr) and _elements(attribute) > ELIDED_ABOVE:
            self.print_string("dense<elided> : ")
            super().print_attribute(attribute.type)
        else:
            super().print_attribute(attribute)


def elided(module: ModuleOp) -> str:
    """The text of a module with large constants left out; it cannot be read back."""
    output = StringIO()
    ElidingPrinter(output).print_op(module)
    return output.getvalue()


def _elements(attribute: DenseIntOrFPElementsAttr) -> int:
    size = 1
    for n in attribute.get_shape():
        size *= n
    return size


class QoptMain(xDSLOptMain):
    """Differences from xDSL's driver: model files, `default` as a pipeline, `--verify-each`, `--elide`, and output
    that is written only when everything has succeeded."""

    def register_all_arguments(self, arg_parser: argparse.ArgumentParser) -> None:
        def fail(message: str) -> NoReturn:
            raise QdialectError(message)

        arg_parser.error = fail
        super().register_all_arguments(arg_parser)
        arg_parser.add_argument("--verify-each", action="store_true")
        arg_parser.add_argument("--elide", action="store_true")
        arg_parser.add_argument("--input-type", action="append")

    def register_all_targets(self) -> None:
        """`mlir`, ours and those of plug-ins: xDSL's others print machine code or other dialects than these."""
        super().register_all_targets()
        kept = self.available_targets.keys() - XDSL_UNIVERSE.all_targets.keys() | {"mlir"}
        self.available_targets = {name: self.available_targets[name] for name in sorted(kept)}

    def get_input_stream(self) -> tuple[IO[bytes], str]:
        """The input, up to the longest permitted text; model files are opened by name."""
        stream, suffix = super().get_input_stream()
        format = self.args.frontend or suffix
        if format != "mlir":
            return stream, format
        with stream:
            text = stream.read(MAX_TEXT + 1)
        if len(text) > MAX_TEXT:
            raise QdialectError(f"{self.get_input_name()}: more than {MAX_TEXT} bytes, and no end")
        return BytesIO(text), format

    def register_all_frontends(self) -> None:
        super().register_all_frontends()

        def read_text(stream: IO[bytes]) -> ModuleOp:
            try:
                text = stream.read().decode()
            except UnicodeDecodeError as error:
                raise QdialectError(f"{self.get_input_name()}: no text in UTF-8: {error.reason}") from None
            return parse_module(self.ctx, text, self.get_input_name(), not self.args.no_implicit_module)

        def read_model(stream: IO[bytes]) -> ModuleOp:
            from qdialect.frontends.models import import_model

            stream.close()
            return import_model(self.args.input_file, input_types(self.args.input_type), self.args.frontend)

        self.available_frontends["mlir"] = read_text
        self.available_frontends |= dict.fromkeys(UNIVERSE.all_frontends, read_model)

    def setup_pipeline(self) -> None:
        target = parse_spec(self.args.target)
        factory: Any = self.available_targets[target.name]
        if target.parameters and not inspect.signature(factory).parameters:
            configured("target", factory(), target)  # complains now instead of after all passes
        self.pipeline = PassPipeline(tuple(parse_pipeline([self.args.passes.strip()])))

    def apply_passes(self, prog: ModuleOp) -> None:
        witness = EquivalenceWitness(prog) if self.args.verify_each else None
        started = time.perf_counter()

        def after(pass_: ModulePass, module: ModuleOp) -> None:
            nonlocal started
            if self.args.time_passes:
                print(f"{pass_.name}: {time.perf_counter() - started:.3f} s", file=sys.stderr)
            if self.args.print_between_passes and pass_ is not self.pipeline.passes[-1]:
                print(f"// IR after {pass_.name}:\n{elided(module)}")
            if witness is not None:
                witness(pass_, module)
            started = time.perf_counter()

        try:
            run_passes(prog, self.pipeline.passes, self.ctx, after, verify=not self.args.disable_verify)
        except QdialectError as error:
            if self.args.verify_diagnostics:
                raise DiagnosticException(str(error)) from None
            raise

    def output_resulting_program(self, prog: ModuleOp) -> str:
        if self.args.elide and parse_spec(self.args.target).name == "mlir":
            return elided(prog) + "\n"
        return super().output_resulting_program(prog)

    def prepare_output(self) -> IO[str]:
        self.collected = _Collected()
        return self.collected


class _Collected(StringIO):
    """Output that survives `close`."""

    def close(self) -> None:
        pass


def run(arguments: Sequence[str]) -> int:
    """`qopt` with these arguments. Returns the exit status."""
    try:
        tool = QoptMain("qopt", arguments)
        _check_input(tool)
        _check_output(tool.args.output_file)
        tool.run()
        _write(tool.collected.getvalue(), tool.args.output_file)
    except BrokenPipeError:
        raise
    except _USER_ERRORS as error:
        print(f"qopt: error: {one_line(describe(error))}", file=sys.stderr)
        return 1
    return 0


_USER_ERRORS = (QdialectError, ParseError, DiagnosticException, VerifyException, ArgSpecParseError, OSError)
"""Anything else is a bug, whose traceback is needed to fix it."""


def describe(error: BaseException) -> str:
    """One line: for parse errors with file, line and column."""
    if isinstance(error, ParseError):
        span: Any = error.span
        line = span.input.content.count("\n", 0, span.start) + 1 + span.line_offset
        column = span.start - (span.input.content.rfind("\n", 0, span.start) + 1) + 1
        return f"{span.input.name}:{line}:{column}: {first_line_of(error.msg)}"
    if isinstance(error, ArgSpecParseError):
        return f"target: {syntax_error(error)}"  # those of passes are reported by parse_pipeline
    if isinstance(error, OSError):
        return f"{error.filename}: {error.strerror}"
    return first_line(error)


def first_line_of(text: str) -> str:
    return (text.strip().splitlines() or ["malformed input"])[0]


def _check_output(file: str | None) -> None:
    """Raise QdialectError for a file that cannot be written, before any work is done."""
    try:
        path("-" if file is None else file)
    except argparse.ArgumentTypeError as error:
        raise QdialectError(f"-o: {error}") from None


def _check_input(tool: QoptMain) -> None:
    """Raise QdialectError for an input that does not exist, or whose name does not say what it is."""
    file, frontend = tool.args.input_file, tool.args.frontend
    if file is not None and not Path(file).exists():
        raise QdialectError(f"{file}: no such file")
    if frontend is not None and parse_spec(frontend).parameters:
        raise QdialectError(f"-f {frontend}: without options here; types of inputs are given as --input-type TYPE")
    suffix = "mlir" if file is None else Path(file).suffix.removeprefix(".")
    if frontend is None and suffix not in ("mlir", *MODEL_SUFFIXES):
        read = ", ".join(f".{known}" for known in ("mlir", *MODEL_SUFFIXES))
        raise QdialectError(f"{file}: cannot tell what it is; files that end in {read} are read, others with -f")
    if tool.args.input_type is not None and (frontend or suffix) == "mlir":
        raise QdialectError("--input-type is for model files; in IR the arguments have their types")


def _write(text: str, file: str | None) -> None:
    if file is None:
        sys.stdout.write(text)
        sys.stdout.flush()
    else:
        make_parents(file).write_text(text)
