"""The fast simulator: a network as a plan of numpy calls on codes held as floats, equal to the interpreter."""
