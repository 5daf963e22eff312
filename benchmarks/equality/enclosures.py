"""How narrow the enclosures of Keras' own float32 are, and which mistakes show in them.

    python benchmarks/equality/enclosures.py [--samples 50] [--mutants 10] FOLDER...

Per network, on its recorded inputs: outputs whose enclosure is one number, is wider than a step of the output, the
median and the largest width in steps; layers that are undecided, with the widest. Then drawn mutants, the last bit of
a weight of the imported network and a threshold of the lowered one, by one: how many are found (what Keras has computed
lies outside of the enclosures of the changed network; an output of the changed lowering outside of those of Keras'),
are hidden in the enclosures, and move no output of the samples.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import numpy as np
from certificates import MODEL_FILES, fitting_type
from xdsl.dialects.builtin import ModuleOp

import qdialect
from qdialect.dialects.qnn.heads import Head, heads_for_host, heads_of
from qdialect.dialects.qnn.network import network
from qdialect.dialects.qnn.ops.constant import ConstantOp
from qdialect.dialects.qnn.ops.threshold import ThresholdOp
from qdialect.dialects.qnn.owner import weight_name
from qdialect.dialects.qnn.storage import encode
from qdialect.dialects.qnn.types import exact_format_of, format_of, tensor_type
from qdialect.frontends.keras.importer import import_with_roundings, read_source
from qdialect.frontends.keras.model.graph import read_graph
from qdialect.interpreter.values import as_list
from qdialect.numerics.arrays import Array, Float64Array
from qdialect.numerics.heads import head_bounds
from qdialect.text import columns
from qdialect.validation.comparison import read_as
from qdialect.validation.enclosures import Enclosed, enclosed
from qdialect.validation.undecided import output_step

INPUT_BITS = 32
"""Of inputs that a network does not quantize itself: Keras computes with the inputs as they are."""

OUTSIDE = "Keras' outputs lie outside of its enclosures"
FOUND, HIDDEN, WITHOUT = "found", "hidden", "no effect"
TITLES = ("network", "outputs", "one number", "wider", "median", "largest", "undecided layers", "weights", "thresholds")


@dataclass
class Recorded:
    """A network with what its folder has recorded of Keras, for some samples."""

    module: ModuleOp
    of_inputs: Callable[[ModuleOp], Enclosed]
    inputs: list[Array]
    outputs: list[Array]
    heads: list[Head]
    """As which the outputs have been recorded."""

    @staticmethod
    def of(folder: Path, samples: int) -> Recorded:
        file = next(folder / name for name in MODEL_FILES if (folder / name).exists())
        graph = read_graph(read_source(file))
        module, roundings = import_with_roundings(graph, fitting_type(file, folder, INPUT_BITS))
        inputs = recorded(folder, "inputs", samples)
        logits = as_list(qdialect.simulate(module, inputs))
        outputs = recorded(folder, "logits", samples) if heads_for_host(network(module)) else []
        outputs = outputs or recorded(folder, "outputs", samples)
        heads = [read_as(*each) for each in zip(heads_of(network(module)), outputs, logits, strict=True)]
        return Recorded(module, lambda changed: enclosed(changed, inputs, roundings), inputs, outputs, heads)

    def bounds(self, module: ModuleOp) -> list[tuple[Float64Array, Float64Array]]:
        """What Keras' outputs lie between, if the module is its network."""
        known = self.of_inputs(module)
        return [head_bounds(head, *each.ends) for head, each in zip(self.heads, known.outputs, strict=True)]

    def simulated(self, module: ModuleOp) -> list[Array]:
        return as_list(qdialect.simulate(module, self.inputs))


def recorded(folder: Path, stem: str, samples: int) -> list[Array]:
    """The first samples of `stem.npy`, or of `stem_0.npy`, `stem_1.npy` and so on."""
    whole = folder / f"{stem}.npy"
    numbered = [folder / f"{stem}_{i}.npy" for i in range(len(list(folder.glob(f"{stem}_*.npy"))))]
    return [np.load(path)[:samples] for path in ([whole] if whole.exists() else numbered)]


def holds(bounds: Sequence[tuple[Array, Array]], outputs: Sequence[Array]) -> bool:
    return all(((low <= y) & (y <= high)).all() for (low, high), y in zip(bounds, outputs, strict=True))


# --- mutants ---------------------------------------------------------------------------------------------------------


@contextmanager
def changed(op: ConstantOp, place: int, step: int) -> Generator[bool]:
    """One element of a constant by one step of its type; whether its type holds that."""
    value, data = op.properties["value"], op.data.copy()
    if format_of(op.result.type) is None:
        data.flat[place] = np.nextafter(data.flat[place], np.float32(step * np.inf))
        legal = True
    else:
        data.flat[place] += step
        legal = int(data.flat[place]) in exact_format_of(op.result.type)
    if legal:
        op.properties["value"] = encode(data, tensor_type(op.result.type).element_type)
    yield legal
    op.properties["value"] = value


def weights(module: ModuleOp) -> list[ConstantOp]:
    ops = network(module).body.block.ops
    return [op for op in ops if isinstance(op, ConstantOp) and weight_name(op) is not None]


def thresholds(module: ModuleOp) -> list[ConstantOp]:
    steps = (op.thresholds.owner for op in network(module).body.block.ops if isinstance(op, ThresholdOp))
    return [op for op in steps if isinstance(op, ConstantOp)]


def mutants(
    module: ModuleOp, constants: Sequence[ConstantOp], judge: Callable[[ModuleOp], str], count: int
) -> Counter[str]:
    """What becomes of drawn changes, each element of the constants as likely as any other."""
    rng, told = np.random.default_rng(0), Counter[str]()
    sizes = np.array([op.data.size for op in constants])
    while constants and told.total() < count:
        op = constants[rng.choice(len(constants), p=sizes / sizes.sum())]
        with changed(op, int(rng.integers(op.data.size)), int(rng.choice([-1, 1]))) as legal:
            if legal:
                told[judge(module)] += 1
    return told


def of_weights(net: Recorded, count: int) -> Counter[str]:
    """Found are networks that Keras' outputs say are not the one that it has run."""
    exact = net.simulated(net.module)

    def judge(module: ModuleOp) -> str:
        if all(np.array_equal(a, b) for a, b in zip(exact, net.simulated(module), strict=True)):
            return WITHOUT
        return HIDDEN if holds(net.bounds(module), net.outputs) else FOUND

    return mutants(net.module, weights(net.module), judge, count)


def of_thresholds(net: Recorded, count: int) -> Counter[str]:
    """Found are lowerings that give what Keras' network cannot."""
    lowered = qdialect.lower(net.module)
    exact, known = net.simulated(lowered), [each.ends for each in net.of_inputs(net.module).outputs]

    def judge(module: ModuleOp) -> str:
        got = net.simulated(module)
        if all(np.array_equal(a, b) for a, b in zip(exact, got, strict=True)):
            return WITHOUT
        return HIDDEN if holds(known, got) else FOUND

    return mutants(lowered, thresholds(lowered), judge, count)


# --- table -----------------------------------------------------------------------------------------------------------


def row(folder: Path, samples: int, count: int, total: Counter[str]) -> tuple[str, ...]:
    """A line of the table; adds what it counts to `total`."""
    try:
        net = Recorded.of(folder, samples)
        known, bounds = net.of_inputs(net.module), net.bounds(net.module)
    except qdialect.QdialectError as error:
        return folder.name, f"refused: {error}"[:100]
    if not holds(bounds, net.outputs):
        total[OUTSIDE] += 1
        return folder.name, OUTSIDE
    own = [step if head is Head.LINEAR else 0.0 for head, step in zip(net.heads, known.steps, strict=True)]
    steps = [
        np.broadcast_to(high - low, y.shape).ravel() / output_step(y, step)
        for (low, high), y, step in zip(bounds, net.outputs, own, strict=True)
    ]
    every = np.concatenate(steps)
    layers = sorted(known.undecided.items(), key=lambda layer: -layer[1].steps)
    found = of_weights(net, count)
    try:
        of_steps = of_thresholds(net, count)
    except qdialect.QdialectError:  # without hardware form
        of_steps = Counter[str]()
    numbers = {"one number": int((every == 0).sum()), "wider": int((every > 1).sum()), "outputs": every.size}
    total.update(numbers | {f"weights {k}": n for k, n in found.items()})
    total.update({f"thresholds {k}": n for k, n in of_steps.items()})
    return (
        folder.name,
        *(f"{numbers[title]}" for title in ("outputs", "one number", "wider")),
        f"{np.median(every):.2g}",
        f"{every.max():.2g}",
        f"{len(layers)}" + (f" ({layers[0][0]}: {layers[0][1].steps:.2g})" if layers else ""),
        *("/".join(str(each[key]) for key in (FOUND, HIDDEN, WITHOUT)) for each in (found, of_steps)),
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--samples", type=int, default=50)
    parser.add_argument("--mutants", type=int, default=10)
    options = parser.parse_args()
    rows: list[tuple[str, ...]] = [TITLES]
    total, start = Counter[str](), perf_counter()
    for folder in options.folders:
        rows.append(row(folder, options.samples, options.mutants, total))
        print("  ".join(rows[-1]), flush=True)
    print("\n".join(columns([each for each in rows if len(each) == len(TITLES)])))
    print(
        f"{total['outputs']} outputs of {len(rows) - 1} networks: {total['one number']} are one number,"
        f" {total['wider']} wider than a step; {perf_counter() - start:.0f} s"
    )
    for kind in ("weights", "thresholds"):
        found, hidden = total[f"{kind} {FOUND}"], total[f"{kind} {HIDDEN}"]
        share = f"{hidden / max(found + hidden, 1):.1%}"
        print(
            f"{kind} by one: {found} of {found + hidden} that move an output are found, {hidden} ({share}) are hidden;"
            f" {total[f'{kind} {WITHOUT}']} move none on these samples"
        )
    sys.exit(bool(total[OUTSIDE]))


if __name__ == "__main__":
    main()
