"""Networks of QKeras' documentation that benchmarks and tests share."""

from __future__ import annotations

import qkeras
import tf_keras as keras


def documentation_cnn() -> keras.Model:
    """The convolutional network of QKeras' README, on 32 x 32 x 3 images."""
    bits = qkeras.quantized_bits
    x = given = keras.layers.Input((32, 32, 3))
    x = qkeras.QActivation("quantized_bits(8, 0, alpha=1)")(x)
    x = qkeras.QConv2D(18, (3, 3), kernel_quantizer=qkeras.ternary(alpha=1), bias_quantizer=bits(4, 0))(x)
    x = qkeras.QActivation("quantized_relu(2)")(x)
    x = qkeras.QDepthwiseConv2D((3, 3), depthwise_quantizer=bits(4, 0, alpha=1), use_bias=False)(x)
    x = qkeras.QConv2D(32, (1, 1), kernel_quantizer=bits(3, 0, alpha=1), bias_quantizer=bits(3, 0))(x)
    x = keras.layers.Flatten()(qkeras.QActivation("quantized_relu(3)")(x))
    return keras.Model(given, qkeras.QDense(10, kernel_quantizer=bits(3, 0, alpha=1), bias_quantizer=bits(3, 0))(x))
