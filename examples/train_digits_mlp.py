"""Train the binary, ternary and power-of-two network and record it in digits_mlp/."""

from pathlib import Path

from digits import keras, load_split, make_reproducible, qkeras, record, train


def batchnorm(name: str, signed: bool = True) -> keras.layers.BatchNormalization:
    """Batch normalization of (units,), gammas of both signs if asked: a negative one reverses a threshold.

    Its memory is short (momentum 0.9), because every binary weight that flips moves the statistics.
    """
    gamma = keras.initializers.RandomUniform(-1, 1) if signed else "ones"
    return keras.layers.BatchNormalization(momentum=0.9, gamma_initializer=gamma, name=name)


def build() -> keras.Model:
    """Images (64,) in multiples of 1/16 to class probabilities (10,)."""
    layers = [
        keras.layers.Input((64,), name="image"),
        # unsigned, 5 bits, step 1/16: holds the levels exactly
        qkeras.QActivation("quantized_relu(5,1)", name="quantize_image"),
        # multi-bit inputs, binary weights: additions and subtractions
        qkeras.QDense(128, use_bias=False, kernel_quantizer="binary(alpha=1)", name="fc1"),
        batchnorm("bn1"),
        qkeras.QActivation("binary(alpha=1)", name="sign1"),
        # binary inputs and weights: XNOR and popcount over two 64-bit words
        qkeras.QDense(128, use_bias=False, kernel_quantizer="binary(alpha=1)", name="fc2"),
        batchnorm("bn2"),
        qkeras.QActivation("binary(alpha=1)", name="sign2"),
        # ternary weights, zero where |w| < 0.33
        qkeras.QDense(
            64,
            use_bias=False,
            kernel_quantizer="ternary(alpha=1)",
            kernel_initializer=keras.initializers.RandomUniform(-1, 1),
            name="fc3",
        ),
        batchnorm("bn3"),
        qkeras.QActivation("quantized_relu(4,2)", name="relu3"),
        # power-of-two weights from 2^-8 to 1, never zero: shifts
        qkeras.QDense(
            64,
            kernel_quantizer="quantized_po2(4,max_value=1)",
            bias_quantizer="quantized_bits(8,3,alpha=1)",
            name="fc4",
        ),
        batchnorm("bn4", signed=False),
        qkeras.QActivation("quantized_relu(4,2)", name="relu4"),
        qkeras.QDense(
            10,
            kernel_quantizer="quantized_bits(6,0,alpha=1)",
            bias_quantizer="quantized_bits(6,0,alpha=1)",
            name="logits",
        ),
        keras.layers.Activation("softmax", name="softmax"),
    ]
    return keras.Sequential(layers, name="digits_mlp")


if __name__ == "__main__":
    make_reproducible(seed=1)
    x_train, x_test, y_train, y_test = load_split((64,))
    model = build()
    train(model, x_train, y_train, epochs=150, rate=1e-2)
    record(model, x_test, y_test, Path(__file__).parent / "digits_mlp")
