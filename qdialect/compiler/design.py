"""One design: a model, and everything that is decided about its hardware.

A file `qdialect.toml`, a dictionary of the same, or flags over either; every command and every function that takes a
model takes a design in its place, so that all of them speak of the same hardware.

    model = "model.h5"          # beside the file
    io_type = "io_stream"
    part = "xcku5p-ffvb676-2-e"
    clock_period = 3
    target = "hls"              # or "rtl", with a section of its own

    [inputs]                    # of those that the network does not quantize
    track = "fixed<12,4>"

    [outputs]                   # that whatever reads the hardware expects
    energy = "fixed<16,8>"

    [Model]                     # all layers; [LayerType.QDense], [LayerName.fc1]: a class, a layer
    ReuseFactor = 4

The settings are those of `Configuration`, the section `rtl` has those of `RtlConfiguration` that are RTL's own.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from qdialect.compiler.configuration import Configuration
from qdialect.compiler.hls_config import (
    KNOWN,
    SPELLINGS,
    Config,
    file_text,
    read_configuration,
    section,
    unknown,
)
from qdialect.compiler.rtl_configuration import RtlConfig, RtlConfiguration
from qdialect.errors import QdialectError, shown
from qdialect.frontends.building.input_types import InputTypes

SUFFIX = ".toml"
TARGETS = ("hls", "rtl")
OWN = ("model", "target", "rtl")
"""Keys beside those of a configuration."""
SHARED = [each.name for each in fields(Configuration)]
RTL = [each.name for each in fields(RtlConfiguration) if each.name not in SHARED]
"""The settings of the section `rtl`."""


@dataclass(frozen=True)
class Design:
    """A model with its settings; `rtl` is set where the hardware is SystemVerilog."""

    model: Any
    settings: Configuration
    rtl: RtlConfiguration | None = None


def is_design(model: Any) -> bool:
    """Whether what stands for a model is a design, or the file of one."""
    return isinstance(model, Design) or (
        isinstance(model, str | os.PathLike) and Path(os.fspath(model)).suffix == SUFFIX
    )


def read_design(given: Any, flags: Mapping[str, Any] | None = None) -> Design:
    """The checked design of a TOML file, a dictionary of the same, or a model; `flags` go over what these say.

    Raises QdialectError naming section and key for what is unknown, of the wrong kind, or given twice.
    """
    if isinstance(given, Design):
        if flags:
            raise QdialectError("a Design is complete: give flags with its file or dictionary")
        return given
    if is_design(given):
        settings = read_toml(Path(given))
    else:
        settings = given if isinstance(given, Mapping) else {"model": given}
    for key in settings:
        if key not in (*OWN, *KNOWN):
            raise unknown("setting", key, (*OWN, *KNOWN))
    settings = over(spelled(settings), flags or {})
    model, target, rtl = settings.get("model"), settings.get("target", "hls"), settings.get("rtl")
    if model is None or model == "":
        raise QdialectError("a design names its model: model = 'net.h5'")
    if target not in TARGETS:
        raise QdialectError(f"target {shown(target)} is not one of {', '.join(TARGETS)}")
    if rtl is not None and target != "rtl":
        raise QdialectError("the section rtl belongs to target = 'rtl'")
    configuration = read_configuration({key: value for key, value in settings.items() if key not in OWN})
    return Design(model, configuration, rtl_of(configuration, rtl or {}) if target == "rtl" else None)


def spelled(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings under the names of their fields. Raises QdialectError for one that stands there twice."""
    found: dict[str, Any] = {}
    for key, value in settings.items():
        if (name := SPELLINGS.get(key, key)) in found:
            raise QdialectError(f"{key} sets {name} a second time")
        found[name] = value
    return found


def rtl_of(configuration: Configuration, rtl: Any) -> RtlConfiguration:
    """The settings of an RTL project: those that it shares with a configuration, and its own section."""
    for key in section("rtl", rtl):
        if key not in RTL:
            raise unknown("rtl: setting", key, RTL)
    shared = [each.name for each in fields(RtlConfiguration) if each.name in SHARED]
    return RtlConfiguration(**{name: getattr(configuration, name) for name in shared}, **rtl)


def over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Two dictionaries as one, section by section; what `above` says is taken."""
    merged = dict(below)
    for key, value in above.items():
        lower = merged.get(key)
        if isinstance(lower, Mapping) and isinstance(value, Mapping):
            value = over(lower, value)
        merged[key] = value
    return merged


def read_toml(path: Path) -> dict[str, Any]:
    """The dictionary in a file; its model lies beside it. Raises QdialectError for a file that is no TOML."""
    try:
        settings = tomllib.loads(file_text(path, "a design is a TOML file").decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise QdialectError(f"{path}: not a TOML file: {' '.join(str(error).split())}") from None
    model = settings.get("model")
    if isinstance(model, Mapping):
        raise QdialectError(f"{path}: model is the path of a model file; settings of all layers are called Model")
    if model is not None and not isinstance(model, str):
        raise QdialectError(f"{path}: model is the path of a model file, not {shown(model)}")
    return settings if not model else {**settings, "model": str(path.parent / model)}


def design_from(model: Any, config: Config = None, input_type: InputTypes = None, rtl: RtlConfig = None) -> Design:
    """What the arguments of a function say. Raises QdialectError for a design with arguments beside it."""
    if is_design(model):
        if (config, input_type, rtl) != (None, None, None):
            raise QdialectError("a design holds all settings: config, input_type and rtl are not given beside it")
        return read_design(model)
    settings = read_configuration(config)
    if input_type is not None:
        if settings.inputs is not None:
            raise QdialectError("the type of inputs is given twice: as input_type, and as inputs in the configuration")
        settings = replace(settings, inputs=input_type)
    return Design(model, settings, None if rtl is None else RtlConfiguration.of(rtl))
