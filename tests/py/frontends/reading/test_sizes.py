"""Sizes in configurations: what is no size, or beyond `qdialect.numerics.limits`, is refused by its layer's name."""

from __future__ import annotations

import math
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from small_files import QUANTIZE, chain, layer, write_h5

from qdialect import QdialectError, from_keras
from qdialect.dialects.qnn.geometry import taps_inside
from qdialect.numerics import limits

NO_SIZES = [10**9, 10**30, -1, 2.5, "a", None, {"a": 5}, [[1], [2]], [1, 2, 3], float("inf")]
IMAGE, ROW = [4, 4, 2], [4]


@pytest.mark.parametrize(
    "shape", [[0], [2.5], [True], [[5]], [{"a": 5}], [10**30], [-3], ["4"], [1] * 40, [1 << 14] * 2]
)
def test_input_shapes(tmp_path: Path, shape: list[Any]) -> None:
    with pytest.raises(QdialectError, match="layer 'inputlayer'"):
        from_keras(write_h5(tmp_path / "net.h5", chain(shape)))


@pytest.mark.parametrize("shape", ["abc", 5, {"a": 1}, [], [None, None]])
def test_input_shapes_that_are_no_lists(tmp_path: Path, shape: Any) -> None:
    first = layer("InputLayer", batch_input_shape=shape)
    model = {"class_name": "Sequential", "config": {"name": "net", "layers": [first, QUANTIZE]}}
    with pytest.raises(QdialectError, match="layer 'inputlayer'"):
        from_keras(write_h5(tmp_path / "net.h5", model))


@pytest.mark.parametrize(
    ("shape", "class_name", "options"),
    [
        *[(ROW, "RepeatVector", {"n": bad}) for bad in (*NO_SIZES, 0, True, "3", [3], 1 << 40)],
        *[(IMAGE, "UpSampling2D", {"size": bad}) for bad in (*NO_SIZES, 0, 16384, [16384, 16384], [2])],
        *[(IMAGE, "ZeroPadding2D", {"padding": bad}) for bad in (*NO_SIZES, [1, -1], [[1, 2], [3, -4]], True, 16384)],
        *[(IMAGE, "Cropping2D", {"cropping": bad}) for bad in (*NO_SIZES, [1, -1], [[1, 2], [3, 4]], 2)],
        *[([4, 2], "ZeroPadding1D", {"padding": bad}) for bad in (10**9, -1, [1, -1], [1, 2, 3], "a", None)],
        (IMAGE, "ZeroPadding1D", {"padding": 1}),
        *[(IMAGE, "MaxPooling2D", {"pool_size": bad, "padding": "same"}) for bad in (*NO_SIZES, 0, [0, 2], [2])],
        *[(IMAGE, "AveragePooling2D", {"pool_size": bad, "padding": "same"}) for bad in (*NO_SIZES, 0)],
        *[(IMAGE, "MaxPooling2D", {"strides": bad}) for bad in (0, -1, 2.5, "a", [2], 10**30)],
        *[(IMAGE, "Permute", {"dims": bad}) for bad in ([1, 1, 2], [0, 1, 2], [1], "abc", None, [10**30, 1, 2])],
        *[(ROW, "Reshape", {"target_shape": bad}) for bad in ([-1, -1], [3], [5, 7], [-1, 3], [0], [-2], [2.5, 2])],
        *[(ROW, "Reshape", {"target_shape": bad}) for bad in ("22", None, [10**30], [[4]], {"a": 4}, [-1, 0], [])],
    ],
)
def test_sizes_of_layers(tmp_path: Path, shape: list[int], class_name: str, options: dict[str, Any]) -> None:
    path = write_h5(tmp_path / "net.h5", chain(shape, layer(class_name, **options)))
    tracemalloc.start()
    with pytest.raises(QdialectError, match=f"layer '{class_name.lower()}'") as error:
        from_keras(path)
    assert "\n" not in str(error.value)
    assert tracemalloc.get_traced_memory()[1] < 1 << 28
    tracemalloc.stop()


def test_networks_unroll_to_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_OPERATIONS", 100)
    path = write_h5(tmp_path / "net.h5", chain([60, 2], layer("TimeDistributed", layer=layer("Flatten"))))
    with pytest.raises(QdialectError, match=r"layer 'timedistributed'.* more than 100 operations"):
        from_keras(path)


def test_sizes_within_the_limits(tmp_path: Path) -> None:
    for shape, class_name, options in (
        (ROW, "Reshape", {"target_shape": [2, -1]}),
        (ROW, "Reshape", {"target_shape": [2, 2.0]}),
        (IMAGE, "UpSampling2D", {"size": [1, 1000]}),
        (IMAGE, "MaxPooling2D", {"pool_size": 3, "strides": [1, 10**6], "padding": "same"}),
        (IMAGE, "AveragePooling2D", {"pool_size": 1 << 24, "padding": "same"}),
        ([4, 4, 2, 2, 2], "Flatten", {}),
    ):
        from_keras(write_h5(tmp_path / "net.h5", chain(shape, layer(class_name, **options))))


@pytest.mark.parametrize("size", [1, 5, 8])
def test_taps_are_counted(size: int) -> None:
    """In closed form as one by one, whatever the window."""
    for window, stride, dilation, low in (
        (w, s, d, p) for w in (1, 3, 9) for s in (1, 2) for d in (1, 3) for p in (0, 4)
    ):
        starts = range(-low, size + 9 * dilation - (window - 1) * dilation, stride)
        counts = [sum(0 <= start + tap * dilation < size for tap in range(window)) for start in starts]
        found = taps_inside(size, window, stride, dilation, low, 9 * dilation)
        assert found == counts[: len(found)]
        assert math.prod((size, window)) <= limits.MAX_ELEMENTS
