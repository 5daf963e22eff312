"""The files that all projects share: templates, recorded vectors, the manifest."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined
from numpy.typing import NDArray
from xdsl.dialects.builtin import ModuleOp

from qdialect import __version__
from qdialect.backends.projects.design import NetworkDesign
from qdialect.dialects.qnn.heads import heads_for_host
from qdialect.dialects.qnn.network import argument_names, network, results_of
from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.remarks import remarks
from qdialect.interpreter.values import as_inputs, to_argument
from qdialect.numerics.arrays import Array
from qdialect.simulator.simulate import output_codes
from qdialect.validation.stimuli import sample_inputs
from qdialect.validation.telling_inputs import telling_inputs

VECTORS = 32
"""Samples of a test bench that are drawn, by default."""
MOST_VECTORS, MOST_ELEMENTS = 1536, 1 << 18
"""Samples that are searched for besides, and elements of their inputs and outputs, at most."""


def rendered(
    design: NetworkDesign, package: str, templates: Mapping[str, str], facts: Mapping[str, Any]
) -> dict[str, str]:
    """The text of files by path, from the names of their templates in `package`; `facts` beside those of the design."""
    environment = templates_of(package)
    values = {
        "top": design.top,
        "version": __version__,
        "inputs": design.inputs,
        "outputs": design.outputs,
        "head": " and ".join(heads_for_host(network(design.module))),
        **facts,
    }
    return {path: environment.get_template(name).render(values) for path, name in templates.items()}


@cache
def templates_of(package: str) -> Environment:
    """The templates of a package, each compiled once."""
    return Environment(loader=PackageLoader(package), undefined=StrictUndefined, keep_trailing_newline=True)


def vector_files(design: NetworkDesign, vectors: Any, digits: str) -> dict[str, str]:
    """Inputs and outputs of the test bench as words, a line per sample; the interpreter computes the outputs.

    `vectors` are the inputs; where there are none, a few drawn ones and those that show changes of constants.
    `digits` says how a word is spelled: "d" or "x".
    """
    function = network(design.module)
    if vectors is None:
        vectors = bench_inputs(design.module)
    values = as_inputs(vectors, argument_names(function))
    codes = {
        "in": [to_argument(function, i, value) for i, value in enumerate(values)],
        "out": output_codes(design.module, values),
    }
    ports = {"in": design.inputs, "out": design.outputs}
    return {
        f"tb/data/{design.top}_{side}.dat": _lines(
            [port.to_words(code) for port, code in zip(ports[side], codes[side], strict=True)], digits
        )
        for side in ports
    }


def bench_inputs(module: ModuleOp) -> list[Array]:
    """Inputs for the test bench of a network: a few drawn ones, and those that show changes of constants."""
    function = network(module)
    elements = sum(math.prod(shape_of(value)) for value in (*function.args, *results_of(function)))
    searched = telling_inputs(module, min(MOST_VECTORS, MOST_ELEMENTS // max(elements, 1)))
    random = sample_inputs(function, np.random.default_rng(0), VECTORS)
    return [np.concatenate(both) for both in zip(random, searched, strict=True)]


def _lines(arrays: Sequence[NDArray[Any]], digits: str) -> str:
    rows = np.concatenate(arrays, axis=1)
    return "".join(" ".join(format(word, digits) for word in row) + "\n" for row in rows.tolist())


def manifest_of(design: NetworkDesign, facts: Mapping[str, Any], text: Mapping[str, str]) -> str:
    """The manifest of a project whose other files are `text`."""
    content = {
        "generator": f"qdialect {__version__}",
        "top": design.top,
        "inputs": [port.manifest() for port in design.inputs],
        "outputs": [port.manifest() for port in design.outputs],
        **facts,
        "remarks": remarks(network(design.module)),
        "files": {path: hashlib.sha256(content.encode()).hexdigest() for path, content in sorted(text.items())},
    }
    return json.dumps(content, indent=2) + "\n"
