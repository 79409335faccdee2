"""The exact answer: a wider float as a filter, mpmath to certify what the filter found."""

import mpmath
import numpy as np

from ..formats import ulp

# An argument of 2**1024 takes 1024 bits to reduce by π; mpmath adds those by itself. What remains
# is the result's own precision with 80 bits to spare.
PRECISION = 53 + 80
# What the filter may be wrong by, in ULP of the format that it filters for: float64 has 29 bits
# more than float32 and long double 11 more than float64, and libraries err by a few of their own.
TRUSTED = {"float16": 2.0**-30, "bfloat16": 2.0**-30, "float32": 2.0**-24, "float64": 2.0**-7}


class FilterError(ArithmeticError):
    """The wider float is wrong by more than a filter may be: nothing found with it is certain."""


def has_filter(format):
    """Whether there is a wider float than ``format`` here; long double may be float64 itself."""
    return format.width < 64 or ulp.HAS_WIDE_FLOAT64


def exact(op, arguments, format):
    """mpmath's result of ``op`` for one bit pattern per argument; NaN where there is no real one.

    Call it at PRECISION. Infinite at poles; at ±0 with the sign next to them (C, Annex F).
    """
    values = [ulp.to_mp(bits, format) for bits in arguments]
    if any(mpmath.isnan(value) for value in values):
        return mpmath.nan
    try:
        result = _real(op.exact(*values))
    except ZeroDivisionError:
        result = mpmath.inf
    except ValueError:
        return mpmath.nan
    if mpmath.isinf(result) and not all(values):
        return _pole(op, arguments, values, format, result)
    return result


def _pole(op, arguments, values, format, result):
    """``result``, an infinity, with the sign that it has next to zeros of these signs, if any."""
    tiny = mpmath.ldexp(1, 2 * format.emin)
    sign = format.width - 1
    near = [v or (-tiny if int(bits) >> sign else tiny) for v, bits in zip(values, arguments)]
    try:
        beside = _real(op.exact(*near))
    except (ValueError, ZeroDivisionError):
        return result
    return result if mpmath.isnan(beside) else mpmath.sign(beside) * mpmath.inf


def _real(value):
    return mpmath.nan if isinstance(value, mpmath.mpc) else mpmath.mpf(value)


def certify(op, arguments, got, format):
    """The ULP error (float) of result bits ``got``, and the exact value (mpmath)."""
    with mpmath.workprec(PRECISION):
        value = exact(op, arguments, format)
        return ulp.exact_error(got, value, format), value


def check_filter(op, arguments, wide, format):
    """Hold the filter's results against mpmath's; returns its largest error in ULP of ``format``.

    ``arguments`` and ``wide`` are arrays: some inputs and the filter's results for them. Raises
    FilterError where it is not to be trusted.
    """
    worst = 0.0
    first = ulp.wide(arguments[0], format)
    limit = np.ldexp(wide.dtype.type(1), format.emax + 1)
    for index in range(wide.size):
        if not abs(wide[index]) < limit:
            continue  # overflow and NaN are no matter of precision
        if abs(wide[index]) < op.trusted_above and to_mp(first[index]) < 0:
            continue
        with mpmath.workprec(PRECISION):
            value = exact(op, [bits[index] for bits in arguments], format)
            off = abs(to_mp(wide[index]) - value)
            worst = max(worst, float(off / to_mp(ulp.spacing(wide[index : index + 1], format)[0])))
    if not worst <= TRUSTED[format.name]:
        raise FilterError("%s for %s is off by %g ULP" % (op.name, format.name, worst))
    return worst


def to_mp(value):
    """A float64 or long double scalar as mpmath's number, exactly."""
    fraction, exponent = np.frexp(value)
    high = float(fraction)
    return mpmath.ldexp(mpmath.mpf(high) + float(fraction - high), int(exponent))
