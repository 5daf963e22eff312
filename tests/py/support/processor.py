"""What TensorFlow does on this machine: the estimate of reciprocal roots that it starts from, and its order of sums."""

from pathlib import Path

import numpy as np

from qdialect.numerics.float32 import RSQRT_ULPS

CPU_FACTS = Path("/proc/cpuinfo")

INTEL = CPU_FACTS.exists() and "GenuineIntel" in CPU_FACTS.read_text()

AVX512 = CPU_FACTS.exists() and "avx512f" in CPU_FACTS.read_text()


def assert_rooted(ours, theirs):
    """`ours(ulps)` is Keras' array on Intel's processors with no unit moved, and with each element's own elsewhere."""
    moved = range(1) if INTEL else range(-RSQRT_ULPS, RSQRT_ULPS + 1)
    assert np.any([ours(ulps) == theirs for ulps in moved], axis=0).all()
