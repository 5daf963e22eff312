"""Netlists compute what the interpreter does, code by code."""

from __future__ import annotations

import pytest
from chains import random_network
from netlists import assert_equal
from trained import load_example

import qdialect
from qdialect.compiler.pipeline import lower


@pytest.mark.parametrize("seed", range(60))
def test_chains_of_operations(seed: int) -> None:
    module, _ = random_network(seed)
    assert_equal(module)


def test_digits_mlp() -> None:
    lowered = lower(qdialect.from_keras(load_example("digits_mlp").model))
    made = assert_equal(lowered, "lower-to-rtl{products=tree}")
    names = [op.sym_name.data for op in made.rtl.body.ops]
    assert names == ["fc1", "fc2", "fc3", "fc4", "logits", "digits_mlp"]


@pytest.mark.parametrize("seed", range(0, 60, 3))
def test_registers_keep_the_function(seed: int) -> None:
    """Without a clock: a register is what it is given."""
    module, _ = random_network(seed)
    assert_equal(module, "lower-to-rtl", "pipeline-registers{levels=1}")
