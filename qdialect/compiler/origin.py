"""What a project is written from, for its files: the same text whenever the same model is written with the same
settings."""

from __future__ import annotations

import hashlib
import os
from dataclasses import fields
from pathlib import Path
from typing import Any

from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass

from qdialect.backends.projects.origin import Origin
from qdialect.compiler.configuration import Configuration
from qdialect.compiler.layer_settings import LayerSettings
from qdialect.frontends.models import files_of


def origin_of(model: Any, module: ModuleOp, configuration: Configuration) -> Origin:
    """The origin of a network: of a file its name and hash, of anything else the hash of its IR."""
    settings = settings_of(configuration)
    if isinstance(model, str | os.PathLike):
        path = Path(os.fspath(model))
        return Origin(path.name, hash_of(path), settings)
    kind = "IR" if isinstance(model, ModuleOp) else f"a {type(model).__name__} in memory, as IR"
    return Origin(kind, hashlib.sha256(str(module).encode()).hexdigest(), settings)


def hash_of(path: Path) -> str:
    """SHA-256 of the file of a model; where it is a folder or has a second file, of their names and bytes."""
    folder = path if path.is_dir() else path.parent
    files = [file for file in sorted(path.rglob("*")) if file.is_file()] if path.is_dir() else files_of(path)
    digest = hashlib.sha256()
    for file in files:
        digest.update(b"" if files == [path] else f"{file.relative_to(folder)}\0".encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def settings_of(configuration: Configuration) -> dict[str, Any]:
    """What a configuration sets, by the names of its fields."""
    default = Configuration()
    given = {each.name: getattr(configuration, each.name) for each in fields(configuration) if each.name != "network"}
    return {name: _plain(value) for name, value in given.items() if value != getattr(default, name)}


def _plain(value: Any) -> Any:
    match value:
        case LayerSettings():
            shown = {each.name: getattr(value, each.name) for each in fields(value) if each.name != "where"}
            return {name: setting for name, setting in shown.items() if setting is not None}
        case ModulePass():
            return str(value.pipeline_pass_spec())
        case dict():
            return {name: _plain(each) for name, each in value.items()}
        case list() | tuple():
            return [_plain(each) for each in value]
        case _:
            return value
