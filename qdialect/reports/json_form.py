"""Results as JSON, and the JSON schema of a result, from the types of its fields."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from qdialect.dialects.qnn.types import type_of
from qdialect.numerics.formats import BinaryFormat, FixedFormat, Format, Po2Format, TernaryFormat

FORMATS = (BinaryFormat, FixedFormat, Po2Format, TernaryFormat)
DRAFT = "https://json-schema.org/draft/2020-12/schema"
PLAIN: Mapping[Any, str] = {str: "string", bool: "boolean", int: "integer", float: "number", NoneType: "null"}


def as_json(result: Any) -> str:
    """A result, which is a dataclass, or several in a list."""
    return json.dumps(plain(result), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def plain(value: Any) -> Any:
    """A value of dictionaries, lists, texts and numbers; a format as its type in the IR is called."""
    if isinstance(value, FORMATS):
        return str(type_of(value)).removeprefix("!qnn.")
    if is_dataclass(value):
        return {each.name: plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return value


def schema_of(class_: type) -> dict[str, Any]:
    """The schema of a dataclass: every field is required, and there are no others."""
    definitions: dict[str, Any] = {}
    return {"$schema": DRAFT, **_type(class_, definitions), "$defs": definitions}


def _type(hint: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    if hint is Any:
        return {}
    if hint is Format or hint in FORMATS:
        return {"type": "string"}
    if hint in PLAIN:
        return {"type": PLAIN[hint]}
    if get_origin(hint) in (Union, UnionType):
        return {"anyOf": [_type(each, definitions) for each in get_args(hint)]}
    if get_origin(hint) in (list, tuple, Sequence):
        return {"type": "array", "items": _type(get_args(hint)[0], definitions)}
    if get_origin(hint) in (dict, Mapping):
        return {"type": "object", "additionalProperties": _type(get_args(hint)[1], definitions)}
    if not is_dataclass(hint):
        raise TypeError(f"{hint} has no JSON form")
    name = getattr(hint, "__name__", "")
    if name not in definitions:
        definitions[name] = {}  # a type may hold itself
        definitions[name] = _dataclass(hint, definitions)
    return {"$ref": f"#/$defs/{name}"}


def _dataclass(class_: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    hints = get_type_hints(class_)
    names = [each.name for each in fields(class_)]
    return {
        "type": "object",
        "properties": {name: _type(hints[name], definitions) for name in names},
        "required": names,
        "additionalProperties": False,
    }
