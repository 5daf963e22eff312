"""The probes of a published comparison of compilers, one construct each, and how each compares with Keras."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from probe_layers import (
    EIGHT,
    FOUR,
    act,
    bits,
    conv,
    dense,
    fc,
    image,
    merged,
    nested,
    normalized,
    relu,
    sequence,
    shared,
    signal,
    two_outputs,
    xnor,
    xnor_branches,
)
from sequences import BN, QBN, K, q, qkeras

PROBES: dict[str, Callable[[], Any]] = {
    "QActivation quantized_bits(6,2)": act("quantized_bits(6,2,alpha=1)"),
    "QActivation quantized_bits(6,2,keep_negative=False)": act("quantized_bits(6,2,keep_negative=False,alpha=1)"),
    "QActivation quantized_bits(6,2,symmetric=1)": act("quantized_bits(6,2,symmetric=1,alpha=1)"),
    "QActivation quantized_bits(4,3): no fraction bits": act("quantized_bits(4,3,alpha=1)"),
    "QActivation quantized_bits(4,5): coarser than 1": act("quantized_bits(4,5,alpha=1)"),
    "QActivation quantized_bits(1,0)": act("quantized_bits(1,0,alpha=1)"),
    "QActivation quantized_relu(6,2)": act("quantized_relu(6,2)"),
    "QActivation quantized_relu(4,4): no fraction bits": act("quantized_relu(4,4)"),
    "QActivation quantized_relu(6,3,relu_upper_bound=6)": act("quantized_relu(6,3,relu_upper_bound=6)"),
    "QActivation quantized_relu(6,2,use_sigmoid=1)": act("quantized_relu(6,2,use_sigmoid=1)"),
    "QActivation quantized_relu(6,2,negative_slope=0.25)": act("quantized_relu(6,2,negative_slope=0.25)"),
    "QActivation quantized_relu_po2(4,4)": act("quantized_relu_po2(4,4)"),
    "QActivation quantized_po2(4,4)": act("quantized_po2(4,4)"),
    "QActivation quantized_tanh(6)": act("quantized_tanh(6)"),
    "QActivation quantized_tanh(6,symmetric=True)": act("quantized_tanh(6,symmetric=True)"),
    "QActivation quantized_tanh(6,use_real_tanh=True)": act("quantized_tanh(6,use_real_tanh=True)"),
    "QActivation quantized_sigmoid(6)": act("quantized_sigmoid(6)"),
    "QActivation quantized_sigmoid(6,symmetric=True)": act("quantized_sigmoid(6,symmetric=True)"),
    "QActivation quantized_sigmoid(6,use_real_sigmoid=True)": act("quantized_sigmoid(6,use_real_sigmoid=True)"),
    'QActivation hard_tanh string "hard_tanh"': act("hard_tanh"),
    "QActivation binary(alpha=1) as the output": act("binary(alpha=1)"),
    "QActivation binary(alpha=0.5) then QDense": act("binary(alpha=0.5)", dense),
    "QActivation binary(use_01=True) then QDense": act("binary(use_01=True,alpha=1)", dense),
    "QActivation ternary() default threshold": act("ternary()"),
    "QActivation ternary(alpha=1,threshold=0.25)": act("ternary(alpha=1,threshold=0.25)"),
    "QActivation ternary(alpha=0.5,threshold=0.5) then QDense": act("ternary(alpha=0.5,threshold=0.5)", dense),
    "QActivation bernoulli": act("bernoulli()"),
    "QActivation stochastic_binary": act("stochastic_binary(alpha=1)"),
    "QActivation quantized_ulaw(6)": act("quantized_ulaw(6)"),
    "QActivation quantized_linear(6,2)": act("quantized_linear(6,2)"),
    "QActivation quantized_hswish(8,3)": act("quantized_hswish(8,3)"),
    "QAdaptiveActivation": act(lambda: qkeras.QAdaptiveActivation("quantized_relu", 6)),
    "Keras ReLU(max_value=2)": act(lambda: K.ReLU(max_value=2)),
    "Keras ReLU(negative_slope=.25)": act(lambda: K.ReLU(negative_slope=0.25)),
    "Keras ReLU(threshold=1)": act(lambda: K.ReLU(threshold=1)),
    "Keras ReLU(threshold=1), then quantized_bits(8,3)": act(lambda: K.ReLU(threshold=1), EIGHT),
    "QDense quantized_bits(4,0,alpha=1)": fc(FOUR),
    "QDense quantized_bits(4,0,keep_negative=False)": fc("quantized_bits(4,0,keep_negative=False,alpha=1)"),
    "QDense quantized_bits(4,0) (alpha None -> auto_po2)": fc("quantized_bits(4,0)"),
    "QDense quantized_bits(4,0,alpha='auto')": fc("quantized_bits(4,0,alpha='auto')"),
    "QDense quantized_bits(4,0,alpha=0.5)": fc("quantized_bits(4,0,alpha=0.5)"),
    "QDense quantized_bits(4,3): integers": fc("quantized_bits(4,3,alpha=1)"),
    "QDense quantized_bits(4,4): bits == integer": fc("quantized_bits(4,4,alpha=1)"),
    "QDense quantized_bits(1,1)": fc("quantized_bits(1,1,alpha=1)"),
    "QDense quantized_bits(1,0)": fc("quantized_bits(1,0,alpha=1)"),
    "QDense binary(alpha=1)": fc("binary(alpha=1)"),
    "QDense binary() (alpha None -> auto_po2)": fc("binary()"),
    "QDense binary(alpha='auto')": fc("binary(alpha='auto')"),
    "QDense binary(alpha=0.5)": fc("binary(alpha=0.5)"),
    "QDense binary(alpha=1,use_01=True)": fc("binary(alpha=1,use_01=True)"),
    "QDense ternary(alpha=1)": fc("ternary(alpha=1)"),
    "QDense ternary() (alpha None -> auto_po2)": fc("ternary()"),
    "QDense ternary(alpha='auto')": fc("ternary(alpha='auto')"),
    "QDense quantized_po2(4,1)": fc("quantized_po2(4,1)"),
    "QDense quantized_po2(6) (exponents down to -16)": fc("quantized_po2(6)"),
    "QDense po2 kernel and po2 bias": fc(lambda: dense("quantized_po2(4,1)", bias_quantizer="quantized_po2(4,1)")),
    "QDense quantized_relu_po2 kernel": fc("quantized_relu_po2(4,1)"),
    "QDense stochastic_ternary kernel": fc("stochastic_ternary(alpha=1)"),
    "QDense quantized_linear(4,0,alpha=1) kernel": fc("quantized_linear(4,0,alpha=1)"),
    "QDense without kernel quantizer": fc(lambda: dense(None)),
    "QDense bias quantizer None, biases off the 2^-10 grid": fc(lambda: dense(bias_quantizer=None)),
    "binary weights, 128 8-bit inputs in +-8: sums beyond +-32": fc("binary(alpha=1)", width=128),
    "po2 weights, 128 8-bit inputs: sums beyond +-32": fc("quantized_po2(4,1)", width=128),
    "binary act + binary dense + BN(gamma>0) + binary act": normalized("binary(alpha=1)", BN, "binary(alpha=1)"),
    "the same with some gamma < 0 (binary)": normalized("binary(alpha=1)", BN, "binary(alpha=1)"),
    "binary act + binary dense + BN + ternary act": normalized("binary(alpha=1)", BN, "ternary(alpha=1)"),
    "the same with some gamma < 0 (ternary)": normalized("binary(alpha=1)", BN, "ternary(alpha=1)"),
    "binary act + ternary dense + BN + binary act": normalized("ternary(alpha=1)", BN, "binary(alpha=1)"),
    "BN with gamma == 0 somewhere before a binary activation": normalized("binary(alpha=1)", BN, "binary(alpha=1)"),
    "binary act + binary dense + QBatchNormalization(default) + binary act": normalized(
        "binary(alpha=1)", QBN, "binary(alpha=1)"
    ),
    "QDense 6-bit + BN + quantized_relu(6,2)": fc("quantized_bits(6,0,alpha=1)", BN, relu),
    "BN with scale=False, center=False": fc("quantized_bits(6,0,alpha=1)", lambda: BN(scale=False, center=False), relu),
    "QBatchNormalization default quantizers + quantized_relu(6,2)": fc("quantized_bits(6,0,alpha=1)", QBN, relu),
    "BN axis=1 on an image": image(conv, lambda: BN(axis=1), relu),
    "Dense + BN unquantised Keras (fused), default types": fc(lambda: K.Dense(5), BN),
    "binary act -> QConv2D(binary, padding=same): padding value": bits(lambda: conv("binary(alpha=1)", padding="same")),
    "binary act -> QConv2D(4-bit, padding=same)": bits(lambda: conv(padding="same")),
    "binary act -> QConv2D(binary, valid)": bits(lambda: conv("binary(alpha=1)")),
    "binary act -> QDepthwiseConv2D(binary)": bits(
        lambda: qkeras.QDepthwiseConv2D(3, depthwise_quantizer="binary(alpha=1)", padding="same", use_bias=False)
    ),
    "Add of two binary activations": merged(K.Add, "binary(alpha=1)", "binary(alpha=1)"),
    "Concatenate binary with quantized_bits(4,1)": merged(
        K.Concatenate, "binary(alpha=1)", "quantized_bits(4,1,alpha=1)"
    ),
    "binary act -> MaxPooling2D -> QDense": bits(K.MaxPooling2D, K.Flatten, dense),
    "binary act -> AveragePooling2D": bits(K.AveragePooling2D),
    "binary act -> ZeroPadding2D -> QConv2D": bits(K.ZeroPadding2D, conv),
    "binary act -> relu-free BatchNorm": bits(BN),
    "binary act -> UpSampling2D -> QConv2D": bits(K.UpSampling2D, conv),
    "quantized_relu -> MaxPooling2D(2, padding=same) on 7x7": image(
        lambda: K.MaxPooling2D(2, padding="same"), side=7, first="quantized_relu(6,2)"
    ),
    "quantized_bits -> MaxPooling2D(2, padding=same) on 7x7": image(
        lambda: K.MaxPooling2D(2, padding="same"), side=7, first="quantized_bits(6,2,alpha=1)"
    ),
    "quantized_relu -> AveragePooling2D(2)": image(K.AveragePooling2D, first="quantized_relu(6,2)"),
    "quantized_bits -> AveragePooling2D(2): negative sums": image(
        K.AveragePooling2D, first="quantized_bits(6,2,alpha=1)"
    ),
    "quantized_bits -> AveragePooling2D(2) -> quantized_bits(6,2)": image(
        K.AveragePooling2D, lambda: q("quantized_bits(6,2,alpha=1)"), first="quantized_bits(6,2,alpha=1)"
    ),
    "quantized_bits -> AveragePooling2D(3, same) on 8x8": image(
        lambda: K.AveragePooling2D(3, padding="same"), first="quantized_bits(6,2,alpha=1)"
    ),
    "quantized_relu -> GlobalAveragePooling2D": image(K.GlobalAveragePooling2D, first="quantized_relu(6,2)"),
    "QConv2D strides 2 padding same": image(lambda: conv(strides=2, padding="same")),
    "QConv2D dilation_rate=2": image(lambda: conv(dilation_rate=2)),
    "QConv2D groups (Keras Conv2D groups=2)": image(lambda: K.Conv2D(4, 3, groups=2)),
    "QConv1D causal padding": signal(
        lambda: qkeras.QConv1D(4, 3, padding="causal", kernel_quantizer=FOUR, bias_quantizer=FOUR)
    ),
    "QDepthwiseConv2D depth_multiplier=2": image(
        lambda: qkeras.QDepthwiseConv2D(3, depth_multiplier=2, depthwise_quantizer=FOUR, bias_quantizer=FOUR)
    ),
    "QSeparableConv2D": image(
        lambda: qkeras.QSeparableConv2D(4, 3, depthwise_quantizer=FOUR, pointwise_quantizer=FOUR, bias_quantizer=FOUR)
    ),
    "QSeparableConv1D": signal(
        lambda: qkeras.QSeparableConv1D(4, 3, depthwise_quantizer=FOUR, pointwise_quantizer=FOUR, bias_quantizer=FOUR)
    ),
    "QConv2DTranspose": image(lambda: qkeras.QConv2DTranspose(4, 3, kernel_quantizer=FOUR, bias_quantizer=FOUR)),
    "QConv2DBatchnorm 6-bit": image(
        lambda: qkeras.QConv2DBatchnorm(
            4, 3, kernel_quantizer="quantized_bits(6,0,alpha=1)", bias_quantizer="quantized_bits(6,2,alpha=1)"
        ),
        relu,
    ),
    "QConv2DBatchnorm auto_po2 kernel": image(
        lambda: qkeras.QConv2DBatchnorm(
            4, 3, kernel_quantizer="quantized_bits(6,0)", bias_quantizer="quantized_bits(6,2,alpha=1)"
        ),
        relu,
    ),
    "QDepthwiseConv2DBatchnorm": image(
        lambda: qkeras.QDepthwiseConv2DBatchnorm(
            3, depthwise_quantizer="quantized_bits(6,0,alpha=1)", bias_quantizer="quantized_bits(6,2,alpha=1)"
        ),
        relu,
    ),
    "QAveragePooling2D": image(
        lambda: qkeras.QAveragePooling2D(2, average_quantizer="quantized_bits(8,0,alpha=1)"), relu
    ),
    "QGlobalAveragePooling2D": image(
        lambda: qkeras.QGlobalAveragePooling2D(average_quantizer="quantized_bits(8,0,alpha=1)"), relu
    ),
    "same QDense object called twice (shared layer)": shared,
    "nested Model as a layer": nested,
    "Add of three tensors": merged(K.Add, EIGHT, "quantized_bits(4,1,alpha=1)", "quantized_relu(6,2)"),
    "Multiply of two quantised tensors": merged(K.Multiply, EIGHT, "quantized_bits(4,1,alpha=1)"),
    "two outputs": two_outputs(inside=False),
    "output is also used inside (intermediate tensor as output)": two_outputs(inside=True),
    "inputs 0..255 into quantized_bits(8,8,keep_negative=False)": lambda: sequence(
        (16,), q("quantized_bits(8,8,keep_negative=False,alpha=1)"), dense()
    ),
    "inputs up to 100 into quantized_bits(8,0): saturation of the input": lambda: sequence(
        (16,), q("quantized_bits(8,0,alpha=1)")
    ),
    "softmax of 5 logits in +-8 (argmax)": fc(FOUR, lambda: K.Activation("softmax")),
    "softmax of 100 logits": fc(lambda: dense(units=100), lambda: K.Activation("softmax")),
    "sigmoid Keras": fc(lambda: K.Activation("sigmoid")),
    "tanh Keras": fc(lambda: K.Activation("tanh")),
    "tanh Keras, then quantized_bits(8,0)": fc(lambda: K.Activation("tanh"), lambda: q("quantized_bits(8,0,alpha=1)")),
    "activation= kwarg of QDense with quantized_relu and softmax layer": fc(
        lambda: dense(activation="quantized_relu(6,2)"), FOUR, K.Softmax
    ),
    "Dropout, GaussianNoise, Reshape, Permute": fc(
        lambda: K.Dropout(0.5),
        lambda: K.GaussianNoise(0.5),
        lambda: K.Reshape((4, 4)),
        lambda: K.Permute((2, 1)),
        K.Flatten,
        FOUR,
    ),
    "GaussianNoise layer": fc(lambda: K.GaussianNoise(0.5), FOUR),
    "TFOpLambda x*2": fc(lambda: lambda x: x * 2, FOUR),
    "QLSTM": signal(lambda: qkeras.QLSTM(4, kernel_quantizer=FOUR, recurrent_quantizer=FOUR, bias_quantizer=FOUR)),
    "conv+BN+binary as the output (XNOR tensor)": xnor(),
    "conv+BN+binary -> QConv2D(binary, padding=same)": xnor(lambda: conv("binary(alpha=1)", padding="same")),
    "conv+BN+binary -> QConv2D(binary, padding=valid)": xnor(lambda: conv("binary(alpha=1)")),
    "conv+BN+binary -> QConv2D(4-bit, padding=same)": xnor(lambda: conv(padding="same")),
    "conv+BN+binary -> ZeroPadding2D -> QConv2D(4-bit)": xnor(K.ZeroPadding2D, conv),
    "conv+BN+binary -> AveragePooling2D": xnor(K.AveragePooling2D),
    "conv+BN+binary -> MaxPooling2D -> QDense(binary)": xnor(
        K.MaxPooling2D, K.Flatten, lambda: dense("binary(alpha=1)")
    ),
    "Add of two conv+BN+binary branches": xnor_branches(K.Add),
    "Concatenate of two conv+BN+binary branches -> QDense": xnor_branches(K.Concatenate, K.Flatten, dense),
    "conv+BN+binary -> Flatten -> QDense(ternary)": xnor(K.Flatten, lambda: dense("ternary(alpha=1)")),
    "conv+BN+binary -> Flatten(256) -> QDense(binary): XNOR sums beyond 32": xnor(
        K.Flatten, lambda: dense("binary(alpha=1)", use_bias=False)
    ),
    "conv+BN+binary -> Flatten(256) -> QDense(binary, bias 6-bit)": xnor(
        K.Flatten, lambda: dense("binary(alpha=1)", bias_quantizer="quantized_bits(6,1,alpha=1)")
    ),
    "QDense -> QActivation(quantized_bits(6,2)): is the activation kept?": fc(
        FOUR, lambda: q("quantized_bits(6,2,alpha=1)")
    ),
    "QDense -> QActivation(quantized_bits(6,2)) -> QDense": fc(FOUR, lambda: q("quantized_bits(6,2,alpha=1)"), FOUR),
    "quantized_relu(6,2) -> QActivation(quantized_bits(4,1))": act(
        "quantized_relu(6,2)", "quantized_bits(4,1,alpha=1)"
    ),
    "QDense with activation=quantized_bits(6,2) kwarg": fc(lambda: dense(activation="quantized_bits(6,2,alpha=1)")),
    "QDense weights quantized_bits(2,1): {-2,-1,0,1}": fc("quantized_bits(2,1,alpha=1)"),
    "QDense weights quantized_bits(2,0)": fc("quantized_bits(2,0,alpha=1)"),
    "QDense auto_po2 with weights < 1 (scale <= 1)": fc("quantized_bits(4,0,alpha='auto_po2')"),
    "QDense auto_po2 with weights up to 6 (scale up to 8)": fc("quantized_bits(4,0,alpha='auto_po2')"),
    "Keras Dense (float) with default config: weights truncated to 2^-10": fc(lambda: K.Dense(5)),
}

# QKeras itself fails: what its error says.
REJECTED_BY_QKERAS = {
    "QActivation quantized_linear(6,2)": "quantized_linear",
    "QDense quantized_linear(4,0,alpha=1) kernel": "quantized_linear",
}

# No exact meaning, or not supported: what the message says besides the layer's or output's name.
REFUSED = {
    "QActivation quantized_ulaw(6)": "is float and has no hardware form: put a quantizer after it",
    "QActivation bernoulli": "draws random samples at inference",
    "QAdaptiveActivation": r"\(QAdaptiveActivation\): its range is unknown",
    "QLSTM": "output 'qlstm' is float and has no hardware form: give recurrent layer 'qlstm' quantizers",
}

# Keras rounds each of many sums or products: ours is exact, and Keras' bits are those of the same network summed in
# TensorFlow's order (`float32_order.py`).
IN_ORDER = {
    "QDense quantized_bits(4,0,alpha='auto')",
    "QDense binary(alpha='auto')",
    "QDense ternary(alpha='auto')",
    "QDense quantized_relu_po2 kernel",
    "QDense without kernel quantizer",
    "QConv2D groups (Keras Conv2D groups=2)",
    "Keras Dense (float) with default config: weights truncated to 2^-10",
    "Dense + BN unquantised Keras (fused), default types",
}

# The nearest float32 of a function: Keras' lie around it within the stated error.
NEAREST = {"tanh Keras"}

# Keras rounds the exact sum once, to float32: so does the test.
ROUNDED_ONCE = {"QDense bias quantizer None, biases off the 2^-10 grid"}

# TensorFlow's graph optimizer fuses conv, BN over axis 1 and relu as if it were the last axis.
WITHOUT_REMAPPER = {"BN axis=1 on an image"}
