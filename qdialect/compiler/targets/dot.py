"""`qopt -t dot`: the layers of a network and the values between them, for Graphviz."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import IO

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.utils.target import Target

from qdialect.analysis.layer_graph import Edge, LayerNode, layers_and_values


@dataclass(frozen=True)
class DotTarget(Target):
    """A digraph of a module at network or integer level. `shapes` and `types` say what stands at its edges."""

    name = "dot"

    shapes: bool = True
    types: bool = True
    rankdir: str = "TB"

    def emit(self, ctx: Context, module: ModuleOp, output: IO[str]) -> None:
        output.write(self.text(module))

    def text(self, module: ModuleOp) -> str:
        nodes, edges = layers_and_values(module)
        lines = [f"  rankdir={quoted(self.rankdir)};", "  node [shape=box];"]
        lines += [f"  {quoted(node.name)} [label={quoted(label_of(node))}];" for node in nodes]
        lines += [
            f"  {quoted(edge.source)} -> {quoted(edge.target)} [label={quoted(self.label_of(edge))}];" for edge in edges
        ]
        return "\n".join(["digraph network {", *lines, "}", ""])

    def label_of(self, edge: Edge) -> str:
        shape = "x".join(map(str, edge.shape))
        return " ".join([edge.type] * self.types + [shape] * self.shapes)


def label_of(node: LayerNode) -> str:
    return "\n".join(filter(None, (node.name, ", ".join(node.operations))))


def quoted(text: str) -> str:
    """A string of Graphviz: as in JSON, but for characters beyond ASCII, which stay."""
    return json.dumps(text, ensure_ascii=False)
