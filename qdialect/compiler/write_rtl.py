"""From a network to an RTL project."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from xdsl.dialects.builtin import ModuleOp

from qdialect.backends.projects.directory import check_replaceable, replace_files
from qdialect.backends.rtl.files import RtlDesign, files_of
from qdialect.backends.rtl.project import RtlProject
from qdialect.compiler.design import design_from, is_design
from qdialect.compiler.pipeline import lower
from qdialect.compiler.rtl_configuration import RtlConfig, RtlConfiguration
from qdialect.compiler.subject import subject_or_ir
from qdialect.dialects.qnn.network import is_integer_level
from qdialect.errors import QdialectError


def write_rtl(
    network: ModuleOp | Any,
    directory: str | os.PathLike[str],
    config: RtlConfig = None,
    vectors: Any = None,
) -> RtlProject:
    """Write a complete RTL project into `directory`, which must be new, empty, or hold an earlier project.

    `network` is a module at network or integer level, a Keras model, a model file, or a design; `config` the settings
    of `RtlConfiguration`, or only the pass pipeline if it is not the default one. `vectors` are the inputs of the test
    bench, by default a few drawn at the ends and ties of the input type, and those that show changes of constants. Of
    an earlier project, only the files that its manifest lists are replaced. Nothing is written unless everything
    succeeds.
    Raises QdialectError for networks without an RTL form and for foreign directories.
    """
    target = Path(directory)
    check_replaceable(target)
    design = design_from(network, rtl=config if is_design(network) else RtlConfiguration.of(config))
    settings = design.rtl
    if settings is None:
        raise QdialectError("the design has target = 'hls': write_hls writes it")
    return _written(rtl_design_of(subject_or_ir(design).network, settings), settings, target, vectors)


def rtl_design_of(module: ModuleOp, settings: RtlConfiguration) -> RtlDesign:
    """The netlists of a module at network or integer level. Raises QdialectError for networks without an RTL form."""
    integers = settings.to_integers
    if settings.passes is not None or not is_integer_level(module):
        module = lower(module, settings.passes)
    if integers.head_passes:
        module = lower(module, integers.head_passes)
    return RtlDesign.of(module, lower(module, settings.to_rtl()))


def write_rtl_design(design: RtlDesign, settings: RtlConfiguration, directory: Path, vectors: Any = None) -> RtlProject:
    """The files of a design, as `write_rtl` writes them."""
    check_replaceable(directory)
    return _written(design, settings, directory, vectors)


def _written(design: RtlDesign, settings: RtlConfiguration, directory: Path, vectors: Any) -> RtlProject:
    replace_files(directory, files_of(design, vectors, settings.tool))
    ports = design.inputs, design.outputs
    return RtlProject(directory, design.module, design.top, *ports, design.rtl, design.latency, design.interval)
