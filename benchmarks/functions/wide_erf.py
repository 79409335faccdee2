"""The filters for erf and erfc."""

import math

import numpy as np

from . import constants


def erf(x):
    if x.dtype == np.float64:
        return _each(math.erf, x)
    small = np.abs(x) < 2
    result = np.sign(x) * (1 - _erfc_fraction(np.maximum(np.abs(x), 2)))
    result[small] = _erf_series(x[small])
    return np.where(np.isnan(x), x, result)


def erfc(x):
    if x.dtype == np.float64:
        return _each(math.erfc, x)
    size = np.abs(x)
    tail = _erfc_fraction(np.maximum(size, 2))
    # The nearer to 0, the more terms; below 0.75, where erfc is 0.29, 1 − erf costs two bits.
    middle = (size < 2) & (size >= 0.75)
    tail[middle] = _erfc_fraction(size[middle], 450)
    result = np.where(x < 0, 2 - tail, tail)
    small = size < 0.75
    result[small] = 1 - _erf_series(x[small])
    return np.where(np.isnan(x), x, result)


def _each(function, x):
    """A function of Python's math on each element."""
    return np.frompyfunc(function, 1, 1)(x).astype(np.float64)


def _erf_series(x):
    """2/√π · e^(−x²) · Σ 2ⁿ x^(2n+1) / (2n+1)!!, all terms of one sign (DLMF 7.6.2)."""
    square = x * x
    term = x.copy()
    total = x.copy()
    for n in range(1, 60):
        term = term * (2 * square / (2 * n + 1))
        total = total + term
    return 2 / constants.constant("sqrt(pi)", x.dtype) * np.exp(-square) * total


def _erfc_fraction(x, terms=160):
    """erfc by its continued fraction (DLMF 7.9.1), from behind; 160 terms are enough for x ≥ 2."""
    fraction = x
    for n in range(terms, 0, -1):
        fraction = x + (n / x.dtype.type(2)) / fraction
    high, low = _square(x)
    # e^(−x²) to its last place needs x² to more places than the type has.
    return np.exp(-high) * (1 - low) / (fraction * constants.constant("sqrt(pi)", x.dtype))


def _square(x):
    """x² as the sum of two: the upper half of x has an exact square (Dekker)."""
    upper = x.astype(np.float32).astype(x.dtype)
    lower = x - upper
    high = x * x
    low = (upper * upper - high) + 2 * upper * lower + lower * lower
    return high, np.where(np.isfinite(low), low, 0)
