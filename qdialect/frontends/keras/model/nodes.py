"""How layers are applied: `inbound_nodes` in the nested lists of tf_keras and the dictionaries of Keras 3."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from qdialect.errors import QdialectError
from qdialect.frontends.keras.model.configuration import LayerEntry

Reference = tuple[str, int, int]
"""A tensor as configurations name it: layer, application, which of its results."""

T = TypeVar("T")

HARMLESS = ("training", "mask", "name")
"""Call arguments that do not change what is computed at inference, where they are None or False."""


@dataclass(frozen=True)
class Operand:
    """Stands for the n-th tensor of a call among the arguments of an operation."""

    index: int


@dataclass(frozen=True)
class Application(Generic[T]):
    """One application: the tensors, and all arguments with `Operand`s in place of tensors."""

    inputs: Sequence[T]
    arguments: Sequence[Any] = ()
    keywords: Mapping[str, Any] = field(default_factory=dict)

    @property
    def options(self) -> Sequence[str]:
        """The keywords that change what a layer computes at inference."""
        given = {key: value for key, value in self.keywords.items() if value is not None}
        acting = [key for key, value in given.items() if key not in HARMLESS or value is not False]
        return sorted(key for key in acting if key != "mask" or not _keeps_all(given[key]))


def _keeps_all(mask: Any) -> bool:
    """Whether a mask is a constant that hides nothing."""
    match mask:
        case {"config": {"value": value}}:
            return _keeps_all(value)
        case list():
            return all(_keeps_all(item) for item in mask)
        case _:
            return mask is True or mask == 1


def references(value: Any) -> list[Reference]:
    """The tensors in `input_layers` or `output_layers`: one, a list or a dictionary of them (by sorted key)."""
    match value:
        case [str(name), int(node), int(index)]:
            return [(name, node, index)]
        case list():
            return [found for item in value for found in references(item)]
        case dict():
            return [found for key in sorted(value) for found in references(value[key])]
        case _:
            raise QdialectError("the model's configuration does not list its inputs and outputs")


def read_node(entry: LayerEntry, node: Any, names: set[str]) -> Application[Reference]:
    """`names` are the layers of the model."""
    inputs: list[Reference] = []
    if not isinstance(node, dict):
        return Application(inputs, *_legacy(entry, node, inputs, names))
    match node.get("args") or [], node.get("kwargs") or {}:
        case list(args), dict(kwargs):
            arguments = [_keras_3(value, inputs) for value in args]
            return Application(inputs, arguments, {key: _keras_3(value, inputs) for key, value in kwargs.items()})
        case _:
            raise unreadable(entry, node)


def _keras_3(value: Any, inputs: list[Reference]) -> Any:
    match value:
        case {"class_name": "__keras_tensor__", "config": {"keras_history": [str(name), int(node), int(index)]}}:
            inputs.append((name, node, index))
            return Operand(len(inputs) - 1)
        case {"class_name": "__tuple__", "items": list(items)}:
            return [_keras_3(item, inputs) for item in items]
        case list():
            return [_keras_3(item, inputs) for item in value]
        case dict():
            return {key: _keras_3(item, inputs) for key, item in sorted(value.items())}
        case _:
            return value


def _legacy(entry: LayerEntry, node: Any, inputs: list[Reference], names: set[str]) -> tuple[list[Any], dict[str, Any]]:
    """`[[name, node, tensor, keywords], ...]`, or a single one without the outer list."""
    keywords: dict[str, Any] = {}
    first = _legacy_inputs(entry, node, inputs, keywords)
    if isinstance(first, list) and len(first) == 1:
        first = first[0]
    return [first], {key: _legacy_value(value, inputs, names) for key, value in keywords.items()}


def _legacy_inputs(entry: LayerEntry, value: Any, inputs: list[Reference], keywords: dict[str, Any]) -> Any:
    match value:
        case ["_CONSTANT_VALUE", -1, constant, *rest]:
            keywords.update(*rest)
            return constant
        case [str(name), int(node), int(index), *rest]:
            keywords.update(*rest)
            inputs.append((name, node, index))
            return Operand(len(inputs) - 1)
        case list() if value:
            return [_legacy_inputs(entry, item, inputs, keywords) for item in value]
        case dict() if value:
            return [_legacy_inputs(entry, value[key], inputs, keywords) for key in sorted(value)]
        case _:
            raise unreadable(entry, value)


def unreadable(entry: LayerEntry, value: Any) -> QdialectError:
    where = f"layer '{entry.name}' ({entry.class_name})"
    return QdialectError(f"{where}: cannot read how it is applied: {str(value)[:80]}")


def _legacy_value(value: Any, inputs: list[Reference], names: set[str]) -> Any:
    """A keyword argument; tensors are `[name, node, tensor]`."""
    match value:
        case [str(name), int(node), int(index)] if name in names:
            inputs.append((name, node, index))
            return Operand(len(inputs) - 1)
        case list():
            return [_legacy_value(item, inputs, names) for item in value]
        case _:
            return value
