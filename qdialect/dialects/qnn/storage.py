"""Constant data between numpy and `dense` attributes; the only module that touches the bytes.

Storage is raw i8/i16/i32/i64 (f32 for floats), built from bytes: text lists and `get_values` are orders of magnitude
slower for trained weights. What an element of the storage means depends on the element type:

| element type  | storage of a tensor of shape [..., n]                                          |
|---------------|--------------------------------------------------------------------------------|
| `!qnn.fixed`  | the codes, [..., n]; beyond 32 bits also f32, the numbers: codes of 24 bits;   |
|               | codes beyond i64 as words, the lowest first: [..., n, ceil(W/64)]              |
| `!qnn.binary` | 8 elements per byte along the last axis, low bit first, 1 = +1: [..., ceil(n/8)]|
| `!qnn.ternary`| two such bit planes, non-zero and positive: [2, ..., ceil(n/8)]                |
| `!qnn.po2`    | 2 * (exponent - E0) + (1 if negative), -1 for zero, [..., n]                   |
| `!qnn.bits<N>`| 64-bit words, low bit first, plane after plane: [..., n, planes * ceil(N/64)]   |
| `f32`         | the floats                                                                     |
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from xdsl.dialects.builtin import (
    BytesAttr,
    DenseIntOrFPElementsAttr,
    Float32Type,
    IntegerType,
    TensorType,
    f32,
    i8,
    i16,
    i32,
    i64,
)
from xdsl.ir import Attribute

from qdialect.dialects.qnn.types import PLANES, BinaryType, BitsType, FixedType, Po2Type, TernaryType
from qdialect.numerics.arrays import IntArray
from qdialect.numerics.exact import codes_of_reals, from_words, holding, parts, to_words
from qdialect.numerics.formats import FixedFormat

WORD_BITS = 64

_STORAGE: dict[Attribute, type[np.generic]] = {
    i8: np.int8,
    i16: np.int16,
    i32: np.int32,
    i64: np.int64,
    f32: np.float32,
}


def storage_element(element: Attribute) -> IntegerType | Float32Type:
    """The storage type of one element: the smallest that holds every code of the element type, or a word of it."""
    match element:
        case BinaryType() | TernaryType():
            return i8
        case BitsType():
            return i64
        case Po2Type():
            return i8 if element.format.max_exp - element.format.min_exp < 64 else i16
        case FixedType():
            bits = element.format.max_code.bit_length()
            return next((type_ for type_, limit in ((i8, 7), (i16, 15), (i32, 31)) if bits <= limit), i64)
        case _:
            return f32


def storages(shape: tuple[int, ...], element: Attribute) -> list[TensorType[Attribute]]:
    """What a constant of `shape` may be stored as: float32 numbers take half the memory of codes of 64 bits."""
    codes: TensorType[Attribute] = TensorType(storage_element(element), storage_shape(shape, element))
    numbers = isinstance(element, FixedType) and codes.element_type == i64
    return [codes, TensorType(f32, shape)] if numbers else [codes]


def is_wide(element: FixedType) -> bool:
    """Whether the codes exceed int64."""
    return element.format.max_code.bit_length() > 63


def storage_shape(shape: tuple[int, ...], element: Attribute) -> tuple[int, ...]:
    """The shape of the storage for a tensor of `shape`."""
    match element:
        case BinaryType():
            return (*shape[:-1], -(-shape[-1] // 8))
        case TernaryType():
            return (2, *shape[:-1], -(-shape[-1] // 8))
        case BitsType():
            return (*shape, len(element.planes) * word_count(element.count.data))
        case FixedType() if is_wide(element):
            return (*shape, word_count(element.format.bits))
        case _:
            return shape


def encode(values: NDArray[Any], element: Attribute) -> DenseIntOrFPElementsAttr:
    """Codes (packed words for `!qnn.bits`, floats for f32) as a dense attribute.

    For `!qnn.fixed` and `!qnn.po2` also the numbers themselves, as float32.
    """
    storage = storage_element(element)
    match element:
        case BinaryType():
            raw = _pack_plane(values > 0)
        case TernaryType():
            raw = np.stack([_pack_plane(values != 0), _pack_plane(values > 0)])
        case Po2Type():
            raw = _by_parts(lambda part: _po2_storage(part, element.format.min_exp), values, _STORAGE[storage])
        case FixedType() if values.dtype.kind == "f" and storage == i64:
            raw, storage = values, f32
        case FixedType() if values.dtype.kind == "f":
            raw = _by_parts(lambda part: np.ldexp(part, -element.format.lsb), values, _STORAGE[storage])
        case FixedType() if is_wide(element):
            raw = to_words(values, word_count(element.format.bits))
        case _:
            raw = values
    data = np.asarray(raw, _STORAGE[storage])
    return DenseIntOrFPElementsAttr(TensorType(storage, data.shape), BytesAttr(data.tobytes()))


def encoded_i16(values: IntArray) -> DenseIntOrFPElementsAttr:
    """Small integers as a dense attribute."""
    data = np.ascontiguousarray(values, np.int16)
    return DenseIntOrFPElementsAttr(TensorType(i16, data.shape), BytesAttr(data.tobytes()))


def decoded_i16(attr: DenseIntOrFPElementsAttr) -> IntArray:
    """The inverse of `encoded_i16`, as int64."""
    return raw_data(attr).astype(np.int64)


def _po2_storage(values: NDArray[Any], min_exp: int) -> IntArray:
    """The storage of powers of two with either sign, given as codes or float32 numbers, and of zeros."""
    if values.dtype == object:
        exponents = np.array([abs(int(c)).bit_length() - 1 for c in values.flat]).reshape(values.shape)
    else:
        first = min_exp if values.dtype.kind == "f" else 0
        exponents = np.frexp(np.abs(values))[1] - (1 + first)
    return np.where(values == 0, -1, 2 * exponents + (values < 0))


def raw_data(attr: DenseIntOrFPElementsAttr) -> NDArray[Any]:
    """The storage as a numpy array, without a copy."""
    type_ = attr.type
    assert isinstance(type_, TensorType)
    return np.frombuffer(attr.data.data, _STORAGE[type_.element_type]).reshape(type_.get_shape())


def decode(attr: DenseIntOrFPElementsAttr, type_: TensorType[Attribute]) -> NDArray[Any]:
    """What `encode` was given: int64 codes (Python integers where they need more), words or floats."""
    raw, last = raw_data(attr), (type_.get_shape() or (1,))[-1]
    match element := type_.element_type:
        case BinaryType():
            return np.where(_unpack_plane(raw, last), 1, -1).astype(np.int64)
        case TernaryType():
            nonzero, positive = (_unpack_plane(plane, last) for plane in raw)
            return np.where(nonzero, np.where(positive, 1, -1), 0).astype(np.int64)
        case Po2Type():
            exponents = holding(raw.clip(0) // 2, element.format.max_code)
            return (1 << exponents) * np.where(raw < 0, 0, np.where(raw & 1, -1, 1))
        case BitsType():
            return raw.view(np.uint64)
        case FixedType() if attr.type.element_type == f32:
            return codes_of_reals(raw, element.format.lsb)[0]
        case FixedType() if is_wide(element):
            return from_words(raw, element.format.signed)
        case FixedType():
            return raw.astype(np.int64)
        case _:
            return raw


def defect(attr: DenseIntOrFPElementsAttr, type_: TensorType[Attribute]) -> str | None:
    """What makes a storage of the right shape meaningless for `type_`; None if nothing does."""
    raw, last = raw_data(attr), (type_.get_shape() or (1,))[-1]
    match element := type_.element_type:
        case FixedType() if attr.type.element_type == f32:
            return next(filter(None, (_not_codes(part, element.format) for part in parts(raw))), None)
        case FixedType() if is_wide(element):
            return _outside(from_words(raw, element.format.signed), element.format.min_code, element.format.max_code)
        case FixedType():
            return _outside(raw, element.format.min_code, element.format.max_code)
        case Po2Type():
            if not element.format.signed and (raw[raw >= 0] & 1).any():
                return "it has negative powers of two"
            return _outside(raw, -int(element.format.zero), 2 * (element.format.max_exp - element.format.min_exp) + 1)
        case BinaryType() | TernaryType():
            if (raw.view(np.uint8)[..., -1] >> (last % 8 or 8)).any():
                return f"it has bits after the last of {last} elements"
            if isinstance(element, TernaryType) and (raw[1] & ~raw[0]).any():
                return "elements of it are both zero and positive"
        case BitsType():
            used, planes = element.count.data % WORD_BITS, planes_of(raw.view(np.uint64), element)
            if used and any((plane[..., -1] >> np.uint64(used)).any() for plane in planes.values()):
                return f"it has bits after the last of {element.count.data}"
            if len(planes) == 2 and (planes["positive"] & ~planes["nonzero"]).any():
                return "elements of it are both zero and positive"
        case Float32Type() if not all(np.isfinite(part).all() for part in parts(raw)):
            return "it has numbers that are infinite or NaN"
        case _:
            pass
    return None


def _outside(raw: NDArray[Any], first: int, last: int) -> str | None:
    if raw.size == 0 or (first <= raw.min() and raw.max() <= last):
        return None
    return f"it has values from {raw.min()} to {raw.max()}, outside [{first}, {last}]"


def _by_parts(
    function: Callable[[NDArray[Any]], NDArray[Any]], values: NDArray[Any], dtype: type[np.generic]
) -> NDArray[Any]:
    """function(values) element by element, as an array of `dtype`."""
    result = np.empty(values.shape, dtype)
    for part, target in zip(parts(values), parts(result), strict=True):
        target[...] = function(part)
    return result


def _not_codes(numbers: NDArray[np.float32], fmt: FixedFormat) -> str | None:
    codes, multiples = codes_of_reals(numbers, fmt.lsb)
    if not multiples.all():
        return f"it has numbers that are no multiples of 2**{fmt.lsb}"
    return _outside(codes, fmt.min_code, fmt.max_code)


def word_count(bits: int) -> int:
    """Words per plane of so many packed values."""
    return -(-bits // WORD_BITS)


def pack_words(bits: NDArray[np.bool_]) -> NDArray[np.uint64]:
    """Bits [..., n] into 64-bit words [..., ceil(n/64)], low bit first, zero-filled."""
    filled = np.zeros((*bits.shape[:-1], word_count(bits.shape[-1]) * WORD_BITS), np.uint8)
    filled[..., : bits.shape[-1]] = bits
    return np.packbits(filled, axis=-1, bitorder="little").view(np.uint64)


def pack_codes(codes: IntArray, element: Attribute) -> NDArray[np.uint64]:
    """Codes [..., n] of a packable element type into words [..., planes * ceil(n/64)]."""
    planes = {"nonzero": codes != 0, "positive": codes > 0}
    return np.concatenate([pack_words(planes[name]) for name in PLANES[element]], axis=-1)


def unpack_codes(words: NDArray[np.uint64], type_: BitsType) -> IntArray:
    """The inverse of `pack_codes`: int64 codes [..., n]."""
    bytes_ = {name: np.ascontiguousarray(plane).view(np.uint8) for name, plane in planes_of(words, type_).items()}
    count = type_.count.data
    bits = {name: np.unpackbits(b, axis=-1, count=count, bitorder="little") for name, b in bytes_.items()}
    signs = np.where(bits["positive"], 1, -1) if "positive" in bits else np.array(1)
    return (bits.get("nonzero", np.array(1)) * signs).astype(np.int64)


def planes_of(words: NDArray[np.uint64], type_: BitsType) -> dict[str, NDArray[np.uint64]]:
    """The planes [..., ceil(n/64)] of packed vectors, by name."""
    return dict(zip(type_.planes, np.split(words, len(type_.planes), axis=-1), strict=True))


def _pack_plane(bits: NDArray[np.bool_]) -> NDArray[np.int8]:
    return np.packbits(bits, axis=-1, bitorder="little").view(np.int8)


def _unpack_plane(plane: IntArray, count: int) -> NDArray[np.bool_]:
    bytes_ = np.ascontiguousarray(plane).view(np.uint8)
    return np.unpackbits(bytes_, axis=-1, count=count, bitorder="little").astype(np.bool_)
