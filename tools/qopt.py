"""`qopt`: the pass-pipeline command. Help and version are answered here, before anything heavy is imported."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from qdialect import __version__
from qdialect.passes import DEFAULT_PIPELINE, PASSES
from qdialect.tools.pipes import until_reader_stops

OPTIONS = {
    "-h, --help": "show this help and exit",
    "-v, --version": "show the version and exit",
    "-p, --passes PASSES": "comma-separated passes, options in braces: 'a,b{x=1}'; 'default' is the default pipeline",
    "-t, --target TARGET": "mlir (default), hls: HLS C++, verilog, range-report: ranges, witnesses; remarks: forms",
    "--list-passes": "show each pass with its options, what they take and their defaults, and exit",
    "-o, --output-file FILE": "write there instead of to standard output; nothing is written on errors",
    "-f, --frontend FORMAT": "read the input as this, whatever its name: mlir, keras or qonnx",
    "--input-type TYPE": "what unquantized inputs of a model file are rounded to, such as 'fixed<16, 6>'",
    "--verify-each": "run the interpreter before and after every pass, stop at the first difference",
    "--elide": "print large constants as <elided>; the text cannot be read back",
    "--split-input-file": "process the parts between '// -----' lines one by one",
    "--verify-diagnostics": "print the verifier's exception and exit with 0",
    "--parsing-diagnostics": "print the parser's exception and exit with 0",
    "--print-between-passes": "print the IR between passes, large constants elided",
    "--time-passes": "print how long each pass takes",
    "--print-op-generic": "print operations in their generic form",
    "--print-no-properties": "print properties as attributes",
    "--print-debuginfo": "print locations",
    "--disable-verify": "do not verify the IR between passes",
    "--allow-unregistered-dialect": "accept operations of unknown dialects",
    "--no-implicit-module": "do not wrap the input in a module",
    "--syntax-highlight": "colour the output",
    "--shrink": "exit with 0 if a pass asks to shrink the input",
}


def help_text() -> str:
    """The text of `qopt --help`."""

    def table(rows: dict[str, str]) -> list[str]:
        width = max(map(len, rows)) + 2
        return [f"  {name:<{width}}{text}" for name, text in rows.items()]

    summaries = {name: summary for name, (_, summary) in PASSES.items()}
    lines = [
        "usage: qopt [options] [INPUT]",
        "",
        "Run passes over a quantized network: an .mlir file, a model file (.h5, .keras, .onnx), or standard input.",
        "",
        "options:",
        *table(OPTIONS),
        "",
        "passes (beside xDSL's own, such as canonicalize, cse and dce):",
        *table(summaries),
        f"  default = {','.join(DEFAULT_PIPELINE)}",
        "",
        "example: qopt net.h5 -p fold-batchnorm,binary-to-xnor,po2-to-shift,size-accumulators -t hls",
    ]
    return "\n".join(lines)


@until_reader_stops
def main(argv: Sequence[str] | None = None) -> int:
    """Returns the exit status: 0, or 1 after one line on standard error."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if {"-h", "--help"} & set(arguments):
        print(help_text())
        return 0
    if {"-v", "--version"} & set(arguments):
        from importlib.metadata import version

        print(f"qopt {__version__} (xdsl {version('xdsl')})")
        return 0
    if "--list-passes" in arguments:
        from qdialect.tools.pass_list import pass_lines

        print("\n".join(pass_lines()))
        return 0
    from qdialect.tools.driver import run

    return run(arguments)


if __name__ == "__main__":
    sys.exit(main())
