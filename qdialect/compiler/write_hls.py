"""From a network to an HLS project on disk."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from xdsl.dialects.builtin import ModuleOp, StringAttr

from qdialect.backends.hls.project.files import HlsDesign, files_of
from qdialect.backends.hls.project.project import Project
from qdialect.backends.projects.directory import check_replaceable, replace_files
from qdialect.backends.projects.origin import Origin
from qdialect.compiler.configuration import Configuration
from qdialect.compiler.design import design_from
from qdialect.compiler.hls_config import Config
from qdialect.compiler.loop_level import loops_of, scheduled
from qdialect.compiler.origin import origin_of
from qdialect.compiler.pipeline import lower
from qdialect.compiler.subject import subject_or_ir
from qdialect.dialects.qnn.network import is_integer_level, network
from qdialect.dialects.qnn.remarks import add_remarks
from qdialect.errors import QdialectError
from qdialect.lowering.architectures.architectures import architecture_of


def write_hls(
    network_: ModuleOp | Any,
    directory: str | os.PathLike[str],
    config: Config = None,
    vectors: Any = None,
) -> Project:
    """Write a complete HLS project into `directory`, which must be new, empty, or hold an earlier project.

    `network_` is a module at network or integer level, a Keras model, a model file, or a design; `config` the settings
    of `configuration.Configuration`, hls4ml's dictionary or YAML file of them, or only the pass pipeline if it is not
    the default one. `vectors` are the inputs of the test bench, by default a few drawn at the ends and ties of the
    input type, and those that show changes of constants. Of an earlier project, only the files that its manifest lists
    are replaced or removed; files added by hand stay. Nothing is written unless everything succeeds.
    Raises QdialectError for networks without a hardware form, for foreign directories, and for an added file in the
    place of a written one.
    """
    target = Path(directory)
    check_replaceable(target)
    chosen = design_from(network_, config)
    if chosen.rtl is not None:
        raise QdialectError("the design has target = 'rtl': write_rtl writes it")
    subject = subject_or_ir(chosen)
    origin = origin_of(chosen.model, subject.module, subject.settings)
    return write_design(design_of(subject.network, subject.settings, origin), subject.settings, target, vectors)


def design_of(module: ModuleOp, settings: Configuration, origin: Origin) -> HlsDesign:
    """The C++ of a module at network or integer level. Raises QdialectError for networks without a hardware form."""
    if settings.passes is not None or not is_integer_level(module):
        module = lower(module, settings.passes)
    if settings.head_passes:
        module = lower(module, settings.head_passes)
    module = module.clone()
    function = network(module)
    add_remarks(function, settings.remarks(module))
    if settings.project_name is not None:
        function.sym_name = StringAttr(settings.project_name)
    module = scheduled(module, settings)
    layouts = settings.interfaces.layouts(network(module), architecture_of(settings.architecture, network(module)))
    loops = loops_of(module, settings)
    return HlsDesign.of(module, loops, settings.clock_period, origin, layouts, settings.namespace)


def write_design(design: HlsDesign, settings: Configuration, directory: Path, vectors: Any = None) -> Project:
    """The files of a design, as `write_hls` writes them."""
    check_replaceable(directory)
    replace_files(directory, files_of(design, vectors, settings.tool))
    return Project(directory, design.module, design.top, design.inputs, design.outputs)
