"""Float values that no quantizer follows, as exact fixed-point numbers.

Keras computes batch normalization in float32. Before a quantizer it stays a float32 formula: only the quantizer's
codes matter, and they become thresholds. Where a contraction, a merge or the network's output reads the value,

    y = x * inv + offset,    inv = f32(rsqrt(variance + epsilon) * gamma),    offset = f32(beta - f32(mean * inv))

without rounding: a float32 is an integer times a power of two, so this is a product and a sum with constants. The
division of an average becomes a product with the reciprocal; `quotients` postpones it where it can. Keras' own result
differs by float32 roundings only, and their bound is remarked on the module. An output of the network that is such a
function of few codes is a table of Keras' own float32 results instead.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray
from xdsl.ir import Block, Operation, SSAValue
from xdsl.rewriter import Rewriter

from qdialect.analysis.code_range import whole_type
from qdialect.analysis.float_functions import float_function
from qdialect.analysis.step_functions import find_values
from qdialect.dialects.qnn.op import QnnOp
from qdialect.dialects.qnn.ops.constant import ConstantOp, constant_of
from qdialect.dialects.qnn.ops.elementwise import AddOp, BinaryOp, MulOp
from qdialect.dialects.qnn.ops.float_steps import BatchNormOp, DivideOp, FloatOp
from qdialect.dialects.qnn.owner import own, step_of
from qdialect.dialects.qnn.traits import Bilinear, Linear
from qdialect.dialects.qnn.types import exact_format_of, format_of, tensor
from qdialect.frontends.building.builder import Builder
from qdialect.frontends.building.weights import exact_weights
from qdialect.numerics.arrays import IntArray
from qdialect.numerics.float32 import ROUNDOFF, RSQRT_ULPS, Roundings, inverse_deviation, offset
from qdialect.numerics.formats import FixedFormat, Format

LARGEST_CONSTANT_BITS = 64

BATCH_NORM_ROUNDINGS = 2 * RSQRT_ULPS + 10
"""Of each constant of batch normalization: the root within RSQRT_ULPS units, of two roundoffs each, and at most two
more roundings in Keras and three here; Keras' formulas round up to three times more than a product and a sum."""

RECIPROCAL_ROUNDINGS = 3
"""Of 1/n in place of a division: here, in Keras, and the difference between a division and two products."""


def exact(b: Builder, x: SSAValue) -> SSAValue:
    """The exact fixed-point form of a float value, built on first use; `x` itself if it is quantized.

    A value that depends on an unquantized network input has no such form and stays float as well.
    Raises QdialectError, naming the layer, for steps without exact form: transcendental functions.
    """
    if format_of(x.type) is not None or x in b.raw:
        return x
    if x not in b.exact_forms:
        b.exact_forms[x] = _exact_form(b, x)
    return b.exact_forms[x]


def has_exact_form(b: Builder, x: SSAValue) -> bool:
    """Whether `exact` gives a value for `x` rather than an error."""
    op = x.owner
    if format_of(x.type) is not None or x in b.raw or isinstance(op, ConstantOp):
        return True
    if not isinstance(op, QnnOp) or (isinstance(op, FloatOp) and not isinstance(op, BatchNormOp | DivideOp)):
        return False
    return all(has_exact_form(b, operand) for operand in op.operands)


def exact_if_possible(b: Builder, x: SSAValue) -> SSAValue:
    """As `exact`, but a function without exact form stays float: it runs in the interpreter, not in hardware."""
    return exact(b, x) if has_exact_form(b, x) else x


def output_form(b: Builder, x: SSAValue) -> SSAValue:
    """As `exact_if_possible`; but a function of few codes stays float, to become a table of Keras' own results."""
    function = float_function(x)
    whole = None if function is None else whole_type(function.source)
    return x if function and whole and find_values(function, whole) else exact_if_possible(b, x)


def merged(b: Builder, inputs: Sequence[SSAValue]) -> Sequence[SSAValue]:
    """The operands of a merge: exact if all can be; else as they are, for a table of what x * sigmoid(x) and the like
    are as functions of one quantized value."""
    return [exact(b, x) for x in inputs] if all(has_exact_form(b, x) for x in inputs) else inputs


def _exact_form(b: Builder, x: SSAValue) -> SSAValue:
    op = x.owner
    match op:
        case ConstantOp():
            return _constant(b, x, op.data, "")
        case BatchNormOp():
            return _batch_norm(b, op)
        case DivideOp():
            return _quotient(b, op)
        case QnnOp() if not isinstance(op, FloatOp):
            return _of_exact_operands(b, x, op)
        case _:
            raise b.origins[x].error("its float result is no fixed-point number: put a QActivation after it")


def _of_exact_operands(b: Builder, x: SSAValue, op: QnnOp) -> SSAValue:
    """The same operation on fixed-point operands: relu, pooling, sums, moved elements."""
    same = op.clone({operand: exact(b, operand) for operand in op.operands})
    shape, fmt = same.inferred()
    if fmt is None:
        raise b.origins[x].error(f"{op.name} has no exact form here: put a QActivation after it")
    Rewriter.replace_value_with_new_type(same.results[0], tensor(shape, fmt))
    if isinstance(op, BinaryOp) and (op.has_trait(Linear) or op.has_trait(Bilinear)):
        _remark(b, x, ROUNDOFF * largest_magnitude(fmt))
    return emit_for(b, x, same, "")


def _batch_norm(b: Builder, op: BatchNormOp) -> SSAValue:
    x, y = exact(b, op.operand), op.result
    parameters = [constant_of(parameter) for parameter in op.operands[1:]]
    gamma, beta, mean, variance = (np.asarray(p, np.float32) for p in parameters)
    inv = inverse_deviation(gamma, variance, op.epsilon.value.data)
    scale, shift = _constant(b, y, inv, "_scale"), _constant(b, y, offset(inv, beta, mean), "_offset")
    result = emit_for(b, y, AddOp(emit_for(b, y, MulOp(x, scale), "_scaled"), shift), "")
    terms = np.abs(beta.astype(np.float64)) + np.abs(mean.astype(np.float64) * inv)
    b.roundings |= {scale: Roundings(BATCH_NORM_ROUNDINGS), shift: Roundings(BATCH_NORM_ROUNDINGS, terms)}
    _remark(b, y, rounding_bound(exact_format_of(x.type), inv, beta, mean))
    return result


def _quotient(b: Builder, op: DivideOp) -> SSAValue:
    """Keras rounds the quotient once; the product is so close that, of sums up to 24 bits, the nearest float32 is
    Keras' (`reciprocals`)."""
    x, y = exact(b, op.operand), op.result
    divisor = np.asarray(constant_of(op.divisor), np.float32)
    if np.array_equal(divisor, np.rint(divisor)):
        reciprocal = emit_for(b, y, ConstantOp(*reciprocals(divisor)), "_reciprocal")
    else:
        reciprocal = _constant(b, y, np.float32(1) / divisor, "_reciprocal")
    b.roundings[reciprocal] = Roundings(RECIPROCAL_ROUNDINGS)
    result = emit_for(b, y, MulOp(x, reciprocal), "")
    _remark(b, y, 4 * ROUNDOFF * largest_magnitude(exact_format_of(result.type)))
    return result


def reciprocals(divisors: NDArray[Any]) -> tuple[IntArray, FixedFormat]:
    """1 / divisors, which are integers, as codes of one step, of at least 26 + bits of the divisor significant bits.

    A quotient s / n of integers with |s| < 2**24 that is no float32 lies at least s / n * 2**-25 / n away from every
    tie between two float32 numbers, and the product with such a reciprocal is closer to it than that.
    """
    counts = [int(n) for n in divisors.flat]
    lsb = -(26 + 2 * max(counts).bit_length())
    codes = [round(Fraction(2**-lsb, n)) for n in counts]
    return np.array(codes, np.int64).reshape(divisors.shape), FixedFormat.holding(min(codes), max(codes), lsb)


def _remark(b: Builder, y: SSAValue, bound: float) -> None:
    b.remark(
        b.origins[y],
        f"no quantizer follows, so it is computed exactly with {b.whose} float32 constants; "
        f"on the same input {b.whose} own float32 roundings move its result by at most {bound:.2g}",
    )


def rounding_bound(x: Format, inv: NDArray[np.float32], beta: NDArray[np.float32], mean: NDArray[np.float32]) -> float:
    """The largest |Keras' y - exact y| over all formulas of batch normalization and all x of the format.

    With u = ROUNDOFF and a = (|x| + |mean|) * |inv|: of the reals, inv is within 2 * RSQRT_ULPS * u + 3u in Keras and
    3u here, relatively; each formula rounds at most four further intermediate results of at most a or a + |beta|,
    and x itself once; the offset here is rounded twice. Two more u cover products of these terms.
    """
    a = (largest_magnitude(x) + np.abs(mean.astype(np.float64))) * np.abs(inv.astype(np.float64))
    roundings = (2 * RSQRT_ULPS + 3 + 3 + 4 + 1 + 2 + 2) * a + 5 * np.abs(beta.astype(np.float64))
    return float(np.max(ROUNDOFF * roundings))


def largest_magnitude(fmt: Format) -> float:
    """The largest magnitude of a value of the format, rounded up beyond 60 bits."""
    code = max(abs(fmt.min_code), fmt.max_code)
    dropped = max(code.bit_length() - 60, 0)
    return math.ldexp((code >> dropped) + (dropped > 0), fmt.lsb + dropped)


def _constant(b: Builder, x: SSAValue, values: NDArray[np.float32], suffix: str) -> SSAValue:
    """float32 numbers as codes of a common step; `x` is the value they belong to."""
    layer = b.origins[x]
    numbers = exact_weights(values, layer.where)
    if numbers.format.bits > LARGEST_CONSTANT_BITS:
        raise layer.error(
            f"its factors or offsets, as exact numbers of one step, need {numbers.format.bits} bits, more than "
            f"{LARGEST_CONSTANT_BITS}: put a QActivation after it"
        )
    return emit_for(b, x, ConstantOp(numbers.data, numbers.format), suffix)


def emit_for(b: Builder, x: SSAValue, op: Operation, suffix: str) -> SSAValue:
    """Append an operation on behalf of the layer of `x`, named after it."""
    result = b.append(op)
    own(op, b.origins[x].name, None if isinstance(x.owner, Block) else step_of(x.owner))
    result.name_hint = f"{x.name_hint}{suffix}"
    b.origins[result] = b.origins[x]
    return result
