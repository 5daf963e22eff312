"""How the compiler grows: CPU seconds and memory of each phase, for dense and convolutional networks of 10^4 to 10^7
parameters, from the file to the HLS project.

Each network is compiled in a process of its own, which tells after each phase its CPU seconds and the peak of its
memory so far. The exponent of a phase is the slope of the straight line through the logarithms, by least squares, over
the sizes from LEAST parameters on: below them constant costs alone are seen. Run as `python growth.py`; it runs itself
as `python growth.py save KIND PARAMETERS FILE` and `python growth.py compile FILE`.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

SIZES = (10_000, 100_000, 1_000_000, 10_000_000)
LEAST = 100_000
LAYERS = 2
IMAGE = (8, 8)
MEGABYTE = 1 << 10
"""In units of ru_maxrss."""

Phases = dict[str, tuple[float, float]]
"""CPU seconds, and the peak of the memory in MB until the end of the phase."""


def save_network(kind: str, parameters: int, file: Path) -> None:
    """Two layers of 4-bit weights with so many parameters in all."""
    import qkeras
    from tf_keras import Model, layers

    bits, each = "quantized_bits(4, 0, alpha=1)", parameters / LAYERS
    units = round(each**0.5) if kind == "dense" else round((each / 9) ** 0.5)
    x = given = layers.Input((units,) if kind == "dense" else (*IMAGE, units))
    x = qkeras.QActivation("quantized_bits(8, 0, alpha=1)")(x)
    for _ in range(LAYERS):
        if kind == "dense":
            x = qkeras.QDense(units, kernel_quantizer=bits, bias_quantizer=bits)(x)
        else:
            x = qkeras.QConv2D(units, 3, padding="same", kernel_quantizer=bits, bias_quantizer=bits)(x)
        x = qkeras.QActivation("quantized_relu(4)")(x)
    Model(given, x).save(file, include_optimizer=False)


def compile_file(file: Path) -> Phases:
    """The phases of one file, in this process."""
    import qdialect

    phases, before = Phases(), [time.process_time()]

    def ends(phase: str) -> None:
        now = time.process_time()
        spent, _ = phases.get(phase, (0.0, 0.0))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEGABYTE
        phases[phase] = spent + now - before[0], peak
        before[0] = now

    module = qdialect.from_keras(file)
    ends("import")
    lowered = qdialect.lower(module, after=lambda pass_, _: ends(pass_.name))
    with tempfile.TemporaryDirectory() as folder:
        qdialect.write_hls(lowered, Path(folder) / "project")
        ends("project")
    return phases


def exponent(sizes: Sequence[int], values: Sequence[float]) -> float:
    """The slope of the logarithms, by least squares."""
    return float(np.polyfit(np.log(sizes), np.log(np.maximum(values, 1e-3)), 1)[0])


def table(kind: str, runs: dict[int, Phases]) -> Iterator[str]:
    """CPU seconds and MB of each phase at each size, and both exponents."""
    large = [size for size in runs if size >= LEAST]
    yield f"{kind:22}" + "".join(f"{f'10^{np.log10(size):.0f}: s':>9}{'MB':>7}" for size in runs) + "  exponents"

    def columns(row: Sequence[tuple[float, float]]) -> str:
        return "".join(f"{seconds:9.2f}{megabytes:7.0f}" for seconds, megabytes in row)

    for phase in next(iter(runs.values())):
        row = [runs[size][phase] for size in runs]
        slopes = (exponent(large, [runs[size][phase][part] for size in large]) for part in range(2))
        yield f"{phase:22}{columns(row)}" + "".join(f"{slope:6.2f}" for slope in slopes)
    whole = [(sum(s for s, _ in run.values()), max(mb for _, mb in run.values())) for run in runs.values()]
    yield f"{'all':22}{columns(whole)}"


def run(*words: object) -> str:
    """The last line that this file prints in a process of its own, which has no memory of another one's."""
    command = [sys.executable, "-W", "ignore", __file__, *map(str, words)]
    told = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True)
    return (told.stdout.splitlines() or [""])[-1]


def measured(kind: str, size: int, file: Path) -> Phases:
    run("save", kind, size, file)
    return json.loads(run("compile", file))


def main() -> None:
    match sys.argv[1:]:
        case ["save", kind, parameters, file]:
            save_network(kind, int(parameters), Path(file))
        case ["compile", file]:
            print(json.dumps(compile_file(Path(file))))
        case _:
            with tempfile.TemporaryDirectory() as folder:
                for kind in ("dense", "convolution"):
                    runs = {size: measured(kind, size, Path(folder) / "net.h5") for size in SIZES}
                    print("\n".join(table(kind, runs)), flush=True)


if __name__ == "__main__":
    main()
