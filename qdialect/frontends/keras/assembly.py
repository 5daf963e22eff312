"""The module of a Keras graph: one function, its arguments, layers and results."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from inspect import signature

from xdsl.dialects.builtin import ModuleOp, StringAttr, f32
from xdsl.dialects.func import FuncOp
from xdsl.ir import Block, SSAValue

from qdialect.dialects.qnn.heads import Head, record_heads
from qdialect.dialects.qnn.indices import record_index_limits
from qdialect.dialects.qnn.names import identifier
from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.constant import ConstantOp
from qdialect.dialects.qnn.remarks import add_remarks
from qdialect.dialects.qnn.types import format_of, tensor
from qdialect.errors import QdialectError, nearest
from qdialect.frontends.building.assembly import errors_of, finished, input_value, network_function, without_sigmoid
from qdialect.frontends.building.builder import REFERENCE, Builder
from qdialect.frontends.building.exact_form import output_form
from qdialect.frontends.keras.handlers import HANDLERS, Handler, HeadReached
from qdialect.frontends.keras.layers.refused import MASK_KEEPERS, MASK_READERS, PARTLY, REASONS
from qdialect.frontends.keras.model.graph import Call, LayerGraph, Tensor
from qdialect.frontends.keras.model.parameters import check_parameters
from qdialect.frontends.keras.model.source import QKERAS, Layer
from qdialect.frontends.keras.quantizers.spellings import dropped_arguments
from qdialect.numerics import limits
from qdialect.numerics.float32 import Roundings
from qdialect.numerics.formats import FixedFormat


def build_module(
    graph: LayerGraph,
    input_types: Mapping[str, FixedFormat],
    result_form: Callable[[Builder, SSAValue], SSAValue] = output_form,
) -> tuple[ModuleOp, Mapping[SSAValue, Roundings]]:
    """The network level of `graph`, and which of its constants Keras computes. `input_types` are the types that
    unquantized inputs are rounded to, by name; `result_form` makes the results of the tensors that are returned.

    Raises QdialectError for layers and options without a handler, naming the layer.
    """
    input_calls = {call.outputs[0]: call for call in graph.calls if call.layer.class_name == "InputLayer"}
    shapes = [_input_shape(input_calls[name]) for name in graph.inputs]
    block = Block(arg_types=[tensor(shape, f32) for shape in shapes])
    builder = Builder(block)
    values: dict[Tensor, SSAValue] = {}
    for name, argument in zip(graph.inputs, block.args, strict=True):
        values[name] = input_value(builder, argument, name[0], input_types.get(name[0]))
    heads: dict[Tensor, Head] = {}
    for call in graph.calls:
        if call.outputs[0] not in input_calls:
            _build_call(builder, call, values, heads, graph)
    results = [result_form(builder, values[name]) for name in graph.outputs]
    function = network_function(graph.name, block, results, sum(layer.parameters for layer in graph.layers))
    if graph.reference != QKERAS:
        function.attributes[REFERENCE] = StringAttr(graph.reference)
    record_index_limits(function, builder.index_limits)
    record_heads(function, [heads.get(name, Head.LINEAR) for name in graph.outputs])
    add_remarks(function, [*graph.remarks, *dropped_arguments_of(graph), *builder.remarks])
    check_quantized(function, graph)
    return finished(function), builder.roundings


def dropped_arguments_of(graph: LayerGraph) -> list[str]:
    """A remark for each quantizer that QKeras does not read as it is written."""
    return [
        f"{layer.where}: QKeras drops the arguments of '{text}', because of the parentheses among them"
        for layer in graph.layers
        for text in dropped_arguments(layer.config)
    ]


def _input_shape(call: Call) -> Sequence[int]:
    key = "batch_input_shape" if call.layer.config.get("batch_input_shape") else "batch_shape"
    shape = call.layer.option(key)
    if not isinstance(shape, list | tuple) or not shape or any(n is None for n in shape[1:]):
        raise call.layer.error(f"input shape {shape!r:.60} {PARTLY['InputLayer']}")
    sizes = [call.layer.count(key, n) for n in shape[1:]]
    if math.prod(sizes) > limits.MAX_ELEMENTS or len(sizes) > limits.MAX_AXES:
        raise call.layer.error(
            f"input shape {shape!r:.60} is beyond {limits.MAX_ELEMENTS} elements or {limits.MAX_AXES} axes per sample"
        )
    return sizes


def _handler_of(layer: Layer) -> Handler:
    if layer.class_name in REASONS:
        raise layer.error(REASONS[layer.class_name])
    if layer.class_name not in HANDLERS:
        near = nearest(layer.class_name, HANDLERS) or "; docs/coverage.md lists those that are"
        raise layer.error(f"layers of this class are not supported{near}")
    return HANDLERS[layer.class_name]


def expect_inputs(layer: Layer, handler: Handler, count: int) -> None:
    """Raise QdialectError for a layer that is applied to more or fewer tensors than its handler takes."""
    try:
        signature(handler).bind(None, layer, *[None] * count)
    except TypeError:
        hint = "; an initial_state is not supported" if "recurrent_initializer" in layer.config else ""
        raise layer.error(f"it cannot be applied to {count} tensors{hint}") from None


def _build_call(
    builder: Builder, call: Call, values: dict[Tensor, SSAValue], heads: dict[Tensor, Head], graph: LayerGraph
) -> None:
    layer = call.layer
    handler = _handler_of(layer)
    if call.options:
        hint = "; of masks only constant ones that hide nothing" if "mask" in call.options else ""
        raise layer.error(f"call arguments {list(call.options)} are not supported{hint}")
    builder.layer, builder.layer_name = layer, identifier(layer.name)
    inputs = [values[tensor_] for tensor_ in call.inputs]
    expect_inputs(layer, handler, len(inputs))
    head = Head.LINEAR
    try:
        with errors_of(layer):
            check_parameters(layer, [shape_of(x) for x in inputs])
            given = handler(builder, layer, *inputs)
    except HeadReached as reached:
        given, head = reached.logits, reached.head
    layer.check_all_read()
    results = [given] if isinstance(given, SSAValue) else given
    if len(results) < len(call.outputs):
        raise layer.error(f"its results after the first {len(results)} are not supported")
    _pass_mask(builder, layer, inputs, results)
    for tensor_ in set(heads).intersection(call.inputs):
        if any(result not in inputs for result in results) or head is not Head.LINEAR:
            reason = PARTLY["softmax before layers"]
            raise layer.error(f"follows the {heads[tensor_]} of '{tensor_[0]}', which {reason}")
        head = heads[tensor_]
    for i, (output, result) in enumerate(zip(call.outputs, results, strict=False)):
        if output in graph.outputs and not any(output in c.inputs for c in graph.calls):
            result, head = without_sigmoid(result, head)
        if result not in inputs:
            result.name_hint = builder.layer_name if len(results) == 1 else f"{builder.layer_name}_result{i}"
        values[output] = result
        if head is not Head.LINEAR:
            heads[output] = head


def _pass_mask(builder: Builder, layer: Layer, inputs: Sequence[SSAValue], results: Sequence[SSAValue]) -> None:
    """Raise QdialectError for a layer that skips the time steps that a mask hides."""
    if builder.masked.isdisjoint(inputs):
        return
    if layer.class_name in MASK_READERS:
        raise layer.error("skips time steps by the mask of a Masking layer; train on sequences of one length without")
    if layer.class_name in MASK_KEEPERS:
        builder.masked.update(results)


def check_quantized(function: FuncOp, graph: LayerGraph) -> None:
    """Raise QdialectError for a network in which neither values nor weights are quantized."""
    operations = (op for op in function.walk() if not isinstance(op, ConstantOp))
    values = any(format_of(result.type) for op in operations for result in op.results)
    options = (item for call in graph.calls for item in call.layer.config.items())
    if not values and not any(key.endswith("_quantizer") and value is not None for key, value in options):
        raise QdialectError(f"model '{graph.name}' has no quantizers: train it with QKeras, or give input_type")
