"""Batch normalization against golden values recorded with QKeras 0.9.0, and over every code of many channels.

`QDIALECT_CHANNELS=16000 pytest tests/py/passes/test_batch_norm_golden.py -k thousands` certifies so many channels.
"""

import json
import os
from pathlib import Path

import numpy as np
import pytest
from sequences import BN, K, keras, network_of, q, qkeras

from qdialect.compiler.pipeline import lower
from qdialect.dialects.qnn.ops.constant import constant_of
from qdialect.dialects.qnn.ops.contractions import ContractionOp
from qdialect.dialects.qnn.ops.threshold import ThresholdOp
from qdialect.dialects.qnn.types import exact_format_of
from qdialect.frontends.keras.importer import from_keras
from qdialect.interpreter.simulate import simulate
from qdialect.numerics import float32
from qdialect.numerics.float32 import BatchNormFormula

pytestmark = pytest.mark.filterwarnings("ignore")

GOLDEN = json.loads((Path(__file__).parents[1] / "data" / "golden_batch_norm.json").read_text())
CHANNELS = int(os.environ.get("QDIALECT_CHANNELS", "1200"))


def array(entry) -> np.ndarray:
    return np.array(entry["values"], np.float32).reshape(entry["shape"])


def golden_network(case):
    x, weights = array(case["inputs"]), {key: array(value) for key, value in case["weights"].items()}
    layers = [eval(text, {"BatchNormalization": BN, **vars(qkeras)}) for text in case["layer"].split(" then ")]
    model = keras.Sequential([K.Input(x.shape[1:], name="x"), *layers])
    values = {w.name.rpartition("/")[2].removesuffix(":0"): w for w in layers[0].weights}
    layers[0].set_weights([weights.get(name, np.array(7)) for name in values])
    return model, x, array(case["outputs"])


@pytest.mark.parametrize("case", [c for c in GOLDEN if c["case"] == 4], ids=lambda c: str(c["inputs"]["shape"]))
def test_golden_formulas(case):
    x, expected = array(case["inputs"]), array(case["outputs"])
    values = [array(case["weights"][key]) for key in ("gamma", "beta", "moving_mean", "moving_variance")]
    fused = BatchNormFormula.FUSED_FMA if x.shape[-1] % 4 == 0 else BatchNormFormula.FUSED_SCALE
    formula = fused if x.ndim == 4 else BatchNormFormula.SCALE_OFFSET
    assert np.array_equal(float32.batch_norm(x, *values, 1e-3, formula), expected)


@pytest.mark.parametrize("case", [c for c in GOLDEN if c["case"] == 5], ids=lambda c: str(c["inputs"]["values"][0]))
def test_golden_thresholds(case):
    """One accumulator step beside the thresholds of real arithmetic."""
    model, x, expected = golden_network(case)
    module = from_keras(model, "fixed<20, 12>")
    assert np.array_equal(simulate(module, x), expected)
    assert np.array_equal(simulate(lower(module, verify=True), x), expected)


@pytest.mark.parametrize("case", [c for c in GOLDEN if c["case"] in (16, 17)], ids=lambda c: c["layer"][:40])
def test_golden_layers(case):
    """Also where a variance of 1/2 lies between powers of 4, so that the last bits of a logarithm decide."""
    model, x, expected = golden_network(case)
    module = from_keras(model)
    assert np.array_equal(simulate(module, x), expected)
    if "quantized_folded_kernel" in case:
        (op,) = (op for op in module.walk() if isinstance(op, ContractionOp))
        codes = np.ldexp(constant_of(op.kernel), exact_format_of(op.kernel.type).lsb)
        assert np.array_equal(codes, array(case["quantized_folded_kernel"]))


def test_thresholds_of_thousands_of_channels(capsys):
    """fixed<12, 6> into quantized_relu(8,2): every code of the accumulator in every channel, against Keras itself."""
    differing = uncertified = total = 0
    codes = np.arange(-2048, 2048)
    for shape in ((CHANNELS // 3,), (1, 1, CHANNELS // 12 * 4), (1, 1, CHANNELS // 12 * 4 + 1)):
        model, _ = network_of(shape, BN(name="bn"), q("quantized_relu(8,2)"), seed=len(shape) + shape[-1] % 2)
        lowered = lower(from_keras(model, "fixed<12, 6>"))
        x = np.broadcast_to(codes.reshape(-1, *[1] * len(shape)) / np.float32(64), (4096, *shape)).astype(np.float32)
        wrong = simulate(lowered, x) != model.predict(x, batch_size=512, verbose=0)
        (op,) = (op for op in lowered.walk() if isinstance(op, ThresholdOp))
        listed = [] if op.uncertified is None else list(op.uncertified.get_values())
        assert set(np.nonzero(wrong)[-1]) <= set(listed)
        differing += np.count_nonzero(wrong)
        uncertified += len(listed)
        total += np.count_nonzero(np.abs(constant_of(op.thresholds)) < 2047)
    with capsys.disabled():
        print(f"\n{total} thresholds inside the range, {uncertified} uncertified ({uncertified / total:.1e});", end=" ")
        print(f"{differing} outputs differ from Keras, all of them at uncertified thresholds")
    assert uncertified < total / 500
