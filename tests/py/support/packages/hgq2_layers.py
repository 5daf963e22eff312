"""A small HGQ2 network for every layer class: LAYERS gives its input's shape and what is built on that. Needs HGQ2."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import hgq.layers as hgq
import keras
import numpy as np
from hgq.quantizer import Quantizer, QuantizerConfig
from hgq2_networks import Rng, config, narrow, quantizers, settle

Build = Callable[[Rng, Any], Any]


def weighted(name: str, *args: Any, **options: Any) -> Build:
    return lambda rng, x: getattr(hgq, name)(*args, **options, **quantizers(rng, "iq", "kq", "bq"))(x)


def every_step(rng: Rng, x: Any) -> Any:
    return keras.layers.TimeDistributed(hgq.QDense(3, activation="relu", **quantizers(rng, "iq", "kq", "bq")))(x)


def pooled(name: str, *args: Any, **options: Any) -> Build:
    return lambda rng, x: getattr(hgq, name)(*args, **options, **quantizers(rng, "iq"))(x)


def merged(name: str, count: int = 2, **options: Any) -> Build:
    def build(rng: Rng, x: Any) -> Any:
        confs = [config(rng, "datalane") for _ in range(count)]
        branches = [x, *(Quantizer(config(rng, "datalane"))(x) for _ in range(count - 1))]
        return getattr(hgq, name)(iq_confs=confs, **options)(branches)

    return build


def tables(name: str, *args: Any, **options: Any) -> Build:
    """Of inputs with few bits."""

    def build(rng: Rng, x: Any) -> Any:
        layer = getattr(hgq, name)(*args, **options, iq_conf=config(rng, "datalane"), toq_conf=config(rng, "table"))
        return layer(x)

    return build


def function(name: str, **options: Any) -> Build:
    def build(rng: Rng, x: Any) -> Any:
        confs = {"iq_conf": config(rng, "datalane"), "oq_conf": config(rng, "table", shared=True)}
        return getattr(hgq, name)("tanh", **confs, **options)(x)

    return build


def of_two_readers(rng: Rng, x: Any) -> Any:
    """Two layers whose quantizers differ read the input of the network, which nothing has quantized before."""
    modes = {"round_mode": "RND", "overflow_mode": "WRAP", "homogeneous_axis": (0,)}
    iq = [QuantizerConfig("kif", "datalane", **modes) for _ in range(3)]
    dense = hgq.QDense(4, iq_conf=iq[0], **quantizers(rng, "kq", "bq"))(x)
    return hgq.QAdd(iq_confs=iq[1:])([dense, Quantizer(QuantizerConfig("kif", "datalane", **modes))(x)])


def of_three_kinds(rng: Rng, x: Any) -> Any:
    """Layers whose quantizers round and overflow in different ways read the input of the network."""
    kinds = [("RND_CONV", "WRAP"), ("RND", "SAT_SYM"), ("TRN_ZERO", "WRAP"), ("RND_CONV", "SAT")]
    iq = [
        QuantizerConfig("kif", "datalane", round_mode=rounding, overflow_mode=overflow, homogeneous_axis=(0,))
        for rounding, overflow in kinds
    ]
    dense = [hgq.QDense(4, iq_conf=conf, **quantizers(rng, "kq", "bq"))(x) for conf in iq[:3]]
    sums = hgq.QAdd(iq_confs=[config(rng, "datalane") for _ in dense])(dense)
    return keras.layers.Concatenate()([sums, Quantizer(iq[3])(x)])


def rounded(name: str, *args: Any, axes: tuple[int, ...] = (0,), overflow: str = "WRAP", **options: Any) -> Build:
    """A function that is no straight line, and formats for each element of its results but along `axes`."""

    def build(rng: Rng, x: Any) -> Any:
        oq = QuantizerConfig("kif", "datalane", overflow_mode=overflow, homogeneous_axis=axes)
        confs = quantizers(rng, *(["iq"] if "Pool" in name or "LUT" in name else ["iq", "kq", "bq"]))
        return getattr(hgq, name)(*args, **options, **confs, enable_oq=True, oq_conf=oq)(x)

    return build


def softmax(rng: Rng, x: Any) -> Any:
    return hgq.QSoftmax(axis=-1, enable_iq=True, iq_conf=config(rng, "datalane", shared=True))(x)


def causal(rng: Rng, x: Any) -> Any:
    """HGQ2 quantizes what it has padded: with one format for all elements."""
    confs = quantizers(rng, "kq", "bq") | {"iq_conf": config(rng, "datalane", shared=True)}
    return hgq.QConv1D(3, 3, padding="causal", dilation_rate=2, **confs)(x)


LAYERS: dict[str, tuple[tuple[int, ...], Build]] = {
    "QDense": ((6,), weighted("QDense", 4, activation="relu")),
    "QDense on pixels": ((3, 2, 4), weighted("QDense", 3)),
    "QBatchNormDense": ((6,), weighted("QBatchNormDense", 4, activation="relu")),
    "QDense on every step": ((3, 4), every_step),
    "QDense rounded by row": ((3, 3), rounded("QDense", 3, activation="tanh", axes=(0, 2))),
    "QConv1D rounded by element": ((6, 2), rounded("QConv1D", 3, 2, activation="sigmoid", overflow="SAT")),
    "QAveragePooling2D rounded by element": ((6, 6, 2), rounded("QAveragePooling2D", 3)),
    "QAffinedUnaryFunctionLUT rounded by element": ((4, 3), rounded("QAffinedUnaryFunctionLUT", "tanh")),
    "QEinsumDense": ((4, 3), weighted("QEinsumDense", "bac,cC->baC", (4, 5), bias_axes="C")),
    "QEinsumDense of images": ((3, 4, 2), weighted("QEinsumDense", "bhwc,hc->bwh", (4, 3))),
    "QEinsumDenseBatchnorm": ((4, 3), weighted("QEinsumDenseBatchnorm", "bac,acC->bC", (5,), bias_axes="C")),
    "QConv1D": ((8, 2), weighted("QConv1D", 3, 3, padding="same", strides=2)),
    "QConv1D causal": ((8, 2), causal),
    "QConv2D": ((6, 5, 2), weighted("QConv2D", 3, (3, 2), activation="relu")),
    "QConv2D grouped": ((6, 6, 4), weighted("QConv2D", 4, 3, groups=2, padding="same")),
    "QBatchNormalization": ((4, 3), weighted("QBatchNormalization")),
    "QBatchNormalization axis": ((4, 3), weighted("QBatchNormalization", axis=1)),
    "QAdd": ((5,), merged("QAdd", 3)),
    "QSubtract": ((5,), merged("QSubtract")),
    "QMultiply": ((5,), merged("QMultiply")),
    "QMaximum": ((5,), merged("QMaximum", 3)),
    "QMinimum": ((5,), merged("QMinimum")),
    "QAveragePow2": ((5,), merged("QAveragePow2", 3)),
    "QDot": ((4, 3), merged("QDot", axes=(2, 2))),
    "QEinsum": ((4, 3), merged("QEinsum", equation="bac,bdc->bad")),
    "QEinsum of two axes": ((4, 3), merged("QEinsum", equation="bac,bac->ba")),
    "QSum": ((4, 3), pooled("QSum", axes=(1,), scale=0.5)),
    "QSum all": ((4, 3), pooled("QSum", axes=(1, 2), keepdims=True)),
    "QMeanPow2": ((4, 3), pooled("QMeanPow2", axes=1)),
    "QMaxPooling1D": ((8, 2), pooled("QMaxPooling1D", 3, strides=2, padding="same")),
    "QMaxPooling2D": ((6, 5, 2), pooled("QMaxPooling2D", 2)),
    "QAveragePooling1D": ((8, 2), pooled("QAveragePooling1D", 2)),
    "QAveragePooling2D": ((6, 6, 2), pooled("QAveragePooling2D", 2)),
    "QGlobalMaxPooling1D": ((6, 2), pooled("QGlobalMaxPooling1D")),
    "QGlobalMaxPooling2D": ((4, 3, 2), pooled("QGlobalMaxPooling2D", keepdims=True)),
    "QGlobalAveragePooling1D": ((8, 2), pooled("QGlobalAveragePooling1D")),
    "QGlobalAveragePooling2D": ((4, 4, 2), pooled("QGlobalAveragePooling2D")),
    "QUnaryFunctionLUT": ((5,), function("QUnaryFunctionLUT")),
    "QUnaryFunctionLUT one table": (
        (5,),
        function("QUnaryFunctionLUT", allow_heterogeneous_input=False, allow_heterogeneous_table=False),
    ),
    "QAffinedUnaryFunctionLUT": ((5,), function("QAffinedUnaryFunctionLUT")),
    "QSoftmax": ((6,), softmax),
    "QSoftmax of rows": ((4, 3), softmax),
    "QDenseT": ((3,), tables("QDenseT", 2, d_hl=4)),
    "QEinsumDenseT": ((3, 4), tables("QEinsumDenseT", "bac,cC->baC", (3, 2), d_hl=4, bias_axes="C")),
    "QEinsumDenseT normalized": ((3, 4), tables("QEinsumDenseT", "bac,acC->bC", (2,), d_hl=4, batch_norm=True)),
    "two readers": ((4,), of_two_readers),
    "three kinds of readers": ((4,), of_three_kinds),
    "QConvT1D": ((6, 2), tables("QConvT1D", 2, 3, d_hl=4)),
    "QConvT2D": ((4, 4, 2), tables("QConvT2D", 2, 2, d_hl=4)),
}


def network(name: str, seed: int = 0) -> tuple[keras.Model, np.ndarray]:
    """Before a quantizer and, but for those that read the input, behind one, with drawn formats; inputs leave them."""
    rng = np.random.default_rng(seed)
    keras.utils.set_random_seed(seed)
    shape, build = LAYERS[name]
    first = keras.Input(shape)
    x = first if name.endswith("readers") else Quantizer(config(rng, "datalane"))(first)
    model = keras.Model(first, Quantizer(config(rng, "datalane"))(build(rng, x)))
    settle(rng, model)
    for layer in model.layers:
        if name.partition(" ")[0].endswith(("DenseT", "T1D", "T2D")) and hasattr(layer, "toq"):
            narrow(rng, layer.iq.quantizer)
    return model, (rng.normal(size=(60, *shape)) * 3).astype(np.float32)
