"""What an ULP error is: one definition, its formats, its policy at the edges.

The error of a result is |got − exact| / spacing, where ``exact`` is the unrounded exact value and
``spacing`` is the distance of neighbouring numbers of the format in exact's binade
[2**e, 2**(e+1)), but not below the spacing of the subnormals. It is fractional: a correctly
rounded result is off by at most 0.5.

- Overflow: an infinite result counts as ±2**(emax+1), the number that would come next; an exact
  value beyond that counts as the same. So Inf where Inf is due has no error, and Inf for a finite
  exact value has a finite one; where even that is too large for a float64 (up to 2**2098), the
  largest float64 stands for it, because asv cannot take an infinite one.
- NaN: no error is defined. Whoever calls counts NaN where a number is due, and the reverse.
- Zeros: the sign of zero does not matter here.

This is the ULP of Muller et al., Handbook of Floating-Point Arithmetic, 2nd ed., section 2.3.2
(Goldberg's, extended to reals), with the exact value, not the result, choosing the binade.
"""

from typing import NamedTuple

import mpmath
import numpy as np


class Format(NamedTuple):
    """A binary floating-point format; ``precision`` counts the implicit bit."""

    name: str
    width: int
    precision: int
    emin: int
    emax: int

    @property
    def uint(self):
        """The unsigned integer dtype that holds a bit pattern."""
        return np.dtype("u%d" % (self.width // 8))

    @property
    def smallest_normal(self):
        return 2.0**self.emin


FORMATS = {
    "float16": Format("float16", 16, 11, -14, 15),
    "bfloat16": Format("bfloat16", 16, 8, -126, 127),
    "float32": Format("float32", 32, 24, -126, 127),
    "float64": Format("float64", 64, 53, -1022, 1023),
}

MAX = np.finfo(np.float64).max

# x87's 64-bit significand; elsewhere long double may be float64 itself or a slow pair of them.
# Not by np.finfo: NumPy 1.22's fails where a simulated processor's long double is a double's.
HAS_WIDE_FLOAT64 = [np.longdouble(1) + np.longdouble(2) ** n > 1 for n in (-63, -64)] == [
    True,
    False,
]


def wide(bits, format):
    """The values of ``bits`` in a wider float: float64, or long double for float64. Exact."""
    if format.name == "bfloat16":
        return (bits.astype(np.uint32) << 16).view(np.float32).astype(np.float64)
    values = bits.view(format.name)
    return values.astype(np.longdouble if format.width == 64 else np.float64)


def encode(values, format):
    """The bit patterns of float64 ``values`` in ``format`` (bfloat16: cut off, not rounded)."""
    values = np.asarray(values, np.float64)
    if format.name == "bfloat16":
        return (values.astype(np.float32).view(np.uint32) >> 16).astype(np.uint16)
    return values.astype(format.name).view(format.uint)


def spacing(exact, format):
    """The spacing of ``format`` in the binade of each of the wide values ``exact``."""
    _, exponent = np.frexp(exact)  # exact = m * 2**exponent with 0.5 <= m < 1
    exponent = np.where(exact == 0, format.emin, exponent - 1)  # frexp(0) is (0, 0)
    exponent = np.clip(exponent, format.emin, format.emax)
    return np.ldexp(exact.dtype.type(1), exponent - (format.precision - 1))


def error(got, exact, format):
    """ULP errors of the wide values ``got`` against ``exact``; NaN where either is NaN."""
    limit = np.ldexp(exact.dtype.type(1), format.emax + 1)
    exact = np.clip(exact, -limit, limit)
    got = np.clip(got, -limit, limit)
    return np.abs(got - exact) / spacing(exact, format)


def exact_error(got_bits, exact, format):
    """The ULP error (float) of one bit pattern against mpmath's ``exact``, at mpmath's precision.

    NaN where either is NaN.
    """
    got = to_mp(got_bits, format)
    if mpmath.isnan(got) or mpmath.isnan(exact):
        return float("nan")
    limit = mpmath.ldexp(1, format.emax + 1)
    exact = max(min(exact, limit), -limit)
    got = max(min(got, limit), -limit)
    # mag(x) is e+1 for |x| in [2**e, 2**(e+1)), from the exponent alone, so exact at powers of two.
    exponent = mpmath.mag(exact) - 1 if exact else format.emin
    exponent = max(format.emin, min(int(exponent), format.emax))
    return min(float(abs(got - exact) / mpmath.ldexp(1, exponent - (format.precision - 1))), MAX)


def to_mp(bits, format):
    """The value of one bit pattern as mpmath's number, exactly."""
    bits = int(bits)
    fraction_bits = format.precision - 1
    fraction = bits & ((1 << fraction_bits) - 1)
    biased = bits >> fraction_bits & ((1 << (format.width - format.precision)) - 1)
    sign = -1 if bits >> (format.width - 1) else 1
    if biased == 2 * format.emax + 1:
        return mpmath.nan if fraction else sign * mpmath.inf
    if biased:
        fraction |= 1 << fraction_bits
    return mpmath.ldexp(sign * fraction, max(biased, 1) - format.emax - fraction_bits)


def from_mp(value, format):
    """The bit pattern of mpmath's ``value`` correctly rounded (to nearest, ties to even)."""
    if mpmath.isnan(value):
        return ((2 * format.emax + 1) << (format.precision - 1)) | 1 << (format.precision - 2)
    sign = 1 << (format.width - 1) if value < 0 else 0
    value = abs(value)
    infinity = (2 * format.emax + 1) << (format.precision - 1)
    if value >= mpmath.ldexp(1, format.emax + 1):
        return sign | infinity
    exponent = max(int(mpmath.mag(value)) - 1, format.emin) if value else format.emin
    steps = int(mpmath.nint(mpmath.ldexp(value, format.precision - 1 - exponent)))
    # Counting steps of the binade from its start carries over into the next one, up to infinity.
    return sign | min(steps + ((exponent - format.emin) << (format.precision - 1)), infinity)


def readable(bits, format):
    """One bit pattern as such, as hex float and as decimal."""
    value = float(to_mp(bits, format))
    digits = "0x%0*x" % (format.width // 4, int(bits))
    return {"bits": digits, "hex": value.hex(), "decimal": repr(value)}
