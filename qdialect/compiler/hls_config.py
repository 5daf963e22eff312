"""hls4ml's dictionaries and YAML files, read once into a checked `Configuration`.

    {"Model": {"ReuseFactor": 4}, "LayerType": {"QDense": {"Strategy": "Resource"}},
     "LayerName": {"fc1": {"PE": 8, "SIMD": 16}, "input_1": {"Precision": "fixed<10,4>"}},
     "io_type": "io_stream", "part": "xcku115-flvb2104-2-i", "clock_period": 4, "passes": ["default"]}

Every setting is carried out, or refused with its name, its section and the closest known name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import fields
from os import PathLike
from pathlib import Path
from typing import Any

from xdsl.passes import ModulePass

from qdialect.compiler.configuration import Configuration
from qdialect.compiler.layer_settings import HOST_STRATEGIES, STRATEGIES, LayerSettings
from qdialect.errors import QdialectError, shown, suggestion
from qdialect.numerics.fixed_text import EXACT, parse_fixed
from qdialect.numerics.limits import MAX_ELEMENTS

Config = Configuration | Sequence[str | ModulePass] | Mapping[str, Any] | str | PathLike[str] | None
"""A configuration; a pass pipeline alone; a dictionary of settings; or the path of a YAML file of them."""

AUTO = "auto"
SECTIONS = {"LayerType": "types", "LayerName": "layers"}
"""Dictionaries of layers by class and by name; the field of `Configuration` for each."""
SPELLINGS = {
    "IOType": "io_type",
    "Part": "part",
    "ClockPeriod": "clock_period",
    "ClockUncertainty": "clock_uncertainty",
    "ProjectName": "project_name",
    "Namespace": "namespace",
}
"""hls4ml's names in files; the other settings are called as the fields of `Configuration`."""
SETTINGS = [each.name for each in fields(Configuration) if each.name not in ("model", "types", "layers", "network")]
KNOWN = ("Model", *SECTIONS, *SETTINGS, *SPELLINGS, "HLSConfig")
"""The keys of a configuration."""
NUMBERS = {"ReuseFactor": "reuse_factor", "PE": "pe", "SIMD": "simd"}
FLAGS = ("Trace", "TraceOutput")
"""Accepted without effect: `HlsModel.trace` always traces every layer."""
ROUNDINGS = {"Weights": "weights", "Activations": "activations"}
LAYER_SETTINGS = ("Precision", "Strategy", *ROUNDINGS, *NUMBERS, *FLAGS)
PASSES_INSTEAD = "qdialect has passes of its own, which 'passes' lists (see qopt --help)"
TABLES = "the host computes softmax from exact logits; head = 'softmax' with softmax_bits puts it into hardware"
REASONS = {
    "exp_table_t": TABLES,
    "inv_table_t": TABLES,
    "table_t": TABLES,
    "table_size": TABLES,
    "TableSize": TABLES,
    "Optimizers": PASSES_INSTEAD,
    "SkipOptimizers": PASSES_INSTEAD,
    "OutputDir": "it is the argument output_dir",
    "Backend": "it is the argument backend",
    "KerasModel": "it is the argument model",
    "BramFactor": "weights lie in block RAM where Strategy is Resource",
    "PipelineStyle": "loops are pipelined as io_type and ReuseFactor ask for",
    "ConvImplementation": "streams use line buffers",
    "ParallelizationFactor": "PE and SIMD say what is computed at once",
    "Compression": "zeros cost nothing where constant-multiplication has chosen additions",
    "XilinxPart": "its name is Part",
}
"""What hls4ml's other settings would be for here."""
MAX_FILE = 16 << 20
"""Bytes of a configuration file: 10,000 layers, each with every setting, take 2 MB."""


def read_configuration(config: Config, **arguments: Any) -> Configuration:
    """The checked configuration; `arguments` are settings given beside it, None where they are not.

    Raises QdialectError naming section and setting for what is unknown, of the wrong kind, or given twice.
    """
    given = {name: value for name, value in arguments.items() if value is not None}
    if isinstance(config, str | PathLike):
        config = read_file(Path(config))
    if isinstance(config, Configuration) and not given:
        return config
    if config is None or isinstance(config, Mapping):
        settings: dict[str, Any] = read_settings(config or {})
    elif isinstance(config, Sequence) and not isinstance(config, bytes):
        settings = {"passes": config}
    else:
        raise QdialectError(f"a configuration is a dictionary of settings or a list of passes, not {shown(config)}")
    for name, value in given.items():
        if (set_there := settings.setdefault(name, value)) is not value and set_there != value:
            raise QdialectError(f"{name} is {shown(value)} and, in the configuration, {shown(settings[name])}")
    return Configuration(**settings)


def read_file(path: Path) -> Mapping[str, Any]:
    """The dictionary in a YAML file. Raises QdialectError if there is none."""
    import yaml

    if path.suffix == ".toml":
        raise QdialectError(f"{path}: is a design; give it in place of the model")
    text = file_text(path, "hls_config is a dictionary or a YAML file")
    try:
        if (twice := repeated_key(yaml.compose(text, yaml.SafeLoader), set())) is not None:
            raise QdialectError(f"{path}: '{twice}' is set twice in one place")
        content: Any = yaml.safe_load(text)
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise QdialectError(f"{path}: not a YAML file: {' '.join(str(error).split())}") from None
    if not isinstance(content, Mapping):
        raise QdialectError(f"{path}: expected a dictionary with Model, LayerType or LayerName, not {shown(content)}")
    return content


def repeated_key(node: Any, known: set[int]) -> str | None:
    """A key that a mapping of a YAML document has twice, of which a reader would take the last; None without one.

    `known` are the nodes that were looked at: a document may refer to a node many times, and to one around it.
    """
    if id(node) in known or not isinstance(getattr(node, "value", None), list):
        return None
    known.add(id(node))
    pairs = [pair for pair in node.value if isinstance(pair, tuple)]
    counts = Counter(str(key.value) for key, _ in pairs)
    inner = [item for pair in node.value for item in (pair if isinstance(pair, tuple) else (pair,))]
    found = [key for key, count in counts.items() if count > 1] + [repeated_key(item, known) for item in inner]
    return next((key for key in found if key is not None), None)


def file_text(path: Path, expected: str) -> bytes:
    """The bytes of a file of settings. Raises QdialectError if there is none, or if it is too long."""
    try:
        with path.open("rb") as file:
            text = file.read(MAX_FILE + 1)
    except OSError as error:
        raise QdialectError(f"{path}: {error.strerror}; {expected}") from None
    if len(text) > MAX_FILE:
        raise QdialectError(f"{path}: a configuration file has at most {MAX_FILE >> 20} MiB")
    return text


def read_settings(config: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a `Configuration`; what hls4ml's files hold under HLSConfig may also stand outside."""
    read: dict[str, Any] = {}
    for key, value in config.items():
        if key == "HLSConfig":
            inner = read_settings(section("HLSConfig", value))
        elif key == "Model":
            inner = {"model": layer_settings("Model", value)}
        elif key in SECTIONS:
            layers = {name: layer_settings(f"{key} {shown(name)}", each) for name, each in section(key, value).items()}
            inner = {SECTIONS[key]: layers}
        elif key in SETTINGS or key in SPELLINGS:
            inner = {SPELLINGS.get(key, key): value}
        else:
            inside = [f"Model.{name}" for name in LAYER_SETTINGS]
            raise unknown("setting", key, ("Model", *SECTIONS, *SETTINGS, *SPELLINGS, *inside))
        if twice := read.keys() & inner:
            raise QdialectError(f"{key} sets {', '.join(sorted(twice))} a second time")
        read |= inner
    return read


def unknown(kind: str, key: object, known: Sequence[str]) -> QdialectError:
    reason = f": {REASONS[key]}" if isinstance(key, str) and key in REASONS else suggestion(str(key), known)
    return QdialectError(f"{kind} {shown(key)} is not supported{reason}")


def section(where: str, value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        raise QdialectError(f"{where} is a dictionary by name, not {shown(value)}")
    return value


def layer_settings(where: str, given: Any) -> LayerSettings:
    """The settings of a layer, a class or all layers. Raises QdialectError naming a setting that is unknown or
    wrong."""
    read: dict[str, Any] = {}
    for key, value in section(where, given).items():
        if key == "Precision":
            read["precision"] = precision(where, value)
        elif key == "Strategy":
            read["strategy"] = strategy(where, value)
        elif key in ROUNDINGS:
            read[ROUNDINGS[key]] = rounding(where, key, value)
        elif key in NUMBERS:
            if value != AUTO and (type(value) is not int or not 1 <= value <= MAX_ELEMENTS):
                whole = f"an integer from 1 to {MAX_ELEMENTS} or 'auto'"
                raise QdialectError(f"{where}: {key} is {whole}, not {shown(value)}")
            read[NUMBERS[key]] = None if value == AUTO else value
        elif key in FLAGS:
            if not isinstance(value, bool):
                raise QdialectError(f"{where}: {key} is True or False, not {shown(value)}")
        else:
            raise unknown(f"{where}: setting", key, LAYER_SETTINGS)
    return LayerSettings(where, **read)


def precision(where: str, value: Any) -> str | None:
    """The one precision that is set, as one text or by its part as hls4ml writes it; None for 'auto'."""
    parts = value if isinstance(value, Mapping) else {"result": value}
    for part, text in parts.items():
        if not isinstance(text, str):
            raise QdialectError(f"{where}: Precision is a type such as 'fixed<16,6>' or 'auto', not {shown(text)}")
        if text != AUTO and part != "result":
            raise QdialectError(
                f"{where}: setting Precision[{shown(part)}]={shown(text)} is not supported: the types follow from the"
                " network, exactly; the Precision of an input can be set, and Weights and Activations of float layers"
            )
    return next((text for text in parts.values() if text != AUTO), None)


def rounding(where: str, key: str, value: Any) -> str | None:
    """What weights or results are rounded to. Raises QdialectError for anything but a type, `exact` or `auto`."""
    if value in (AUTO, EXACT):
        return None if value == AUTO else EXACT
    parse_fixed(value, f"{where}: {key}")
    return value


def strategy(where: str, value: Any) -> str | None:
    known = (*STRATEGIES, *HOST_STRATEGIES, AUTO)
    if not isinstance(value, str) or value.lower() not in known:
        raise QdialectError(
            f"{where}: setting Strategy={shown(value)} is not supported: Latency, Resource or 'auto' is"
        )
    return None if value == AUTO else value.lower()
