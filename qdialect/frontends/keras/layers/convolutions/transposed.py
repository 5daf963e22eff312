"""Handlers: transposed convolution, as a convolution of the input with zeros between its elements.

y[i*stride + k*dilation - low] += x[i] * kernel[k], so y is the dilated x, padded, convolved with the flipped kernel.
"""

from __future__ import annotations

from dataclasses import replace

from xdsl.ir import SSAValue

from qdialect.dialects.qnn.ops.contractions import Conv2DOp
from qdialect.dialects.qnn.ops.moves import DilateOp
from qdialect.dialects.qnn.ops.shapes import PadOp
from qdialect.frontends.building.builder import Builder
from qdialect.frontends.building.exact_form import exact
from qdialect.frontends.keras.handlers import handles
from qdialect.frontends.keras.layers.parts import finish, layer_kernel
from qdialect.frontends.keras.layers.windows import drop_row, image, is_sequence, kernel_constant, pair
from qdialect.frontends.keras.model.source import Layer


def gradient_padding(span: int, stride: int, same: bool) -> tuple[int, int]:
    """Zeros before and after the dilated input, for a kernel over `span` elements.

    Keras' result has n * stride elements for padding='same', and max(span - stride, 0) more for 'valid'; the
    convolution of which this is the gradient has half of these as padding before.
    """
    beyond = max(span - stride, 0)
    before = beyond // 2 if same else 0
    after = beyond - before if same else 0
    return span - 1 - before, stride - 1 + beyond - after


@handles("Conv1DTranspose", "Conv2DTranspose", "QConv2DTranspose")
def transposed_convolution(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    """The kernel is [.., outputs, inputs] in Keras. QConv2DTranspose ignores its `output_padding`."""
    x = exact(b, x)
    layer.expect("groups", 1)
    layer.expect("padding", "valid", "same")
    if layer.class_name == "QConv2DTranspose":
        layer.option("output_padding")
    else:
        layer.expect("output_padding", None)
    strides, dilations, size = (pair(layer, key) for key in ("strides", "dilation_rate", "kernel_size"))
    same = layer.option("padding", "valid") == "same"
    spans = [(k - 1) * d + 1 for k, d in zip(size, dilations, strict=True)]
    (top, bottom), (left, right) = (gradient_padding(*axis, same) for axis in zip(spans, strides, strict=True))
    x = image(b, layer, x)
    if max(strides) > 1:
        x = b.emit(DilateOp(x, (*strides, 1)), "dilated")
    if any((top, bottom, left, right)):
        x = b.emit(PadOp(x, (top, left, 0), (bottom, right, 0)), "padded")
    kernel = layer_kernel(layer, outputs=0)
    flipped = kernel.data[..., ::-1, :, :] if is_sequence(layer) else kernel.data[::-1, ::-1]
    weights = kernel_constant(b, replace(kernel, data=flipped.swapaxes(-1, -2)))
    sums = b.emit(Conv2DOp(x, weights, (1, 1), dilations), "sum")
    return drop_row(b, layer, finish(b, layer, sums, kernel))
