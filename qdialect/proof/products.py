"""Products of two values."""

from __future__ import annotations

import numpy as np

from qdialect.numerics.arrays import IntArray
from qdialect.numerics.exact import add, multiply
from qdialect.proof.columns import PolynomialColumns
from qdialect.proof.pool import Pool


def product(pool: Pool, x: IntArray, y: IntArray) -> IntArray:
    """The columns of the elements of x * y, which broadcast, by

    (a t + b) (c u + d) = a c tu + a d t + b c u + b d

    with an atom for tu, which is named by t and u.
    """
    x, y = np.broadcast_arrays(x, y)
    left, right = (PolynomialColumns(side.reshape(len(side), -1)) for side in (x, y))
    pairs = zip(left.digests, right.digests, strict=True)
    atoms = np.stack([pool.named("product", *sorted(pair)) for pair in pairs], axis=1)
    terms = [
        multiply(atoms, left.scale * right.scale),
        multiply(left.primitive, multiply(left.scale, right.offset)),
        multiply(right.primitive, multiply(right.scale, left.offset)),
        np.broadcast_to(multiply(left.offset, right.offset), atoms.shape),
    ]
    total = terms[0]
    for term in terms[1:]:
        total = add(total, term)
    return total.reshape(x.shape)
