"""Constants and series of the filters, computed once by mpmath for the float that wants them."""

import mpmath
import numpy as np


def horner(coefficients, x):
    total = np.zeros_like(x)
    for coefficient in coefficients[::-1]:
        total = total * x + coefficient
    return total


_known = {}


def remember(key, compute):
    if key not in _known:
        with mpmath.workprec(200):
            _known[key] = compute()
    return _known[key]


def rounded(dtype, value):
    """mpmath's value in ``dtype``, correctly rounded to its 53 or 64 bits (to a bit)."""
    high = float(value)
    return np.dtype(dtype).type(high) + np.dtype(dtype).type(float(value - mpmath.mpf(high)))


def constant(name, dtype):
    values = {
        "pi": lambda: mpmath.pi(),
        "2*pi": lambda: 2 * mpmath.pi,
        "pi/2": lambda: mpmath.pi / 2,
        "sqrt(pi)": lambda: mpmath.sqrt(mpmath.pi),
        "log(2*pi)/2": lambda: mpmath.log(2 * mpmath.pi) / 2,
    }
    return remember((name, dtype), lambda: rounded(dtype, values[name]()))
