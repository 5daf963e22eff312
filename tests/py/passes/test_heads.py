"""What the hardware returns of a classification: logits, the index of the largest, or a softmax from tables."""

import re

import numpy as np
import pytest
from trained import load_example
from xdsl.dialects.builtin import ArrayAttr, ModuleOp, StringAttr
from xdsl.dialects.func import FuncOp, ReturnOp
from xdsl.ir import Block, Region

from qdialect.compiler.pipeline import lower
from qdialect.compiler.verify import verify
from qdialect.compiler.write_hls import write_hls
from qdialect.dialects.qnn.heads import Head, heads_of
from qdialect.dialects.qnn.network import network
from qdialect.dialects.qnn.remarks import remarks
from qdialect.dialects.qnn.types import tensor
from qdialect.errors import QdialectError
from qdialect.interpreter.simulate import simulate
from qdialect.numerics.formats import FixedFormat
from qdialect.numerics.heads import SoftmaxTables

FORMATS = [FixedFormat(6, 4, signed=True), FixedFormat(16, 6, signed=True), FixedFormat(5, 5, signed=False)]


def logits_module(shape, fmt, head="softmax"):
    """A network that returns its input, of which Keras takes the softmax."""
    block = Block(arg_types=[tensor(shape, fmt)])
    block.args[0].name_hint = "logits"
    block.add_op(ReturnOp(block.args[0]))
    function = FuncOp("net", ([block.args[0].type], [block.args[0].type]), Region(block))
    function.attributes["qnn.head"] = ArrayAttr([StringAttr(head)])
    return ModuleOp([function])


def random_logits(shape, fmt, samples=300):
    """Of them some equal in all places, in two, and at the ends of the type."""
    rng = np.random.default_rng(len(shape))
    codes = rng.integers(fmt.min_code, fmt.max_code + 1, (samples, *shape))
    codes[0], codes[1], codes[2] = fmt.min_code, fmt.max_code, 0
    codes[3:100, ..., -1] = codes[3:100, ..., 0]
    codes[100:150] = rng.choice([fmt.min_code, fmt.max_code], codes[100:150].shape)
    return np.ldexp(codes.astype(np.float64), fmt.lsb)


def lowered(module, head):
    return lower(module, [f"lower-head{{{head}}}", "size-accumulators"])


@pytest.mark.parametrize("fmt", FORMATS, ids=str)
@pytest.mark.parametrize("shape", [(2,), (3,), (10,), (16,), (17,), (2, 3, 5)], ids=str)
def test_argmax_is_the_first_largest_logit(shape, fmt):
    """The first of equal logits."""
    x = random_logits(shape, fmt)
    module = lowered(logits_module(shape, fmt), "head=argmax")
    assert np.array_equal(simulate(module, x, check_ranges=True)[..., 0], x.argmax(axis=-1))
    assert heads_of(network(module)) == [Head.ARGMAX]


@pytest.mark.parametrize("bits", [7, 11])
@pytest.mark.parametrize("fmt", FORMATS, ids=str)
@pytest.mark.parametrize("shape", [(2,), (3,), (10,), (2, 3, 5)], ids=str)
def test_softmax_lies_within_its_stated_error(shape, fmt, bits):
    """Within the error that the remark states, which is not far off; the first largest is that of the logits."""
    x = random_logits(shape, fmt)
    module = lowered(logits_module(shape, fmt), f"head=softmax bits={bits}")
    y = simulate(module, x, check_ranges=True)
    exact = np.exp(x - x.max(axis=-1, keepdims=True))
    error = np.abs(y - exact / exact.sum(axis=-1, keepdims=True)).max()
    assert error <= SoftmaxTables(shape[-1], bits, fmt.lsb).error <= 4 * 2.0**-bits
    assert np.array_equal(y.argmax(axis=-1), x.argmax(axis=-1))
    (text,) = remarks(network(module))
    assert error <= float(re.search(r"at most (\S+) from", text)[1])


@pytest.mark.parametrize("head", ["head=argmax", "head=softmax bits=9"])
@pytest.mark.parametrize("io_type", ["io_parallel", "io_stream"])
@pytest.mark.parametrize("shape", [(10,), (2, 3, 5)], ids=str)
def test_compiled_head_computes_the_interpreters_bits(head, io_type, shape, tmp_path):
    x = random_logits(shape, FORMATS[1])
    module = lowered(logits_module(shape, FORMATS[1]), head)
    project = write_hls(module, tmp_path / "prj", {"io_type": io_type})
    assert np.array_equal(project.compile().predict(x), simulate(module, x))


@pytest.mark.parametrize(
    ("head", "message"),
    [
        ("head=top5", "head 'top5' is not one of logits, argmax, softmax"),
        (
            "head=softmax bits=16",
            "output 'logits': a softmax of 10 classes in 16 bits takes a table of .* choose other",
        ),
        ("head=softmax bits=4", "output 'logits': a softmax of 10 classes in 4 bits .* 2 steps per class"),
    ],
)
def test_refused_head_says_what_works(head, message):
    with pytest.raises(QdialectError, match=message):
        lowered(logits_module((10,), FORMATS[0]), head)


def test_a_sigmoid_stays_with_the_host():
    with pytest.raises(QdialectError, match="but output 'logits' is sigmoid: use head=logits"):
        lowered(logits_module((1,), FORMATS[0], "sigmoid"), "head=argmax")


@pytest.mark.parametrize("head", ["argmax", "softmax"])
def test_verified_against_keras_outputs(head):
    example = load_example("digits_mlp")
    result = verify(example.model, example.inputs, expected=example.logits, config={"head": head})
    assert result.ok
    shape = (len(example.inputs), 1) if head == "argmax" else example.logits.shape
    assert result.outputs[0].shape == shape


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("head", ["argmax", "softmax"])
def test_against_keras(head):
    """The largest of `model.predict`, softmax included, and probabilities as far from it as both round."""
    from sequences import K, dense, network_of, q

    model, x = network_of((6,), q(), dense(5), K.Softmax())
    result = verify(model, x, config={"head": head, "softmax_bits": 10})
    assert result.ok
    expected = model.predict(x, verbose=0)
    index = result.outputs[0][..., 0] if head == "argmax" else result.outputs[0].argmax(axis=-1)
    assert np.array_equal(index, expected.argmax(axis=-1))


def test_settings_of_a_head_are_checked():
    with pytest.raises(QdialectError, match="head 'best' is not one of logits, argmax, softmax"):
        write_hls(logits_module((3,), FORMATS[0]), "unused", {"head": "best"})


HEADS_OF_OUTPUTS = [
    (["softmax", "linear", "linear"], [Head.ARGMAX, Head.LINEAR, Head.LINEAR]),
    (["linear", "sigmoid", "softmax"], [Head.LINEAR, Head.SIGMOID, Head.ARGMAX]),
    (["linear", "linear", "linear"], [Head.ARGMAX, Head.LINEAR, Head.ARGMAX]),
    (["linear", "argmax", "linear"], None),
    (["sigmoid", "linear", "linear"], None),
]


@pytest.mark.parametrize(("heads", "expected"), HEADS_OF_OUTPUTS, ids=str)
def test_what_an_output_is_decides(heads, expected):
    """Of outputs of 3, 1 and 4 values those that end in a softmax become an index; all vectors if none ends so."""
    types = [tensor((n,), FORMATS[0]) for n in (3, 1, 4)]
    block = Block(arg_types=types)
    block.add_op(ReturnOp(*block.args))
    function = FuncOp("net", (types, types), Region(block))
    function.attributes["qnn.head"] = ArrayAttr(map(StringAttr, heads))
    module = ModuleOp([function])
    if expected is None:
        with pytest.raises(QdialectError, match="head=argmax is for a softmax, but output 'value' is"):
            lowered(module, "head=argmax")
        return
    module = lower(module, ["lower-head{head=argmax}"], verify=True)
    assert heads_of(network(module)) == expected
    shapes = [tuple(type_.get_shape()) for type_ in network(module).function_type.outputs]
    assert shapes == [(1,) if head is Head.ARGMAX else (n,) for head, n in zip(expected, (3, 1, 4), strict=True)]


@pytest.mark.parametrize("head", [StringAttr("softmax,"), ArrayAttr([]), ArrayAttr([StringAttr("best")])], ids=str)
def test_malformed_attribute(head):
    module = logits_module((3,), FORMATS[0])
    network(module).attributes["qnn.head"] = head
    with pytest.raises(QdialectError, match=r"must be an array with one of linear, softmax, .* for each of 1 outputs"):
        lowered(module, "head=argmax")


@pytest.mark.parametrize("head", ["head=argmax", "head=softmax bits=9"])
def test_the_witness_knows_a_pass_that_changes_the_function(head):
    """It compares the values that keep their name instead."""
    module = lower(logits_module((5,), FORMATS[0]), [f"lower-head{{{head}}}", "size-accumulators"], verify=True)
    assert not heads_of(network(module))[0].is_left_to_host
