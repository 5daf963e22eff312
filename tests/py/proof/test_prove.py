"""Modules are proved equal for all inputs, or an input shows that they are not; small ones are tried whole."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
import pytest
from xdsl.dialects.builtin import ModuleOp

import qdialect
from qdialect.compiler.registry import make_context
from qdialect.dialects.qnn.attributes import RoundEachAttr
from qdialect.dialects.qnn.network import network
from qdialect.dialects.qnn.ops.constant import ConstantOp
from qdialect.dialects.qnn.storage import encode
from qdialect.dialects.qnn.text import parse_module
from qdialect.dialects.qnn.types import exact_format_of, tensor_type
from qdialect.numerics.round_each import RoundEach
from qdialect.numerics.rounding import Overflow, Rounding
from qdialect.proof.certificate import check_certificate, write_certificate
from qdialect.proof.prove import prove

X, U = "!qnn.fixed<3, 3, signed>", "!qnn.fixed<2, 2, unsigned>"
W, S = "!qnn.fixed<3, 3, signed>", "!qnn.fixed<10, 10, signed>"
TEXT = f"""
func.func @net(%x: tensor<3x{X}>) -> tensor<2x{S}> {{
  %k = qnn.constant dense<[[1, -3], [2, 1], [-2, 3]]> : tensor<3x2xi8> as tensor<3x2x{W}>
  %sum = qnn.dense %x, %k : tensor<3x{X}>, tensor<3x2x{W}> -> tensor<2x!qnn.fixed<8, 8, signed>>
  %gamma = qnn.constant dense<[0.5, -1.25]> : tensor<2xf32> as tensor<2xf32>
  %beta = qnn.constant dense<[0.25, 1.5]> : tensor<2xf32> as tensor<2xf32>
  %mean = qnn.constant dense<[0.0, 2.0]> : tensor<2xf32> as tensor<2xf32>
  %variance = qnn.constant dense<[3.0, 7.0]> : tensor<2xf32> as tensor<2xf32>
  %bn = qnn.batch_norm %sum, %gamma, %beta, %mean, %variance
    {{epsilon = 1.0e-03 : f64, formula = #qnn.formula<fused_fma>}} : tensor<2x!qnn.fixed<8, 8, signed>>, tensor<2xf32>,
    tensor<2xf32>, tensor<2xf32>, tensor<2xf32> -> tensor<2xf32>
  %act = qnn.quantize %bn {{mode = #qnn.round<half_even, saturate>}} : tensor<2xf32> -> tensor<2x{U}>
  %k2 = qnn.constant dense<[[3, 1], [-1, 2]]> : tensor<2x2xi8> as tensor<2x2x{W}>
  %out = qnn.dense %act, %k2 : tensor<2x{U}>, tensor<2x2x{W}> -> tensor<2x{S}>
  func.return %out : tensor<2x{S}>
}}
"""
EVERY = np.array(list(itertools.product(range(-4, 4), repeat=3)), np.float64)
"""All inputs."""


@pytest.fixture(scope="module")
def pair() -> tuple[ModuleOp, ModuleOp]:
    module = parse_module(make_context(), TEXT)
    module.verify()
    return module, qdialect.lower(module)


def altered(module: ModuleOp) -> Iterator[tuple[str, ModuleOp]]:
    """Each constant changed by one, up and down where its type allows it."""
    for number, op in enumerate(constants(module)):
        fmt = exact_format_of(op.result.type)
        for place, step in itertools.product(range(op.data.size), (1, -1)):
            data = op.data.copy()
            data.flat[place] += step
            if int(data.flat[place]) in fmt:
                other = module.clone()
                other_op = constants(other)[number]
                other_op.properties["value"] = encode(data, tensor_type(op.result.type).element_type)
                yield f"{op.result.name_hint}[{place}] {step:+}", other


def constants(module: ModuleOp) -> list[ConstantOp]:
    return [op for op in network(module).body.block.ops if isinstance(op, ConstantOp)]


def test_a_lowering_is_certified(pair: tuple[ModuleOp, ModuleOp]) -> None:
    proof = prove(*pair)
    assert proof.certified
    assert proof.verdict == "certified"
    assert [(output.proved, output.total) for output in proof.outputs] == [(2, 2)]


def test_every_altered_constant_is_judged_as_all_inputs_judge_it(pair: tuple[ModuleOp, ModuleOp]) -> None:
    module, lowered = pair
    wanted, refuted = qdialect.simulate(module, EVERY), 0
    for name, other in altered(lowered):
        proof = prove(module, other)
        same = (qdialect.simulate(other, EVERY) == wanted).all()
        assert proof.certified == same, name
        if not same:
            assert proof.counterexample is not None, name
            x = proof.counterexample.inputs
            ours, theirs = qdialect.simulate(module, x), qdialect.simulate(other, x)
            assert (ours != theirs).any()
            assert (ours[0] == proof.counterexample.ours).all()
            assert (theirs[0] == proof.counterexample.theirs).all()
            refuted += 1
    assert refuted > 20


def test_a_certificate_is_checked_from_its_texts(pair: tuple[ModuleOp, ModuleOp], tmp_path) -> None:
    written = write_certificate(prove(*pair), *pair, tmp_path / "certificate")
    assert check_certificate(written).certified
    text = written / "lowered.mlir"
    good = text.read_text()
    text.write_text(good.replace("dense<[[3, 1], [-1, 2]]>", "dense<[[3, 1], [-1, 1]]>"))
    assert text.read_text() != good
    with pytest.raises(qdialect.QdialectError, match="is not the text that the certificate speaks of"):
        check_certificate(written)


def test_a_certificate_for_another_text_does_not_hold(pair: tuple[ModuleOp, ModuleOp], tmp_path) -> None:
    """Whoever writes the digest of a wrong module into a certificate is found out."""
    module, lowered = pair
    wrong = next(other for name, other in altered(lowered) if name.startswith("k2"))
    written = write_certificate(prove(module, lowered), module, wrong, tmp_path / "certificate")
    with pytest.raises(qdialect.QdialectError, match="does not hold: refuted"):
        check_certificate(written)


def test_nothing_is_certified_of_a_wrong_module(pair: tuple[ModuleOp, ModuleOp], tmp_path) -> None:
    module, lowered = pair
    wrong = next(other for name, other in altered(lowered) if name.startswith("k2"))
    with pytest.raises(qdialect.QdialectError, match="no certificate: refuted"):
        write_certificate(prove(module, wrong), module, wrong, tmp_path / "certificate")


def test_lower_certifies(pair: tuple[ModuleOp, ModuleOp]) -> None:
    lowered = qdialect.lower(pair[0], certify=True)
    assert "2 of 2 elements of outputs are equal for all inputs" in str(lowered)


def test_modules_of_other_shapes_are_refused(pair: tuple[ModuleOp, ModuleOp]) -> None:
    other = parse_module(
        make_context(), f"func.func @f(%x: tensor<4x{X}>) -> tensor<4x{X}> {{ func.return %x : tensor<4x{X}> }}"
    )
    with pytest.raises(qdialect.QdialectError, match="the modules have inputs of shapes"):
        prove(pair[0], other)


def rounded_copies(steps: np.ndarray) -> ModuleOp:
    """One number, copied, and each copy rounded to a step of its own."""
    count = len(steps)
    mode = RoundEach(Rounding.FLOOR, Overflow.WRAP, steps, np.full(count, 4), np.ones(count, int))
    module = parse_module(
        make_context(),
        f"""func.func @net(%x: tensor<1xf32>) -> tensor<{count}x!qnn.fixed<5, 4, signed>> {{
          %copies = qnn.repeat %x {{repeats = array<i64: {count}>}} : tensor<1xf32> -> tensor<{count}xf32>
          %y = qnn.quantize %copies {{mode = {RoundEachAttr(mode)}}}
            : tensor<{count}xf32> -> tensor<{count}x!qnn.fixed<5, 4, signed>>
          func.return %y : tensor<{count}x!qnn.fixed<5, 4, signed>>
        }}""",
    )
    module.verify()
    return module


@pytest.mark.parametrize("count", [2, 2000])
def test_formats_of_single_elements_are_told_apart(count: int) -> None:
    steps = np.zeros(count, int)
    steps[count // 2] = -1
    assert prove(rounded_copies(steps), rounded_copies(steps.copy())).certified
    (output,) = prove(rounded_copies(steps), rounded_copies(steps[::-1])).outputs
    assert output.proved == count - 2


HIDDEN = """
func.func @net(%x: tensor<2x!qnn.fixed<5, 5, signed>>) -> tensor<1x!qnn.fixed<5, 9, unsigned>> {{
  %a = qnn.relu %x : tensor<2x!qnn.fixed<5, 5, signed>> -> tensor<2x!qnn.fixed<4, 4, unsigned>>
  %k = qnn.constant dense<[[16], [{weight}]]> : tensor<2x1xi8> as tensor<2x1x!qnn.fixed<6, 6, signed>>
  %s = qnn.dense %a, %k : tensor<2x!qnn.fixed<4, 4, unsigned>>, tensor<2x1x!qnn.fixed<6, 6, signed>>
    -> tensor<1x!qnn.fixed<11, 11, signed>>
  %y = qnn.quantize %s {{mode = #qnn.round<floor, saturate>}}
    : tensor<1x!qnn.fixed<11, 11, signed>> -> tensor<1x!qnn.fixed<5, 9, unsigned>>
  func.return %y : tensor<1x!qnn.fixed<5, 9, unsigned>>
}}
"""


@pytest.mark.parametrize(("weight", "equal"), [(17, True), (18, False)])
def test_modules_of_few_inputs_are_compared_at_all_of_them(weight: int, equal: bool) -> None:
    """Of other polynomials, whose difference the rounding hides."""
    a, b = (parse_module(make_context(), HIDDEN.format(weight=w)) for w in (16, weight))
    proof = prove(a, b)
    assert proof.certified is equal
    assert (proof.counterexample is None) is equal
