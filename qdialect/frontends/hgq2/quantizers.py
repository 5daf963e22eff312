"""HGQ2's fixed-point quantizers: options and trained variables to formats of single elements.

    kif: k sign bits (0 or 1), i bits before the point beside it, f behind            kbi: f = b - i
    code = fit(round(x * 2**f)), width k + max(i, -f) + f; always zero where k + i + f <= 0

Sources: `hgq/quantizer/internal/fixed_point_quantizer.py`, `quantizers/fixed_point/_fixed_point_ops.py`. Weights and
biases that wrap are rounded only: HGQ2 returns before it wraps them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from xdsl.ir import SSAValue

from qdialect.dialects.qnn.attributes import rounding_attribute
from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.quantize import QuantizeOp
from qdialect.frontends.building.builder import Builder
from qdialect.frontends.building.weights import QuantizedWeights, exact_weights
from qdialect.frontends.keras.model.source import Layer
from qdialect.numerics.arrays import Float32Array, IntArray
from qdialect.numerics.limits import MAX_EXPONENT
from qdialect.numerics.round_each import RoundEach
from qdialect.numerics.rounding import Overflow, Rounding, round_reals

ROUNDINGS = {
    "TRN": Rounding.FLOOR,
    "RND": Rounding.HALF_UP,
    "RND_CONV": Rounding.HALF_EVEN,
    "TRN_ZERO": Rounding.ZERO,
    "RND_ZERO": Rounding.HALF_ZERO,
    "RND_MIN_INF": Rounding.HALF_DOWN,
    "RND_INF": Rounding.HALF_AWAY,
}
"""With an `S_` before it rounding is stochastic in training only."""
OVERFLOWS = {"SAT": Overflow.SATURATE, "SAT_SYM": Overflow.SATURATE_SYMMETRIC, "WRAP": Overflow.WRAP}
TRAINABLE = {
    ("kif", True): ("f", "k", "i"),
    ("kif", False): ("i", "f", "k"),
    ("kbi", True): ("b", "k", "i"),
    ("kbi", False): ("b", "i", "k"),
}
"""Variables in the order of the file, by type and whether the quantizer wraps: trainable ones first."""
PLACES = "scaler", "affine", "bw_mapper"
"""Options that have no place here."""


@dataclass(frozen=True)
class Quantizer:
    """A quantizer as it was trained: the formats have a batch axis of length 1, or are those of weights."""

    mode: RoundEach
    rounds_only: bool

    def of_samples(self) -> RoundEach:
        """The formats without the batch axis."""
        return self.mode.mapped(lambda values: values[0])

    def weights(self, values: Float32Array, where: str) -> QuantizedWeights:
        """The weights that HGQ2 computes with."""
        steps = self.mode.steps
        if self.rounds_only:
            codes = round_reals(np.ldexp(values.astype(np.float64), -steps), 0, self.mode.rounding)
            return exact_weights(np.ldexp(codes, steps).astype(np.float32), where)
        codes = self.mode.reals(values[np.newaxis], self.mode.hull)[0]
        return exact_weights(np.ldexp(codes.astype(np.float64), self.mode.hull.lsb).astype(np.float32), where)


def read_quantizer(layer: Layer, options: Any, place: str) -> Quantizer | None:
    """The quantizer with these options, whose variables the layer has under `place`; None for one that does nothing.

    Raises QdialectError for what HGQ2 can do and this compiler cannot.
    """
    where = f"quantizer '{place}'"
    config = options.get("config") if isinstance(options, Mapping) else None
    if not isinstance(config, Mapping):
        raise layer.error(f"{where} has no configuration")
    kind = config.get("q_type")
    if kind == "dummy":
        return None
    if kind not in ("kif", "kbi"):
        raise layer.error(f"{where}: q_type={kind!r:.40} is not supported, only kif, kbi")
    rounding, overflow = modes_of(layer, where, config)
    for key in PLACES:
        if config.get(key) is not None:
            raise layer.error(f"{where}: {key} is not supported; quantize without it")
    wraps = overflow is Overflow.WRAP
    k, i, f = stored_formats(layer, f"{place}/quantizer".lstrip("/"), TRAINABLE[str(kind), wraps])
    mode = RoundEach(rounding, overflow, -f, widths_of(k, i, f), k)
    plain = bool(config.get("is_weight")) and bool(config.get("trainable", True)) and wraps
    return Quantizer(mode, plain and (kind == "kif" or rounding is Rounding.HALF_UP))


def modes_of(layer: Layer, where: str, config: Mapping[str, Any]) -> tuple[Rounding, Overflow]:
    """`round_mode` and `overflow_mode`. Raises QdialectError for others than those of the tables above."""
    rounding, overflow = str(config.get("round_mode")).upper().removeprefix("S_"), str(config.get("overflow_mode"))
    for key, value, known in (("round_mode", rounding, ROUNDINGS), ("overflow_mode", overflow.upper(), OVERFLOWS)):
        if value not in known:
            raise layer.error(f"{where}: {key}={value!r:.40} is not supported, only {', '.join(known)}")
    return ROUNDINGS[rounding], OVERFLOWS[overflow.upper()]


def stored_formats(layer: Layer, group: str, names: tuple[str, str, str]) -> tuple[IntArray, IntArray, IntArray]:
    """k, i and f of each element, from the variables of a group in the order of `names`.

    Raises QdialectError for variables of several shapes, and for absurd numbers.
    """
    found = {name: layer.weight(f"{group}/{n}") for n, name in enumerate(names)}
    if len({values.shape for values in found.values()}) > 1:
        shapes = ", ".join(f"{name} {list(values.shape)}" for name, values in found.items())
        raise layer.error(f"quantizer '{group}': its variables have several shapes: {shapes}")
    k, i, a = (np.rint(found[name]) for name in ("k", "i", "f" if "f" in found else "b"))
    f = a if "f" in found else a - i
    if not all((np.abs(values) <= MAX_EXPONENT // 2).all() for values in (i, f)) or not np.isin(k, (0, 1)).all():
        raise layer.error(f"quantizer '{group}': its bits are no numbers of bits; train it again")
    return k.astype(np.int64), i.astype(np.int64), f.astype(np.int64)


def widths_of(k: IntArray, i: IntArray, f: IntArray) -> IntArray:
    return np.where(k + i + f > 0, k + np.maximum(i, -f) + f, 0)


def quantized(b: Builder, layer: Layer, x: SSAValue, options: Any, place: str) -> SSAValue:
    """`x` as the quantizer with these options gives it."""
    quantizer = read_quantizer(layer, options, place)
    return x if quantizer is None else rounded(b, layer, x, quantizer.of_samples(), place)


def rounded(b: Builder, layer: Layer, x: SSAValue, mode: RoundEach, place: str) -> SSAValue:
    shape = shape_of(x)
    try:
        np.broadcast_to(mode.widths, shape)
    except ValueError:
        have = list(mode.shape)
        raise layer.error(f"quantizer '{place}': its formats have shape {have}, its input {list(shape)}") from None
    return b.emit(QuantizeOp(x, rounding_attribute(mode), mode.hull), place.replace("/", "_"))


def input_quantized(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    """`x` as the layer's input quantizer gives it, if that is enabled."""
    options = layer.option("iq_conf")
    return quantized(b, layer, x, options, "iq") if layer.option("enable_iq", True) else x


def output_quantized(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    """`x` as the layer's output quantizer gives it, if that is enabled."""
    options = layer.option("oq_conf")
    return quantized(b, layer, x, options, "oq") if layer.option("enable_oq", False) else x


def weight_quantized(layer: Layer, values: Float32Array, place: str) -> QuantizedWeights:
    """Weights as their quantizer `kq` or `bq` gives them."""
    quantizer = read_quantizer(layer, layer.option(f"{place}_conf"), place)
    where = f"{layer.where} {place}"
    if quantizer is None:
        return exact_weights(values, where)
    try:
        np.broadcast_to(quantizer.mode.widths, values.shape)
    except ValueError:
        have = list(quantizer.mode.shape)
        raise layer.error(f"quantizer '{place}': its formats have shape {have}, not {list(values.shape)}") from None
    return quantizer.weights(values, where)
