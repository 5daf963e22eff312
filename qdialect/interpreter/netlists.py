"""Simulation of netlists (`hw`, `comb`, `seq`) on batches, without a clock: registers pass on what they are given.

A word is an array of bits [width, samples], or of integers [samples] where arithmetic needs them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray
from xdsl.dialects import comb, hw, seq
from xdsl.dialects.builtin import IntegerType, ModuleOp
from xdsl.ir import Operation, SSAValue

from qdialect.errors import QdialectError

Bits = NDArray[np.uint8]
NARROW = 62
"""Bits of the widest word whose integers are int64."""


class Word:
    """Bits and integers of one word; each is computed when it is asked for."""

    def __init__(self, bits: Bits | None = None, integers: NDArray[Any] | None = None, width: int = 0):
        self._bits, self._integers = bits, integers
        self.width = width if bits is None else len(bits)

    @property
    def bits(self) -> Bits:
        if self._bits is None:
            assert self._integers is not None
            places = np.arange(self.width, dtype=self._integers.dtype)[:, np.newaxis]
            self._bits = (self._integers >> places & 1).astype(np.uint8)
        return self._bits

    @property
    def integers(self) -> NDArray[Any]:
        """Without sign."""
        if self._integers is None:
            assert self._bits is not None
            kind = np.int64 if self.width <= NARROW else object
            weights = np.array([1 << place for place in range(self.width)], kind)
            self._integers = weights @ self._bits.astype(kind)
        return self._integers


def modulo(integers: NDArray[Any], width: int) -> Word:
    """The word of the low bits."""
    return Word(integers=integers & ((1 << width) - 1), width=width)


def width_of(value: SSAValue) -> int:
    """The bits of a word; a clock is one."""
    kind = value.type
    return kind.width.data if isinstance(kind, IntegerType) else 1


def sized(word: Word, width: int) -> NDArray[Any]:
    """The integers of a word as operands of arithmetic of so many bits."""
    return word.integers if width <= NARROW // 2 else word.integers.astype(object)


def computed(op: Operation, operands: Sequence[Word], samples: int) -> Word:
    """The result of an operation without a module of its own.

    Raises QdialectError for an operation that does not belong to netlists.
    """
    width = width_of(op.results[0])
    match op:
        case hw.ConstantOp():
            value = op.value.value.data & ((1 << width) - 1)
            bits = np.array([value >> place & 1 for place in range(width)], np.uint8)
            return Word(np.repeat(bits[:, np.newaxis], samples, axis=1))
        case comb.ExtractOp():
            low = op.low_bit.value.data
            return Word(operands[0].bits[low : low + width])
        case comb.ConcatOp():
            return Word(np.concatenate([word.bits for word in reversed(operands)]))
        case comb.ReplicateOp():
            return Word(np.tile(operands[0].bits, (width // operands[0].width, 1)))
        case comb.AndOp() | comb.OrOp() | comb.XorOp():
            gate = {comb.AndOp: np.bitwise_and, comb.OrOp: np.bitwise_or, comb.XorOp: np.bitwise_xor}[type(op)]
            return Word(reduce(gate, [word.bits for word in operands]))
        case comb.MuxOp():
            condition, then, otherwise = operands
            return Word(np.where(condition.bits, then.bits, otherwise.bits))
        case seq.CompRegOp():
            return operands[0]
        case _:
            return arithmetic(op, operands, width)


def arithmetic(op: Operation, operands: Sequence[Word], width: int) -> Word:
    """Sums, differences, products and comparisons."""
    match op:
        case comb.AddOp():
            return modulo(reduce(np.add, (sized(word, width) for word in operands)), width)
        case comb.SubOp():
            return modulo(sized(operands[0], width) - sized(operands[1], width), width)
        case comb.MulOp():
            return modulo(reduce(np.multiply, (sized(word, width) for word in operands)), width)
        case comb.ICmpOp() if op.predicate.value.data == 9:
            return modulo((operands[0].integers >= operands[1].integers).astype(np.int64), 1)
        case _:
            raise QdialectError(f"{op.name} is no operation of netlists")


def run_module(module: hw.HWModuleOp, inputs: Sequence[Word], known: Mapping[str, hw.HWModuleOp]) -> list[Word]:
    """The outputs of a module for its inputs; `known` are the modules of instances."""
    block = module.body.block
    values: dict[SSAValue, Word] = dict(zip(block.args, inputs, strict=True))
    samples = inputs[-1].bits.shape[1]
    for op in block.ops:
        operands = [values[operand] for operand in op.operands]
        if isinstance(op, hw.OutputOp):
            return operands
        if isinstance(op, hw.InstanceOp):
            results = run_module(known[op.module_name.string_value()], operands, known)
            values |= zip(op.results, results, strict=True)
        else:
            values[op.results[0]] = computed(op, operands, samples)
    raise QdialectError(f"module '{module.sym_name.data}' has no outputs")


def run_netlists(module: ModuleOp, inputs: Mapping[str, Bits]) -> dict[str, Bits]:
    """The output ports of the last module, [width, samples], for its input ports; those without bits are zero."""
    known = {op.sym_name.data: op for op in module.body.ops if isinstance(op, hw.HWModuleOp)}
    top = list(known.values())[-1]
    ports = top.module_type.ports.data
    samples = next(iter(inputs.values())).shape[1]
    fed = [
        Word(inputs.get(port.port_name.data, np.zeros((1, samples), np.uint8)))
        for port in ports
        if port.dir.data is hw.Direction.INPUT
    ]
    names = [port.port_name.data for port in ports if port.dir.data is hw.Direction.OUTPUT]
    return {name: word.bits for name, word in zip(names, run_module(top, fed, known), strict=True)}
