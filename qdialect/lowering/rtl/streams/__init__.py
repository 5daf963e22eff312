"""Networks that take one pixel in a tick: windows are delays of a stream, of a number of ticks that is constant."""
