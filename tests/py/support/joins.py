"""Random networks whose values go several ways and meet again: sums, concatenations on every axis, flattened or not."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import FuncOp, ReturnOp
from xdsl.ir import Block, Operation, Region, SSAValue

from qdialect.dialects.qnn.attributes import RoundAttr
from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.constant import ConstantOp
from qdialect.dialects.qnn.ops.contractions import Conv2DOp, DenseOp
from qdialect.dialects.qnn.ops.elementwise import AddOp
from qdialect.dialects.qnn.ops.moves import ConcatOp
from qdialect.dialects.qnn.ops.pooling import MaxPool2DOp
from qdialect.dialects.qnn.ops.quantize import QuantizeOp
from qdialect.dialects.qnn.ops.shapes import PadOp, ReshapeOp
from qdialect.dialects.qnn.ops.threshold import ThresholdOp
from qdialect.dialects.qnn.types import format_of, tensor
from qdialect.numerics.formats import BinaryFormat, FixedFormat
from qdialect.numerics.quantizers import Round

CODES = FixedFormat(3, 2, signed=True)
KERNELS = (CODES, BinaryFormat())


class Joins:
    """A network of images [rows, columns, channels] of one size, each kept for later operations."""

    def __init__(self, seed: int, size: Sequence[int] = (), channels: Sequence[int] = ()):
        """`channels` are those of each input; what is not given is drawn."""
        self.rng = np.random.default_rng(seed)
        self.size = tuple(size or self.rng.integers(2, 9, 2).tolist())
        channels = channels or self.rng.integers(1, 4, self.rng.integers(1, 3)).tolist()
        self.block = Block(arg_types=[tensor((*self.size, n), CODES) for n in channels])
        self.images: list[SSAValue] = list(self.block.args)
        self.count = 0
        for i, argument in enumerate(self.block.args):
            argument.name_hint = f"x{i}"

    def add(self, op: Operation) -> SSAValue:
        self.block.add_op(op)
        self.count += 1
        op.results[0].name_hint = f"v{self.count}"
        return op.results[0]

    def constant(self, shape: tuple[int, ...], fmt: FixedFormat | BinaryFormat) -> SSAValue:
        return self.add(ConstantOp(self.rng.choice(np.array(fmt.codes()), shape), fmt))

    def any_image(self) -> SSAValue:
        """The latest more often, so that some ways are long."""
        return self.images[-1] if self.rng.integers(2) else self.images[self.rng.integers(len(self.images))]

    def quantized(self, x: SSAValue, binary: bool) -> SSAValue:
        if not binary:
            return self.add(QuantizeOp(x, RoundAttr(Round()), CODES))
        channels, fmt = shape_of(x)[-1], format_of(x.type)
        levels = ConstantOp(np.zeros((channels, 1), np.int64), FixedFormat(2, 2 + fmt.lsb, signed=True))
        return self.add(ThresholdOp(x, self.add(levels), self.constant((channels,), BinaryFormat()), BinaryFormat()))

    def convolution(self, x: SSAValue, taps: int, binary: bool = False, filters: int = 0) -> SSAValue:
        """As large as `x`, with codes or bits as weights and results, and `filters` or a drawn number of channels."""
        before, after = (taps - 1) // 2, taps // 2
        kernel = self.constant((taps, taps, shape_of(x)[-1], filters or int(self.rng.integers(1, 4))), KERNELS[binary])
        padded = self.add(PadOp(x, (before, before, 0), (after, after, 0))) if taps > 1 else x
        return self.quantized(self.add(Conv2DOp(padded, kernel)), binary)

    def grow(self) -> None:
        """One more image."""
        x, taps = self.any_image(), int(self.rng.integers(1, 4))
        before, after = (taps - 1) // 2, taps // 2
        match self.rng.integers(5):
            case 0 | 1:
                grown = self.convolution(x, taps, binary=bool(self.rng.integers(2)))
            case 2:
                grown = self.add(MaxPool2DOp(x, (taps, taps), (1, 1), (before, before), (after, after)))
            case 3:
                grown = self.quantized(self.add(AddOp(x, self.like(x))), binary=False)
            case _:
                grown = self.join([x, self.any_image()], 2)
        self.images.append(grown)

    def like(self, x: SSAValue) -> SSAValue:
        """An image of the same shape."""
        same = [y for y in self.images if shape_of(y) == shape_of(x)]
        return same[self.rng.integers(len(same))]

    def join(self, parts: Sequence[SSAValue], axis: int) -> SSAValue:
        return self.add(ConcatOp(parts, axis))

    def vector(self, x: SSAValue) -> SSAValue:
        return self.add(ReshapeOp(x, (math.prod(shape_of(x)),)))

    def flattened(self) -> SSAValue:
        """Two or three images, whole or after a dense layer, one after the other as vectors."""
        parts = [self.vector(self.any_image()) for _ in range(self.rng.integers(2, 4))]
        for i, x in enumerate(parts):
            if self.rng.integers(2):
                binary = bool(self.rng.integers(2))
                sums = DenseOp(x, self.constant((shape_of(x)[0], 4), KERNELS[binary]))
                parts[i] = self.quantized(self.add(sums), binary)
        return self.join(parts, 0)

    def drawn(self) -> list[SSAValue]:
        """One to three results of a random graph."""
        for _ in range(self.rng.integers(2, 9)):
            self.grow()
        x = self.any_image()
        stacked = self.join([x, self.like(x)], int(self.rng.integers(2)))
        return [self.flattened(), stacked, self.images[-1]][: self.rng.integers(1, 4)]

    def module(self, results: Sequence[SSAValue] = ()) -> ModuleOp:
        """The network with these results, or with drawn ones."""
        results = results or self.drawn()
        self.block.add_op(ReturnOp(*results))
        types = [a.type for a in self.block.args], [y.type for y in results]
        module = ModuleOp([FuncOp("net", types, Region(self.block))])
        module.verify()
        return module
