"""Every spelling of a quantizer in QKeras models and model files, read into the classes of `quantizer_classes`.

Spellings: None; a string such as "quantized_bits(4,0,alpha=1)" or "relu"; a dict {"class_name", "config"} as the
various Keras versions write it; a live quantizer or activation function. Strings are parsed, never evaluated.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from typing import Any, cast

from qdialect.errors import QdialectError, shown
from qdialect.frontends.keras.plug_ins import QUANTIZERS, plug_ins
from qdialect.frontends.keras.quantizers.classes import (
    Alpha,
    Binary,
    Function,
    QuantizedBits,
    QuantizedHswish,
    QuantizedLinear,
    QuantizedRelu,
    Quantizer,
    StochasticBinary,
    StochasticTernary,
    Ternary,
    is_automatic,
    with_trainable_rule,
)
from qdialect.frontends.keras.quantizers.options import read_option, short
from qdialect.frontends.keras.quantizers.plug_in import PlugInQuantizer
from qdialect.frontends.keras.quantizers.po2 import QuantizedPo2, QuantizedReluPo2
from qdialect.frontends.keras.quantizers.sigmoid import QuantizedSigmoid, QuantizedTanh, QuantizedUlaw
from qdialect.frontends.keras.quantizers.strings import drops_arguments, read_string

__all__ = [
    "CLASSES",
    "FUNCTIONS",
    "Alpha",
    "Binary",
    "Function",
    "QuantizedBits",
    "QuantizedHswish",
    "QuantizedPo2",
    "QuantizedRelu",
    "QuantizedReluPo2",
    "QuantizedSigmoid",
    "QuantizedTanh",
    "QuantizedUlaw",
    "Quantizer",
    "StochasticBinary",
    "StochasticTernary",
    "Ternary",
    "is_automatic",
    "read_quantizer",
    "unsaved_options",
    "with_trainable_rule",
]

CLASSES = {
    c.name: c
    for c in (
        QuantizedBits,
        QuantizedLinear,
        QuantizedHswish,
        QuantizedRelu,
        Binary,
        StochasticBinary,
        Ternary,
        StochasticTernary,
        QuantizedPo2,
        QuantizedReluPo2,
        QuantizedTanh,
        QuantizedSigmoid,
        QuantizedUlaw,
    )
}
"""QKeras class name -> dataclass."""


@cache
def classes() -> Mapping[str, type[Quantizer]]:
    """Those of QKeras, and of plug-ins. Raises QdialectError for a plug-in with a name of QKeras."""
    added: dict[str, type[Quantizer]] = {}
    for entry, cls in plug_ins(QUANTIZERS).items():
        if not (isinstance(cls, type) and issubclass(cls, PlugInQuantizer)):
            raise QdialectError(f"plug-in {entry} ({QUANTIZERS}): {shown(cls)} is no class of PlugInQuantizer")
        if cls.name in CLASSES:
            raise QdialectError(f"plug-in {entry} ({QUANTIZERS}): {cls.name} is a quantizer of QKeras")
        added[cls.name] = cls
    return {**CLASSES, **added}


REFUSED = {
    "bernoulli": "it draws random samples at inference too; use binary(use_01=True), its deterministic form",
}

FUNCTIONS = frozenset(
    # QKeras
    "binary_sigmoid binary_tanh hard_sigmoid hard_tanh smooth_sigmoid smooth_tanh "
    # Keras
    "elu exponential gelu leaky_relu linear log_softmax mish relu relu6 selu sigmoid silu softmax softplus softsign "
    "swish tanh".split()
)
"""Functions that Keras or QKeras find by a bare name."""

UNSAVED = ("scale_axis", "use_ste", "is_quantized_clip")
"""Options that act at inference and are missing from `get_config`: only a live object still has them."""

ONLY_WITH: Mapping[str, object] = {
    "keep_negative": True,  # quantized_hswish inherits it in get_config
    "post_training_scale": None,
    "elements_per_scale": None,
    "min_po2_exponent": None,
    "max_po2_exponent": None,
}
"""Options unknown to a class in 0.9.0 (the last four are from later versions) and the value that means the same."""


def read_quantizer(spec: object, where: str) -> Quantizer | None:
    """The quantizer that `spec` spells, or None for None.

    `where` names the place for the user, e.g. "layer 'fc1' kernel_quantizer". Raises QdialectError in one line
    that starts with it: unknown names or options, values out of range, and quantizers without exact meaning at
    inference.
    """
    try:
        return _read(spec)
    except ValueError as error:
        raise QdialectError(f"{where}: {error}") from None


def _read(spec: object) -> Quantizer | None:
    match spec:
        case None:
            return None
        case str():
            return _from_string(spec)
        case {"class_name": "QActivation" | "Activation", "config": {"activation": inner}}:
            return _read(inner)  # a layer in the place of its function
        case {"class_name": "function" | "__lambda__" | "lambda", "config": dict() | list()} | {"value": [str(), *_]}:
            raise ValueError("a Python function without a name, whose code is never executed; use an activation")
        case {"class_name": str(), "config": {"class_name": str(), "config": _} as inner}:
            return _read(inner)
        case {"class_name": str(name), "config": str(text)} if text.partition("(")[0] == name != text:
            return _read(text)
        case {"class_name": str(name), "config": dict(config)}:
            return _construct(name.rpartition(">")[2], (), cast(dict[str, object], config))
        case {"class_name": "function", "config": str(name)}:
            return _named(name)
        case dict():
            raise ValueError(f"cannot read {short(spec)}; expected {{'class_name': ..., 'config': {{...}}}}")
        case type():
            raise ValueError(f"{spec.__name__} is a class; pass an instance such as {spec.__name__}()")
        case _:
            return _from_object(spec)


def _from_string(text: str) -> Quantizer:
    spelling = read_string(text)
    if spelling.arguments is None:
        return _named(spelling.name)
    if spelling.name in FUNCTIONS:
        raise ValueError(f"{spelling.name} takes no options; write {spelling.name!r}")
    names = [f.name for f in fields(classes()[spelling.name])] if spelling.name in classes() else []
    given = {**dict(zip(names, spelling.arguments, strict=False)), **spelling.options}
    for key, value in given.items():
        if value is None and key in names and _default(spelling.name, key) is not None:
            raise ValueError(f"{spelling.name}: QKeras reads {key}=None in a string as the text 'on'; leave it out")
    return _construct(spelling.name, spelling.arguments, spelling.options)


def _default(name: str, option: str) -> object:
    return next(f.default for f in fields(classes()[name]) if f.name == option)


def dropped_arguments(value: object) -> list[str]:
    """Strings in a layer's configuration that spell a quantizer whose arguments QKeras drops."""
    match value:
        case Mapping():
            found = [
                [item] if isinstance(item, str) and _is_quantizer_option(str(key)) else dropped_arguments(item)
                for key, item in cast(Mapping[Any, Any], value).items()
            ]
            return [text for texts in found for text in texts if drops_arguments(text)]
        case list():
            return [text for item in cast(list[Any], value) for text in dropped_arguments(item)]
        case _:
            return []


def _is_quantizer_option(key: str) -> bool:
    return key.endswith(("activation", "_quantizer"))


def _from_object(spec: object) -> Quantizer:
    """A quantizer object (known by its class name and `get_config`) or a function."""
    name = type(spec).__name__
    if name in classes() or hasattr(spec, "get_config"):
        return _construct(name, (), dict(cast(Any, spec).get_config()) | _unsaved(spec))
    if callable(spec) and hasattr(spec, "__name__"):
        return _named(spec.__name__)
    raise ValueError(f"cannot read a {name}; pass a QKeras quantizer, its config, or a string")


def _unsaved(spec: object) -> dict[str, object]:
    """The options of a quantizer object that its configuration lacks and that act at inference."""
    name, saved = type(spec).__name__, cast(Any, spec).get_config()
    known = {f.name for f in fields(classes()[name])} if name in classes() else set[str]()
    return {key: getattr(spec, key) for key in UNSAVED if key in known and key not in saved and hasattr(spec, key)}


def unsaved_options(spec: object) -> list[str]:
    """The same options where they differ from their defaults, as 'scale_axis=0'."""
    defaults = {f.name: f.default for f in fields(classes()[type(spec).__name__])} if _unsaved(spec) else {}
    return [f"{key}={short(value)}" for key, value in _unsaved(spec).items() if value != defaults[key]]


def _named(name: str) -> Quantizer:
    return Function(name) if name in FUNCTIONS else _construct(name, (), {})


def _construct(name: str, args: tuple[object, ...], config: Mapping[str, object]) -> Quantizer:
    """The class `name` with positional and named options, each checked."""
    if name in REFUSED:
        raise ValueError(f"{name} is not supported: {REFUSED[name]}")
    if name in FUNCTIONS:
        raise ValueError(f"{name} takes no options; write {name!r}")
    if name not in classes():
        raise ValueError(
            f"unknown quantizer {shown(name)}; known are {', '.join(sorted(classes()))} and activation functions"
        )
    cls = classes()[name]
    names = [f.name for f in fields(cls)]
    if len(args) > len(names):
        raise ValueError(f"{name} takes at most {len(names)} options, got {len(args)}")
    options = dict(zip(names, args, strict=False))
    if twice := options.keys() & config.keys():
        raise ValueError(f"{name} got option {twice.pop()} twice")
    for key, value in config.items():
        if key in names:
            options[key] = value
        elif key not in ONLY_WITH:
            raise ValueError(f"{name} has no option {key!r}; known are {', '.join(names)}")
        elif value != ONLY_WITH[key]:
            raise ValueError(f"{name} option {key}={short(value)} is not supported; use {ONLY_WITH[key]}")
    alpha = options.get("alpha")
    if cls in (QuantizedBits, QuantizedHswish) and isinstance(alpha, str) and "po2" in alpha:
        options["alpha"] = "auto_po2"  # QKeras asks for these three letters
    try:
        if issubclass(cls, PlugInQuantizer):
            return cls(**options)
        fields_read = {key: read_option(key, value) for key, value in options.items()}
        if cls is QuantizedLinear:
            return QuantizedLinear(**cast(Any, fields_read)).with_scale()
        if "symmetric" in names and isinstance(fields_read.get("alpha"), str):
            fields_read["symmetric"] = 1  # as QKeras' constructors do
        return cast(Any, cls)(**fields_read)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None
