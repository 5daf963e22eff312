"""A proof on disk: both modules as texts, what is claimed of them, and the points at which it was found.

certificate.json    verdict, digests of the texts, proved elements of each output, seed of the random points
imported.mlir       the module before lowering
lowered.mlir        the module that hardware is made of
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from dataclasses import asdict
from io import StringIO
from pathlib import Path
from typing import Any

from xdsl.context import Context
from xdsl.dialects.builtin import Builtin, ModuleOp
from xdsl.dialects.func import Func
from xdsl.printer import Printer

from qdialect import __version__
from qdialect.dialects.qnn.dialect import QNN
from qdialect.dialects.qnn.text import parse_module
from qdialect.errors import QdialectError
from qdialect.proof.prove import Proof, prove

CERTIFICATE, TEXTS = "certificate.json", ("imported.mlir", "lowered.mlir")


def text_of(module: ModuleOp) -> str:
    out = StringIO()
    Printer(out).print_op(module)
    return out.getvalue() + "\n"


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def certificate_files(proof: Proof, a: ModuleOp, b: ModuleOp) -> dict[str, str]:
    """The files of the certificate of a proof. Raises QdialectError for a proof that certifies nothing."""
    if not proof.certified:
        raise QdialectError(f"no certificate: {proof.summary}")
    texts = dict(zip(TEXTS, map(text_of, (a, b)), strict=True))
    claim = {
        "generator": f"qdialect {__version__}",
        "verdict": proof.verdict,
        "modules": {name: sha256(text) for name, text in texts.items()},
        "outputs": [asdict(output) for output in proof.outputs],
        "seed": proof.seed,
    }
    return {**texts, CERTIFICATE: json.dumps(claim, indent=1) + "\n"}


def write_certificate(proof: Proof, a: ModuleOp, b: ModuleOp, directory: str | os.PathLike[str]) -> Path:
    """Write the certificate of a proof into a directory. Raises QdialectError for a proof that certifies nothing."""
    target = Path(directory)
    for name, text in certificate_files(proof, a, b).items():
        target.mkdir(parents=True, exist_ok=True)
        (target / name).write_text(text)
    return target


def check_certificate(directory: str | os.PathLike[str]) -> Proof:
    """Prove a certificate again, from its two texts alone and at points that nobody knew before: no pass takes part.

    Raises QdialectError for files that are no certificate, texts that it does not speak of, and claims that do not
    hold."""
    target = Path(directory)
    try:
        claim: Any = json.loads((target / CERTIFICATE).read_text())
        texts = {name: (target / name).read_text() for name in TEXTS}
        claimed, outputs = claim["modules"], claim["outputs"]
    except (OSError, ValueError, KeyError, TypeError):
        raise QdialectError(f"{target}: holds no certificate: {CERTIFICATE} with {' and '.join(TEXTS)}") from None
    for name, text in texts.items():
        if claimed.get(name) != sha256(text):
            raise QdialectError(f"{target / name}: is not the text that the certificate speaks of")
    a, b = (parse_module(context(), text, name) for name, text in texts.items())
    proof = prove(a, b, secrets.randbits(63))
    if not proof.certified or [asdict(output) for output in proof.outputs] != outputs:
        raise QdialectError(f"{target}: the certificate does not hold: {proof.summary}")
    return proof


def context() -> Context:
    """The dialects of networks."""
    known = Context()
    for dialect in (Builtin, Func, QNN):
        known.load_dialect(dialect)
    return known
