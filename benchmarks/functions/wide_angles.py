"""The filters for sin, cos and tan, fast where angles are large."""

import mpmath
import numpy as np

from . import constants

# Up to here np.sin is as fast as it gets.
_LARGE_ANGLE = 2.0**15


def sin(x):
    return _large_angles(np.sin, lambda rest, quarter: _sine(rest, quarter), x)


def cos(x):
    return _large_angles(np.cos, lambda rest, quarter: _sine(rest, quarter + 1), x)


def tan(x):
    def of_rest(rest, quarter):
        tangent = np.tan(rest)
        return np.where(quarter % 2 == 0, tangent, -1 / tangent)

    return _large_angles(np.tan, of_rest, x)


def _sine(rest, quarter):
    """sin(rest + quarter · π/2) for |rest| ≤ π/4, with one call of sin."""
    up = constants.constant("pi/2", rest.dtype) - np.abs(
        rest
    )  # sin(up) is cos(rest), and not small
    sine = np.sin(np.where(quarter % 2 == 0, rest, up))
    return np.where(quarter % 4 < 2, sine, -sine)


def _large_angles(plain, of_rest, x):
    """``plain(x)``, but ``of_rest`` of the rest and the quarter turns where x is large.

    That is for the values of narrower types in float64, where reducing the angle takes libraries
    fifty nanoseconds, most of what a sweep would take. long double takes its own way.
    """
    large = np.abs(x) >= _LARGE_ANGLE
    if x.dtype != np.float64 or not large.any():
        return plain(x)
    large &= np.isfinite(x)
    result = of_rest(*_rest_and_quarter(np.where(large, x, _LARGE_ANGLE)))
    return result if large.all() else np.where(large, result, plain(np.where(large, 0, x)))


def _rest_and_quarter(x):
    """x = quarter · π/2 + rest with |rest| ≤ π/4 (to a few bits); x has 24 bits at the most.

    Of x = m · 2^e only m · frac(2^e / 2π) counts. With that fraction in two pieces of 29 bits and a
    third of 53, the products of m and the first two are exact, and so is what remains of them next
    to a quarter turn: the rest is good to its last places even where it is small.
    """
    _, exponents = np.frexp(x)
    if (exponents == exponents.flat[0]).all():
        exponents = exponents.flat[0]  # as in a sweep: no table look-ups
    scale, first, second, third = (column[exponents] for column in _turns())
    m = x * scale
    high = m * first
    high = high - np.round(high)
    low = m * second
    quarter = np.round(4 * (high + low))
    rest = ((high - quarter / 4) + low) + m * third
    return rest * constants.constant("2*pi", x.dtype), quarter


def _turns():
    """By exponent of frexp: 2^(24−e), and frac(2^(e−24) / 2π) in three pieces."""

    def compute():
        rows = []
        with mpmath.workprec(400):
            for exponent in range(130):
                rest = mpmath.ldexp(1, exponent - 24) / (2 * mpmath.pi)
                rest -= mpmath.floor(rest)
                row = [2.0 ** (24 - exponent)]
                for bits in (29, 58):
                    piece = mpmath.ldexp(mpmath.floor(mpmath.ldexp(rest, bits)), -bits)
                    row.append(float(piece))
                    rest -= piece
                rows.append([*row, float(rest)])
        return np.array(rows).T

    return constants.remember("turns", compute)
