"""Layers on streams: one pixel of the result from the elements under the window, in a module that ticks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from xdsl.ir import SSAValue

from qdialect.analysis.code_range import Range
from qdialect.dialects.qnn.ops.packed_moves import PackedMaxPool2DOp
from qdialect.dialects.qnn.ops.pooling import MaxPool2DOp
from qdialect.errors import QdialectError
from qdialect.lowering.rtl.affine import Affine
from qdialect.lowering.rtl.layers import FusedLayer, elements_shape, image_shape
from qdialect.lowering.rtl.modules import InputPort, wires_of
from qdialect.lowering.rtl.netlist import Wire
from qdialect.lowering.rtl.placement import Placement, Slots, constants, instance, renamed, sources_of
from qdialect.lowering.rtl.streams.network import StreamedNetwork
from qdialect.lowering.rtl.streams.taps import Taps
from qdialect.lowering.rtl.streams.ticking import Ticking
from qdialect.lowering.rtl.streams.values import Gathered, PixelStream, Value
from qdialect.lowering.rtl.windows import WINDOWS, Geometry, geometry_of, least_code


@dataclass
class StreamedLayer:
    """Makes the module of one layer."""

    network: StreamedNetwork
    layer: FusedLayer
    strategy: Any
    known: Range | None

    def lower(self, values: Mapping[SSAValue, Value]) -> Value:
        """The result, whole where it is one position or an operand is whole.

        Raises QdialectError naming the layer if its operands come in different orders.
        """
        rows, columns, _ = image_shape(self.layer.result)
        operands = {v: values[v] for _, v in sources_of(self.layer) if v in values}
        if rows * columns == 1 or any(isinstance(value, Gathered) for value in operands.values()):
            return self.parallel(operands)
        if any(self.placement.modes_at(i) != self.placement.modes_at(0) for i in range(rows * columns)):
            raise QdialectError(
                f"'{self.layer.name}': formats that differ by position have no streaming RTL; io_parallel has"
            )
        sources = [self.source(op, v, operands, (rows, columns)) for op, v in sources_of(self.layer)]
        taps = [source for source in sources if isinstance(source, Taps)]
        rasters = {each.raster for each in taps}
        if len(rasters) > 1:
            raise QdialectError(
                f"'{self.layer.name}': its operands come in different pitches; io_type io_parallel has no such limit"
            )
        start = max(each.start for each in taps)
        pixel = self.placed(sources, start) if any(each.has_state(start) for each in taps) else self.direct(sources)
        return self.network.stream(pixel, rasters.pop(), start, self.layer.name)

    def parallel(self, operands: Mapping[SSAValue, Value]) -> Gathered:
        """All positions at once, in the tick in which the last operand is whole."""
        name = self.layer.name
        whole = {v: self.network.whole(value, name) for v, value in operands.items()}
        start = max(value.start for value in whole.values())
        elements = {
            v: self.network.held(value, start, name).elements.reshape(elements_shape(v)) for v, value in whole.items()
        }
        placement = Placement(self.network.library, self.layer, self.strategy, self.known)
        return Gathered(placement.lower(self.network.net, elements), start)

    def source(
        self, op: Any, operand: SSAValue, operands: Mapping[SSAValue, Value], positions: tuple[int, int]
    ) -> Taps | Slots:
        """What one operand gives: a window over its stream, or constants."""
        if operand in operands:
            stream = operands[operand]
            assert isinstance(stream, PixelStream), "layers of whole values are parallel"
            beyond = least_code(op) if isinstance(op, MaxPool2DOp | PackedMaxPool2DOp) else 0
            return Taps(stream, geometry_of(op) if type(op) in WINDOWS else Geometry(), positions, beyond)
        image = np.broadcast_to(constants(operand), elements_shape(self.layer.result))
        pixels = image.reshape(-1, image.shape[-1])
        if any(x.offset != y.offset for pixel in pixels for x, y in zip(pixel, pixels[0], strict=True)):
            raise QdialectError(
                f"'{self.layer.name}': constants that differ by position have no streaming RTL; io_parallel has"
            )
        return [*pixels[0]]

    def direct(self, sources: Sequence[Taps | Slots]) -> list[Affine]:
        """The pixel of the result from those of this tick, in the network's own module."""
        slots: list[Slots] = [[*each.stream.pixel] if isinstance(each, Taps) else each for each in sources]
        return self.placement.placed(self.network.net, [slots], self.layer.name, self.layer.name)

    def placed(self, sources: Sequence[Taps | Slots], start: int) -> list[Affine]:
        """The same from windows, in a module that holds them."""
        network, placement = self.network, self.placement
        net = network.library.netlist(self.layer.name)
        outer: list[Wire] = [network.ticking.tick]
        ticking = Ticking(network.library, net, net.input("tick", 1, 0, 1))

        @cache
        def position():
            outer.append(network.start(start))
            raster = next(each.raster for each in sources if isinstance(each, Taps))
            return ticking.position(net.input("start", 1, 0, 1), raster)

        slots: list[Slots] = []
        for each, name in zip(sources, placement.port_names(), strict=True):
            if not isinstance(each, Taps):
                slots.append(each)
                continue
            wires = wires_of(each.stream.pixel)
            port = InputPort.of(name, [wires])
            pixel: Slots = renamed([*each.stream.pixel], port.inner(net))
            if wires:
                outer.append(port.outer(network.net, wires))
            slots.append(each.slots(ticking, [x for x in pixel if x is not None], start, position))
        elements = placement.placed(net, [slots], f"{self.layer.name}_at", None)
        return instance(network.net, placement.finished(net, elements, self.layer.name), elements, outer)

    @property
    def placement(self) -> Placement:
        """Makes the module of a pixel, of what is proven of all."""
        channels = elements_shape(self.layer.result)[-1]
        known = None if self.known is None else self.known.per_channel(channels)
        return Placement(self.network.library, self.layer, self.strategy, known)
