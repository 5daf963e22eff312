"""What is known of a design, as plain data: one object that the terminal, JSON and the HTML page show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qdialect import __version__
from qdialect.analysis.costs import SumRow, report
from qdialect.analysis.layer_graph import Edge, LayerNode, layers_and_values
from qdialect.backends.hls.project.contract import Contract
from qdialect.backends.projects.origin import Origin
from qdialect.compiler.built import Built, Progress, build, silent
from qdialect.compiler.design import Design
from qdialect.compiler.hardware import HlsHardware, RtlHardware
from qdialect.compiler.verify import Verification
from qdialect.dialects.qnn.network import parameters
from qdialect.reports.design_facts import (
    FunctionCost,
    ProvenRange,
    function_cost,
    proven_ranges,
)
from qdialect.text import columns
from qdialect.validation.comparison import Stage, verification_lines


@dataclass(frozen=True)
class Device:
    """What the hardware is for."""

    language: str
    io_type: str
    part: str
    clock_period: float
    """Nanoseconds."""
    clock_uncertainty: str


@dataclass(frozen=True)
class Constants:
    """Bits of the constants of the network at integer level, beside the parameters of the model."""

    kernel_bits: int
    other_bits: int
    parameters: int


@dataclass(frozen=True)
class Comparison:
    """The stages of a verification; `note` says why the reference is not Keras, where it is the imported network."""

    reference: str
    note: str
    samples: int
    stages: Sequence[Stage]

    @property
    def ok(self) -> bool:
        return all(stage.ok for stage in self.stages)

    @property
    def banner(self) -> str:
        """In one sentence: what was compared with what."""
        if not self.ok:
            return f"DIFFERS from {self.reference} on {self.samples} samples"
        if self.note:
            return f"not compared with Keras: {self.note}"
        if effects := [stage.effect for stage in self.stages if stage.effect]:
            return f"{'; '.join(effects)}, on {self.samples} samples; all else is equal to {self.reference}"
        equal = all(stage.all_equal for stage in self.stages)
        how = "equal to" if equal else "within the float32 roundings of"
        return f"every stage is {how} {self.reference} on {self.samples} samples"


@dataclass(frozen=True)
class Accuracy:
    """The share of samples whose class is right, in percent; of the reference where it is known."""

    samples: int
    hardware: float
    reference: float | None


@dataclass(frozen=True)
class DesignResult:
    """A design: its network, its hardware with estimates and contract, and how it was compared.

    functions: of HLS C++ alone. multiplications: products of a sample that need a multiplier.
    contract: of HLS C++ alone; of RTL, latency and interval are exact.
    """

    generator: str
    top: str
    origin: Origin
    target: Device
    latency: int
    interval: int
    layers: Sequence[LayerNode]
    edges: Sequence[Edge]
    sums: Sequence[SumRow]
    multiplications: int
    ranges: Sequence[ProvenRange]
    constants: Constants
    thresholds: int
    table_entries: int
    uncertified: Mapping[str, Sequence[int]]
    functions: Sequence[FunctionCost]
    whole: FunctionCost | None
    contract: Contract | None
    remarks: Sequence[str]
    comparison: Comparison | None = None
    accuracy: Accuracy | None = None

    @property
    def banner(self) -> str:
        """What the reference was."""
        return "not verified: no stage was compared" if self.comparison is None else self.comparison.banner

    def lines(self) -> list[str]:
        """A short summary: the stages, and a line each for cycles, resources, sums, thresholds, constants."""
        target = self.target
        head = f"{self.top} ({self.origin.source}): {target.language}, {target.io_type}"
        lines = [f"{head}, {target.part}, {target.clock_period:g} ns", ""]
        if self.comparison is not None:
            lines += [*verification_lines(self.comparison.reference, self.comparison.note, self.comparison.stages), ""]
        return [*lines, *columns(self.rows()), *(f"remark: {remark}" for remark in self.remarks)]

    def rows(self) -> list[tuple[str, str]]:
        """Name and text of each line of the summary."""
        kind = "" if self.whole is None else " (estimates)"
        rows = [("cycles", f"latency {self.latency}, interval {self.interval}{kind}")]
        if self.whole is not None:
            w = self.whole
            rows.append(("resources", f"LUT {w.lut}, FF {w.ff}, DSP {w.dsp}, BRAM18 {w.bram18} (estimates)"))
        widest = max((row.bits for row in self.sums), default=0)
        units = "" if self.whole is None else f" on {self.whole.multipliers} multipliers"
        rows.append(("sums", f"{len(self.sums)}, at most {widest} bits; {self.multiplications} multiplications{units}"))
        uncertain = sum(map(len, self.uncertified.values()))
        tables = f", table entries: {self.table_entries}" if self.table_entries else ""
        rows.append(("thresholds", f"{self.thresholds}{tables}, uncertified: {uncertain}"))
        rows += [
            ("", f"{name}: channels {', '.join(map(str, dict.fromkeys(where)))}")
            for name, where in self.uncertified.items()
        ]
        c = self.constants
        total = (c.kernel_bits + c.other_bits) / 8
        ratio = 4 * c.parameters / total if total else 0
        split = f"{c.kernel_bits / 8:g} bytes of kernels + {c.other_bits / 8:g} of biases and thresholds"
        rows.append(("constants", f"{split}; {4 * c.parameters} bytes as float32, {ratio:.1f} times as much"))
        if self.accuracy is not None:
            a = self.accuracy
            reference = "" if a.reference is None else f"reference {a.reference:.2f} %, "
            rows.append(("accuracy", f"{reference}hardware {a.hardware:.2f} % of {a.samples} samples"))
        return rows


def result_of(design: Design, progress: Progress = silent) -> DesignResult:
    """A design without verification. Raises QdialectError for what cannot be compiled."""
    return result_of_built(build(design, progress))


def result_of_verification(verification: Verification, accuracy: Accuracy | None = None) -> DesignResult:
    """A design with the stages of its verification."""
    comparison = Comparison(
        verification.reference,
        verification.note,
        len(verification.outputs[0]),
        verification.stages,
    )
    return result_of_built(verification.built, comparison, accuracy)


def result_of_built(
    built: Built, comparison: Comparison | None = None, accuracy: Accuracy | None = None
) -> DesignResult:
    """What is known of a design whose hardware stands."""
    design, settings, module = built.hardware.design, built.settings, built.hardware.design.module
    costs, stored = report(module), report(built.lowered)
    target = Device(
        built.hardware.language, settings.io_type, settings.part, settings.clock_period, settings.clock_uncertainty
    )
    layers, edges = layers_and_values(module)
    return DesignResult(
        generator=f"qdialect {__version__}",
        top=design.top,
        origin=built.origin,
        target=target,
        layers=layers,
        edges=edges,
        sums=costs.sums,
        multiplications=costs.multiplications,
        ranges=list(proven_ranges(module)),
        constants=Constants(stored.kernel_bits, stored.other_constant_bits, parameters(built.subject.module)),
        thresholds=costs.thresholds,
        table_entries=costs.table_entries,
        uncertified=costs.uncertified,
        remarks=list(costs.remarks),
        comparison=comparison,
        accuracy=accuracy,
        **_cycles(built.hardware),
    )


def _cycles(hardware: object) -> dict[str, Any]:
    """Latency, interval, estimates and contract of each kind of hardware."""
    match hardware:
        case HlsHardware(design=design):
            return {
                "latency": design.contract.latency,
                "interval": design.contract.interval,
                "functions": [function_cost(part) for part in design.estimates.parts.values()],
                "whole": function_cost(design.estimates.top),
                "contract": design.contract,
            }
        case RtlHardware(design=design):
            numbers = {"latency": design.latency, "interval": design.interval}
            return {**numbers, "functions": [], "whole": None, "contract": None}
        case _:
            raise TypeError(hardware)
