"""How many representable numbers apart two results are: a distance between results.

An ULP error (ulp.py) compares a result with the exact value. Here two results are compared with
each other, and every step to the next number counts one. The order is IEEE 754-2019's totalOrder
(section 5.10), but with all NaNs as the one number after +Inf: so −0 and +0 are one apart, being
different results, a NaN has a finite distance from a number, and NaNs of any payload are the same.
"""

import numpy as np


def positions(bits, format):
    """The place of each bit pattern in the order of all numbers, as uint64."""
    sign, magnitude, infinity = _parts(bits, format)
    zero = np.uint64(1 << (format.width - 1))
    place = np.where(sign, zero - np.uint64(1) - magnitude, zero + magnitude)
    return np.where(magnitude > infinity, zero + infinity + np.uint64(1), place)


def bits_at(positions, format):
    """The bit patterns at ``positions`` (uint64), none of which may be beyond the infinities."""
    zero = np.uint64(1 << (format.width - 1))
    one = np.uint64(1)
    bits = np.where(positions >= zero, positions - zero, zero | (zero - one - positions))
    return bits.astype(format.uint)


def distance(one, other, format):
    """How many steps there are from each of ``one`` to each of ``other``, as uint64."""
    one, other = positions(one, format), positions(other, format)
    return np.where(one > other, one - other, other - one)


def is_nan(bits, format):
    _, magnitude, infinity = _parts(bits, format)
    return magnitude > infinity


def _parts(bits, format):
    """Sign, magnitude, and the magnitude of infinity."""
    bits = np.asarray(bits).astype(np.uint64)
    sign = np.uint64(1 << (format.width - 1))
    infinity = np.uint64((2 * format.emax + 1) << (format.precision - 1))
    return bits >= sign, bits & (sign - np.uint64(1)), infinity
