"""Networks of many kinds as IR texts, for pipelines at random: drawn ones, the probes, chains of recurrent layers,
packed products, recorded TensorFlow functions. Needs Keras.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import tensorflow as tf
from drawn import Network, keras, layers, qkeras
from probe_table import PROBES, REJECTED_BY_QKERAS

from qdialect import from_keras, lower
from qdialect.errors import QdialectError

FUNCTIONS: list[Callable[[Any], Any]] = [
    lambda x: tf.abs(x),
    lambda x: tf.nn.relu6(x * 2),
    lambda x: tf.clip_by_value(x, -0.7, 1.3),
    lambda x: x[:, ::-1] * 0.5 + x,
    lambda x: tf.where(x > 0.25, x, -x),
    lambda x: tf.tile(x, [1, 2] + [1] * (len(x.shape) - 2)),
    lambda x: tf.square(x) - 1.0,
    lambda x: x / 3,
    lambda x: tf.sigmoid(x),
]
GATES = {"activation": "quantized_tanh(4)", "recurrent_activation": "quantized_sigmoid(4)"}


class Chain(Network):
    """A quantized input, then two to six layers, each with a quantizer after it."""

    def graph(self) -> Any:
        shape = self.choice((self.integer(3, 12),), (self.integer(2, 4), self.integer(1, 4)), (4, 4, 2))
        x = y = layers.Input(shape, name="x")
        if self.chance(0.3):
            y = layers.Normalization(axis=-1, mean=0.3, variance=1.7, name=self.name("norm"))(y)
        y = qkeras.QActivation(self.fixed(), name=self.name("quantize"))(y)
        for _ in range(self.integer(2, 6)):
            y = self.quantized(self.next_of(y))
        model = keras.Model(x, y, name="net")
        self.set_weights(model)
        return model

    def next_of(self, x: Any) -> Any:
        rank, kind = len(x.shape) - 1, self.integer(0, 5)
        match kind:
            case 0 | 1:
                return FUNCTIONS[self.integer(0, len(FUNCTIONS) - 1)](x)
            case 2:
                return self.packed(rank)(qkeras.QActivation(self.choice("binary()", "ternary()"))(x))
            case 3 if rank == 2:
                return self.recurrent()(x)
            case 4 if rank > 1 and min(x.shape[1:-1]) > 1:
                up = layers.UpSampling1D if rank == 2 else layers.UpSampling2D
                pool = layers.MaxPooling1D if rank == 2 else layers.MaxPooling2D
                return self.choice(up, pool)(2, name=self.name("resize"))(x)
            case _:
                return self.any_layer(x)(x)

    def packed(self, rank: int) -> Any:
        """Binary or ternary weights behind as few bits."""
        quantizer = self.choice("binary(alpha=1)", "ternary(alpha=1)", "ternary(alpha=1,threshold=0.5)")
        options = {"kernel_quantizer": quantizer, "use_bias": False, "name": self.name("packed")}
        if rank == 1 or self.chance(0.3):
            return qkeras.QDense(self.integer(2, 6), **options)
        return (qkeras.QConv1D if rank == 2 else qkeras.QConv2D)(self.integer(2, 6), 2, padding="same", **options)

    def recurrent(self) -> Any:
        kind = self.choice("QGRU", "QLSTM", "QSimpleRNN")
        gates = {"activation": GATES["activation"]} if kind == "QSimpleRNN" else GATES
        bits = {f"{part}_quantizer": "quantized_bits(4,1,alpha=1)" for part in ("kernel", "recurrent", "bias", "state")}
        return getattr(qkeras, kind)(
            self.integer(1, 3), return_sequences=self.chance(0.5), name=self.name("rnn"), **gates, **bits
        )


def probe(seed: int) -> Any:
    names = [name for name in PROBES if name not in REJECTED_BY_QKERAS]
    model = PROBES[names[seed % len(names)]]()
    Network(seed).set_weights(model)
    return model


def networks(seed: int, count: int) -> list[str]:
    """`count` networks from seeds on, of which each third one is lowered; refused ones are left out."""
    for module, name, function in (
        (qkeras.qrecurrent.nest, "is_sequence", tf.nest.is_nested),  # QKeras 0.9.0 knows TensorFlow 2.10
        (qkeras.qrecurrent.array_ops, "unstack", tf.unstack),
        (qkeras.qconvolutional.array_ops, "stack", tf.stack),
    ):
        setattr(module, name, function)
    kinds: list[Callable[[int], Any]] = [lambda s: Network(s).graph(), probe, lambda s: Chain(s).graph()]
    found: list[str] = []
    for number in range(seed, seed + count):
        keras.backend.clear_session()
        try:
            module = from_keras(kinds[number % 3](number // 3), "fixed<12, 5>")
            found.append(str(lower(module) if number % 9 < 3 else module))
        except QdialectError:
            continue  # tested elsewhere
    return found
