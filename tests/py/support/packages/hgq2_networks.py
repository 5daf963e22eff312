"""Random HGQ2 networks: drawn layers, modes and formats of single elements, and inputs that wrap. Needs HGQ2."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from hgq.layers import (
    QAdd,
    QAveragePooling1D,
    QAveragePow2,
    QBatchNormalization,
    QBatchNormDense,
    QConv1D,
    QConv2D,
    QDense,
    QDenseT,
    QEinsumDense,
    QEinsumDenseBatchnorm,
    QGlobalAveragePooling1D,
    QMaximum,
    QMaxPooling1D,
    QMaxPooling2D,
    QMeanPow2,
    QMinimum,
    QMultiply,
    QSoftmax,
    QSubtract,
    QSum,
    QUnaryFunctionLUT,
)
from hgq.quantizer import Quantizer, QuantizerConfig

Rng = np.random.Generator
ROUNDINGS = ("TRN", "RND", "RND_CONV", "TRN_ZERO", "RND_ZERO", "RND_MIN_INF", "RND_INF", "S_RND")
OVERFLOWS = ("WRAP", "WRAP", "SAT", "SAT_SYM")
FUNCTIONS = ("tanh", "sigmoid", "softsign", "relu", "relu6", "elu", "softplus")


def config(rng: Rng, place: str, **options: Any) -> QuantizerConfig:
    """A quantizer with drawn type and modes; its formats are drawn later."""
    kind = str(rng.choice(["kif", "kbi"]))
    modes = {"round_mode": str(rng.choice(ROUNDINGS)), "overflow_mode": str(rng.choice(OVERFLOWS))}
    axes = {"homogeneous_axis": (0,), "heterogeneous_axis": None}
    if place in ("weight", "bias"):
        axes = {"homogeneous_axis": (), "heterogeneous_axis": None}
    elif options.pop("shared", rng.random() < 0.2):
        axes = {"homogeneous_axis": None, "heterogeneous_axis": ()}
    return QuantizerConfig(kind, place, **modes, **axes, **options)


def settle(rng: Rng, model: keras.Model) -> None:
    """Draw every format, from -2 to 12 bits, and every variable of batch normalization."""
    for layer in model._flatten_layers():
        q = getattr(layer, "quantizer", None)
        if isinstance(layer, Quantizer) and hasattr(q, "_k"):
            shape, table = q._k.shape, layer.config.place == "table"
            width = rng.integers(3, 8, shape) if table else rng.integers(-2, 13, shape).clip(max=rng.choice([6, 12]))
            i = rng.integers(-1, 4, shape)
            q._k.assign(rng.integers(0, 2, shape) if layer.config.place != "weight" else np.ones(shape))
            q._i.assign(i)
            free = q._f if hasattr(q, "_f") else q._b
            free.assign(width - i if hasattr(q, "_f") else np.maximum(width, 0))
        for name in ("moving_mean", "moving_variance", "bn_gamma", "bn_beta"):
            variable = getattr(layer, name, None)
            if variable is not None:
                drawn = rng.normal(size=variable.shape) * 0.5
                variable.assign(drawn**2 + 0.1 if name == "moving_variance" else drawn)
        if getattr(layer, "bias", None) is not None and not isinstance(layer, Quantizer):
            layer.bias.assign(rng.normal(size=layer.bias.shape))


def quantizers(rng: Rng, *keys: str) -> dict[str, Any]:
    places = {"kq": "weight", "bq": "bias", "iq": "datalane", "oq": "datalane"}
    confs = {f"{key}_conf": config(rng, places[key]) for key in keys}
    return confs | ({"enable_oq": True} if "oq" in keys else {})


def sometimes_oq(rng: Rng) -> tuple[str, ...]:
    return ("oq",) if rng.random() < 0.3 else ()


def dense(rng: Rng, x: Any) -> Any:
    activation = rng.choice([None, "relu"])
    units, bias = int(rng.integers(2, 7)), bool(rng.integers(2))
    kind = rng.integers(3)
    if kind == 0 and x.shape[-1] == units:
        return QBatchNormDense(units, activation=activation, **quantizers(rng, "iq", "kq", "bq"))(x)
    options = quantizers(rng, "iq", "kq", "bq", *sometimes_oq(rng))
    return QDense(units, activation=activation, use_bias=bias, **options)(x)


def einsum(rng: Rng, x: Any) -> Any:
    """Equations on [c], [a, c] or [a, d, c]."""
    n, rank, units = x.shape[-1], len(x.shape), int(rng.integers(2, 5))
    choices: list[tuple[str, tuple[int, ...], str]] = [("...c,cC->...C", (units,), "C")]
    if rank == 3:
        a = x.shape[1]
        choices += [
            ("bac,acC->bC", (units,), "C"),
            ("bac,acC->baC", (a, units), "aC"),
            ("bac,acC->bCa", (units, a), "C"),
            ("bac,aA->bAc", (units, n), "A"),
            ("bac,c->bac", (a, n), "c"),
            ("bac,cC->bCa", (units, a), "C"),
        ]
    equation, shape, axes = choices[rng.integers(len(choices))]
    common = {"activation": rng.choice([None, "relu"]), **quantizers(rng, "iq", "kq", "bq", *sometimes_oq(rng))}
    if rng.random() < 0.4 and axes == "C" and equation.endswith("C"):
        return QEinsumDenseBatchnorm(equation, shape, bias_axes=axes, **common)(x)
    bias = axes if rng.random() < 0.7 else None
    return QEinsumDense(equation, shape, bias_axes=bias, **common)(x)


def conv(rng: Rng, x: Any) -> Any:
    padding, size = str(rng.choice(["valid", "same"])), int(rng.integers(1, 4))
    options = {"activation": rng.choice([None, "relu"]), "padding": padding, "strides": int(rng.integers(1, 3))}
    options |= quantizers(rng, "iq", "kq", "bq", *sometimes_oq(rng))
    return (QConv2D if len(x.shape) == 4 else QConv1D)(int(rng.integers(2, 5)), min(size, *x.shape[1:-1]), **options)(x)


def pool(rng: Rng, x: Any) -> Any:
    iq = quantizers(rng, "iq")
    if len(x.shape) == 4:
        return QMaxPooling2D(min(2, *x.shape[1:-1]), **iq)(x)
    kinds = [QMaxPooling1D, QAveragePooling1D]
    if rng.random() < 0.2:
        return QGlobalAveragePooling1D(**iq)(x)
    return kinds[rng.integers(2)](min(2, x.shape[1]), **iq)(x)


def merge(rng: Rng, x: Any) -> Any:
    y = Quantizer(config(rng, "datalane"))(x)
    kind = [QAdd, QSubtract, QMultiply, QMaximum, QMinimum, QAveragePow2][rng.integers(6)]
    return kind(iq_confs=[config(rng, "datalane") for _ in range(2)], **quantizers(rng, *sometimes_oq(rng)))([x, y])


def norm(rng: Rng, x: Any) -> Any:
    options = {"scale": bool(rng.integers(2)), "center": bool(rng.integers(2))}
    return QBatchNormalization(**options, **quantizers(rng, "iq", "kq", "bq", *sometimes_oq(rng)))(x)


def total(rng: Rng, x: Any) -> Any:
    kind = QMeanPow2 if rng.integers(2) else QSum
    axes = int(rng.integers(1, len(x.shape)))
    return kind(axes=axes, keepdims=len(x.shape) == 2 or bool(rng.integers(2)), **quantizers(rng, "iq"))(x)


def table(rng: Rng, x: Any) -> Any:
    oq = config(rng, "table", shared=bool(rng.integers(2)))
    return QUnaryFunctionLUT(str(rng.choice(FUNCTIONS)), iq_conf=config(rng, "datalane"), oq_conf=oq)(x)


def reshape(rng: Rng, x: Any) -> Any:
    return keras.layers.Flatten()(x) if rng.integers(2) else keras.layers.Permute((*range(2, len(x.shape)), 1))(x)


def softmax(rng: Rng, x: Any) -> Any:
    confs = {f"{t}_iq_conf": config(rng, "datalane") for t in ("exp", "inv")}
    confs |= {f"{t}_oq_conf": config(rng, "table") for t in ("exp", "inv")}
    confs["iq_conf"] = config(rng, "datalane", shared=True)
    return QSoftmax(stable=bool(rng.integers(2)), enable_iq=True, **confs)(x)


STEPS: dict[int, tuple[Callable[[Rng, Any], Any], ...]] = {
    2: (dense, einsum, merge, norm, total, table),
    3: (dense, einsum, conv, pool, merge, norm, total, table, reshape),
    4: (dense, conv, pool, merge, norm, table, reshape),
}
"""What may follow, by the number of axes with the batch's."""
SHAPES = ((5,), (8,), (4, 3), (6, 2), (5, 5, 2))


def network_of_tables(seed: int) -> tuple[keras.Model, np.ndarray]:
    """A QDenseT between quantizers; its input has formats of few bits, so that tables are small."""
    rng = np.random.default_rng(seed)
    keras.utils.set_random_seed(seed)
    shape = ((5,), (3, 4))[seed % 2]
    options = {"n_hl": int(rng.integers(0, 3)), "d_hl": 4, "batch_norm": seed % 3 == 0}
    confs = {"iq_conf": config(rng, "datalane"), "toq_conf": config(rng, "table")}
    x = first = keras.Input(shape)
    x = Quantizer(config(rng, "datalane"))(x)
    table = QDenseT(3, activation="relu", **options, **confs)
    model = keras.Model(first, Quantizer(config(rng, "datalane"))(table(x)))
    settle(rng, model)
    narrow(rng, table.iq.quantizer)
    return model, (rng.normal(size=(100, *shape)) * 3).astype(np.float32)


def narrow(rng: Rng, q: Any) -> None:
    """Formats of up to 6 bits with steps of 2**-4 or more."""
    i = rng.integers(0, 3, q._i.shape)
    q._i.assign(i)
    f = rng.integers(-1, 4, q._i.shape)
    (q._f if hasattr(q, "_f") else q._b).assign(f if hasattr(q, "_f") else np.maximum(i + f, 0))


def drawn_network(seed: int) -> tuple[keras.Model, np.ndarray]:
    """A network, and inputs of which many leave its formats."""
    rng = np.random.default_rng(seed)
    keras.utils.set_random_seed(seed)
    shape = SHAPES[rng.integers(len(SHAPES))]
    x = first = keras.Input(shape)
    x = Quantizer(config(rng, "datalane"))(x) if rng.random() < 0.5 else dense(rng, x)
    for _ in range(rng.integers(0, 4)):
        steps = STEPS[len(x.shape)]
        x = steps[rng.integers(len(steps))](rng, x)
    if rng.random() < 0.15:
        x = softmax(rng, keras.layers.Flatten()(x))
    else:
        x = Quantizer(config(rng, "datalane"))(x) if rng.random() < 0.5 else dense(rng, x)
    model = keras.Model(first, x, name=f"drawn_{seed}")
    settle(rng, model)
    inputs = rng.normal(size=(100, *shape)) * rng.choice([0.5, 2.0, 8.0], (100, *[1] * len(shape)))
    return model, inputs.astype(np.float32)
