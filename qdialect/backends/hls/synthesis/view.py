"""The synthesis view of a project, run: its top function as Verilog in iverilog, on the inputs of the network."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from qdialect.backends.hls.project.project import Project
from qdialect.backends.hls.synthesis.clang_view import Port, functions, llvm_of
from qdialect.backends.hls.synthesis.llvm_verilog import verilog_of
from qdialect.dialects.qnn.network import argument_names, network
from qdialect.errors import QdialectError
from qdialect.interpreter.values import as_inputs, to_argument
from qdialect.numerics.exact import IntArray, from_words, to_words

BENCH = """module bench;
  reg [{inputs}:0] vectors [0:{last}];
  reg [{inputs}:0] x;
  wire [{outputs}:0] y;
  integer i;
  top dut({ports});
  initial begin
    $readmemh("inputs.hex", vectors);
    for (i = 0; i <= {last}; i = i + 1) begin
      x = vectors[i];
      #1 $display("%h", y);
    end
  end
endmodule
"""


@dataclass(frozen=True)
class SynthesisView:
    """A project of arrays (`io_parallel`, plain ports) as clang compiles it for synthesis."""

    project: Project
    folder: Path
    """Takes what the tools read and write."""

    @property
    def source(self) -> Path:
        return self.project.directory / "src" / f"{self.project.top}.cpp"

    def functions(self) -> dict[str, list[Port]]:
        """The functions of the text with their arrays, the top one last."""
        return functions(self.source.read_text())

    def verilog(self, function: str) -> Path:
        """The file with the module `top` of a function.

        Raises QdialectError where clang is not installed, and for text that is not straight-line once it is unrolled.
        """
        text = llvm_of(self.source, function, self.folder)
        path = self.folder / f"{function}.v"
        path.write_text(verilog_of(text, function, self.functions()[function]))
        return path

    def codes(self, x: Any) -> list[IntArray]:
        """The raw output codes for real inputs. Raises QdialectError also where iverilog is not installed."""
        if shutil.which("iverilog") is None:
            raise QdialectError("the synthesis view runs in iverilog, which is not installed (package 'iverilog')")
        function, project = network(self.project.module), self.project
        inputs = as_inputs(x, argument_names(function))
        fed = [
            p.to_words(to_argument(function, i, v)) for i, (p, v) in enumerate(zip(project.inputs, inputs, strict=True))
        ]
        ports = self.functions()[project.top]
        into, out = [p for p in ports if not p.written], [p for p in ports if p.written]
        vectors = [
            packed(sample, into, [p.words // p.size for p in project.inputs]) for sample in zip(*fed, strict=True)
        ]
        words = self._run(self.verilog(project.top), into, out, vectors)
        found = [[unpacked(word, out)[i] for word in words] for i in range(len(out))]
        return [
            port.from_words(to_words(np.array(codes, object), port.words // port.size).reshape(len(codes), -1))
            for port, codes in zip(project.outputs, found, strict=True)
        ]

    def _run(self, verilog: Path, into: Sequence[Port], out: Sequence[Port], vectors: Sequence[int]) -> list[int]:
        """The output bits of each vector of input bits."""
        names, start = list[str](), {"x": 0, "y": 0}
        for side, port in [*(("x", p) for p in into), *(("y", p) for p in out)]:
            width = port.bits * port.elements
            names.append(f".{port.name}({side}[{start[side]} +: {width}])")
            start[side] += width
        (self.folder / "inputs.hex").write_text("\n".join(f"{vector:x}" for vector in vectors) + "\n")
        text = BENCH.format(
            inputs=start["x"] - 1, outputs=start["y"] - 1, last=len(vectors) - 1, ports=", ".join(names)
        )
        text += in_order(verilog.read_text(), [port.name for port in into])
        (self.folder / "bench.v").write_text(text)
        command = ["iverilog", "-g2012", "-s", "bench", "-o", "bench.vvp", "bench.v"]
        subprocess.run(command, cwd=self.folder, check=True)
        run = subprocess.run(["vvp", "-n", "bench.vvp"], cwd=self.folder, check=True, capture_output=True, text=True)
        return [int(line, 16) for line in run.stdout.split()]


def in_order(verilog: str, inputs: Sequence[str]) -> str:
    """A module of wires as one process, which computes each once for new inputs: wires of their own would change again
    with each that they depend on."""
    wires = re.compile(r"^wire (\[\d+:0\]) (\w+) = (.*);\n", re.M)
    declared = "".join(f"reg {bits} {name};\n" for bits, name, _ in wires.findall(verilog))
    body = "".join(f"{name} = {value};\n" for _, name, value in wires.findall(verilog))
    head, rest = wires.sub("", verilog).split("\n", 1)
    tables = re.findall(r"^localparam .*\n", rest, re.M)
    rest = re.sub(r"^localparam .*\n", "", rest, flags=re.M)
    process = f"always @({', '.join(inputs)}) begin\n{body}end\n"
    return "\n".join([head, declared + "".join(tables) + process + rest])


def packed(sample: Sequence[Any], ports: Sequence[Port], words: Sequence[int]) -> int:
    """The bits of a sample, given as the stored words of each port; the first element lowest."""
    bits = place = 0
    for port, given, each in zip(ports, sample, words, strict=True):
        for code in from_words(given.reshape(-1, each), port.signed).tolist():
            bits |= (code & ((1 << port.bits) - 1)) << place
            place += port.bits
    return bits


def unpacked(bits: int, ports: Sequence[Port]) -> list[list[int]]:
    """The stored elements of each port."""
    found: list[list[int]] = []
    for port in ports:
        codes = [bits >> port.bits * i & ((1 << port.bits) - 1) for i in range(port.elements)]
        found.append([code - (code >> (port.bits - 1) << port.bits) if port.signed else code for code in codes])
        bits >>= port.bits * port.elements
    return found
