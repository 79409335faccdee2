"""The filters for lgamma and digamma.

Next to their zeros at negative numbers only the absolute error is small: no library is any better
there, and what is reported is certified by mpmath anyway.
"""

import mpmath
import numpy as np

from . import constants

# Where Stirling's series converges to the 64 bits of long double with _STIRLING terms.
_LARGE = 20
_STIRLING = 13


def lgamma(x):
    """log|Γ(x)|: reflected at 1/2."""
    reflected = x < 0.5
    positive = np.where(reflected, 1 - x, x)
    # x − 1 of the positive number, without rounding where that counts.
    result = _lgamma_positive(positive, np.where(reflected, -x, x - 1))
    sine = constants.constant("pi", x.dtype) / np.abs(_sin_pi(x))
    result = np.where(reflected, np.log(sine) - result, result)
    # Next to 0 that is log(1/|x|) with the rounding of 1 − x in it.
    tiny = np.abs(x) < 0.25
    small = x[tiny]
    result[tiny] = -np.log(np.abs(small)) + small * constants.horner(
        _lgamma_taylor(1, x.dtype), small
    )
    return np.where(np.isinf(x), np.abs(x), result)


def _lgamma_positive(x, below):
    """lgamma for x ≥ 1/2, ``below`` = x − 1: by Taylor's series at its zeros 1 and 2, between them
    and up to 8.5 by the recurrence down to [1.5, 2.5], where all terms have one sign; Stirling's
    series, whose terms cancel for small x, from there."""
    result = _lgamma_stirling(x)
    middle = x < 8.5
    steps = np.clip(np.round(x[middle]) - 2, 0, None)
    base = x[middle] - steps
    product = np.ones_like(base)
    for step in range(6):
        product = np.where(step < steps, product * (base + step), product)
    offset = np.where(x[middle] < 1.5, below[middle], base - 2)
    near_two = offset * constants.horner(_lgamma_taylor(2, x.dtype), offset)
    # Below 1.5: lgamma(x) = lgamma(x + 1) − log(x), and (x + 1) − 2 = x − 1.
    near_one = np.where(np.abs(offset) <= 0.25, offset, 0)
    down = np.where(
        near_one == offset,
        near_one * constants.horner(_lgamma_taylor(1, x.dtype), near_one),
        near_two - np.log(x[middle]),
    )
    result[middle] = np.where(x[middle] < 1.5, down, np.log(product) + near_two)
    return result


def digamma(x):
    """Γ′(x)/Γ(x): reflected at 0, by Taylor's series next to its zero 1.46…, else asymptotic."""
    reflected = x < 0
    positive = np.where(reflected, 1 - x, x)
    result = _digamma_asymptotic(positive)
    high, low, coefficients = _digamma_taylor(x.dtype)
    near = np.abs(positive - high) < 0.4
    offset = (positive[near] - high) - low
    result[near] = offset * constants.horner(coefficients, offset)
    pi = constants.constant("pi", x.dtype)
    result = np.where(reflected, result - pi * _cos_pi(x) / _sin_pi(x), result)
    # Its poles: that at 0 has two sides, of the others none is more right.
    result = np.where(x == 0, np.copysign(x.dtype.type(np.inf), -x), result)
    return np.where(reflected & (x == np.round(x)), np.nan, result)


def _lgamma_stirling(x):
    """(x−½) ln x − x + ½ ln 2π + Σ B₂ₖ / (2k(2k−1) x^(2k−1)) (DLMF 5.11.1), x raised to _LARGE."""
    product = np.ones_like(x)
    for step in range(_LARGE):
        small = x + step < _LARGE
        product = np.where(small, product * np.where(small, x + step, 1), product)
    large = np.where(x < _LARGE, x + np.ceil(np.maximum(_LARGE - x, 0)), x)
    inverse = 1 / large
    series = inverse * constants.horner(_bernoulli("lgamma", x.dtype), inverse * inverse)
    half_log = constants.constant("log(2*pi)/2", x.dtype)
    return (large - x.dtype.type(0.5)) * np.log(large) - large + half_log + series - np.log(product)


def _digamma_asymptotic(x):
    """ln x − 1/2x − Σ B₂ₖ / (2k x^2k) (DLMF 5.11.2), x raised to _LARGE."""
    total = np.zeros_like(x)
    for step in range(_LARGE):
        small = x + step < _LARGE
        total = total + np.where(small, 1 / np.where(small, x + step, 1), 0)
    large = np.where(x < _LARGE, x + np.ceil(np.maximum(_LARGE - x, 0)), x)
    inverse = 1 / large
    square = inverse * inverse
    series = square * constants.horner(_bernoulli("digamma", x.dtype), square)
    return np.log(large) - inverse / 2 - series - total


def _sin_pi(x):
    offset = x - np.round(x)  # exact, at most 1/2
    odd = np.remainder(np.round(x), 2) == 1
    sine = np.sin(constants.constant("pi", x.dtype) * offset)
    return np.where(odd, -sine, sine)


def _cos_pi(x):
    offset = x - np.round(x)
    odd = np.remainder(np.round(x), 2) == 1
    # Near its zeros at ±1/2 by the sine of what is missing.
    cosine = np.sin(constants.constant("pi", x.dtype) * (x.dtype.type(0.5) - np.abs(offset)))
    return np.where(odd, -cosine, cosine)


def _bernoulli(name, dtype):
    over = {"lgamma": lambda k: 2 * k * (2 * k - 1), "digamma": lambda k: 2 * k}[name]
    terms = range(1, _STIRLING + 1)
    return constants.remember(
        (name, dtype),
        lambda: [constants.rounded(dtype, mpmath.bernoulli(2 * k) / over(k)) for k in terms],
    )


def _lgamma_taylor(zero, dtype):
    """lgamma(zero + z) / z, from −γ z + Σ ζ(k) (−z)^k / k (DLMF 5.7.3)."""

    def compute():
        first = -mpmath.euler + zero - 1
        rest = [(-1) ** k * (mpmath.zeta(k) - (zero - 1)) / k for k in range(2, 36)]
        return [constants.rounded(dtype, value) for value in [first, *rest]]

    return constants.remember(("lgamma", zero, dtype), compute)


def _digamma_taylor(dtype):
    """The zero of digamma in two parts, and digamma(zero + z) / z."""

    def compute():
        zero = mpmath.findroot(mpmath.digamma, mpmath.mpf("1.4616321449683623"))
        high = constants.rounded(dtype, mpmath.mpf(float(zero)))
        low = constants.rounded(dtype, zero - mpmath.mpf(float(zero)))
        terms = [mpmath.polygamma(k, zero) / mpmath.factorial(k) for k in range(1, 40)]
        return high, low, [constants.rounded(dtype, term) for term in terms]

    return constants.remember(("zero of digamma", dtype), compute)
