"""Layer classes that cannot be compiled exactly, with the reason and what works instead."""

from __future__ import annotations

PER_SAMPLE = "divides by a deviation that each sample has anew; use BatchNormalization"

SOFTMAX_INSIDE = "multiplies by a softmax, which has no exact form; end the network before it"

MASK_READERS = (
    *("Bidirectional", "GRU", "LSTM", "QBidirectional", "QGRU", "QLSTM", "QSimpleRNN", "SimpleRNN"),
    *("GlobalAveragePooling1D", "GlobalAvgPool1D", "Softmax", "TimeDistributed"),
)
"""Classes whose result depends on a mask of time steps."""

MASK_KEEPERS = (
    *("Activation", "ActivityRegularization", "Add", "AlphaDropout", "Average", "BatchNormalization", "Concatenate"),
    *("Dense", "Dropout", "ELU", "GaussianDropout", "GaussianNoise", "LeakyReLU", "Masking", "Maximum", "Minimum"),
    *("Multiply", "PReLU", "QBatchNormalization", "QDense", "ReLU"),
    *("SpatialDropout1D", "Subtract", "SyncBatchNormalization", "ThresholdedReLU"),
)
"""Classes that pass a mask on."""

REASONS = {
    "Lambda": "holds Python code, which is never executed; use layers or TensorFlow functions such as tf.add",
    "UnitNormalization": "divides by a norm that each sample has anew; use BatchNormalization",
    **dict.fromkeys(("GroupNormalization", "LayerNormalization"), PER_SAMPLE),
    **dict.fromkeys(("AdditiveAttention", "Attention", "MultiHeadAttention"), SOFTMAX_INSIDE),
    "keras_pad": "is a class of its authors, whose file does not say what it pads; use ZeroPadding2D",
}

PARTLY = {
    "InputLayer": "of unknown size has no network of its own; save the model with a fixed shape, as Input((32, 32, 3))",
    "LSTM, GRU": "with float gates have no hardware form; give quantizers as activation and recurrent_activation, or "
    "run interpolate-functions,default, whose remark states the error",
    "float outputs": "of functions have no hardware form; end with a quantizer, or run interpolate-functions,default",
    "quantized_ulaw": "as weights gives float32 levels by a logarithm, which differ by processor; use quantized_bits",
    "Softmax": "over another axis than the last is not left to the host; put a Permute before it",
    "TimeDistributed": "of a model is not supported; wrap each of its layers in a TimeDistributed",
    "softmax before layers": "sums exponentials over all channels, without exact form; end the network before it",
    "Masking": "before layers that skip time steps is not supported; train on sequences of one length without it",
    "Resizing": "with bilinear interpolation by other factors than 2 is not exact in Keras; use 'nearest'",
    "layers of other packages": "may compute otherwise than those of QKeras with their names; export them as QONNX",
    "tf.divide": "by a tensor has no exact form; only a division by constants is supported",
}
"""The refused options of supported layers and functions, and why."""
