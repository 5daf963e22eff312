"""What TensorFlow does on this machine: the estimate of reciprocal roots that it starts from, and oneDNN's kernels."""

from pathlib import Path

import numpy as np
from tensorflow.python.util import _pywrap_util_port

from qdialect.numerics.float32 import RSQRT_ULPS, BatchNormFormula

CPU_FACTS = Path("/proc/cpuinfo")

INTEL = CPU_FACTS.exists() and "GenuineIntel" in CPU_FACTS.read_text()
ONEDNN = _pywrap_util_port.IsMklEnabled()
"""Whether TensorFlow has turned oneDNN on: by itself it does so on processors with AVX-512 VNNI and later ones."""


def formula_here(formula: BatchNormFormula) -> BatchNormFormula:
    """The formula of a batch normalization on this machine: without oneDNN rank 4 is computed as rank 5 is."""
    fused = formula in (BatchNormFormula.FUSED_FMA, BatchNormFormula.FUSED_SCALE)
    return BatchNormFormula.FUSED_PRODUCT if fused and not ONEDNN else formula


def assert_rooted(ours, theirs):
    """`ours(ulps)` is Keras' array on Intel's processors with no unit moved, and with each element's own elsewhere."""
    moved = range(1) if INTEL else range(-RSQRT_ULPS, RSQRT_ULPS + 1)
    assert np.any([ours(ulps) == theirs for ulps in moved], axis=0).all()
