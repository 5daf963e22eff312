"""Train the mixed-precision convolutional network and record it in digits_cnn/."""

from pathlib import Path

from digits import keras, load_split, make_reproducible, qkeras, record, train


def build() -> keras.Model:
    """Images (8, 8, 1) in multiples of 1/16 to class probabilities (10,); comments give each output shape."""
    layers = [
        keras.layers.Input((8, 8, 1), name="image"),
        # unsigned, 5 bits, step 1/16: holds the levels exactly
        qkeras.QActivation("quantized_relu(5,1)", name="quantize_image"),
        # (8, 8, 8)
        qkeras.QConv2D(
            8,
            3,
            padding="same",
            kernel_quantizer="quantized_bits(4,0,alpha=1)",
            bias_quantizer="quantized_bits(6,0,alpha=1)",
            name="conv1",
        ),
        keras.layers.BatchNormalization(name="bn1"),
        qkeras.QActivation("quantized_relu(4,2)", name="relu1"),
        # (4, 4, 8)
        keras.layers.MaxPooling2D(2, name="maxpool"),
        # (4, 4, 16); without alpha QKeras scales every output channel by a power of two ("auto_po2")
        qkeras.QConv2D(16, 3, padding="same", use_bias=False, kernel_quantizer="quantized_bits(4,0)", name="conv2"),
        keras.layers.BatchNormalization(name="bn2"),
        qkeras.QActivation("quantized_relu(4,2)", name="relu2"),
        # (2, 2, 16)
        qkeras.QConv2D(16, 3, use_bias=False, kernel_quantizer="quantized_bits(3,0,alpha=1)", name="conv3"),
        keras.layers.BatchNormalization(name="bn3"),
        qkeras.QActivation("quantized_relu(3,1)", name="relu3"),
        # (1, 1, 16); the mean of four multiples of 1/4 is a multiple of 1/16, rounded to 1/8
        keras.layers.AveragePooling2D(2, name="avgpool"),
        qkeras.QActivation("quantized_relu(4,1)", name="quantize_avgpool"),
        keras.layers.Flatten(name="flatten"),
        qkeras.QDense(
            10,
            kernel_quantizer="quantized_bits(6,0,alpha=1)",
            bias_quantizer="quantized_bits(6,0,alpha=1)",
            name="logits",
        ),
        keras.layers.Activation("softmax", name="softmax"),
    ]
    return keras.Sequential(layers, name="digits_cnn")


if __name__ == "__main__":
    make_reproducible(seed=1)
    x_train, x_test, y_train, y_test = load_split((8, 8, 1))
    model = build()
    train(model, x_train, y_train, epochs=40, rate=5e-3)
    record(model, x_test, y_test, Path(__file__).parent / "digits_cnn")
