"""The settings of a project, checked, and the passes that carry them out.

`hls_config.py` reads it from dictionaries and files in hls4ml's words. Every setting is done or refused by name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation
from xdsl.passes import ModulePass

from qdialect.backends.hls.project.files import ToolSettings
from qdialect.backends.hls.text.names import RESERVED
from qdialect.compiler.layer_settings import LayerSettings, NetworkLayers
from qdialect.dialects.qnn.network import network
from qdialect.dialects.qnn.owner import layer_of
from qdialect.dialects.qnn.schedule import is_foldable
from qdialect.errors import QdialectError, is_a, shown, suggestion
from qdialect.frontends.building.input_types import InputTypes, check_types, formats_by_name
from qdialect.lowering.architectures.interfaces import Interface
from qdialect.numerics.fixed_text import EXACT
from qdialect.passes.integer.share_popcounts import SharePopcounts
from qdialect.passes.integer.size_accumulators import SizeAccumulators
from qdialect.passes.loops.lower_to_loops import LowerToLoops
from qdialect.passes.loops.pipeline_network import PipelineNetwork
from qdialect.passes.loops.schedule import Schedule
from qdialect.passes.loops.schedule_defaults import ScheduleDefaults
from qdialect.passes.loops.size_fifos import SizeFifos
from qdialect.passes.network.lower_head import LowerHead
from qdialect.passes.network.quantize_interface import QuantizeInterface
from qdialect.passes.network.quantize_layers import QuantizeLayers
from qdialect.passes.network.quantize_results import QuantizeResults

IO_TYPES = {"io_parallel": "parallel", "io_stream": "stream"}
"""hls4ml's name of each architecture of `lower-to-loops`."""
HEADS = ("logits", "argmax", "softmax")
EMULATORS = ("cmssw",)

IDENTIFIER = r"[A-Za-z][A-Za-z0-9_]{0,99}"

PERIODS = (0.1, 1000.0)
"""Clock periods, ns: FPGAs run between 1 MHz and 1 GHz; beyond this range lies another unit."""
SOFTMAX_BITS = 24
"""The widest probability: Keras' float32 has no more."""


@dataclass(frozen=True)
class Configuration:
    """Settings of a project. Raises QdialectError for values of the wrong kind or out of range."""

    io_type: str = "io_parallel"
    """`io_parallel`: values are arrays in registers; `io_stream`: streams of pixels between processes."""
    passes: Sequence[str | ModulePass] | None = None
    """The pass pipeline to the integer level, if it is not the default one."""
    head: str = "logits"
    """What the hardware returns of a classification: `logits`, `argmax` (an index) or `softmax` (probabilities)."""
    softmax_bits: int = 8
    """The width of a probability."""
    part: str = "xcvu9p-flga2577-2-e"
    """The FPGA, in the vendor's spelling."""
    clock_period: float = 5
    """Nanoseconds."""
    clock_uncertainty: str = "10%"
    """What synthesis keeps free of the clock period: a percentage of it, or nanoseconds."""
    inputs: InputTypes = None
    """What inputs that the network does not quantize are rounded to: one type, or types by name."""
    outputs: InputTypes = None
    """What outputs are rounded to: one type, or types by name; by default nothing is rounded."""
    interface: str = "ports"
    """`ports`: as the architecture has values; `axis`: packets of an AXI4-Stream; `m_axi`: words in memory."""
    control: str | None = None
    """How a block is started: `ap_ctrl_hs` (by default), `ap_ctrl_chain`, `ap_ctrl_none` or `s_axilite`."""
    project_name: str | None = None
    """The name of the top function; by default that of the Keras model."""
    namespace: str | None = None
    """The C++ namespace of the functions; by default file scope."""
    emulator: str | None = None
    """`cmssw`: the project also builds a shared object of `hls4mlEmulator::Model`, which CMS' framework loads."""
    model: LayerSettings = field(default_factory=LayerSettings)
    """The schedule of all layers; its reuse factor is the most that is wanted."""
    types: Mapping[str, LayerSettings] = field(default_factory=dict[str, LayerSettings])
    """The schedule of the layers of a Keras class, over that of all; a reuse factor is the most that is wanted."""
    layers: Mapping[str, LayerSettings] = field(default_factory=dict[str, LayerSettings])
    """The schedule of single layers by name, over those of classes; a reuse factor is taken as it is."""
    network: NetworkLayers = field(default_factory=lambda: NetworkLayers({}))
    """The network that layers and classes have been looked up in, see `named_in`."""

    def __post_init__(self) -> None:
        of_words = (
            ("io_type", self.io_type, IO_TYPES),
            ("head", self.head, HEADS),
            ("emulator", "cmssw" if self.emulator is None else self.emulator, EMULATORS),
        )
        for name, value, known in of_words:
            if not is_a(value, str) or value not in known:
                raise QdialectError(f"{name} {shown(value)} is not one of {', '.join(known)}")
        if self.passes is not None and not _is_pipeline(self.passes):
            raise QdialectError(f"passes is a list of passes such as 'fold-batchnorm', not {shown(self.passes)}")
        if type(self.softmax_bits) is not int or not 1 <= self.softmax_bits <= SOFTMAX_BITS:
            raise QdialectError(f"softmax_bits is an integer from 1 to {SOFTMAX_BITS}, not {shown(self.softmax_bits)}")
        check_clock(self.clock_period)
        check_types("input", self.inputs)
        check_types("output", self.outputs)
        Interface(self.interface, self.control)
        for name, value, pattern, such in (
            ("part", self.part, r"(?=.{3,100}$)(?=.*\d)[A-Za-z][A-Za-z0-9]*(-[A-Za-z0-9]+)*", "'xcvu9p-flga2577-2-e'"),
            ("clock_uncertainty", self.clock_uncertainty, r"\d{1,3}(\.\d{1,6})?(%|ns)?", "'10%' or '0.5ns'"),
            (
                "project_name",
                "net" if self.project_name is None else self.project_name,
                IDENTIFIER,
                "'jet_tagger'",
            ),
            ("namespace", "nn" if self.namespace is None else self.namespace, IDENTIFIER, "'trigger'"),
        ):
            if not is_a(value, str) or re.fullmatch(pattern, value, re.ASCII) is None:
                raise QdialectError(f"{name} is a text such as {such}, not {shown(value)}")
        if self.namespace in RESERVED:
            raise QdialectError(
                f"namespace {shown(self.namespace)} is a name of C++ or of its headers; such as 'trigger'"
            )

    @property
    def architecture(self) -> str:
        return IO_TYPES[self.io_type]

    @property
    def interfaces(self) -> Interface:
        """How values come in and go out."""
        return Interface(self.interface, self.control)

    @property
    def tool(self) -> ToolSettings:
        """What the build files of a project say."""
        return ToolSettings(self.io_type, self.part, self.clock_period, self.clock_uncertainty, self.emulator)

    @property
    def head_passes(self) -> Sequence[ModulePass]:
        """What follows the pass pipeline, for another head than the logits."""
        if self.head == "logits":
            return ()
        return (LowerHead(head=self.head, bits=self.softmax_bits), SizeAccumulators())

    @property
    def input_types(self) -> InputTypes:
        """What inputs are rounded to: as `inputs`, or as the precisions of input layers."""
        if self.inputs is not None:
            return self.inputs
        return {name: each.precision for name, each in self.layers.items() if each.precision is not None}

    def named_in(self, network_: NetworkLayers) -> Configuration:
        """The settings for this network. Raises QdialectError for layers and classes that it does not have, and for
        precisions of anything but its inputs."""
        classes = {class_ for class_ in network_.classes.values() if class_ is not None}
        if self.types and not classes:
            raise QdialectError("LayerType needs the classes of Keras: give the model instead of its IR, or LayerName")
        for given, kind, known in ((self.layers, "layer", network_.classes), (self.types, "layer of class", classes)):
            for name, settings in given.items():
                if name not in known:
                    raise QdialectError(f"{settings.where}: the network has no such {kind}{suggestion(name, known)}")
        for settings in (self.model, *self.types.values(), *self.layers.values()):
            if settings.precision is not None and settings not in map(self.layers.get, network_.inputs):
                inputs = " and ".join(f"LayerName {name!r}" for name in network_.inputs)
                raise QdialectError(
                    f"{settings.where}: setting Precision={settings.precision!r} is not supported: the types follow"
                    f" from the network, exactly; an input's can be set: {inputs or 'from_keras(input_type=...)'}"
                )
        if self.model.rounds and not network_.floats:
            raise QdialectError(
                "Model: Weights and Activations are for layers without quantizers, and the network has none; LayerName"
                " rounds layers by their names"
            )
        if self.inputs is not None and any(each.precision for each in self.layers.values()):
            raise QdialectError("the type of inputs is given twice: as inputs or input_type, and as Precision")
        formats_by_name(network_.outputs, self.outputs, "the network", "output")
        return replace(self, network=network_)

    @property
    def roundings(self) -> Sequence[ModulePass]:
        """The passes that round layers, as they are set by name, by class, or for all layers without quantizers, and
        outputs."""
        chosen: dict[tuple[str | None, str | None], list[str]] = {}
        for name, class_ in self.network.classes.items():
            everywhere = self.model if name in self.network.floats else None
            levels = [each for each in (self.layers.get(name), self.types.get(class_ or ""), everywhere) if each]
            types = (rounding(each.weights for each in levels), rounding(each.activations for each in levels))
            chosen.setdefault(types, []).append(name)
        layers = [QuantizeLayers(tuple(names), *types) for types, names in chosen.items() if types != (None, None)]
        if self.outputs is None:
            return layers
        return [*layers, QuantizeResults(tuple(by_name(self.network.outputs, self.outputs)))]

    def to_schedule(self, module: ModuleOp) -> Sequence[ModulePass]:
        """The scheduling passes of a module at the integer level."""
        pipelines = (
            [PipelineNetwork(self.model.reuse_factor), SharePopcounts()] if self.io_type == "io_parallel" else []
        )
        scheduling = [*self.schedules(module), *pipelines, ScheduleDefaults(architecture=self.architecture)]
        return [QuantizeInterface(), *scheduling]

    def to_loops(self) -> Sequence[ModulePass]:
        """The passes from a module with its schedule to loops."""
        loops = LowerToLoops(architecture=self.architecture, interface=self.interface, control=self.control)
        return [loops, SizeFifos(clock=self.clock_period)]

    def schedules(self, module: ModuleOp) -> Iterator[Schedule]:
        """A pass for all layers, one for each that its class sets, then one for each that is set on its own. Where the
        network may be one pipeline, a reuse factor of all layers is its interval, not a schedule of each."""
        if self.model.is_schedule and (self.io_type == "io_stream" or self.model.folds):
            yield self.model.schedule(None)
        operations = _with_products(module)
        for name, settings in self._by_class():
            if name in operations:
                yield settings.schedule(name, operations[name])
        for name, settings in self.layers.items():
            if name in operations and settings.is_schedule:
                yield settings.schedule(name)
            elif settings.pe is not None or settings.simd is not None:
                raise QdialectError(
                    f"{settings.where}: the layer has no products for PE and SIMD; those with products are "
                    + ", ".join(operations)
                )

    def remarks(self, module: ModuleOp) -> Iterator[str]:
        """What has been set, as hls4ml's scripts do, on layers where it has no effect."""
        operations = _with_products(module)
        for name, settings in (*self._by_class(), *self.layers.items()):
            if name not in operations and settings.without_effect:
                yield f"layer '{name}' has no products: {settings.without_effect} has no effect"

    def _by_class(self) -> Iterator[tuple[str, LayerSettings]]:
        """Each layer whose class is set."""
        for name, class_ in self.network.classes.items():
            if class_ is not None and class_ in self.types:
                yield name, self.types[class_]


def by_name(names: Sequence[str], types: str | Mapping[str, str]) -> Sequence[str]:
    """The type of each of the outputs `names`; `exact` for one without."""
    return [types if isinstance(types, str) else types.get(name, EXACT) for name in names]


def rounding(types: Iterable[str | None]) -> str | None:
    """The first type that is set; None if it is `exact`, or none is."""
    first = next((type_ for type_ in types if type_ is not None), EXACT)
    return None if first == EXACT else first


def _with_products(module: ModuleOp) -> dict[str, list[Operation]]:
    """The operations with products of weights, by layer."""
    found: dict[str, list[Operation]] = {}
    for op in network(module).body.block.ops:
        if is_foldable(op):
            found.setdefault(layer_of(op), []).append(op)
    return found


def _is_pipeline(passes: object) -> bool:
    if isinstance(passes, str) or not isinstance(passes, Sequence):
        return False
    return bool(passes) and all(
        isinstance(each, ModulePass) or (isinstance(each, str) and each.strip()) for each in passes
    )


def check_clock(period: object) -> None:
    """Raise QdialectError for anything but a clock period in nanoseconds."""
    low, high = PERIODS
    if isinstance(period, bool) or not isinstance(period, int | float) or not low <= period <= high:
        raise QdialectError(f"clock_period is a number of ns from {low:g} to {high:g}, not {shown(period)}")
