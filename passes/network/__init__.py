"""Passes of the network level: the functions of the network become functions of integers, and its ends those of
hardware."""

PASSES: dict[str, tuple[str, str]] = {
    "fold-batchnorm": ("FoldBatchNorm", "float steps before a quantizer become integer thresholds"),
    "fold-into-kernels": ("FoldIntoKernels", "scales without a quantizer go into kernels of fewer bits"),
    "interpolate-functions": ("InterpolateFunctions", "functions without a quantizer, from tables within an error"),
    "quantize-layers": ("QuantizeLayers", "weights and results of layers become fixed-point, as asked"),
    "quantize-results": ("QuantizeResults", "outputs become fixed-point, as asked"),
    "factor-scales": ("FactorScales", "common factors of activations and weights move out of sums"),
    "quantize-interface": ("QuantizeInterface", "input quantizers move into the argument types"),
    "lower-head": ("LowerHead", "the hardware returns logits, their argmax, or a softmax from tables"),
}
