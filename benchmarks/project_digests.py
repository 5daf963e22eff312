"""A digest of every project that is written for a set of networks, in both architectures.

Two trees that print the same lines write the same bytes:
`make digests > before`, change, `make digests | diff before -`.
"""

from __future__ import annotations

import hashlib
import sys
import tempfile
from pathlib import Path

import qdialect

MODEL_FILES = ("model.h5", "model.keras", "arch.json", "saved_model")
INPUT_TYPE = "fixed<16, 6>"
"""Of inputs that the network does not quantize itself."""


def digest_of(model: Path, io_type: str) -> str:
    """SHA-256 of the names and bytes of all files of a project; the refusal of a network that is not written."""
    with tempfile.TemporaryDirectory() as scratch:
        project = Path(scratch) / "project"
        try:
            write(model, project, io_type)
        except qdialect.QdialectError as refusal:
            return f"refused: {refusal}"
        digest = hashlib.sha256()
        for file in sorted(path for path in project.rglob("*") if path.is_file()):
            digest.update(str(file.relative_to(project)).encode() + b"\0" + file.read_bytes())
        return digest.hexdigest()


def write(model: Path, project: Path, io_type: str) -> None:
    """Write a network; its inputs get INPUT_TYPE where they need a type."""
    config = {"io_type": io_type}
    try:
        qdialect.write_hls(model, project, config)
    except qdialect.QdialectError:
        qdialect.write_hls(qdialect.from_keras(model, input_type=INPUT_TYPE), project, config)


def main(folders: list[str]) -> None:
    for folder in map(Path, folders):
        for model in [folder / name for name in MODEL_FILES if (folder / name).exists()][:1]:
            for io_type in ("io_parallel", "io_stream"):
                print(folder.name, io_type, digest_of(model, io_type), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
