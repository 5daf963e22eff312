"""Constants of a written project, and proofs that no input shows that one has changed."""

import pytest
from text_constants import array_constants, statement_constants
from text_proofs import ProvableText, equal_numbers

import qdialect
from qdialect.compiler.registry import make_context
from qdialect.dialects.qnn.text import parse_module

# The second threshold of the first channel and both of the second one are out of reach; sums reach -126 to 126.
NETWORK = """
func.func @net(%x: tensor<2x!qnn.fixed<4, 4, signed>>) -> tensor<2x!qnn.fixed<3, 3, unsigned>> {
  %k = qnn.constant dense<[[7, 6], [-2, -2]]> : tensor<2x2xi8> as tensor<2x2x!qnn.fixed<4, 4, signed>>
  %s = qnn.dense %x, %k : tensor<2x!qnn.fixed<4, 4, signed>>, tensor<2x2x!qnn.fixed<4, 4, signed>>
    -> tensor<2x!qnn.fixed<9, 9, signed>>
  %t = qnn.constant dense<[[3, 200], [210, 211]]> : tensor<2x2xi16> as tensor<2x2x!qnn.fixed<10, 10, signed>>
  %a = qnn.threshold %s, %t {first = 0} : tensor<2x!qnn.fixed<9, 9, signed>>, tensor<2x2x!qnn.fixed<10, 10, signed>>
    -> tensor<2x!qnn.fixed<2, 2, unsigned>>
  %b = qnn.constant dense<[0, 3]> : tensor<2xi8> as tensor<2x!qnn.fixed<4, 4, signed>>
  %c = qnn.add %a, %b : tensor<2x!qnn.fixed<2, 2, unsigned>>, tensor<2x!qnn.fixed<4, 4, signed>>
    -> tensor<2x!qnn.fixed<5, 5, signed>>
  %y = qnn.quantize %c {mode = #qnn.round<half_even, saturate>} : tensor<2x!qnn.fixed<5, 5, signed>>
    -> tensor<2x!qnn.fixed<3, 3, unsigned>>
  func.return %y : tensor<2x!qnn.fixed<3, 3, unsigned>>
}
"""


@pytest.fixture(params=["io_parallel", "io_stream"])
def written(request, tmp_path):
    module = parse_module(make_context(), NETWORK)
    project = qdialect.write_hls(module, tmp_path / "project", {"io_type": request.param})
    return ProvableText(module, request.param), project


def test_every_number_of_an_array_is_one_and_each_change_is_written(written):
    _, project = written
    constants = array_constants(project.directory)
    values = {}
    for constant in constants:
        values.setdefault(constant.path.stem, []).append(constant.value)
        assert constant.changed(1).count(str(constant.value + 1)) >= 1
    assert values["t"] == [3, 200, 210, 211]
    assert sorted(values["b"]) == [0, 3]


def test_proved_are_changes_that_no_input_shows_alone(written):
    provable, project = written
    thresholds = [c for c in array_constants(project.directory) if c.path.stem == "t"]
    assert [[provable.proves(c, step) for step in (-1, 1)] for c in thresholds] == [[False] * 2, *[[True] * 2] * 3]


def test_statements_are_equal_where_their_integers_are(written):
    provable, project = written
    ends = [c for c in statement_constants(project.directory) if c.value == 7]
    assert ends
    lines = project.directory.joinpath(f"src/{project.top}.cpp").read_text()
    for end in ends:
        compared = lines[: end.start].endswith("> ")
        assert provable.proves(end, -1) == compared  # `x > 6 ? 7 : x` is `x > 7 ? 7 : x`
    shifts = [c for c in statement_constants(project.directory) if lines[: c.start].endswith("<< ")]
    assert not any(provable.proves(shift, 1) for shift in shifts)


@pytest.mark.parametrize(
    ("old", "new", "equal"),
    [
        ("x = t[0][int(ap_uint<8>(0) | ap_uint<8>(127))];", "x = t[0][int(ap_uint<8>(1) | ap_uint<8>(127))];", True),
        ("x = t[0][int(ap_uint<8>(0) | ap_uint<8>(2))];", "x = t[0][int(ap_uint<8>(1) | ap_uint<8>(2))];", False),
        ("x = t[0][int(y | ap_uint<8>(0))];", "x = t[0][int(y | ap_uint<8>(1))];", False),
        ("x = y + ap_uint<8>(0);", "x = y + ap_uint<8>(1);", False),
    ],
)
def test_numbers_in_brackets_are_computed(old, new, equal):
    assert equal_numbers([old, new], old.index(">(0)") + 2) == equal
