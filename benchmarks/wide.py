"""The filters that NumPy lacks, for arrays of float64 and of long double alike.

Each is good to some units in the last place of its argument's type, so that it can tell the errors
of a narrower type apart. Near the zeros of lgamma and digamma at negative numbers only the absolute
error is small: no library is any better there, and what is reported is certified by mpmath anyway.
"""

import math

import mpmath
import numpy as np

# Where Stirling's series converges to the 64 bits of long double with _STIRLING terms.
_LARGE = 20
# Up to here np.sin is as fast as it gets.
_LARGE_ANGLE = 2.0**15
_STIRLING = 13


def rsqrt(x):
    return 1 / np.sqrt(x)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def softplus(x):
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


def squared_difference(x, y):
    return np.square(x - y)


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
    up = _constant("pi/2", rest.dtype) - np.abs(rest)  # sin(up) is cos(rest), and not small
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
    return rest * _constant("2*pi", x.dtype), quarter


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

    return _remember("turns", compute)


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
    return 2 / _constant("sqrt(pi)", x.dtype) * np.exp(-square) * total


def _erfc_fraction(x, terms=160):
    """erfc by its continued fraction (DLMF 7.9.1), from behind; 160 terms are enough for x ≥ 2."""
    fraction = x
    for n in range(terms, 0, -1):
        fraction = x + (n / x.dtype.type(2)) / fraction
    high, low = _square(x)
    # e^(−x²) to its last place needs x² to more places than the type has.
    return np.exp(-high) * (1 - low) / (fraction * _constant("sqrt(pi)", x.dtype))


def _square(x):
    """x² as the sum of two: the upper half of x has an exact square (Dekker)."""
    upper = x.astype(np.float32).astype(x.dtype)
    lower = x - upper
    high = x * x
    low = (upper * upper - high) + 2 * upper * lower + lower * lower
    return high, np.where(np.isfinite(low), low, 0)


def lgamma(x):
    """log|Γ(x)|: reflected at 1/2."""
    reflected = x < 0.5
    positive = np.where(reflected, 1 - x, x)
    # x − 1 of the positive number, without rounding where that counts.
    result = _lgamma_positive(positive, np.where(reflected, -x, x - 1))
    sine = _constant("pi", x.dtype) / np.abs(_sin_pi(x))
    result = np.where(reflected, np.log(sine) - result, result)
    # Next to 0 that is log(1/|x|) with the rounding of 1 − x in it.
    tiny = np.abs(x) < 0.25
    small = x[tiny]
    result[tiny] = -np.log(np.abs(small)) + small * _horner(_lgamma_taylor(1, x.dtype), small)
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
    near_two = offset * _horner(_lgamma_taylor(2, x.dtype), offset)
    # Below 1.5: lgamma(x) = lgamma(x + 1) − log(x), and (x + 1) − 2 = x − 1.
    near_one = np.where(np.abs(offset) <= 0.25, offset, 0)
    down = np.where(
        near_one == offset,
        near_one * _horner(_lgamma_taylor(1, x.dtype), near_one),
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
    result[near] = offset * _horner(coefficients, offset)
    pi = _constant("pi", x.dtype)
    return np.where(reflected, result - pi * _cos_pi(x) / _sin_pi(x), result)


def _lgamma_stirling(x):
    """(x−½) ln x − x + ½ ln 2π + Σ B₂ₖ / (2k(2k−1) x^(2k−1)) (DLMF 5.11.1), x raised to _LARGE."""
    product = np.ones_like(x)
    for step in range(_LARGE):
        small = x + step < _LARGE
        product = np.where(small, product * np.where(small, x + step, 1), product)
    large = np.where(x < _LARGE, x + np.ceil(np.maximum(_LARGE - x, 0)), x)
    inverse = 1 / large
    series = inverse * _horner(_bernoulli("lgamma", x.dtype), inverse * inverse)
    half_log = _constant("log(2*pi)/2", x.dtype)
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
    series = square * _horner(_bernoulli("digamma", x.dtype), square)
    return np.log(large) - inverse / 2 - series - total


def _sin_pi(x):
    offset = x - np.round(x)  # exact, at most 1/2
    odd = np.remainder(np.round(x), 2) == 1
    sine = np.sin(_constant("pi", x.dtype) * offset)
    return np.where(odd, -sine, sine)


def _cos_pi(x):
    offset = x - np.round(x)
    odd = np.remainder(np.round(x), 2) == 1
    # Near its zeros at ±1/2 by the sine of what is missing.
    cosine = np.sin(_constant("pi", x.dtype) * (x.dtype.type(0.5) - np.abs(offset)))
    return np.where(odd, -cosine, cosine)


def _horner(coefficients, x):
    total = np.zeros_like(x)
    for coefficient in coefficients[::-1]:
        total = total * x + coefficient
    return total


_known = {}


def _remember(key, compute):
    if key not in _known:
        with mpmath.workprec(200):
            _known[key] = compute()
    return _known[key]


def _as(dtype, value):
    """mpmath's value in ``dtype``, correctly rounded to its 53 or 64 bits (to a bit)."""
    high = float(value)
    return np.dtype(dtype).type(high) + np.dtype(dtype).type(float(value - mpmath.mpf(high)))


def _constant(name, dtype):
    values = {
        "pi": lambda: mpmath.pi(),
        "2*pi": lambda: 2 * mpmath.pi,
        "pi/2": lambda: mpmath.pi / 2,
        "sqrt(pi)": lambda: mpmath.sqrt(mpmath.pi),
        "log(2*pi)/2": lambda: mpmath.log(2 * mpmath.pi) / 2,
    }
    return _remember((name, dtype), lambda: _as(dtype, values[name]()))


def _bernoulli(name, dtype):
    over = {"lgamma": lambda k: 2 * k * (2 * k - 1), "digamma": lambda k: 2 * k}[name]
    terms = range(1, _STIRLING + 1)
    return _remember(
        (name, dtype), lambda: [_as(dtype, mpmath.bernoulli(2 * k) / over(k)) for k in terms]
    )


def _lgamma_taylor(zero, dtype):
    """lgamma(zero + z) / z, from −γ z + Σ ζ(k) (−z)^k / k (DLMF 5.7.3)."""

    def compute():
        first = -mpmath.euler + zero - 1
        rest = [(-1) ** k * (mpmath.zeta(k) - (zero - 1)) / k for k in range(2, 36)]
        return [_as(dtype, value) for value in [first, *rest]]

    return _remember(("lgamma", zero, dtype), compute)


def _digamma_taylor(dtype):
    """The zero of digamma in two parts, and digamma(zero + z) / z."""

    def compute():
        zero = mpmath.findroot(mpmath.digamma, mpmath.mpf("1.4616321449683623"))
        high = _as(dtype, mpmath.mpf(float(zero)))
        low = _as(dtype, zero - mpmath.mpf(float(zero)))
        terms = [mpmath.polygamma(k, zero) / mpmath.factorial(k) for k in range(1, 40)]
        return high, low, [_as(dtype, term) for term in terms]

    return _remember(("zero of digamma", dtype), compute)
