"""What `qdialect prove` and `--certify` do."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from xdsl.dialects.builtin import ModuleOp
from xdsl.utils.exceptions import ParseError, VerifyException

from qdialect.backends.projects.directory import add_files
from qdialect.compiler.design import design_from
from qdialect.compiler.pipeline import certified, lower
from qdialect.compiler.registry import make_context
from qdialect.compiler.subject import subject_of
from qdialect.compiler.verify import Verification
from qdialect.dialects.qnn.text import parse_module
from qdialect.errors import QdialectError, one_line
from qdialect.numerics.limits import MAX_TEXT
from qdialect.proof.certificate import CERTIFICATE, certificate_files, check_certificate, write_certificate
from qdialect.proof.prove import prove
from qdialect.tools.options import input_types

TEXT = ".mlir"


def prove_modules(options: argparse.Namespace) -> int:
    """`qdialect prove`: two modules, a network and its lowering, or a certificate. Returns the exit status."""
    if options.check:
        if options.other is not None or options.output is not None:
            raise QdialectError("--check takes a directory with a certificate, and nothing else")
        print("\n".join(check_certificate(options.model).lines()))
        return 0
    types = input_types(options.input_type)
    module = read_module(options.model, types)
    other = lower(module) if options.other is None else read_module(options.other, types)
    proof = prove(module, other)
    print("\n".join(proof.lines()))
    if options.output is not None:
        written = write_certificate(proof, module, other, options.output)
        print(one_line(f"written to {written / CERTIFICATE}"))
    return 0 if proof.certified else 1


def read_module(file: str, input_type: Any) -> ModuleOp:
    """The module of an IR text or of a model file. Raises QdialectError for what is neither."""
    if not file.endswith(TEXT):
        return subject_of(design_from(file, input_type=input_type)).network
    try:
        text = Path(file).read_text()
    except UnicodeDecodeError as error:
        raise QdialectError(f"{file}: no text in UTF-8: {error.reason}") from None
    if len(text) > MAX_TEXT:
        raise QdialectError(f"{file}: more than {MAX_TEXT} bytes")
    try:
        module = parse_module(make_context(), text, file)
        module.verify()
    except (ParseError, VerifyException) as error:
        raise QdialectError(f"{file}: {(str(error).strip().splitlines() or ['malformed'])[-1].strip()}") from None
    return module


def certificate_lines(result: Verification, directory: str | None) -> list[str]:
    """What is proved of a verified network, and the file of the certificate. Raises QdialectError with an input for
    which lowering changes the function."""

    proof = certified(result.network, result.lowered)
    if directory is None or not proof.certified:
        return proof.lines()
    files = certificate_files(proof, result.network, result.lowered)
    add_files(Path(directory), {f"certificate/{name}": text for name, text in files.items()})
    return [*proof.lines(), f"certificate written to {Path(directory) / 'certificate'}"]
