"""Layer classes that cannot be compiled exactly, with the reason and what works instead."""

from __future__ import annotations

PER_SAMPLE = "divides by a deviation that each sample has anew; use BatchNormalization"

SOFTMAX_INSIDE = "multiplies by a softmax, which has no exact form; end the network before it"

REASONS = {
    "Lambda": "holds Python code, which is never executed; use layers or TensorFlow functions such as tf.add",
    "UnitNormalization": "divides by a norm that each sample has anew; use BatchNormalization",
    **dict.fromkeys(("GroupNormalization", "LayerNormalization"), PER_SAMPLE),
    **dict.fromkeys(("AdditiveAttention", "Attention", "MultiHeadAttention"), SOFTMAX_INSIDE),
    "Masking": "makes the following layers skip time steps by value; train on sequences of one length without it",
}
