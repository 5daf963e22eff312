"""Parameters that disagree with their layer's configuration, or that are no finite numbers, are refused by name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from small_files import chain, layer, ones, write_h5

from qdialect import QdialectError, from_keras

ONE = {"class_name": "quantized_bits", "config": {"bits": 4, "integer": 0, "alpha": 1.0}}
QUANTIZED = {f"{key}_quantizer": ONE for key in ("kernel", "bias")}
STEPWISE = {"kernel_quantizer": ONE, "recurrent_quantizer": ONE, "bias_quantizer": ONE, "activation": "quantized_bits"}
LAYERS: dict[str, tuple[list[int], dict[str, Any], dict[str, list[int]]]] = {
    "QDense": ([4], {"units": 5, **QUANTIZED}, {"kernel": [4, 5], "bias": [5]}),
    "QConv1D": ([6, 4], {"filters": 5, "kernel_size": [3], **QUANTIZED}, {"kernel": [3, 4, 5], "bias": [5]}),
    "QConv2D": ([6, 6, 4], {"filters": 5, "kernel_size": 3, **QUANTIZED}, {"kernel": [3, 3, 4, 5], "bias": [5]}),
    "Conv2D": ([6, 6, 4], {"filters": 2, "kernel_size": 3, "groups": 2}, {"kernel": [3, 3, 2, 2], "bias": [2]}),
    "Conv2DTranspose": ([6, 6, 4], {"filters": 5, "kernel_size": [3, 2]}, {"kernel": [3, 2, 5, 4], "bias": [5]}),
    "DepthwiseConv2D": (
        [6, 6, 4],
        {"kernel_size": [3, 3], "depth_multiplier": 2},
        {"depthwise_kernel": [3, 3, 4, 2], "bias": [8]},
    ),
    "SeparableConv2D": (
        [6, 6, 4],
        {"kernel_size": [3, 3], "filters": 5},
        {"depthwise_kernel": [3, 3, 4, 1], "pointwise_kernel": [1, 1, 4, 5], "bias": [5]},
    ),
    "BatchNormalization": (
        [3, 5],
        {"axis": [2]},
        {"gamma": [5], "beta": [5], "moving_mean": [5], "moving_variance": [5]},
    ),
    "QDenseBatchnorm": (
        [4],
        {"units": 3, **QUANTIZED},
        {"kernel": [4, 3], "bias": [3], "gamma": [3], "beta": [3], "moving_mean": [3], "moving_variance": [3]},
    ),
    "PReLU": ([3, 5], {"shared_axes": [1]}, {"alpha": [1, 5]}),
    "Normalization": ([5], {"axis": [-1]}, {"mean": [5], "variance": [5]}),
    "Embedding": ([3], {"input_dim": 7, "output_dim": 2}, {"embeddings": [7, 2]}),
    "QSimpleRNN": ([3, 4], {"units": 2, **STEPWISE}, {"kernel": [4, 2], "recurrent_kernel": [2, 2], "bias": [2]}),
    "QLSTM": (
        [3, 4],
        {"units": 2, **STEPWISE, "recurrent_activation": "quantized_bits"},
        {"kernel": [4, 8], "recurrent_kernel": [2, 8], "bias": [8]},
    ),
    "QGRU": (
        [3, 4],
        {"units": 2, **STEPWISE, "recurrent_activation": "quantized_bits", "reset_after": True},
        {"kernel": [4, 6], "recurrent_kernel": [2, 6], "bias": [2, 6]},
    ),
}


def imported(tmp_path: Path, class_name: str, weights: Any, **changed: Any) -> None:
    shape, options, _ = LAYERS[class_name]
    described = layer(class_name, **options | changed)
    from_keras(write_h5(tmp_path / "net.h5", chain(shape, described), {class_name.lower(): weights}))


def refusal(tmp_path: Path, class_name: str, weights: Any, **changed: Any) -> str:
    with pytest.raises(QdialectError) as error:
        imported(tmp_path, class_name, weights, **changed)
    assert f"layer '{class_name.lower()}' ({class_name})" in str(error.value)
    assert "\n" not in str(error.value)
    return str(error.value)


@pytest.mark.parametrize("class_name", LAYERS)
def test_shapes_follow_from_the_configuration(tmp_path: Path, class_name: str) -> None:
    """Every parameter with one element more or less per axis, one too many, and one too few."""
    _, _, shapes = LAYERS[class_name]
    imported(tmp_path, class_name, ones(**shapes))
    for name, shape in shapes.items():
        for axis, step in ((axis, step) for axis in range(len(shape)) for step in (-1, 1)):
            wrong = [n + step * (i == axis) for i, n in enumerate(shape)]
            if 0 not in wrong:
                told = refusal(tmp_path, class_name, ones(**shapes | {name: wrong}))
                assert f"'{name}'" in told
                assert str(shape) in told
                assert str(wrong) in told
        assert f"'{name}'" in refusal(tmp_path, class_name, ones(**{k: s for k, s in shapes.items() if k != name}))
    assert "'extra' of shape [2]" in refusal(tmp_path, class_name, ones(**shapes, extra=[2]))


@pytest.mark.parametrize(
    ("class_name", "changed"),
    [
        ("QDense", {"units": 6}),
        ("QDense", {"use_bias": False}),
        ("QConv2D", {"filters": 4}),
        ("QConv2D", {"kernel_size": [2, 3]}),
        ("QConv2D", {"groups": 2}),
        ("Conv2D", {"groups": 1}),
        ("Conv2D", {"groups": 3}),
        ("DepthwiseConv2D", {"depth_multiplier": 1}),
        ("BatchNormalization", {"axis": [1]}),
        ("BatchNormalization", {"axis": 7}),
        ("BatchNormalization", {"scale": False}),
        ("BatchNormalization", {"center": False}),
        ("PReLU", {"shared_axes": None}),
        ("Embedding", {"input_dim": 8}),
        ("Embedding", {"output_dim": 3}),
        ("QLSTM", {"units": 3}),
        ("QGRU", {"reset_after": False}),
        *[("QDense", {"units": bad}) for bad in (0, -5, 2.5, True, None, "5", [5], {"a": 5}, 10**30, float("inf"))],
        *[("QConv2D", {"kernel_size": bad}) for bad in (0, [3], [3, 3, 3], [3, -3], 10**30, "33", {"a": 3})],
    ],
)
def test_configurations_that_do_not_fit(tmp_path: Path, class_name: str, changed: dict[str, Any]) -> None:
    refusal(tmp_path, class_name, ones(**LAYERS[class_name][2]), **changed)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e38, -3e38])
@pytest.mark.parametrize("class_name", LAYERS)
def test_numbers_are_finite(tmp_path: Path, class_name: str, bad: float) -> None:
    _, _, shapes = LAYERS[class_name]
    for name in shapes:
        weights = ones(**shapes)
        weights[name].flat[-1] = bad
        told = refusal(tmp_path, class_name, weights)
        assert f"'{name}' of channel" in told
        assert f"is {np.float32(bad):g}" in told


def test_channels_are_named(tmp_path: Path) -> None:
    for class_name, name, place, channel in (
        ("QDense", "kernel", (2, 3), 3),
        ("Conv2DTranspose", "kernel", (0, 1, 4, 2), 4),
        ("DepthwiseConv2D", "depthwise_kernel", (0, 0, 2, 1), 5),
        ("BatchNormalization", "moving_mean", (3,), 3),
    ):
        weights = ones(**LAYERS[class_name][2])
        weights[name][place] = np.nan
        assert f"'{name}' of channel {channel} " in refusal(tmp_path, class_name, weights)


@pytest.mark.parametrize("class_name", ["BatchNormalization", "QDenseBatchnorm", "Normalization"])
def test_variances_are_not_negative(tmp_path: Path, class_name: str) -> None:
    weights = ones(**LAYERS[class_name][2])
    name = next(key for key in weights if key.endswith("variance"))
    weights[name][1] = -0.25
    assert f"'{name}' of channel 1 is -0.25" in refusal(tmp_path, class_name, weights)


@pytest.mark.parametrize("epsilon", [float("nan"), float("inf"), -1, -1e-9, True, "x", None, 1e38])
def test_epsilon_is_a_number(tmp_path: Path, epsilon: Any) -> None:
    for class_name in ("BatchNormalization", "QDenseBatchnorm"):
        assert "epsilon" in refusal(tmp_path, class_name, ones(**LAYERS[class_name][2]), epsilon=epsilon)


def test_epsilon_zero_needs_a_variance(tmp_path: Path) -> None:
    weights = ones(**LAYERS["BatchNormalization"][2])
    imported(tmp_path, "BatchNormalization", weights, epsilon=0)
    weights["moving_variance"][2] = 0
    assert "of channel 2 is 0" in refusal(tmp_path, "BatchNormalization", weights, epsilon=0)


@pytest.mark.parametrize(
    ("class_name", "options"),
    [
        ("LeakyReLU", {"alpha": float("nan")}),
        ("ReLU", {"max_value": float("nan")}),
        ("ReLU", {"threshold": float("inf")}),
        ("ThresholdedReLU", {"theta": float("nan")}),
        ("ELU", {"alpha": float("-inf")}),
        ("Rescaling", {"scale": [1.0, float("nan"), 1.0, 1.0]}),
        ("Rescaling", {"offset": 1e300}),
        ("Normalization", {"mean": [float("nan")], "variance": [1.0]}),
    ],
)
def test_options_are_finite(tmp_path: Path, class_name: str, options: dict[str, Any]) -> None:
    described = layer(class_name, **options)
    with pytest.raises(QdialectError, match=f"layer '{class_name.lower()}'.*option {next(iter(options))} holds"):
        from_keras(write_h5(tmp_path / "net.h5", chain([4], described)))
