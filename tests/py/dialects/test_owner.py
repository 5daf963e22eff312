"""Who owns an operation is written on it: names that look like parts of others mislead nobody."""

from __future__ import annotations

import numpy as np
import pytest
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation

import qdialect
from qdialect.dialects.qnn.attributes import Product
from qdialect.dialects.qnn.network import network
from qdialect.dialects.qnn.ops.contractions import ContractionOp
from qdialect.dialects.qnn.owner import layer_of, step_of
from qdialect.dialects.qnn.schedule import pe_of
from qdialect.reports.profile import profile
from qdialect.reports.widths import widths

pytestmark = pytest.mark.covers

NAMES = ["fc_sum", "fc_kept", "fc_agreements", "fc_step1"]


def two_layers(first: str, second: str, binary: bool = False):
    """Two dense layers with names of choice."""
    import tf_keras as keras
    from qkeras import QActivation, QDense

    kernel = "binary(alpha=1)" if binary else "quantized_bits(5,1,alpha=1)"
    keras.utils.set_random_seed(7)
    return keras.Sequential(
        [
            keras.layers.Input((6,), name="x"),
            QActivation("binary(alpha=1)" if binary else "quantized_bits(4,1)", name="q"),
            QDense(4, kernel_quantizer=kernel, bias_quantizer="quantized_bits(4,1)", name=first),
            QActivation("quantized_bits(4,1)", name="a"),
            QDense(4, kernel_quantizer=kernel, bias_quantizer="quantized_bits(4,1)", name=second),
        ]
    )


def sums(module: ModuleOp) -> dict[str, ContractionOp]:
    return {layer_of(op): op for op in network(module).body.block.ops if isinstance(op, ContractionOp)}


def operations(module: ModuleOp) -> list[Operation]:
    return [op for op in network(module).body.block.ops if op.results]


@pytest.mark.parametrize("other", NAMES)
def test_every_operation_has_its_layer_at_every_stage(other):
    model = two_layers("fc", other, binary=True)
    layers = {layer.name for layer in model.layers}
    module = qdialect.from_keras(model)
    assert {layer_of(op) for op in operations(module)} <= layers
    qdialect.lower(module, after=lambda _, now: check(now, layers))


def check(module: ModuleOp, layers: set[str]) -> None:
    assert {layer_of(op) for op in operations(module)} <= layers


@pytest.mark.parametrize("other", NAMES)
def test_a_strategy_reaches_the_layer_that_is_named(other):
    module = qdialect.lower(qdialect.from_keras(two_layers("fc", other)))
    chosen = qdialect.lower(module, ["constant-multiplication{strategy=csd layers=fc}"])
    assert {name: op.product.data for name, op in sums(chosen).items()} == {
        "fc": Product.SIGNED_DIGITS,
        other: Product.MULTIPLY,
    }


@pytest.mark.parametrize("other", NAMES)
def test_a_schedule_folds_the_layer_that_is_named(other):
    module = qdialect.lower(qdialect.from_keras(two_layers("fc", other)))
    folded = qdialect.lower(module, ['schedule{layer="fc" reuse-factor=2}'])
    assert {name: pe_of(op) for name, op in sums(folded).items()} == {"fc": 2, other: None}


@pytest.mark.parametrize("other", NAMES)
def test_a_configuration_reaches_a_layer_with_any_name(other, tmp_path):
    config = {"LayerName": {other: {"ReuseFactor": 2}}}
    project = qdialect.write_hls(two_layers("fc", other), tmp_path / "project", config)
    assert project.top


@pytest.mark.parametrize("other", NAMES)
def test_widths_do_not_depend_on_names(other):
    plain, named = (widths(two_layers("fc", second)) for second in ("second", other))
    assert [row.cells()[1:] for row in named.rows] == [row.cells()[1:] for row in plain.rows]


def test_a_profile_merges_time_steps_and_nothing_else():
    model = two_layers("block_step1", "block_step2")
    x = np.random.default_rng(0).normal(size=(20, 6))
    names = [value.name for value in profile(qdialect.from_keras(model), x).values]
    assert {"block_step1_kernel", "block_step2_kernel", "block_step1", "block_step2"} <= set(names)


def test_time_steps_are_attributes():
    import tf_keras as keras

    model = keras.Sequential(
        [
            keras.layers.Input((3, 2), name="x"),
            keras.layers.SimpleRNN(4, activation="relu", name="h_step7"),
        ]
    )
    module = qdialect.from_keras(model, input_type="fixed<6, 2>")
    assert {step_of(op) for op in operations(module) if layer_of(op) == "h_step7"} == {None, 0, 1, 2}
    names = [value.name for value in profile(module, np.zeros((2, 3, 2))).values]
    assert "h_step7_added" in names
    assert not any(f"_step{t}" in name for name in names for t in range(3))
