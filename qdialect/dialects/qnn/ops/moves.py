"""Operations that only move elements: transposition, slices, repetition, dilation, concatenation."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from functools import reduce
from typing import ClassVar

from xdsl.dialects.builtin import I64, DenseArrayBase, IntegerAttr, TensorType, f32, i64
from xdsl.interfaces import HasFolderInterface
from xdsl.ir import Attribute, SSAValue
from xdsl.irdl import irdl_op_definition, operand_def, prop_def, result_def, traits_def, var_operand_def
from xdsl.traits import Pure
from xdsl.utils.exceptions import VerifyException

from qdialect.dialects.qnn.geometry import ints, values_of
from qdialect.dialects.qnn.op import QnnOp, shape_of
from qdialect.dialects.qnn.ops.shapes import PadOp
from qdialect.dialects.qnn.traits import AddsZeros, Linear, Moves
from qdialect.dialects.qnn.types import format_of, tensor
from qdialect.numerics.formats import Format
from qdialect.numerics.intervals import Interval


class MoveOp(QnnOp, HasFolderInterface):
    """The operand's elements in other places, as properties with one number per axis say."""

    operand = operand_def(TensorType)
    result = result_def(TensorType)
    traits = traits_def(Moves(), Linear())

    PLACES: ClassVar[tuple[str, ...]]
    """The names of these properties, in the order of the constructor's arguments."""

    def __init__(self, operand: SSAValue, *places: Sequence[int]):
        shape, fmt = self.moved(shape_of(operand), *places), self.result_format(operand)
        super().__init__(
            operands=[operand],
            properties={name: ints(*values) for name, values in zip(self.PLACES, places, strict=True)},
            result_types=[tensor(shape, f32 if fmt is None else fmt)],
        )

    @property
    def places(self) -> tuple[tuple[int, ...], ...]:
        """The values of the properties in `PLACES`."""
        return tuple(values_of(self.properties[name]) for name in self.PLACES)  # pyright: ignore[reportArgumentType]

    @staticmethod
    @abstractmethod
    def moved(shape: tuple[int, ...], *places: Sequence[int]) -> tuple[int, ...]:
        """The shape of the result. Raises VerifyException where `places` do not fit `shape`."""

    @staticmethod
    def result_format(operand: SSAValue) -> Format | None:
        return format_of(operand.type)

    def inferred(self) -> tuple[tuple[int, ...], Format | None]:
        x = shape_of(self.operand)
        for name, values in zip(self.PLACES, self.places, strict=True):
            if len(values) != len(x):
                raise VerifyException(f"{name} needs {len(x)} numbers, got {list(values)}")
        return self.moved(x, *self.places), self.result_format(self.operand)

    @abstractmethod
    def is_identity(self) -> bool:
        """Whether every element stays in its place."""

    def fold(self) -> Sequence[SSAValue | Attribute] | None:
        """A move that leaves every element in its place. Lemma: `row-major-places`."""
        return (self.operand,) if self.is_identity() and self.operand.type == self.result.type else None


@irdl_op_definition
class TransposeOp(MoveOp):
    """Axis `i` of the result is axis `permutation[i]` of the operand."""

    name = "qnn.transpose"
    permutation = prop_def(DenseArrayBase.constr(i64))
    traits = traits_def(Pure())
    PLACES: ClassVar = ("permutation",)

    @staticmethod
    def moved(shape: tuple[int, ...], *places: Sequence[int]) -> tuple[int, ...]:
        (permutation,) = places
        if sorted(permutation) != list(range(len(shape))):
            raise VerifyException(f"{list(permutation)} is no permutation of {len(shape)} axes")
        return tuple(shape[axis] for axis in permutation)

    def is_identity(self) -> bool:
        (permutation,) = self.places
        return permutation == tuple(range(len(permutation)))


@irdl_op_definition
class SliceOp(MoveOp):
    """`sizes` elements per axis, from `offsets` on."""

    name = "qnn.slice"
    offsets = prop_def(DenseArrayBase.constr(i64))
    sizes = prop_def(DenseArrayBase.constr(i64))
    traits = traits_def(Pure())
    PLACES: ClassVar = ("offsets", "sizes")

    @staticmethod
    def moved(shape: tuple[int, ...], *places: Sequence[int]) -> tuple[int, ...]:
        offsets, sizes = places
        for n, offset, size in zip(shape, offsets, sizes, strict=True):
            if offset < 0 or size < 1 or offset + size > n:
                raise VerifyException(f"{size} elements from {offset} on leave an axis of {n}")
        return tuple(sizes)

    def is_identity(self) -> bool:
        return not any(self.places[0])


@irdl_op_definition
class RepeatOp(MoveOp):
    """Each element `repeats` times in a row, per axis: nearest-neighbour upsampling."""

    name = "qnn.repeat"
    repeats = prop_def(DenseArrayBase.constr(i64))
    traits = traits_def(Pure())
    PLACES: ClassVar = ("repeats",)

    @staticmethod
    def moved(shape: tuple[int, ...], *places: Sequence[int]) -> tuple[int, ...]:
        (repeats,) = places
        if min(repeats, default=1) < 1:
            raise VerifyException(f"repeats must be at least 1, got {list(repeats)}")
        return tuple(n * times for n, times in zip(shape, repeats, strict=True))

    def is_identity(self) -> bool:
        return set(self.places[0]) == {1}


@irdl_op_definition
class DilateOp(MoveOp):
    """Neighbours move `steps` apart, per axis, with zeros between them.

    The result type has a zero even if the operand's has none (binary, powers of two).
    """

    name = "qnn.dilate"
    steps = prop_def(DenseArrayBase.constr(i64))
    traits = traits_def(Pure(), AddsZeros())
    PLACES: ClassVar = ("steps",)

    @staticmethod
    def moved(shape: tuple[int, ...], *places: Sequence[int]) -> tuple[int, ...]:
        (steps,) = places
        if min(steps, default=1) < 1:
            raise VerifyException(f"steps must be at least 1, got {list(steps)}")
        return tuple((n - 1) * step + 1 for n, step in zip(shape, steps, strict=True))

    @staticmethod
    def result_format(operand: SSAValue) -> Format | None:
        return PadOp.result_format(operand)

    def is_identity(self) -> bool:
        return set(self.places[0]) == {1}


@irdl_op_definition
class ConcatOp(QnnOp):
    """The operands one after the other along `axis`, counted from 0 without the batch.

    Codes are aligned to the finest step; the result type holds every operand's values.
    """

    name = "qnn.concat"
    parts = var_operand_def(TensorType)
    axis = prop_def(IntegerAttr[I64])
    result = result_def(TensorType)
    traits = traits_def(Pure(), Moves(), Linear())

    def __init__(self, parts: Sequence[SSAValue], axis: int):
        shape, fmt = self._infer(parts, axis)
        super().__init__(
            operands=[parts],
            properties={"axis": IntegerAttr(axis, i64)},
            result_types=[tensor(shape, f32 if fmt is None else fmt)],
        )

    @staticmethod
    def _infer(parts: Sequence[SSAValue], axis: int) -> tuple[tuple[int, ...], Format | None]:
        shapes = [shape_of(part) for part in parts]
        if not shapes or not 0 <= axis < len(shapes[0]):
            raise VerifyException(f"no axis {axis} in {', '.join(str(part.type) for part in parts) or 'no operands'}")
        if len({(*shape[:axis], 0, *shape[axis + 1 :]) for shape in shapes}) > 1:
            raise VerifyException(f"shapes differ beside axis {axis}: {', '.join(str(part.type) for part in parts)}")
        first = shapes[0]
        shape = (*first[:axis], sum(shape[axis] for shape in shapes), *first[axis + 1 :])
        return shape, joined([format_of(part.type) for part in parts])

    def inferred(self) -> tuple[tuple[int, ...], Format | None]:
        return self._infer(self.parts, self.axis.value.data)


def joined(formats: Sequence[Format | None]) -> Format | None:
    """The format of values of any of `formats`: the common one, or fixed point in the finest step; None is f32."""
    quantized = [fmt for fmt in formats if fmt is not None]
    if len(quantized) < len(formats):
        return None
    if len(set(quantized)) == 1:
        return quantized[0]
    lsb = min(fmt.lsb for fmt in quantized)
    return reduce(Interval.hull, (Interval.of(fmt).to_lsb(lsb) for fmt in quantized)).format
