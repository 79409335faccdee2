"""The data of reductions: whatever makes a sum easy, and what makes it hard."""

import numpy as np

from ..formats import ulp
from . import input_sets

# Rows and columns of a product, around a vector of eight: the length is the inner one.
_EDGE = 9
_SEED = 40
_BINADES = 6


def uniform(op, format, length):
    """Numbers uniform over the op's usual interval."""
    return [
        input_sets.uniform(interval, format, _SEED + index, 0, _size(op, length)).reshape(shape)
        for index, (interval, shape) in enumerate(zip(op.usual, _shapes(op, length)))
    ]


def cancelling(op, format, length):
    """Numbers of 12 binades that cancel in pairs, strewn over the array, but for one or two.

    Those are of the lowest binade.
    """
    size = _size(op, length)
    shape = _shapes(op, length)[0]
    pairs = (length - 1) // 2
    steps = (input_sets.random_bits(_SEED + 2, 0, size) % np.uint64(2 * _BINADES)).reshape(shape)
    steps[..., 2 * pairs :] = 0
    fraction = input_sets.uniform((1, 2), ulp.FORMATS["float64"], _SEED + 3, 0, size).view(
        np.float64
    )
    values = np.ldexp(fraction.reshape(shape), steps.astype(np.int64) - _BINADES)
    first = ulp.encode(values, format)
    order = np.argsort(input_sets.random_bits(_SEED + 4, 0, length), kind="mergesort")
    sign = format.uint.type(1 << (format.width - 1))
    first[..., pairs : 2 * pairs] = first[..., :pairs] ^ sign
    others = uniform(op, format, length)[1:]
    for other in others:  # the same factor for both of a pair
        other[pairs : 2 * pairs] = other[:pairs]
    return [first[..., order]] + [other[order] for other in others]


def offset(op, format, length):
    """The usual numbers added to 2**(p // 2), p being the precision.

    The one-pass formula for a variance then loses all digits, and the two-pass formula none; an
    exponential overflows without a shift (for bfloat16 it stays in range).
    """
    (low, high), away = op.usual[0], 2.0 ** (format.precision // 2)
    return [input_sets.uniform((away + low, away + high), format, _SEED, 0, length)]


def _shapes(op, length):
    return [(length,)] if op.dimensions == 1 else [(_EDGE, length), (length, _EDGE)]


def _size(op, length):
    return length if op.dimensions == 1 else _EDGE * length
