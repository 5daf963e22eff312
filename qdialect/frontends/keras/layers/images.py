"""Handlers: resizing and cropping of images, and augmentation, which acts in training only."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from xdsl.ir import SSAValue

from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.moves import RepeatOp, SliceOp
from qdialect.frontends.building.builder import Builder
from qdialect.frontends.building.exact_form import exact
from qdialect.frontends.keras.handlers import handles
from qdialect.frontends.keras.layers.moves import bilinear
from qdialect.frontends.keras.layers.operations.slices import gathered, taken
from qdialect.frontends.keras.layers.parts import require_quantized
from qdialect.frontends.keras.layers.windows import image
from qdialect.frontends.keras.model.source import Layer


def target_size(layer: Layer) -> tuple[int, int]:
    return layer.size("height"), layer.size("width")


@handles("CenterCrop")
def center_crop(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    """The centre of an image; where an odd number of pixels is cut off, fewer come off before it."""
    rows, columns, channels = shape_of(image(b, layer, x))
    size = target_size(layer)
    if size[0] > rows or size[1] > columns:
        raise layer.error(f"enlarges {rows} x {columns} pixels to {size[0]} x {size[1]}; use Resizing with 'nearest'")
    return b.emit(SliceOp(x, ((rows - size[0]) // 2, (columns - size[1]) // 2, 0), (*size, channels)))


@handles("Resizing")
def resizing(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    """The nearest pixels, or bilinear interpolation by a factor of two."""
    layer.expect("crop_to_aspect_ratio", False)
    layer.expect("pad_to_aspect_ratio", False)
    layer.expect("antialias", False)
    for key in ("fill_mode", "fill_value"):
        layer.option(key)
    layer.expect("interpolation", "bilinear", "nearest")
    old, new = shape_of(image(b, layer, x))[:2], target_size(layer)
    if old == new:
        return x
    if layer.option("interpolation", "bilinear") == "nearest":
        for axis in (0, 1):
            x = nearest(b, x, axis, new[axis])
        return x
    if new != (2 * old[0], 2 * old[1]):
        raise layer.error(f"bilinear interpolation of {list(old)} to {list(new)} is not exact in Keras; use 'nearest'")
    x = exact(b, x)
    require_quantized(layer, x)
    return bilinear(b, x)


def nearest(b: Builder, x: SSAValue, axis: int, size: int) -> SSAValue:
    """Element floor((i + 1/2) * n / size), in float32, as TensorFlow finds it."""
    n = shape_of(x)[axis]
    scaled = (np.arange(size, dtype=np.float32) + np.float32(0.5)) * (np.float32(n) / np.float32(size))
    positions = np.minimum(np.floor(scaled).astype(np.int64), n - 1).tolist()
    return picked(b, x, axis, positions)


def picked(b: Builder, x: SSAValue, axis: int, positions: Sequence[int]) -> SSAValue:
    """The elements of an axis at these positions: repeated, evenly spaced, or one run after the other."""
    shape = shape_of(x)
    n, times = shape[axis], max(len(positions) // shape[axis], 1)
    if list(positions) == [i // times for i in range(n * times)]:
        return b.emit(RepeatOp(x, [times if i == axis else 1 for i in range(len(shape))]), f"resized{axis}")
    step = positions[1] - positions[0] if len(positions) > 1 else 1
    spaced = range(positions[0], positions[-1] + 1, max(step, 1))
    if list(positions) == list(spaced):
        return taken(b, x, [spaced if i == axis else range(m) for i, m in enumerate(shape)])
    return gathered(b, x, axis, positions)


@handles(
    "RandomBrightness",
    "RandomContrast",
    "RandomFlip",
    "RandomHeight",
    "RandomRotation",
    "RandomTranslation",
    "RandomWidth",
    "RandomZoom",
)
def augmentation(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    """The identity at inference, whatever its options."""
    for key in layer.config:
        layer.option(key)
    return x


@handles("RandomCrop")
def random_crop(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    """A crop is the identity where the image already has the size; Keras interpolates others at inference, which is
    refused."""
    layer.option("seed")
    layer.option("rng_type")
    if shape_of(image(b, layer, x))[:2] != target_size(layer):
        raise layer.error("interpolates images of another size at inference; use CenterCrop")
    return x
