"""A network at integer level as modules that take one pixel in a tick."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import FuncOp
from xdsl.ir import Operation, SSAValue

from qdialect.analysis.ranges import ranges
from qdialect.dialects.qnn.network import argument_names, keras_name, network, results_of
from qdialect.dialects.qnn.ops.shapes import ReshapeOp
from qdialect.errors import QdialectError
from qdialect.interpreter.simulate import interpreter_for
from qdialect.lowering.rtl.design import Hierarchy, fill, output_names
from qdialect.lowering.rtl.layers import FusedLayer, image_shape
from qdialect.lowering.rtl.matrices.linear import Strategy
from qdialect.lowering.rtl.modules import ModuleLibrary
from qdialect.lowering.rtl.moves import Elements, as_elements
from qdialect.lowering.rtl.names import unique_identifiers
from qdialect.lowering.rtl.netlist import Wire
from qdialect.lowering.rtl.placement import constants
from qdialect.lowering.rtl.ports import given, taken
from qdialect.lowering.rtl.streams.layers import StreamedLayer
from qdialect.lowering.rtl.streams.moves import moved
from qdialect.lowering.rtl.streams.network import StreamedNetwork
from qdialect.lowering.rtl.streams.raster import Raster
from qdialect.lowering.rtl.streams.values import Gathered, PixelStream, Value

Values = dict[SSAValue, Value]


def carriers(value: SSAValue) -> list[SSAValue]:
    """An argument, and what it is reshaped to where that is all it is used for: the last is how its pixels come."""
    found = [value]
    while len(uses := list(found[-1].uses)) == 1 and isinstance(op := uses[0].operation, ReshapeOp):
        found.append(op.result)
    return found


def stream_design_of(module: ModuleOp, strategy: Callable[[Operation], Strategy]) -> Hierarchy:
    """The netlists of a network at integer level, whose ports carry a pixel.

    Raises QdialectError naming the value that has no form, or none in which pixels come one after the other.
    """
    function, known, interpreter = network(module), ranges(module), interpreter_for(module)
    rows, columns = input_size(function)
    library = ModuleLibrary()
    name = library.unique(function.sym_name.data)
    streams = StreamedNetwork(library, library.netlist(f"{name}_core"), rows * columns)
    values: Values = {}
    inputs = unique_identifiers(argument_names(function))
    for argument, name in zip(function.args, inputs, strict=True):
        *_, image = carried = carriers(argument)
        pixel = [*taken(streams.net, name, argument, known[argument].per_channel(image_shape(image)[2])).flat]
        stream = streams.stream(pixel, Raster.of(rows, columns, columns, 1), 0, name)
        values |= dict.fromkeys(carried, stream if stream.raster.pixels > 1 else streams.whole(stream, name))

    def placed(layer: FusedLayer) -> Value:
        return StreamedLayer(streams, layer, strategy, known.get(layer.result)).lower(values)

    def move(op: Operation) -> Value:
        found = values.get(op.results[0])
        return moved(streams, interpreter, op, [valued(values, v) for v in op.operands]) if found is None else found

    fill(values, function, placed, move)
    names = output_names(function, {*inputs})
    results = finished(streams, [(keras_name(v), valued(values, v)) for v in results_of(function)])
    outputs = {
        name: given(streams.net, pixel, v)
        for name, pixel, v in zip(names, results.pixels, results_of(function), strict=True)
    }
    library.add(streams.net, {**outputs, "valid": results.valid, "tick_out": streams.ticking.tick})
    interval = streams.interval
    counts = {"pixels": rows * columns, "results": results.count, "interval": interval, "drain": results.end}
    return Hierarchy(library.modules, inputs, names, counts)


def input_size(function: FuncOp) -> tuple[int, int]:
    """Rows and columns of all inputs. Raises QdialectError where they differ."""
    sizes = {image_shape(carriers(argument)[-1])[:2] for argument in function.args}
    if len(sizes) != 1:
        raise QdialectError(f"inputs of {len(sizes)} different sizes have no streaming RTL; io_type io_parallel has")
    if not results_of(function):
        raise QdialectError("the network returns nothing, and has no streaming RTL")
    return sizes.pop()


def valued(values: Values, value: SSAValue) -> Value:
    """A value, or a constant operand, which is there from the first tick on."""
    return values[value] if value in values else Gathered(constants(value), 0)


@dataclass(frozen=True)
class Results:
    """What leaves the network in a tick, a pixel of each result."""

    pixels: Sequence[Elements]
    valid: Wire
    count: int
    """Pixels of a sample."""
    end: int
    """The tick of the last one."""


def finished(streams: StreamedNetwork, values: Sequence[tuple[str, Value]]) -> Results:
    """The results, with their layers, in the same ticks: by pixel where all are images in one pitch, else whole."""
    streamed = [(name, value) for name, value in values if isinstance(value, PixelStream)]
    if len(streamed) == len(values):
        start = max(streams.start_of(value) for _, value in streamed)
        images = [streams.aligned(value, start, name) for name, value in streamed]
        if len({image.raster for image in images}) == 1:
            valid = streams.position(images[0].raster, start).valid
            pixels = [as_elements(image.pixel, (len(image.pixel),)) for image in images]
            return Results(pixels, valid, images[0].raster.pixels, images[0].end)
    whole = [(name, streams.whole(value, name)) for name, value in values]
    start = max(value.start for _, value in whole)
    elements = [streams.held(value, start, name).elements for name, value in whole]
    return Results(elements, streams.start(start), 1, start)
