"""The check after every pass catches passes that are wrong by one, and says where."""

import time
from dataclasses import dataclass

import numpy as np
import pytest
from trained import EXAMPLES, load_example
from xdsl.dialects.builtin import ModuleOp, UnitAttr
from xdsl.passes import ModulePass
from xdsl.rewriter import Rewriter

from qdialect.analysis.ranges import ranges
from qdialect.compiler.pipeline import EquivalenceWitness, lower
from qdialect.compiler.registry import make_context
from qdialect.compiler.run_passes import run_passes
from qdialect.dialects.qnn.ops.constant import ConstantOp, constant_of
from qdialect.dialects.qnn.ops.contractions import ContractionOp
from qdialect.dialects.qnn.ops.elementwise import AddOp
from qdialect.dialects.qnn.ops.threshold import ThresholdOp
from qdialect.dialects.qnn.types import exact_format_of, format_of, tensor, tensor_type
from qdialect.errors import QdialectError
from qdialect.frontends.keras.importer import from_keras
from qdialect.numerics.formats import FixedFormat
from qdialect.validation.equivalence import check_equivalent
from qdialect.validation.stimuli import View

keras = pytest.importorskip("tf_keras")

NETWORKS = {name: from_keras(load_example(name).model) for name in EXAMPLES}
LOWERED = {name: lower(module) for name, module in NETWORKS.items()}
CHANNELS = 3  # per operation, drawn at random


@dataclass(frozen=True)
class WrongConstant(ModulePass):
    """A pass that a test gets wrong on purpose: other data for the constant `target`."""

    name = "wrong"
    target: str = ""
    data: np.ndarray | None = None

    def apply(self, ctx, op: ModuleOp) -> None:
        constants = {c.result.name_hint: c for c in op.walk() if isinstance(c, ConstantOp)}
        old = constants[self.target]
        fmt = exact_format_of(old.result.type)
        if isinstance(fmt, FixedFormat):  # room for one more
            fmt = FixedFormat.holding(int(self.data.min()), int(self.data.max()), fmt.lsb)
        Rewriter.replace_op(old, ConstantOp(self.data, fmt, self.target))


def verdict(module: ModuleOp, wrong: ModulePass) -> str:
    """What the check after the pass says; empty if it is content."""
    copy = module.clone()
    try:
        run_passes(copy, [wrong], make_context(), EquivalenceWitness(copy))
    except QdialectError as error:
        return str(error)
    return ""


def operations(kind) -> list:
    """(example, name of the value) for every operation of a kind at the integer level."""
    return [
        (example, op.results[0].name_hint)
        for example, module in LOWERED.items()
        for op in module.walk()
        if isinstance(op, kind)
    ]


def named(module: ModuleOp, name: str):
    return next(op for op in module.walk() if op.results and op.results[0].name_hint == name)


@pytest.mark.parametrize(("example", "name"), operations(ThresholdOp))
@pytest.mark.parametrize("delta", [-1, 1])
def test_a_threshold_wrong_by_one(example, name, delta):
    module, rng = LOWERED[example], np.random.default_rng(len(name) + delta)
    op = named(module, name)
    levels, known = constant_of(op.thresholds), ranges(module)[op.operand]
    axes = tuple(range(known.low.ndim - 1))
    low, high = known.low.min(axis=axes)[:, np.newaxis], known.high.max(axis=axes)[:, np.newaxis]
    rising = np.ones(len(levels)) if op.direction is None else constant_of(op.direction)
    changed = np.where(
        rising[:, np.newaxis] > 0, np.minimum(levels, levels + delta), np.maximum(levels, levels + delta)
    )
    choices = np.argwhere((low <= changed) & (changed <= high))  # other thresholds no accumulator reaches
    assert len(choices) >= CHANNELS
    for channel, k in choices[rng.permutation(len(choices))[:CHANNELS]]:
        wrong = levels.copy()
        wrong[channel, k] += delta
        said = verdict(module, WrongConstant(op.thresholds.name_hint, wrong))
        assert f"pass 'wrong' changes value '{name}' (qnn.threshold), channel {channel}," in said


@pytest.mark.parametrize(("example", "name"), operations(AddOp))
@pytest.mark.parametrize("delta", [-1, 1])
def test_a_bias_wrong_by_one(example, name, delta):
    module = LOWERED[example]
    op = named(module, name)
    bias = constant_of(op.rhs)
    for channel in np.random.default_rng(0).permutation(bias.size)[:CHANNELS]:
        wrong = bias.copy()
        wrong[channel] += delta
        said = verdict(module, WrongConstant(op.rhs.name_hint, wrong))
        assert f"pass 'wrong' changes value '{name}' (qnn.add), channel {channel if bias.size > 1 else 0}," in said


def contractions() -> list:
    """At the network level, where all kernels are plain codes."""
    return [
        (example, op.result.name_hint)
        for example, module in NETWORKS.items()
        for op in module.walk()
        if isinstance(op, ContractionOp)
    ]


@pytest.mark.parametrize(("example", "name"), contractions())
def test_two_weights_swapped(example, name):
    """Of the same output, in a deep layer as in the first."""
    module, rng = NETWORKS[example], np.random.default_rng(1)
    op = named(module, name)
    kernel = constant_of(op.kernel)
    for _ in range(CHANNELS):
        wrong = kernel.reshape(-1, kernel.shape[-1]).copy()
        channel = rng.choice(np.flatnonzero(wrong.min(axis=0) < wrong.max(axis=0)))
        first, second = wrong[:, channel].argmin(), wrong[:, channel].argmax()
        wrong[[first, second], channel] = wrong[[second, first], channel]
        said = verdict(module, WrongConstant(op.kernel.name_hint, wrong.reshape(kernel.shape)))
        assert f"pass 'wrong' changes value '{name}' ({op.name}), channel {channel}," in said


@dataclass(frozen=True)
class TooNarrow(ModulePass):
    """A pass that takes the top bit from an accumulator."""

    name = "too-narrow"
    target: str = ""

    def apply(self, ctx, op: ModuleOp) -> None:
        value = named(op, self.target).results[0]
        fmt = format_of(value.type)
        narrow = FixedFormat(fmt.width - 1, fmt.int_bits - 1, fmt.signed)
        Rewriter.replace_value_with_new_type(value, tensor(tensor_type(value.type).get_shape(), narrow))


@pytest.mark.parametrize(("example", "name"), operations(ContractionOp))
def test_an_accumulator_one_bit_too_narrow(example, name):
    said = verdict(LOWERED[example], TooNarrow(name))
    assert "too-narrow" in said
    assert f"'{name}'" in said


@pytest.mark.parametrize("example", EXAMPLES)
def test_right_passes_are_content(example):
    lower(NETWORKS[example], verify=True)
    check_equivalent(NETWORKS[example], LOWERED[example], "all")


def test_what_a_pass_has_left_as_it_was_is_not_compared_again(monkeypatch):
    """Nothing of an unchanged network; after a change of one operation, beside both networks as a whole, only what is
    computed from it."""
    runs: list[int] = []
    compute = View.compute
    monkeypatch.setattr(View, "compute", lambda view, ops, values: runs.append(len(ops)) or compute(view, ops, values))
    module = NETWORKS["digits_mlp"]
    check_equivalent(module, module.clone(), "unchanged")
    assert not runs
    changed = module.clone()
    next(op for op in changed.walk() if isinstance(op, ContractionOp)).attributes["changed"] = UnitAttr()
    check_equivalent(module, changed, "changes an attribute")
    assert len(runs) == 4


def test_a_deep_network_of_floats_is_checked_in_bounded_time():
    """20 x (dense, batch normalization, relu) without quantizers: codes of hundreds of bits."""
    layers = keras.layers
    stack = [layer for _ in range(20) for layer in (layers.Dense(8), layers.BatchNormalization(), layers.ReLU())]
    module = from_keras(keras.Sequential([layers.Input((8,)), *stack]), "fixed<16,6>")
    start = time.process_time()
    lower(module, verify=True)
    assert time.process_time() - start < 60
