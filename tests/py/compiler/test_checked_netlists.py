"""The verification of netlists, which looks at one operation of each form, finds what xDSL's own finds."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from chains import random_network
from xdsl.utils.exceptions import VerifyException

from qdialect.compiler.rtl_configuration import RtlConfiguration
from qdialect.compiler.run_passes import verify_module
from qdialect.compiler.write_rtl import rtl_design_of


def refused(verify: Callable[[], None]) -> bool:
    try:
        verify()
    except VerifyException:
        return True
    return False


@pytest.mark.parametrize("seed", [0, 41])
def test_operands_of_another_width(seed: int) -> None:
    module = rtl_design_of(random_network(seed)[0], RtlConfiguration(registers={"levels": 2})).rtl
    assert not refused(lambda: verify_module(module))
    ops = [op for op in module.walk() if op.name.startswith(("comb.", "seq."))]
    rng, found = np.random.default_rng(seed), 0
    for at in rng.permutation(len(ops))[:20]:
        op, place = ops[at], int(rng.integers(len(ops[at].operands)))
        right = op.operands[place]
        others = [other.results[0] for other in ops if other.parent is op.parent]
        op.operands[place] = next(value for value in others if value.type != right.type)
        assert refused(lambda: verify_module(module)) == refused(module.verify), op
        found += refused(module.verify)
        op.operands[place] = right
    assert found > 5
    assert not refused(lambda: verify_module(module))
