"""Networks with recorded outputs of QKeras, as text, and what is compared with them."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import numpy as np

from qdialect.errors import QdialectError
from qdialect.frontends.keras.importer import import_graph, import_layers
from qdialect.frontends.keras.model.graph import read_graph
from qdialect.frontends.keras.model.source import ModelSource
from qdialect.interpreter.simulate import simulate

GOLDEN = json.loads((Path(__file__).parents[2] / "data" / "qkeras_golden.json").read_text())
CASES = {(case["rank"], n): sub for case in GOLDEN["cases"] for n, sub in enumerate(case["sub"])}
"""(case, sub-case) -> the layers or the quantizer, inputs, weights, outputs."""

FIRST_OPTIONS = {
    "Activation": ["activation"],
    "QActivation": ["activation"],
    "Dense": ["units"],
    "QDense": ["units"],
    "QLSTM": ["units", "options"],
    "QGRU": ["units", "options"],
    "QDepthwiseConv2D": ["kernel_size"],
    "LeakyReLU": ["alpha"],
} | {name: ["pool_size"] for name in ("AveragePooling2D", "QAveragePooling2D")}
DEFAULTS = {
    name: {"activation": "quantized_tanh", "recurrent_activation": "hard_sigmoid"} for name in ("QLSTM", "QGRU")
}
"""Options that a configuration always has and these texts leave out."""
PAIRS = ("kernel_size", "pool_size", "strides")
LayerText = tuple[str, dict[str, Any]]
FINE: LayerText = ("QActivation", {"activation": "quantized_bits(16,8,alpha=1)"})


def array(entry: dict[str, Any]) -> np.ndarray:
    return np.array(entry["values"], np.float32).reshape(entry["shape"])


def option(key: str, node: ast.expr) -> Any:
    """An option as a configuration has it: quantizers as text, a size once per axis."""
    if isinstance(node, ast.Call):
        return ast.unparse(node)
    value = ast.literal_eval(node)
    return [value, value] if key in PAIRS else value


def layer_of(text: str) -> LayerText:
    """'Dense(4, use_bias=False)' -> its class and its options."""
    call = ast.parse(text, mode="eval").body
    assert isinstance(call, ast.Call)
    assert isinstance(call.func, ast.Name)
    names = FIRST_OPTIONS.get(call.func.id, ["filters", "kernel_size"])
    options = [*zip(names, call.args, strict=False), *((k.arg, k.value) for k in call.keywords)]
    values = {str(key): option(str(key), value) for key, value in options}
    more = values.pop("options", {})
    return call.func.id, DEFAULTS.get(call.func.id, {}) | values | more


def layers_of(case: dict[str, Any]) -> list[LayerText]:
    if "quantizer" in case:
        return [("QActivation", {"activation": case["quantizer"]})]
    texts = case["layer"].partition("  #")[0].replace("()([a,b,c])", "()").split(" then ")
    return [layer_of(text) for text in texts]


def source_of(inputs: list[np.ndarray], layers: list[LayerText], weights: dict[str, np.ndarray]) -> ModelSource:
    """A Functional model as Keras saves it: inputs x0, x1, ..., then layer0, layer1, ... in sequence."""
    names = [f"x{i}" for i in range(len(inputs))]
    config: list[dict[str, Any]] = [
        {"class_name": "InputLayer", "name": n, "config": {"name": n, "batch_input_shape": [None, *x.shape[1:]]}}
        | {"inbound_nodes": []}
        for n, x in zip(names, inputs, strict=True)
    ]
    operands = names
    for i, (class_name, options) in enumerate(layers):
        node = [[operand, 0, 0, {}] for operand in operands]
        operands = [f"layer{i}"]
        entry = {"class_name": class_name, "name": operands[0], "inbound_nodes": [node]}
        config.append(entry | {"config": {"name": operands[0], **options}})
    ends = {"input_layers": [[n, 0, 0] for n in names], "output_layers": [[operands[0], 0, 0]]}
    with_weights = next((i for i, (name, _) in enumerate(layers) if "Activation" not in name), 0)
    model = {"name": "net", "layers": config, **ends}
    return ModelSource("net", "Functional", model, {(f"layer{with_weights}",): weights})


def exact_type(inputs: list[np.ndarray]) -> str | None:
    """The fixed-point type of all inputs, if one of 32 bits or fewer has them."""
    values = np.concatenate([x.ravel() for x in inputs]).astype(np.float64)
    for fraction in range(30):
        codes = values * 2.0**fraction
        if (codes == np.rint(codes)).all():
            width = int(abs(codes).max()).bit_length() + 1
            return f"fixed<{width}, {width - fraction}>" if width <= 32 else None
    return None


class Net:
    """A golden network: inputs and recorded outputs."""

    def __init__(self, case: dict[str, Any]):
        recorded = case["inputs"] if isinstance(case["inputs"], list) else [case["inputs"]]
        self.inputs, self.expected = [array(x) for x in recorded], array(case["outputs"])
        if self.inputs[0].ndim == 1:
            self.inputs, self.expected = [x[None] for x in self.inputs], self.expected[None]
        self.layers = layers_of(case)
        self.weights = {key.partition(" ")[0]: array(value) for key, value in case.get("weights", {}).items()}

    def fed(self) -> Any:
        return self.inputs[0] if len(self.inputs) == 1 else self.inputs

    def module(self, input_type: str | None = None, *more: LayerText):
        return import_graph(read_graph(source_of(self.inputs, [*self.layers, *more], self.weights)), input_type)

    def outputs(self) -> np.ndarray:
        """On float inputs if the network takes them, else on their exact type."""
        try:
            module = self.module()
        except QdialectError as error:
            if "input_type" not in str(error):
                raise
            module = self.module(exact_type(self.inputs))
        return np.asarray(simulate(module, self.fed()))

    def before_a_quantizer(self) -> np.ndarray:
        """The float32 result of the last layer where a quantizer follows it; without, it is exact and not Keras'."""
        graph = read_graph(source_of(self.inputs, [*self.layers, FINE], self.weights))
        last = graph.tapped([f"layer{len(self.layers) - 1}"])
        return simulate(import_layers(last, exact_type(self.inputs)), self.fed())
