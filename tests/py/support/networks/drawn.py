"""Networks drawn from a seed, and inputs for them: layers, options, quantizers and topologies at random.

A network grows from its inputs: each step applies a layer that fits to one of the newest tensors, joins two of them, or
applies a layer or a nested model once more. Importing this needs Keras.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from drawn_layers import LARGEST, LayerDraw, keras, layers, qkeras

from qdialect.dialects.qnn.network import network
from qdialect.dialects.qnn.ops.constant import constant_of
from qdialect.dialects.qnn.ops.threshold import ThresholdOp
from qdialect.interpreter.simulate import interpreter_for
from qdialect.interpreter.values import to_argument


class Network(LayerDraw):
    """A graph of layers with every option at random."""

    def any_layer(self, x: Any) -> Any:
        """A layer that fits the shape of `x`."""
        shape = x.shape[1:]
        if self.chance(0.25):
            return self.choice(self.normalization, self.float_function)()
        return (self.vector_layer, self.sequence_layer, self.image_layer)[len(shape) - 1](
            *shape[: max(len(shape) - 1, 1)]
        )

    def nested(self, shape: Any) -> Any:
        """A model as a layer: from `shape` to some shape."""
        x = layers.Input(shape, name=self.name("inner_x"))
        y = self.quantized(self.any_layer(x)(x))
        if self.chance(0.5):
            return keras.Model(x, y, name=self.name("inner"))
        return keras.Model(x, [y, self.quantized(y)] if self.chance(0.3) else y, name=self.name("inner"))

    def joined(self, x: Any, y: Any) -> Any:
        """Two tensors of one shape."""
        layer = self.choice("Add", "Subtract", "Multiply", "Maximum", "Minimum", "Average", "Concatenate")
        if layer == "Concatenate" and self.chance(0.5):
            return layers.Concatenate(axis=self.choice(1, -1), name=self.name("concat"))([x, y, x])
        inputs = [x, y] if layer == "Subtract" or self.chance(0.7) else [x, y, x]
        return getattr(layers, layer)(name=self.name(layer.lower()))(inputs)

    def graph(self) -> Any:
        """The whole model."""
        shapes = [(self.integer(3, 12),), (self.integer(3, 6), self.integer(1, 4))]
        shapes.append((self.integer(3, 6), self.integer(3, 6), self.integer(1, 3)))
        shape = self.choice(*shapes)
        inputs = [layers.Input(shape, name=f"x{i}") for i in range(self.choice(1, 1, 1, 2))]
        tensors = [qkeras.QActivation(self.fixed(), name=self.name("quantize"))(x) for x in inputs]
        made: list[tuple[Any, Any]] = []  # layers and the shapes that they take
        for _ in range(self.integer(1, 6)):
            tensors += self.grown(tensors, made)
        ends = tensors[-1:] if self.chance(0.7) else [tensors[-1], tensors[self.integer(0, len(tensors) - 1)]]
        ends = [qkeras.QActivation("quantized_bits(8,3,alpha=1)", name=self.name("out"))(y) for y in ends]
        if self.chance(0.15):
            ends[0] = layers.Activation("softmax", name=self.name("softmax"))(ends[0])
        model = keras.Model([x for x in inputs if _reaches(x, ends)], ends, name="net")
        self.set_weights(model)
        return model

    def grown(self, tensors: list[Any], made: list[tuple[Any, Any]]) -> list[Any]:
        """The next tensors."""
        x = tensors[-1 if self.chance(0.7) else self.integer(0, len(tensors) - 1)]
        same = [y for y in tensors if y.shape == x.shape and y is not x]
        again = [layer for layer, shape in made if shape == x.shape]
        if same and self.chance(0.35):
            y = self.joined(x, self.choice(*same))
            return [self.quantized(y)]
        if again and self.chance(0.3):
            layer = self.choice(*again)
        elif self.chance(0.12):
            layer = self.nested(x.shape[1:])
        else:
            layer = self.any_layer(x)
        made.append((layer, x.shape))
        results = layer(x)
        results = results if isinstance(results, list) else [results]
        if any(np.prod(y.shape[1:]) > LARGEST for y in results):
            return []
        return [self.quantized(y) if self.chance(0.8) else y for y in results]


def _reaches(x: Any, ends: list[Any]) -> bool:
    """Whether one of `ends` depends on `x`."""
    seen, todo = set(), list(ends)
    while todo:
        tensor = todo.pop()
        if tensor is x:
            return True
        if id(tensor) not in seen:
            seen.add(id(tensor))
            node = tensor.node
            todo += node.keras_inputs
    return False


def at_uncertified_thresholds(lowered, x: np.ndarray) -> list[np.ndarray]:
    """The elements of operands that stand right at or right before a threshold that its op lists as uncertified, for
    every op with such thresholds: the only ones for which Keras' result is not determined."""
    function, interpreter = network(lowered), interpreter_for(lowered)
    values = {function.args[0]: to_argument(function, 0, x)}
    found = []
    for op in function.body.block.ops:
        if not op.results:
            continue
        (values[op.results[0]],) = interpreter.run_op(op, tuple(values[v] for v in op.operands))
        if isinstance(op, ThresholdOp) and op.uncertified is not None:
            source, levels = values[op.operand], constant_of(op.thresholds)
            directions = np.ones(len(levels), int) if op.direction is None else constant_of(op.direction)
            found.append(np.zeros(source.shape, bool))
            for channel in set(op.uncertified.get_values()):
                row = channel if len(levels) > 1 else 0
                touched = [*levels[row], *(levels[row] - directions[row])]
                found[-1][..., channel] = np.isin(source[..., channel], touched)
    return found
