"""Exact answers that take more than one function of mpmath, or more care than it takes.

mpmath works to a given precision, but does not promise it: where terms cancel, more is asked for
here. Far beyond overflow an answer is infinite, and far below underflow zero; neither makes a
difference to an error (ulp.py), and computing either in full would take for ever.
"""

import functools

import mpmath

# e^±20000 and 2^±20000 are beyond the range of float64, by far.
_BEYOND = 20000


def steady(function):
    """``function`` at twice the precision, and again at more, until both agree to the one asked."""

    @functools.wraps(function)
    def careful(*arguments):
        wanted = mpmath.mp.prec
        extra = wanted
        previous = None
        while extra < 64 * wanted:
            with mpmath.workprec(wanted + extra):
                value = function(*arguments)
            if previous is not None and abs(value - previous) <= abs(value) * mpmath.ldexp(
                1, -wanted
            ):
                return +value
            previous, extra = value, 2 * extra
        return +previous

    return careful


def bounded(function):
    """``function`` of exponential growth: infinite or zero where the argument says so."""

    @functools.wraps(function)
    def within(x):
        if mpmath.isfinite(x) and abs(x) > _BEYOND:
            x = mpmath.sign(x) * mpmath.inf
        return function(x)

    return within


@bounded
def exp(x):
    return mpmath.exp(x)


@bounded
def exp2(x):
    return mpmath.power(2, x)


@bounded
def expm1(x):
    return mpmath.expm1(x)


@bounded
def sinh(x):
    return mpmath.sinh(x)


@bounded
def cosh(x):
    return mpmath.cosh(x)


@bounded
def tanh(x):
    return mpmath.tanh(x)


@bounded
def sigmoid(x):
    # e^x where x is small keeps all its bits; 1 − e^(−x) loses none that count.
    return mpmath.exp(x) / (1 + mpmath.exp(x)) if x < 0 else 1 / (1 + mpmath.exp(-x))


def softplus(x):
    tail = mpmath.log1p(exp(-abs(x)))
    return x + tail if x > 0 else tail


def rsqrt(x):
    return 1 / mpmath.sqrt(x)


def cbrt(x):
    return mpmath.sign(x) * mpmath.cbrt(abs(x))


def log2(x):
    return mpmath.log(x) / mpmath.ln2


def acosh(x):
    # acosh is small next to 1, where x² − 1 cancels and x − 1 does not.
    return 2 * mpmath.asinh(mpmath.sqrt((x - 1) / 2)) if x >= 1 else mpmath.nan


@bounded
def erf(x):
    return mpmath.erf(x)


@bounded
def erfc(x):
    return mpmath.erfc(x)


@steady
def _lgamma(x):
    return mpmath.re(mpmath.loggamma(x))


def lgamma(x):
    if mpmath.isinf(x) or (x <= 0 and x == mpmath.floor(x)):
        return mpmath.inf
    return _lgamma(x)


@steady
def _digamma(x):
    return mpmath.digamma(x)


def digamma(x):
    if x == 0:
        return mpmath.inf
    if x < 0 and (mpmath.isinf(x) or x == mpmath.floor(x)):
        return mpmath.nan
    return x if mpmath.isinf(x) else _digamma(x)


def divide(x, y):
    return mpmath.nan if x == y == 0 else x / y


def power(x, y):
    if x == 1 or y == 0:
        return mpmath.mpf(1)
    if x < 0 and mpmath.isfinite(y):
        if y != mpmath.floor(y):
            return mpmath.nan
        # Integers beyond 2**53 are even.
        odd = abs(y) < 2**53 and int(y) % 2
        return (-1 if odd else 1) * power(-x, y)
    if mpmath.isfinite(x) and x != 0 and mpmath.isfinite(y):
        growth = y * mpmath.log(x) / mpmath.ln2
        if abs(growth) > _BEYOND:
            return mpmath.inf if growth > 0 else mpmath.mpf(0)
    return mpmath.power(x, y)


def remainder(x, y):
    """x − floor(x / y) · y in integers: the quotient may have thousands of bits."""
    if y == 0 or mpmath.isinf(x):
        return mpmath.nan
    if mpmath.isinf(y):
        return x if x == 0 or (x > 0) == (y > 0) else y
    (_, x_man, x_exp, _), (_, y_man, y_exp, _) = x._mpf_, y._mpf_
    lowest = min(x_exp, y_exp)
    a = int(mpmath.sign(x)) * (int(x_man) << (x_exp - lowest))
    b = int(mpmath.sign(y)) * (int(y_man) << (y_exp - lowest))
    return mpmath.ldexp(mpmath.mpf(a % b), lowest)


def squared_difference(x, y):
    return (x - y) ** 2
