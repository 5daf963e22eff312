"""Check that a pass preserves the function: the interpreter runs the module before and after it, and compares for
equality.

A name denotes one mathematical value: a pass keeps a value's name only if the value stays the same. So the values
that carry the same name in both modules are compared, not only the outputs; and each is computed again from the
named values before it, fed with adversarial codes: the ends of their proven ranges, the neighbours of thresholds,
every code or (of wide types) random ones. A threshold that is wrong by one in a deep layer has nowhere to hide. What a
pass has left as it was, operation by operation, needs no comparison.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation, OpResult, SSAValue

from qdialect.analysis.ranges import unproven_lookups
from qdialect.dialects.qnn.network import expect_network, network, results_of
from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.constant import ConstantOp
from qdialect.dialects.qnn.ops.functions import LookupOp
from qdialect.dialects.qnn.types import format_of, tensor_type
from qdialect.errors import QdialectError
from qdialect.interpreter.blocks import blocks, bytes_of
from qdialect.interpreter.values import to_reals
from qdialect.numerics import exact
from qdialect.numerics.arrays import Array
from qdialect.validation.stimuli import RANDOM_ROWS, View, is_cut, sample_codes, sample_inputs

LEAST_ROWS, MOST_ROWS, SAMPLED_BYTES = 12, 4 * RANDOM_ROWS, 1 << 23
"""Samples of a whole network, as many as have values of so many bytes: those of a large image are thousands."""


def computable(module: ModuleOp) -> View:
    """A network to compare others with. Raises QdialectError where the interpreter refuses it on sampled inputs: codes
    outside of their table."""
    expect_network(module)
    view = View.of(module)
    view.on(sample_inputs(network(module), np.random.default_rng(0), LEAST_ROWS))
    return view


def expect_codes_in_tables(module: ModuleOp) -> None:
    """Raise QdialectError where sampled inputs give a lookup a code outside of its table. Where intervals prove that
    none can be, nothing is computed."""
    if any(isinstance(op, LookupOp) for op in network(module).body.block.ops) and unproven_lookups(module):
        computable(module)


def check_equivalent(before: ModuleOp, after: ModuleOp, pass_name: str, other_results: bool = False) -> None:
    """Raise QdialectError where a pass has made another function of a module, as `checked` does."""
    checked(View.of(before), after, pass_name, other_results)


def checked(old: View, module: ModuleOp, pass_name: str, other_results: bool = False) -> View:
    """What later modules are compared with, after a pass: `old` as long as nothing changes.

    Raises QdialectError at the first named value that differs, naming operation, channel and input, then at the first
    whose type does not hold its proven range. `other_results`: the pass is meant to change the outputs, and what it
    computes under new names.
    """
    if _is_same_network(old.module, module):
        return old if _names(old.module) == _names(module) else View.of(module.clone())
    new, rng = View.of(module.clone()), np.random.default_rng(0)
    shared = [name for name, value in new.named.items() if name in old.named and _same_kind(old.named[name], value)]
    if other_results:
        shared = [name for name in shared if _same_step(old.named[name], new.named[name])]
    changed = _renewed(old, new) if other_results else set()
    same = [name for name in shared if new.named[name] not in changed]
    _compare_whole(old, new, same, pass_name, rng, other_results)
    cuts = [name for name in shared if is_cut(new.named[name])]
    for name in shared:
        if not (other_results and _has_other_steps(old, new, name, cuts)):
            _compare_segment(old, new, name, cuts, pass_name, rng)
    _expect_held_by_types(old, new, pass_name)
    return new


def _names(module: ModuleOp) -> list[str | None]:
    """Of all values of a network, in order."""
    return [result.name_hint for op in network(module).body.block.ops for result in op.results]


def _renewed(old: View, new: View) -> set[SSAValue]:
    """The values of a module that depend on one with a name of its own."""
    found: set[SSAValue] = set()
    for op in network(new.module).body.block.ops:
        if _is_new(old, op) or any(operand in found for operand in op.operands):
            found.update(op.results)
    return found


def _is_new(old: View, op: Operation) -> bool:
    """Whether a value is computed under a name that the other module does not have."""
    return not isinstance(op, ConstantOp) and any(value.name_hint not in old.named for value in op.results)


def _has_other_steps(old: View, new: View, name: str, cuts: list[str]) -> bool:
    """Whether a value comes from the shared values before it by way of a new one."""
    segment = new.segment(new.named[name], {cut: new.named[cut] for cut in cuts})
    return segment is not None and any(_is_new(old, op) for op in segment[0])


def _is_same_network(before: ModuleOp, after: ModuleOp) -> bool:
    """Whether a pass has left everything as it was, which needs no comparison."""
    old, new = network(before), network(after)
    if (old.function_type, old.arg_attrs) != (new.function_type, new.arg_attrs):
        return False
    arguments: dict[SSAValue, SSAValue] = dict(zip(old.args, new.args, strict=True))
    return _is_unchanged([*old.body.block.ops], [*new.body.block.ops], arguments)


def _expect_held_by_types(old: View, new: View, pass_name: str) -> None:
    """The interpreter computes beyond types; hardware does not. A type that the value had before the pass was proven
    then, and stays so where less can be proven of the operations that take the place of others."""
    for value, known in new.known.items():
        before = old.named.get(value.name_hint or "")
        if before is not None and before.type == value.type:
            continue
        fmt = format_of(value.type) if is_cut(value) else None
        if fmt is None or not known.low.size:
            continue
        low, high = known.hull
        if low < fmt.min_code or high > fmt.max_code:
            raise QdialectError(
                f"pass '{pass_name}' makes value '{value.name_hint}' too narrow: "
                f"{tensor_type(value.type).element_type} does not hold its codes [{low}, {high}]"
            )


def _same_kind(a: OpResult, b: OpResult) -> bool:
    float_a, float_b = (format_of(v.type) is None if is_cut(v) else None for v in (a, b))
    return shape_of(a) == shape_of(b) and float_a == float_b


def _same_step(a: OpResult, b: OpResult) -> bool:
    """Whether codes of one value mean the same of the other."""
    formats = [format_of(value.type) if is_cut(value) else None for value in (a, b)]
    return len({None if fmt is None else fmt.lsb for fmt in formats}) == 1


def _compare_whole(
    old: View, new: View, shared: list[str], pass_name: str, rng: np.random.Generator, other_results: bool
) -> None:
    """The whole network on sampled inputs: all shared values, and the results if they are to be the same."""
    function, other = network(old.module), network(new.module)
    pairs: list[tuple[SSAValue, SSAValue]] = [(old.named[name], new.named[name]) for name in shared]
    if not other_results:
        pairs += zip(results_of(function), results_of(other), strict=True)
    each = max(1, sum(bytes_of(f.body.block.ops, f.args) for f in (function, other)))
    fitting = max(SAMPLED_BYTES // each // LEAST_ROWS, 1)
    rows = min(LEAST_ROWS << fitting.bit_length() - 1, MOST_ROWS)  # mostly as many as after the pass before
    for inputs in blocks(sample_inputs(function, rng, rows), each):
        a, b = old.on(inputs), new.on(inputs)
        for x, y in pairs:
            _expect_equal(pass_name, x, y, a, b, {})


def _compare_segment(
    old: View, new: View, name: str, cuts: list[str], pass_name: str, rng: np.random.Generator
) -> None:
    """One shared value from the shared values before it."""
    earlier, later = (view.segment(view.named[name], {cut: view.named[cut] for cut in cuts}) for view in (old, new))
    if earlier is None or later is None or set(earlier[1]) != set(later[1]):
        return
    (old_ops, leaves), (new_ops, _) = earlier, later
    if _is_unchanged(old_ops, new_ops, {old.named[leaf]: new.named[leaf] for leaf in leaves}):
        return
    samples = {leaf: sample_codes(leaf, (old, new), (old_ops, new_ops), rng) for leaf in leaves}
    rows = max((len(codes) for codes in samples.values()), default=1)
    tried = [np.resize(codes, (rows, *codes.shape[1:])) for codes in samples.values()]
    each = bytes_of([*old_ops, *new_ops], [view.named[leaf] for view in (old, new) for leaf in leaves])
    for part in blocks(tried, each):
        a, b = (
            view.compute(ops, {view.named[leaf]: codes for leaf, codes in zip(leaves, part, strict=True)})
            for view, ops in ((old, old_ops), (new, new_ops))
        )
        inputs = {leaf: to_reals(codes, old.named[leaf].type) for leaf, codes in zip(leaves, part, strict=True)}
        _expect_equal(pass_name, old.named[name], new.named[name], a, b, inputs)


def _is_unchanged(old: Sequence[Operation], new: Sequence[Operation], leaves: Mapping[SSAValue, SSAValue]) -> bool:
    """Whether the same operations, in order, compute with values of the same types: then the results are the same."""
    known: dict[Any, Any] = dict(leaves)
    if len(old) != len(new) or any(a.type != b.type for a, b in leaves.items()):
        return False
    for a, b in zip(old, new, strict=True):
        known[a.parent] = b.parent
        if not a.is_structurally_equivalent(b, known) or a.result_types != b.result_types:
            return False
    return True


def _expect_equal(
    pass_name: str,
    old: SSAValue,
    new: SSAValue,
    a: Mapping[SSAValue, Array],
    b: Mapping[SSAValue, Array],
    inputs: Mapping[str, Array],
) -> None:
    x, y = np.broadcast_arrays(to_reals(a[old], old.type), to_reals(b[new], new.type))
    different = x != y
    if is_cut(old) and is_cut(new):  # codes are exact where reals are rounded to float64
        c, d = (format_of(value.type) for value in (old, new))
        assert c is not None
        assert d is not None
        left, right, _ = exact.align(a[old], c.lsb, b[new], d.lsb)
        different = left != right
    if not different.any():
        return
    where = tuple(int(i) for i in np.argwhere(different)[0])
    sample, *position = where
    at = [
        f"{leaf} = {reals[where] if reals.shape == x.shape else reals[sample].reshape(-1)[:8].tolist()}"
        for leaf, reals in inputs.items()
    ]
    op = new.owner.name if isinstance(new.owner, Operation) else "argument"
    raise QdialectError(
        f"pass '{pass_name}' changes value '{new.name_hint}' ({op}), channel {(position or [0])[-1]}, "
        f"position {position}: {x[where]} before, {y[where]} after, "
        f"for {'; '.join(at) or f'sampled input {sample}'}"
    )
