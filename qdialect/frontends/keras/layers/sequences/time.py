"""Handlers: a layer applied to every step of a sequence."""

from __future__ import annotations

from xdsl.ir import SSAValue

from qdialect.dialects.qnn.op import shape_of
from qdialect.dialects.qnn.ops.moves import ConcatOp, SliceOp
from qdialect.dialects.qnn.ops.shapes import ReshapeOp
from qdialect.frontends.building.builder import Builder
from qdialect.frontends.keras.handlers import HANDLERS, handles, only_result
from qdialect.frontends.keras.layers.refused import PARTLY
from qdialect.frontends.keras.model.configuration import MODEL_CLASSES
from qdialect.frontends.keras.model.parameters import check_parameters
from qdialect.frontends.keras.model.source import Layer

STEPWISE = ("Dense", "QDense", "Activation", "QActivation", "ReLU", "Dropout")
"""Classes that already treat every step alike."""


@handles("TimeDistributed")
def time_distributed(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    """The inner layer on the whole sequence where it acts on the last axis only, otherwise step by step."""
    class_name, config = layer.inner()
    step = Layer(class_name, layer.name, config, layer.weights)
    if step.class_name in MODEL_CLASSES:
        raise layer.error(PARTLY["TimeDistributed"])
    handler = HANDLERS.get(step.class_name)
    if handler is None:
        raise layer.error(f"layers of class {step.class_name} are not supported")
    check_parameters(step, [shape_of(x)[1:]])
    result = only_result(step, handler(b, step, x)) if step.class_name in STEPWISE else step_by_step(b, step, x)
    step.check_all_read()
    return result


def step_by_step(b: Builder, layer: Layer, x: SSAValue) -> SSAValue:
    """The layer on each step alone; the results one after the other."""
    name, (steps, *shape) = b.layer_name, shape_of(x)
    results: list[SSAValue] = []
    for t in range(steps):
        b.layer_name, b.step = f"{name}_step{t}", t
        one = b.emit(SliceOp(x, (t, *[0] * len(shape)), (1, *shape)), "slice")
        result = only_result(layer, HANDLERS[layer.class_name](b, layer, b.emit(ReshapeOp(one, shape), "in")))
        results.append(b.emit(ReshapeOp(result, (1, *shape_of(result))), "out"))
    b.layer_name, b.step = name, None
    return b.emit(ConcatOp(results, 0))
