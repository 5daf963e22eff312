"""What became of the batch normalizations of a network, as its remarks say; no float is left of it."""

import re

from xdsl.dialects.builtin import f32

from qdialect.dialects.qnn.names import identifier
from qdialect.dialects.qnn.network import network
from qdialect.dialects.qnn.remarks import remarks
from qdialect.dialects.qnn.types import tensor_type

FORMS = "threshold|comparison|table|computed exactly|folded into"
"""What a remark says of the form of a batch normalization."""
PART = "(_normalized)?(_part[0-9]+)?(_before_.*)?"
"""After the name of a layer, in that of a value that stands for it."""


def assert_integer(module) -> None:
    function = network(module)
    assert not any(op.name == "qnn.batch_norm" for op in function.walk())
    assert all(tensor_type(result.type).element_type != f32 for op in function.walk() for result in op.results)


def normalizations(layers) -> set[str]:
    """The names of the layers, of Keras or of a file, that normalize batches: also quantized, or inside another."""
    return {x.name for x in layers if "Batch" in getattr(x, "class_name", type(x).__name__)}


def accounted_for(module, layers) -> set[str]:
    """The names of those layers of which a remark says what became of their batch normalization."""
    texts = [text for text in remarks(network(module)) if re.search(FORMS, text)]
    subjects = [match[0] for text in texts if (match := re.match(r"(layer )?'[^']*'", text))]

    def told(name: str) -> bool:
        value = rf"'{re.escape(identifier(name))}{PART}'"
        return any(s == f"layer '{name}'" or re.fullmatch(value, s) for s in subjects)

    return {layer.name for layer in layers if told(layer.name)} & normalizations(layers)
