"""From a network to an HLS project on disk."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from xdsl.dialects.builtin import Float32Type, ModuleOp

from qdialect.backends.hls.project.directory import check_replaceable, replace_files
from qdialect.backends.hls.project.files import Design, ToolSettings, files_of
from qdialect.backends.hls.project.project import Project
from qdialect.compiler.configuration import Configuration
from qdialect.compiler.loop_level import print_design
from qdialect.compiler.pipeline import lower
from qdialect.dialects.qnn.network import network
from qdialect.dialects.qnn.types import tensor_type


def write_hls(
    network_: ModuleOp | Any,
    directory: str | os.PathLike[str],
    config: Configuration | Sequence[str] | Mapping[str, Any] | None = None,
    vectors: Any = None,
) -> Project:
    """Write a complete HLS project into `directory`, which must be new, empty, or hold an earlier project.

    `network_` is a module at network or integer level, a Keras model, or a model file; `config` the settings of
    `configuration.Configuration`, or only the pass pipeline if it is not the default one. `vectors` are the inputs of
    the test bench, by default a few drawn at the ends and ties of the input type. Of an earlier project, only the files
    that its manifest lists are replaced or removed; files added by hand stay. Nothing is written unless everything
    succeeds.
    Raises QdialectError for networks without a hardware form, for foreign directories, and for an added file in the
    place of a written one.
    """
    from qdialect.frontends.keras.importer import from_keras

    module = network_ if isinstance(network_, ModuleOp) else from_keras(network_)
    settings = Configuration.of(config)
    if settings.passes is not None or not is_integer_level(module):
        module = lower(module, settings.passes)
    if settings.head_passes:
        module = lower(module, settings.head_passes)
    target = Path(directory)
    check_replaceable(target)
    design = Design.of(module, print_design(module, inline_roms=False, configuration=settings))
    replace_files(target, files_of(design, vectors, ToolSettings(settings.io_type, settings.clock_period)))
    return Project(target, module, design.top, design.inputs, design.outputs)


def is_integer_level(module: ModuleOp) -> bool:
    """Are all values of the network quantized?"""
    function = network(module)
    values = [*function.args, *(result for op in function.walk() for result in op.results)]
    return not any(isinstance(tensor_type(value.type).element_type, Float32Type) for value in values)
