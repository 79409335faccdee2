"""The ULP error, with cases worked out by hand, and the formats against Python's own decoding."""

import struct
from fractions import Fraction

import mpmath
import numpy as np
import pytest

from benchmarks import inputs, ulp

FLOAT32 = ulp.FORMATS["float32"]


def bits_of(value):
    return struct.unpack("<I", struct.pack("<f", value))[0]


def both_errors(got, exact, format=FLOAT32):
    """By the wide float and by mpmath; they must agree on what both can hold."""
    fast = float(ulp.error(np.array([got]), np.array([exact]), format)[0])
    slow = ulp.exact_error(int(ulp.encode(got, format)[()]), mpmath.mpf(exact), format)
    assert fast == slow
    return fast


# In [1, 2) float32's spacing is 2**-23, in [1/2, 1) it is 2**-24.
@pytest.mark.parametrize(
    ("got", "exact", "error"),
    [
        (1.0, 1.0, 0.0),
        (1.0, 1 + 2**-24, 0.5),  # half of 2**-23 above 1
        (1.0, 1 - 2**-25, 0.5),  # half of 2**-24 below 1: the exact value picks the binade
        (1 + 2**-23, 1 - 2**-24, 3.0),  # 2**-23 + 2**-24 = 3 · 2**-24
        (2.0, 2 - 2**-24, 0.5),  # 2**-24 in units of 2**-23
        (-1.0, 1.0, 2.0**24),  # 2 in units of 2**-23
        (2.0**-149, 2.0**-150, 0.5),  # subnormals: units of 2**-149 all the way down
        (0.0, 2.0**-149, 1.0),
        (0.0, 2.0**-160, 2.0**-11),  # not in units of its own binade
        (2.0**-126, 2.0**-126 - 2.0**-149, 1.0),
        (-0.0, 0.0, 0.0),
    ],
)
def test_errors_worked_out_by_hand(got, exact, error):
    assert both_errors(got, exact) == error


def test_overflow_counts_as_the_number_that_would_come_next():
    largest = 2.0**128 - 2.0**104  # float32's largest; the spacing there is 2**104
    assert both_errors(np.inf, largest) == 1.0
    assert both_errors(np.inf, 2.0**128) == 0.0
    assert both_errors(np.inf, 1e300) == 0.0  # beyond all numbers: Inf is due
    assert both_errors(largest, 1e300) == 1.0  # and the largest number is not
    assert both_errors(-np.inf, np.inf) == 2.0**25  # 2 · 2**128 / 2**104


def test_infinity_for_a_small_number_is_finite_in_asv():
    float64 = ulp.FORMATS["float64"]
    error = ulp.exact_error(0x7FF0000000000000, mpmath.mpf(2) ** -1074, float64)
    assert error == np.finfo(np.float64).max  # 2**2098 has no float64


def test_nan_has_no_error():
    assert np.isnan(ulp.exact_error(0x7FC00000, mpmath.mpf(1), FLOAT32))
    assert np.isnan(ulp.exact_error(bits_of(1.0), mpmath.nan, FLOAT32))


def test_exact_value_next_to_a_power_of_two_beyond_float64():
    # 1 − 2**-80 lies in [1/2, 1), where the spacing is 2**-24: 2**-80 is 2**-56 of it. A reference
    # rounded to float64 would be 1, and its binade another.
    with mpmath.workprec(200):
        exact = 1 - mpmath.mpf(2) ** -80
        assert ulp.exact_error(bits_of(1.0), exact, FLOAT32) == 2.0**-56


def decode_by_hand(bits, format):
    """IEEE 754-2019, section 3.4, in rationals."""
    fraction_bits = format.precision - 1
    exponent_bits = format.width - format.precision
    fraction = bits % 2**fraction_bits
    exponent = bits // 2**fraction_bits % 2**exponent_bits
    sign = -1 if bits >= 2 ** (format.width - 1) else 1
    if exponent == 2**exponent_bits - 1:
        return None
    if exponent == 0:
        return sign * Fraction(fraction, 2**fraction_bits) * Fraction(2) ** format.emin
    return (
        sign * (1 + Fraction(fraction, 2**fraction_bits)) * Fraction(2) ** (exponent - format.emax)
    )


def as_fraction(value):
    sign, man, exponent, _ = mpmath.mpf(value)._mpf_
    return (-1 if sign else 1) * Fraction(int(man)) * Fraction(2) ** int(exponent)


@pytest.mark.parametrize("format", ulp.FORMATS.values(), ids=lambda format: format.name)
def test_bit_patterns_decode_as_the_standard_says(format):
    if format.width == 16:
        patterns = np.arange(1 << 16, dtype=np.uint16)
    else:
        words = inputs.random_bits(1, 0, 2000) >> np.uint64(64 - format.width)
        patterns = np.concatenate([words.astype(format.uint), np.arange(9, dtype=format.uint)])
    wide = ulp.wide(patterns, format)
    for bits, value in zip(patterns.tolist(), wide, strict=True):
        due = decode_by_hand(bits, format)
        if due is None:
            assert not np.isfinite(value)
            assert not mpmath.isfinite(ulp.to_mp(bits, format))
        else:
            assert as_fraction(ulp.to_mp(bits, format)) == due
            assert Fraction(*value.as_integer_ratio()) == due
            if due:
                assert ulp.from_mp(ulp.to_mp(bits, format), format) == bits


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_rounding_is_that_of_the_hardware(dtype):
    format = ulp.FORMATS[dtype]
    wide = np.longdouble if dtype == "float64" else np.float64
    words = inputs.random_bits(2, 0, 3000)
    values = words.view(np.float64)
    values = values[np.isfinite(values)].astype(wide)
    values = np.concatenate([values, ulp.wide(words[:500].astype(format.uint), format) * wide(1.5)])
    values = values[np.isfinite(values)]
    with mpmath.workprec(100), np.errstate(all="ignore"):
        for value in values:
            high = float(value) if dtype != "float64" else float(np.float64(value))
            if dtype == "float64" and not np.isfinite(high):
                continue
            exact = mpmath.mpf(high) + mpmath.mpf(float(value - wide(high)))
            due = int(value.astype(dtype).view(format.uint))
            sign = 1 << (format.width - 1)  # mpmath has no −0
            assert ulp.from_mp(exact, format) & ~sign == due & ~sign
