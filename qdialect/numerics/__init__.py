"""Fixed-point numerics without IR: formats, exact integer arrays, rounding, Keras' float32 arithmetic.

Importer, folding, interpreter and range analysis all use these functions; none of them has its own copy.
"""
