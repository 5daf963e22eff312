"""Networks of sums of products whose channels are dead, constant or alike, and what the analysis says of them."""

import numpy as np
from chains import Network

from qdialect.analysis.channels import Channels
from qdialect.analysis.ranges import ranges
from qdialect.dialects.qnn.network import network
from qdialect.dialects.qnn.ops.contractions import DenseOp
from qdialect.dialects.qnn.ops.threshold import ThresholdOp
from qdialect.numerics.formats import BinaryFormat, FixedFormat

CODES = FixedFormat(4, 4, signed=True)
DISTINCT = np.array([[1, 2, 3, -1], [3, 1, -2, 2]])
ALIKE = DISTINCT[:, [0, 1, 2, 1]]
"""Kernels of 2 inputs and 4 outputs; of the latter one the second and the last output are alike."""


def codes(net: Network, values, fmt=CODES):
    return net.constant(values, fmt)


def dense(net: Network, kernel, fmt=CODES):
    return net.then(DenseOp(net.value, codes(net, kernel, fmt)))


def thresholds(net, levels, directions=None):
    direction = None if directions is None else codes(net, directions, BinaryFormat())
    return ThresholdOp(net.value, codes(net, levels), direction, FixedFormat(2, 2, signed=False))


def channels_in(net: Network) -> Channels:
    module = net.module()
    return Channels(network(module), ranges(module))


def kept(found: Channels, value) -> list[int]:
    return np.flatnonzero(found.keep[value]).tolist()
