"""Networks proved against their lowerings, for all inputs; and sabotaged lowerings refuted.

    python benchmarks/equality/certificates.py [--sabotage N] FOLDER...

Prints a line per network: proved elements of outputs, values that functions were tried at, seconds. Of the first
networks, lowerings with one constant changed by one are proved against the network as well, until N are refuted by an
input; those that are not must be equal for all inputs.
"""

from __future__ import annotations

import argparse
import math
from collections import Counter
from pathlib import Path
from time import perf_counter

import numpy as np
from xdsl.dialects.builtin import ModuleOp

import qdialect
from qdialect.dialects.qnn.network import network
from qdialect.dialects.qnn.ops.constant import ConstantOp
from qdialect.dialects.qnn.storage import encode
from qdialect.dialects.qnn.types import BitsType, exact_format_of, tensor_type
from qdialect.proof.prove import Proof, prove
from qdialect.text import columns

MODEL_FILES = ("model.h5", "model.keras", "arch.json", "saved_model")
INPUT_BITS = 16
"""Of inputs that a network does not quantize itself."""


def imported(folder: Path) -> ModuleOp:
    """The network of a folder; inputs without a quantizer get the type that holds the recorded ones."""
    file = next(folder / name for name in MODEL_FILES if (folder / name).exists())
    return qdialect.from_keras(file, fitting_type(file, folder, INPUT_BITS))


def fitting_type(file: Path, folder: Path, bits: int) -> str | None:
    """The type of inputs that holds the recorded ones; None where the network quantizes them itself."""
    try:
        qdialect.lower(qdialect.from_keras(file))
        return None
    except qdialect.QdialectError as error:
        if "input_type" not in str(error):
            raise
    largest = max(float(np.abs(np.load(path)).max()) for path in folder.glob("inputs*.npy"))
    return f"fixed<{bits}, {max(math.frexp(largest)[1], 0) + 1}>"


def row(folder: Path, counted: Counter[str]) -> tuple[str, ...]:
    """A line of the table; adds its elements of outputs to `counted`."""
    try:
        module = imported(folder)
        lowered = qdialect.lower(module)
    except qdialect.QdialectError as error:
        return folder.name, "-", "-", "-", f"refused: {error}"[:80]
    start = perf_counter()
    proof = prove(module, lowered)
    proved, total = (sum(getattr(output, name) for output in proof.outputs) for name in ("proved", "total"))
    counted.update(proved=proved, total=total)
    undecided = f" ({proof.undecided[0]} first)" if proof.undecided else ""
    return (
        folder.name,
        f"{proved} / {total}",
        f"{proof.tried}",
        f"{perf_counter() - start:.1f}",
        proof.verdict + undecided,
    )


def sabotaged(module: ModuleOp, rng: np.random.Generator) -> tuple[str, ModuleOp]:
    """A copy with one drawn constant changed by one, and which."""
    other = module.clone()
    while True:
        ops = [op for op in network(other).body.block.ops if isinstance(op, ConstantOp)]
        op = ops[rng.integers(len(ops))]
        element = tensor_type(op.result.type).element_type
        if isinstance(element, BitsType):
            continue
        data, place, step = op.data.copy(), int(rng.integers(op.data.size)), int(rng.choice([-1, 1]))
        data.flat[place] += step
        if int(data.flat[place]) in exact_format_of(op.result.type):
            op.properties["value"] = encode(data, element)
            return f"{op.result.name_hint}[{place}] {step:+}", other


def refutation(folder: Path, rng: np.random.Generator) -> tuple[str, ...]:
    module = imported(folder)
    what, other = sabotaged(qdialect.lower(module), rng)
    proof: Proof = prove(module, other)
    return folder.name, what, *(proof.lines()[0].split(";")[0], *(proof.lines()[-2:-1] if proof.counterexample else []))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--sabotage", type=int, default=0)
    options = parser.parse_args()
    rows: list[tuple[str, ...]] = []
    counted = Counter[str]()
    for folder in options.folders:
        rows.append(row(folder, counted))
        print("  ".join(rows[-1]), flush=True)
    print("\n".join(columns([("network", "proved", "tried", "s", "verdict"), *rows])))
    certified = sum(r[-1] == "certified" for r in rows)
    share = f"{counted['proved']} of {counted['total']} outputs ({counted['proved'] / max(counted['total'], 1):.1%})"
    print(f"{len(rows)} networks: {certified} certified; {share} are proved equal")
    rng = np.random.default_rng(0)
    refuted = number = 0
    while refuted < options.sabotage:
        cells = refutation(options.folders[number % 2], rng)
        refuted, number = refuted + cells[2].startswith("refuted"), number + 1
        print("  ".join(cells), flush=True)
    if options.sabotage:
        print(f"{refuted} of {number} sabotaged lowerings refuted; the others say why not")


if __name__ == "__main__":
    main()
