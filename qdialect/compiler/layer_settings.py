"""The settings of single layers, of the layers of a class, and of all layers, and what of a network they may name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation

from qdialect.dialects.qnn.network import keras_name, network, results_of
from qdialect.dialects.qnn.owner import layer_of
from qdialect.errors import QdialectError
from qdialect.frontends.keras.model.graph import LayerGraph
from qdialect.frontends.keras.quantizers.of_layers import is_float
from qdialect.numerics.fixed_text import EXACT
from qdialect.passes.loops.schedule import Schedule, at_most

STRATEGIES = ("latency", "resource")
HOST_STRATEGIES = ("stable", "legacy")
"""hls4ml's names for ways to compute a softmax, which the host does here."""


@dataclass(frozen=True)
class LayerSettings:
    """The settings of one layer, of the layers of a class, or of all layers."""

    where: str = "Model"
    """How messages refer to it."""
    reuse_factor: int | None = None
    pe: int | None = None
    simd: int | None = None
    strategy: str | None = None
    precision: str | None = None
    """Of an input: what it is rounded to."""
    weights: str | None = None
    """What kernels and biases are rounded to: a type, or `exact` over the type of all layers or of a class."""
    activations: str | None = None
    """What the result of a layer is rounded to, in the same way."""

    @property
    def is_schedule(self) -> bool:
        return (self.reuse_factor, self.pe, self.simd, self.strategy) != (None, None, None, None)

    @property
    def folds(self) -> bool:
        """Whether any setting needs layers that are processes of their own."""
        return self.pe is not None or self.simd is not None or self.strategy not in (None, "latency")

    @property
    def without_effect(self) -> str:
        """The settings beyond hls4ml's defaults that only affect layers with products."""
        reuse = f"ReuseFactor={self.reuse_factor}" if self.reuse_factor not in (None, 1) else ""
        strategy = f"Strategy={self.strategy}" if self.strategy not in (None, "latency") else ""
        return " and ".join(filter(None, (reuse, strategy)))

    @property
    def rounds(self) -> bool:
        """Whether weights or results are rounded."""
        return (self.weights or EXACT, self.activations or EXACT) != (EXACT, EXACT)

    def schedule(self, layer: str | None, operations: Sequence[Operation] = ()) -> Schedule:
        """The pass for one layer, or all. Of the `operations` of a layer, its reuse factor is the most that is wanted.

        Raises QdialectError for a strategy of softmax on a layer with products.
        """
        if self.strategy in HOST_STRATEGIES:
            raise QdialectError(f"{self.where}: Strategy is Latency or Resource for products, not {self.strategy}")
        reuse = self.reuse_factor
        if operations and reuse is not None:
            reuse = at_most(operations, reuse)
        return Schedule(layer=layer, pe=self.pe, simd=self.simd, reuse_factor=reuse, strategy=self.strategy)


@dataclass(frozen=True)
class NetworkLayers:
    """What a configuration may name: the class of each layer, None in IR, where it is not known; inputs and outputs.

    floats: the layers without quantizers, beside the inputs, as far as they are known.
    """

    classes: Mapping[str, str | None]
    inputs: Sequence[str] = ()
    floats: Sequence[str] = ()
    outputs: Sequence[str] = ()

    @staticmethod
    def of_graph(graph: LayerGraph) -> NetworkLayers:
        classes = {layer.name: layer.class_name for layer in graph.layers}
        inputs = [name for name, *_ in graph.inputs]
        floats = [layer.name for layer in graph.layers if layer.name not in inputs and is_float(layer)]
        return NetworkLayers(classes, inputs, floats, [name for name, *_ in graph.outputs])

    @staticmethod
    def of_module(module: ModuleOp) -> NetworkLayers:
        """The layers of a module, by the names of its values."""
        named = (op for op in network(module).walk() if op.results and op.results[0].name_hint and op.operands)
        outputs = [keras_name(value) for value in results_of(network(module))]
        return NetworkLayers(dict.fromkeys(map(layer_of, named)), outputs=outputs)
