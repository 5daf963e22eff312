"""The table of layers: what it says is what Keras does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from qdialect.frontends.keras.keras_run.pinning import keras_weights
from qdialect.reports.info import describe
from qdialect.tools.cli import main

ROOT = Path(__file__).resolve().parents[3]
MLP = str(ROOT / "examples" / "digits_mlp" / "model.h5")


def test_table_of_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["info", MLP]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "model 'digits_mlp': 16 layers, 39114 parameters"
    rows = {line.split()[0]: line.split(maxsplit=1)[1].split("  ") for line in lines[3:]}
    cells = {name: [cell.strip() for cell in row if cell.strip()] for name, row in rows.items()}
    assert cells["image"] == ["InputLayer", "64", "f32", "0", "exact"]
    assert cells["fc1"][:4] == ["QDense", "128", "fixed<12, 8, signed>", "8192"]
    assert cells["fc1"][4:] == ["kernel binary(alpha=1.0)", "exact, 11 bits"]
    assert cells["bn1"][-1] == "float32 formula"
    assert cells["softmax"][-1] == "left to the host"
    assert lines[-1] == "remark: 'relu4': uncertified thresholds in channels 31, 33, 38, 54"


def network(bits: int, units: int) -> Any:
    keras, qkeras = pytest.importorskip("tf_keras"), pytest.importorskip("qkeras")
    quantizer = f"quantized_bits({bits},0,alpha=1)"
    model = keras.Sequential(
        [
            qkeras.QActivation(quantizer, input_shape=(units,), name="q"),
            qkeras.QDense(1, kernel_quantizer=quantizer, use_bias=False, name="sum"),
        ]
    )
    ends = np.where(np.arange(units) % 2, 1, 1 - 2.0 ** (1 - bits)).astype(np.float32)
    model.set_weights([ends[:, np.newaxis]])
    return model


@pytest.mark.parametrize(("bits", "units", "exact"), [(10, 60, True), (12, 3, True), (12, 64, False), (16, 4, False)])
def test_verdict_is_that_of_keras(bits: int, units: int, exact: bool) -> None:
    """Where the verdict is 'exact', Keras sums without rounding; the other networks show that it does round."""
    model = network(bits, units)
    (verdict,) = (layer.verdict for layer in describe(model).layers if layer.name == "sum")
    assert verdict.startswith("exact, " if exact else "rounds: ")
    x = np.random.default_rng(0).uniform(-1, 1, (200, units)).astype(np.float32)
    x[0] = 1
    lsb = 2.0 ** (1 - bits)
    codes = np.clip(np.rint(x.astype(np.float64) / lsb), -1 / lsb, 1 / lsb - 1) * lsb
    weights = np.minimum(model.get_weights()[0].astype(np.float64), 1 - lsb)
    equal = (model.predict(x, verbose=0) == codes @ weights).all()
    assert equal == exact


def test_float_inputs_and_scales_round() -> None:
    keras, qkeras = pytest.importorskip("tf_keras"), pytest.importorskip("qkeras")
    model = keras.Sequential(
        [
            qkeras.QDense(3, kernel_quantizer="quantized_bits(4,0,alpha=1)", input_shape=(4,), name="raw"),
            qkeras.QActivation("quantized_relu(4,1)", name="relu"),
            qkeras.QDense(3, kernel_quantizer="quantized_bits(4,0,alpha='auto')", name="scaled"),
        ]
    )
    rng = np.random.default_rng(0)
    model.set_weights([rng.normal(size=w.shape) for w in model.get_weights()])
    verdicts = {layer.name: layer.verdict for layer in describe(model).layers}
    assert verdicts["raw"] == "rounds: its input is not quantized"
    assert verdicts["relu"] == "exact"
    assert verdicts["scaled"].startswith("rounds: ")
    assert "bits with its float32 scale" in verdicts["scaled"]


@pytest.mark.parametrize(("bits", "undecided"), [(8, False), (24, True)])
def test_roundings_wider_than_the_next_step_are_undecided(bits: int, undecided: bool) -> None:
    """64 products of 22 bits, up to 64: within 65 * 64 * 2**-24 = 2.5e-4 of the exact sum."""
    qkeras = pytest.importorskip("qkeras")
    model = network(12, 64)
    model.add(qkeras.QActivation(f"quantized_bits({bits},6,alpha=1)", name="next"))
    (verdict,) = (layer.verdict for layer in describe(model).layers if layer.name == "sum")
    assert verdict.startswith("rounds: ")
    assert ("undecided: up to" in verdict) is undecided


@pytest.mark.parametrize(
    ("then", "layer"),
    [
        (lambda keras: keras.layers.ReLU(name="relu"), "sum"),
        (lambda keras: keras.layers.Flatten(name="moved"), "sum"),
        (lambda keras: keras.layers.BatchNormalization(name="scaled"), "scaled"),
        (lambda keras: keras.layers.Dense(2, name="second"), "second"),
    ],
)
def test_layers_before_a_quantizer_hand_roundings_on(then: Any, layer: str) -> None:
    keras, qkeras = pytest.importorskip("tf_keras"), pytest.importorskip("qkeras")
    model = network(12, 64)
    model.add(then(keras))
    model.add(qkeras.QActivation("quantized_bits(24,6,alpha=1)", name="next"))
    assert [d.name for d in describe(model).layers if "undecided: up to" in (d.verdict or "")] == [layer]


def test_roundings_before_a_quantizer_of_the_layer_itself() -> None:
    qkeras = pytest.importorskip("qkeras")
    model = network(12, 64)
    model.layers[-1].activation = qkeras.quantized_bits(24, 1, alpha=1)
    (verdict,) = (layer.verdict for layer in describe(model).layers if layer.name == "sum")
    assert verdict == (
        "rounds: 28 bits, float32 has 24; x + (q - x) for |x| from 4 on, x reaches 63.9688; "
        "undecided: up to 2^11 steps of the next quantizer"
    )


def test_weights_at_a_tie(monkeypatch: pytest.MonkeyPatch) -> None:
    """A power of two whose logarithm decides: 2**0.5 lies between the codes 1 and 2."""
    keras, qkeras = pytest.importorskip("tf_keras"), pytest.importorskip("qkeras")
    model = keras.Sequential(
        [
            qkeras.QActivation("quantized_bits(4,1,alpha=1)", input_shape=(2,)),
            qkeras.QDense(2, kernel_quantizer="quantized_po2(4)", use_bias=False, name="po2"),
        ]
    )
    model.set_weights([np.array([[np.sqrt(2), 1], [0.3, 2]], np.float32)])
    (remark,) = describe(model).remarks
    assert remark.startswith("layer 'po2' (QDense): 1 of 4 kernel weights lie at a tie; TensorFlow decides ")
    monkeypatch.setattr("qdialect.reports.info.is_available", lambda: False)
    (remark,) = describe(model).remarks
    assert remark.endswith("; TensorFlow and QKeras, which decide them, are not installed")


def test_pinned_weights_are_those_of_predict() -> None:
    keras, qkeras = pytest.importorskip("tf_keras"), pytest.importorskip("qkeras")
    w = np.random.default_rng(0).normal(size=(6, 4)).astype(np.float32)
    for text in ("quantized_bits(4,0)", "quantized_po2(4)", "ternary(alpha='auto')", "binary(alpha=0.5)"):
        layer = qkeras.QDense(4, kernel_quantizer=text, use_bias=False, input_shape=(6,))
        model = keras.Sequential([layer])
        model.set_weights([w])
        used = model.predict(np.eye(6, dtype=np.float32), verbose=0)
        assert np.array_equal(keras_weights(text, w, True), used)
        assert np.array_equal(keras_weights(layer.get_config()["kernel_quantizer"], w, True), used)


def test_straight_through_rule() -> None:
    """A wide accumulator before a fine quantizer: Keras loses codes exactly where the verdict says so."""
    keras, qkeras = pytest.importorskip("tf_keras"), pytest.importorskip("qkeras")
    fine, wide = "quantized_bits(16,0,alpha=1)", "quantized_bits(12,11,alpha=1)"
    model = keras.Sequential(
        [
            qkeras.QActivation(wide, input_shape=(4,), name="wide"),
            qkeras.QActivation(fine, name="fine"),
            qkeras.QActivation("quantized_tanh(16)", name="tanh"),
        ]
    )
    verdicts = {layer.name: layer.verdict for layer in describe(model).layers}
    assert verdicts["wide"] == "exact for |x| below 1.67772e+07"
    assert verdicts["fine"] == "rounds: x + (q - x) for |x| from 512 on, x reaches 2048"
    assert verdicts["tanh"] == "exact"
    x = np.arange(-2048, 2048, dtype=np.float32).reshape(-1, 4)
    y = keras.Sequential(model.layers[:2]).predict(x, verbose=0)
    lost = ~np.isin(y, [1 - 2.0**-15, -1, 0])
    assert lost.any()
    assert np.abs(x[lost]).min() >= 512


def test_what_cannot_be_compiled_is_still_described() -> None:
    keras, qkeras = pytest.importorskip("tf_keras"), pytest.importorskip("qkeras")
    model = keras.Sequential(
        [
            qkeras.QDense(3, kernel_quantizer="quantized_bits(4,0,alpha=1)", input_shape=(4,), name="fc"),
            keras.layers.Lambda(lambda x: x, name="secret"),
        ]
    )
    info = describe(model)
    assert [layer.name for layer in info.layers] == ["fc_input", "fc", "secret"]
    assert info.parameters == 15
    assert "'secret' (Lambda)" in (info.refused or "")
    assert info.lines()[-1] == f"cannot be compiled: {info.refused}"
