"""The linters: projects are clean, and each of many classic mistakes in them is reported by its rule."""

import pytest
from trained import load_example

from qdialect.backends.hls.lint import lint_project
from qdialect.backends.hls.project.files import HlsDesign
from qdialect.backends.projects.origin import Origin
from qdialect.compiler.configuration import Configuration
from qdialect.compiler.pipeline import lower
from qdialect.compiler.write_hls import write_design, write_hls
from qdialect.errors import QdialectError
from qdialect.frontends.keras.importer import from_keras
from qdialect.tools.cli import main

RESHAPE = "#pragma HLS ARRAY_RESHAPE variable=conv1_kernel type=complete dim=2"
PIPELINE = "#pragma HLS PIPELINE II=1\n                sum_int<11> conv1_sum_acc"
COLUMN = "for (int kr = 0; kr < 3; kr++) {\n#pragma HLS UNROLL"
LOOP = "for (int kr = 0; kr < 3; kr++) {"
RESULT = "out_relu1[row][column][c] = relu1_level;"
TASK = "maxpool(relu1, maxpool_out);"
LOCAL = "ap_uint<4> relu1[8][8][8];"
ROM = "static const short relu1_thresholds"
CONV1 = "static void conv1("
STORAGE = "#pragma HLS BIND_STORAGE variable=conv1_kernel type"
PORT = "#pragma HLS INTERFACE mode=ap_none port=image"
FLOW = "#pragma HLS DATAFLOW"
BLOCK = RESHAPE.replace("complete", "block")
PARTITION = RESHAPE.replace("RESHAPE", "PARTITION")

# name: (rule, text in the good source, what replaces its first occurrence)
MUTATIONS = {
    "misspelt directive": ("pragma-directive", RESHAPE, RESHAPE.replace("RESHAPE", "RESHAP")),
    "deprecated directive": ("pragma-directive", RESHAPE, "#pragma HLS RESOURCE variable=conv1_kernel core=ROM_1P"),
    "no directive": ("pragma-directive", RESHAPE, "#pragma HLS"),
    "misspelt HLS": ("pragma-directive", RESHAPE, RESHAPE.replace("HLS", "HSL")),
    "unknown option": ("pragma-option", RESHAPE, RESHAPE + " banks=2"),
    "unknown type of partition": ("pragma-option", RESHAPE, RESHAPE.replace("complete", "full")),
    "no dim": ("pragma-option", RESHAPE, RESHAPE.removesuffix(" dim=2")),
    "no variable": ("pragma-option", RESHAPE, RESHAPE.replace(" variable=conv1_kernel", "")),
    "option twice": ("pragma-option", RESHAPE, RESHAPE + " dim=1"),
    "dim is no literal": ("pragma-option", RESHAPE, RESHAPE.replace("dim=2", "dim=DIM")),
    "pipeline without II": ("pragma-option", PIPELINE, PIPELINE.replace(" II=1", "")),
    "positional value": ("pragma-option", PIPELINE, PIPELINE.replace("II=1", "1")),
    "unknown memory": ("pragma-option", RESHAPE, f"{STORAGE}=rom_3p"),
    "unknown mode of a port": ("pragma-option", PORT, PORT.replace("ap_none", "ap_nothing")),
    "port without a name": ("pragma-option", PORT, PORT.removesuffix(" port=image")),
    "pragma before the brace": ("pragma-place", COLUMN, LOOP[:-1] + "\n#pragma HLS UNROLL\n{"),
    "pragma before the function": ("pragma-place", CONV1, "#pragma HLS PIPELINE II=1\n" + CONV1),
    "pragma within a table": ("pragma-place", RESHAPE, f"int t[1] = {{\n{RESHAPE}\n1}};"),
    "unroll in a function": ("pragma-place", RESHAPE, RESHAPE + "\n#pragma HLS UNROLL"),
    "inline in a loop": ("pragma-place", COLUMN, COLUMN + "\n#pragma HLS INLINE"),
    "interface below the top": ("pragma-place", RESHAPE, "#pragma HLS INTERFACE mode=ap_none port=in_conv1_padded"),
    "unknown variable": ("pragma-variable", RESHAPE, RESHAPE.replace("conv1_kernel", "conv9_kernel")),
    "variable of another function": ("pragma-variable", RESHAPE, RESHAPE.replace("conv1", "conv2")),
    "variable declared later": ("pragma-variable", RESHAPE, RESHAPE.replace("conv1_kernel", "relu1_thresholds")),
    "interface of a local": ("pragma-variable", LOCAL, LOCAL + "\n#pragma HLS INTERFACE mode=ap_none port=relu1"),
    "dim above the rank": ("pragma-dim", RESHAPE, RESHAPE.replace("dim=2", "dim=5")),
    "partition of a scalar": ("pragma-dim", RESULT, f"{RESULT}\n{RESHAPE.replace('conv1_kernel', 'relu1_level')}"),
    "cyclic without factor": ("pragma-factor", RESHAPE, RESHAPE.replace("complete", "cyclic")),
    "complete with factor": ("pragma-factor", RESHAPE, RESHAPE + " factor=2"),
    "factor that does not divide": ("pragma-factor", RESHAPE, BLOCK + " factor=2"),
    "factor 0": ("pragma-factor", RESHAPE, BLOCK + " factor=0"),
    "stream of depth 0": ("pragma-factor", LOCAL, LOCAL + "\n#pragma HLS STREAM variable=relu1 depth=0"),
    "pipeline and dataflow": ("pragma-conflict", FLOW, FLOW + "\n#pragma HLS PIPELINE II=1"),
    "pipeline and unroll": ("pragma-conflict", PIPELINE, "#pragma HLS UNROLL\n" + PIPELINE),
    "inline and dataflow": ("pragma-conflict", FLOW, FLOW + "\n#pragma HLS INLINE"),
    "pipeline beneath pipeline": ("pragma-conflict", COLUMN, COLUMN.replace("UNROLL", "PIPELINE II=1")),
    "pipeline in a callee": ("pragma-conflict", RESULT, f"{RESULT}\nconv1_pad(image, image);"),
    "partial unroll beneath pipeline": ("pragma-conflict", COLUMN, COLUMN + " factor=3"),
    "partition twice": ("pragma-conflict", RESHAPE, f"{RESHAPE}\n{RESHAPE}"),
    "partition and reshape": ("pragma-conflict", RESHAPE, f"{RESHAPE}\n{PARTITION}"),
    "constant split, read at a counter": ("partitioned-constant", RESHAPE, PARTITION.replace("dim=2", "dim=0")),
    "constant split in one dimension": ("partitioned-constant", RESHAPE, PARTITION),
    "two readers": ("dataflow-form", TASK, f"{TASK}\nmaxpool(relu1, maxpool_out);"),
    "no writer": ("dataflow-form", "    conv1(conv1_padded, relu1);\n", ""),
    "processes in the wrong order": ("dataflow-form", "    conv1_pad(image", f"    {TASK}\n    conv1_pad(image"),
    "statement among processes": ("dataflow-form", TASK, f"{TASK}\nrelu1[0][0][0] = 0;"),
    "expression as argument": ("dataflow-form", TASK, "maxpool(relu1 + 0, maxpool_out);"),
    "loop among processes": ("dataflow-form", TASK, f"for (int i = 0; i < 2; i++) {{\n{TASK}\n}}"),
    "static channel": ("dataflow-form", LOCAL, "static " + LOCAL),
    "new": ("dynamic-memory", RESULT, f"{RESULT}\nint *p = new int[8];"),
    "malloc": ("dynamic-memory", RESULT, f"{RESULT}\nvoid *p = malloc(8);"),
    "recursion": ("recursion", RESULT, f"{RESULT}\nconv1(in_conv1_padded, out_relu1);"),
    "recursion over two functions": ("recursion", CONV1, "static void f() { g(); } static void g() { f(); }\n" + CONV1),
    "float": ("floating-point", RESULT, f"const float y = 1;\n{RESULT}"),
    "floating literal": ("floating-point", RESULT, RESULT.replace("relu1_level", "relu1_level * 0.5")),
    "while": ("unbounded-loop", RESULT, f"while (relu1_level > 0) {{\n{RESULT}\n}}"),
    "bound that varies": ("unbounded-loop", LOOP, LOOP.replace("< 3", "< c")),
    "no step": ("unbounded-loop", LOOP, LOOP.replace("kr++", "")),
    "counter assigned": ("unbounded-loop", LOOP, LOOP + "\nkr = 0;"),
    "endless for": ("unbounded-loop", LOOP, "for (;;) {"),
    "loop without braces": ("unbounded-loop", RESULT, f"for (int i = 0; i < c; i++) {RESULT}"),
    "virtual": ("virtual", CONV1, "struct S {\nvirtual void f();\n};\n" + CONV1),
    "function pointer": ("function-pointer", RESULT, f"void (*f)(int) = 0;\n{RESULT}"),
    "lambda": ("function-pointer", RESULT, f"auto f = [&](int x) {{ return x; }};\n{RESULT}"),
    "container": ("std", RESULT, f"std::vector<int> v;\n{RESULT}"),
    "throw": ("exception", RESULT, f"{RESULT}\nthrow 1;"),
    "static state": ("mutable-static", ROM, ROM.replace("const ", "")),
    "global state": ("mutable-static", CONV1, "int count = 0;\n" + CONV1),
    "system call": ("unknown-call", RESULT, f'{RESULT}\nprintf("x");'),
    "lost brace": ("braces", LOOP, LOOP.removesuffix(" {")),
    "brace too many": ("braces", CONV1, "}\n" + CONV1),
}  # fmt: skip


LEVEL = "sum_uint<4> relu1_level = 0;"
DEPTH = "#pragma HLS STREAM variable=relu1 depth=2"
LINES = "#pragma HLS BIND_STORAGE variable=conv1_padded_lines type=ram_s2p impl=auto"
STREAM = "hls::stream<beat_u4x8> relu1;"
WINDOW = "#pragma HLS DEPENDENCE variable=conv1_padded_lines type=inter direction=raw distance=9 dependent=true"
WRITE = "out_relu1.write(result);"
POOL = "maxpool(relu1, conv2_padded);"
AXIS = "#pragma HLS INTERFACE mode=axis port=image"

STREAM_MUTATIONS = {
    "stream of depth 0": ("pragma-factor", DEPTH, DEPTH.replace("depth=2", "depth=0")),
    "stream without depth": ("pragma-option", DEPTH, DEPTH.removesuffix(" depth=2")),
    "depth of another name": ("pragma-variable", DEPTH, DEPTH.replace("relu1", "relu9")),
    "depth before the stream": ("pragma-variable", f"    {STREAM}\n{DEPTH}", f"{DEPTH}\n    {STREAM}"),
    "depth given twice": ("pragma-conflict", DEPTH, f"{DEPTH}\n{DEPTH}"),
    "unknown memory": ("pragma-option", LINES, LINES.replace("ram_s2p", "ram_3p")),
    "unknown style": ("pragma-option", "style=flp", "style=fast"),
    "distance is no literal": ("pragma-option", WINDOW, WINDOW.replace("distance=9", "distance=W")),
    "dependence of a stream of another function": ("pragma-variable", WINDOW, WINDOW.replace("padded_lines", "lines")),
    "port of another name": ("pragma-variable", AXIS, AXIS.replace("image", "images")),
    "two readers": ("dataflow-form", POOL, f"{POOL}\n{POOL}"),
    "no writer": ("dataflow-form", "    conv1(image, relu1);\n", ""),
    "read before it is written": ("dataflow-form", "    conv1(image", f"    {POOL}\n    conv1(image"),
    "constant split, read at a value": ("partitioned-constant", "thresholds[c][k]", "thresholds[c][relu1_level]"),
    "static stream": ("dataflow-form", STREAM, "static " + STREAM),
    "lines keep a value": ("mutable-static", "ap_uint<5> conv1_padded_lines", "static ap_uint<5> conv1_padded_lines"),
    "read until empty": ("unbounded-loop", WRITE, f"while (!in_conv1_padded.empty()) {{ {WRITE} }}"),
}  # fmt: skip


@pytest.fixture(
    scope="module", params=[("io_parallel", MUTATIONS), ("io_stream", STREAM_MUTATIONS)], ids=["arrays", "streams"]
)
def mutations(request):
    return request.param


@pytest.fixture(scope="module")
def project(mutations, tmp_path_factory):
    """The layers as processes, on arrays or on streams."""
    model, directory = load_example("digits_cnn").model, tmp_path_factory.mktemp("lint") / "prj"
    if mutations[0] == "io_stream":
        return write_hls(model, directory, {"io_type": "io_stream"})
    lowered = lower(from_keras(model))
    design = HlsDesign.of(lowered, lower(lowered, ["lower-to-loops"]), 5, Origin("IR", ""))
    return write_design(design, Configuration(), directory)


@pytest.fixture
def source(project):
    """The source's path; the text is as it was after the test."""
    path = project.directory / "src" / f"{project.top}.cpp"
    text = path.read_text()
    yield path
    path.write_text(text)


def test_every_mutation_is_caught_by_its_rule(project, source, mutations):
    good, missed = source.read_text(), {}
    assert lint_project(project.directory) == []
    for name, (rule, old, new) in mutations[1].items():
        assert old in good, name
        source.write_text(good.replace(old, new, 1))
        rules = {finding.rule for finding in lint_project(project.directory)}
        if rule not in rules:
            missed[name] = rules
    print(f"mutations caught: {len(mutations[1]) - len(missed)} of {len(mutations[1])}")
    assert missed == {}


def test_an_example_is_clean(project, capsys):
    """As every project that a test compiles."""
    assert main(["lint", str(project.directory)]) == 0
    assert capsys.readouterr().out == ""


def test_one_line_for_a_finding(project, source, capsys):
    lines = source.read_text().replace(LEVEL, f"{LEVEL} throw 1;", 1)
    source.write_text(lines)
    line = 1 + lines[: lines.index("throw")].count("\n")
    assert main(["lint", str(project.directory)]) == 1
    assert capsys.readouterr().out == f"src/{project.top}.cpp:{line}: exception: `throw`\n"


def test_the_branch_for_synthesis_is_read(project, source):
    text = source.read_text()
    source.write_text(text.replace(LEVEL, f"#ifndef __SYNTHESIS__\nthrow 1;\n#endif\n{LEVEL}", 1))
    assert lint_project(project.directory) == []
    source.write_text(text.replace(LEVEL, f"#ifdef __SYNTHESIS__\nthrow 1;\n#endif\n{LEVEL}", 1))
    assert [finding.rule for finding in lint_project(project.directory)] == ["exception"]


def test_a_directory_without_sources_is_an_error(tmp_path):
    with pytest.raises(QdialectError, match=r"no project, which has src/\*.cpp"):
        lint_project(tmp_path)
