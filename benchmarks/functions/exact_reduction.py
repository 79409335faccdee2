"""The exact results of reductions, and what their errors are measured by.

Each function takes, for every argument of the op, its values as (integers, exponent): the value is
integer · 2**exponent, exactly. It returns two lists of mpmath's numbers, at mpmath's precision: the
results in C order, and for each the sum of the magnitudes of the terms that it is made of, which
the error bounds of Higham, Accuracy and Stability of Numerical Algorithms (2nd ed., 2002), are
multiples of.

At PRECISION every integer here fits (53 bits of significand, at most 64 binades of data, squared,
and 17 bits for 100003 terms), so sums are exact, and quotients, roots and exponentials are off by
2**-500 at the most.
"""

import itertools

import mpmath
import numpy as np

from ..formats import ulp

PRECISION = 512


def integers(bits, format):
    """The values of ``bits`` (one dimension or two) as an array of Python integers and an exponent.

    All of them must be finite.
    """
    fraction, exponent = np.frexp(ulp.wide(bits, format).astype(np.float64))
    exponent = np.where(fraction == 0, 0, exponent - 53)
    least = int(exponent.min())
    whole = np.ldexp(fraction, 53).astype(np.int64).astype(object)
    return whole << (exponent - least).astype(object), least


def total(x):
    """Σx, by Σ|x| (section 4.2: |error| ≤ (n−1)·u·Σ|x| for a sum in any order)."""
    numbers, exponent = x
    return [_mp(numbers.sum(), exponent)], [_mp(abs(numbers).sum(), exponent)]


def mean(x):
    """Σx / n, by Σ|x| / n."""
    (value,), (size,) = total(x)
    count = x[0].size
    return [value / count], [size / count]


def running_total(x):
    """Σx up to each, by Σ|x| up to there."""
    numbers, exponent = x
    sums, sizes = itertools.accumulate(numbers), itertools.accumulate(abs(numbers))
    return [_mp(s, exponent) for s in sums], [_mp(s, exponent) for s in sizes]


def product(x):
    """Πx, by itself: a product is off by (n−1) roundings whatever its factors (lemma 3.1)."""
    numbers, exponent = x
    value = mpmath.ldexp(mpmath.fprod([int(n) for n in numbers]), exponent * numbers.size)
    return [value], [abs(value)]


def largest(x):
    value = _mp(max(x[0]), x[1])
    return [value], [abs(value)]


def smallest(x):
    value = _mp(min(x[0]), x[1])
    return [value], [abs(value)]


def variance(x):
    """Σ(x−mean)² / n, by itself, because its terms have one sign.

    The two-pass formula keeps to n·u of that, the one-pass formula Σx²/n − mean² does not
    (section 1.9).
    """
    numbers, exponent = x
    count = numbers.size
    spread = count * (numbers * numbers).sum() - numbers.sum() ** 2
    value = _mp(spread, 2 * exponent) / count**2
    return [value], [value]


def deviation(x):
    """The square root of the variance, by itself."""
    (value,), _ = variance(x)
    return [mpmath.sqrt(value)], [mpmath.sqrt(value)]


def logsumexp(x):
    """log Σ exp x, by its magnitude and the largest |x|.

    Blanchard, Higham, Higham: Accurately computing the log-sum-exp and softmax functions (IMA J.
    Numer. Anal. 41, 2021): its condition number is max|x| / |result|.
    """
    values = [_mp(n, x[1]) for n in x[0]]
    top = max(values)
    value = top + mpmath.log(mpmath.fsum(mpmath.exp(v - top) for v in values))
    return [value], [abs(value) + max(abs(v) for v in values)]


def softmax(x):
    """exp x / Σ exp x, by itself times 1 + (max x − x).

    Same source: the shifted formula rounds max x − x, and exp makes that a relative error.
    """
    values = [_mp(n, x[1]) for n in x[0]]
    top = max(values)
    powers = [mpmath.exp(v - top) for v in values]
    whole = mpmath.fsum(powers)
    results = [power / whole for power in powers]
    return results, [result * (1 + top - v) for result, v in zip(results, values)]


def product_of_matrices(a, b):
    """Σ a·b, by Σ |a|·|b| (section 3.5: |error| ≤ n·u·|A|·|B|)."""
    exponent = a[1] + b[1]
    values = np.dot(a[0], b[0]).ravel()
    sizes = np.dot(abs(a[0]), abs(b[0])).ravel()
    return [_mp(v, exponent) for v in values], [_mp(s, exponent) for s in sizes]


def _mp(number, exponent):
    return mpmath.ldexp(mpmath.mpf(int(number)), exponent)
