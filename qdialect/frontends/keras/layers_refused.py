"""Layer classes that cannot be compiled exactly, with the reason and what works instead."""

from __future__ import annotations

from xdsl.ir import SSAValue

from qdialect.frontends.keras.builder import Builder, handles
from qdialect.frontends.keras.source import Layer

PER_SAMPLE = "divides by a deviation that each sample has anew; use BatchNormalization"
REASONS = {
    "Lambda": "holds Python code, which is never executed; use layers or TensorFlow functions such as tf.add",
    "UnitNormalization": "divides by a norm that each sample has anew; use BatchNormalization",
    **dict.fromkeys(("GroupNormalization", "LayerNormalization"), PER_SAMPLE),
    "Masking": "makes the following layers skip time steps by value; train on sequences of one length without it",
}


@handles(*REASONS)
def refused(b: Builder, layer: Layer, *inputs: SSAValue) -> SSAValue:
    """Raises QdialectError with the reason."""
    raise layer.error(REASONS[layer.class_name])
